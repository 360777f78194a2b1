"""The picture: cost above the best known, over processor time, everybody in it."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.redispatch.figures import Table

__all__ = ["draw"]

COLOURS = {
    "recourse": "#0b6e4f",
    "recourse-calm": "#6ee7b7",
    "pyvrp-warm": "#c2410c",
    "pyvrp-cold": "#f59e0b",
    "pyvrp-loose": "#fbbf24",
    "vroom-warm-x5": "#1d4ed8",
    "vroom-cold-x5": "#60a5fa",
    "vroom-warm-x0": "#6366f1",
    "vroom-cold-x0": "#a5b4fc",
    "ortools-warm": "#7e22ce",
}


def draw(tables: dict[str, Table], file: Path) -> None:
    """Draw one panel for each variant.

    Parameters
    ----------
    tables : dict of str to Table
        By the title of their panel.
    file : Path
        Where to write it; the ending says in which format.
    """
    figure = Figure(figsize=(6.2 * len(tables), 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    for k, (title, table) in enumerate(tables.items(), 1):
        panel = figure.add_subplot(1, len(tables), k)
        for solver, points in _points(table).items():
            times, means, medians = zip(*sorted(points), strict=True)
            colour = COLOURS.get(solver, "#525252")
            width = 2.4 if solver.startswith("recourse") else 1.3
            panel.plot(times, means, "o-", color=colour, label=solver, linewidth=width)
            panel.plot(times, medians, ":", color=colour, linewidth=width / 2)
        panel.set_xscale("log")
        panel.set_yscale("symlog", linthresh=1.0)
        panel.set_ylim(bottom=0.0)
        panel.set_xlabel("processor seconds of one thread")
        panel.set_ylabel("cost above the best known, %")
        panel.set_title(f"{title} (lines: mean, dotted: median)", fontsize=10)
        panel.grid(visible=True, which="both", alpha=0.25)
    named = [zip(*panel.get_legend_handles_labels(), strict=True) for panel in figure.axes]
    lines = {label: line for pairs in named for line, label in pairs}
    figure.legend(lines.values(), lines, loc="outside lower center", ncols=5, frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)


def _points(table: Table) -> dict[str, list[tuple[float, float, float]]]:
    """Processor seconds, mean gap and median gap of each budget, by solver."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for way, by_scenario in table.rows.items():
        solver = next(iter(by_scenario.values()))[0].solver
        line = table.line(way)
        if line["cpu_s"]:
            point = (line["cpu_s"], line["mean_gap_percent"], line["median_gap_percent"])
            found.setdefault(solver, []).append(point)
    return found
