"""The curve: what an event costs, over the size of the city."""

from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["draw"]

COLOURS = {"late": "#1d4ed8", "begin": "#7e22ce", "cancel": "#c2410c"}


def draw(curve: dict[int, dict[str, Any]], file: Path) -> None:
    """Draw processor milliseconds over couriers.

    Parameters
    ----------
    curve : dict of int to dict
        Figures of each size of city.
    file : Path
        Where to write it; the ending says in which format.
    """
    figure = Figure(figsize=(6.2, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    panel = figure.add_subplot()
    sizes = sorted(curve)

    def line(values: list[float], style: str, colour: str, label: str) -> None:
        panel.plot(sizes, values, style, color=colour, label=label)

    green = "#0b6e4f"
    line([curve[n]["first_p50_ms"] for n in sizes], "o-", green, "breakdown, first answer, median")
    line([curve[n]["first_p99_ms"] for n in sizes], "o:", green, "the same, 99th percentile")
    for kind, colour in COLOURS.items():
        line([curve[n]["daily_ms"][kind] for n in sizes], "s-", colour, f"{kind}, median")
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_ylim(0.5, 50)
    panel.set_xlabel("couriers (ten visits each)")
    panel.set_ylabel("processor milliseconds of one thread")
    panel.grid(visible=True, which="both", alpha=0.25)
    panel.legend(fontsize=8, loc="upper right", ncols=2)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)
