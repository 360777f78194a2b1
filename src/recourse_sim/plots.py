"""This file knows how the figures of a day are drawn, as SVG that stands alone."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from recourse_sim.tally import Tally

__all__ = ["draw_all"]

_COLOURS = {
    "recourse": "#0b6e4f",
    "passive": "#b23a48",
    "reping": "#c98a1b",
    "no_cancels": "#5b7aa8",
}
_WAY_COLOURS = (
    "#0b6e4f",
    "#3f8efc",
    "#c98a1b",
    "#8f5bb5",
    "#b23a48",
    "#5f6b73",
    "#38a3a5",
    "#999999",
)
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "recourse-sim",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}

Tallies = dict[str, dict[int, Tally]]


def draw_all(tallies: Tallies, report: dict[str, Any]) -> dict[str, str]:
    """Draw every plot of the page.

    Parameters
    ----------
    tallies : dict
        By policy and seed.
    report : dict
        The report made of them.

    Returns
    -------
    dict of str to str
        SVG by caption.
    """
    with mpl.rc_context(_SETTINGS):
        return {
            "Promises kept over the day": _svg(lambda ax: _kept(ax, tallies)),
            "Time from the loss to a new courier": _svg(lambda ax: _waits(ax, tallies)),
            "Orders that lost their courier, by cause and way out": _svg(
                lambda ax: _ways(ax, report.get("recourse", {}).get("ways_by_cause", {}))
            ),
            "Perceived cancels, with 95 % intervals over seeds": _svg(
                lambda ax: _against(ax, report["intervals_95"].get("perceived_cancel_share", {}))
            ),
        }


def _svg(draw: Callable[[Axes], None]) -> str:
    """One plot as SVG text, without the XML head."""
    figure = Figure(figsize=(7.2, 3.8), layout="constrained")
    canvas: Any = FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    draw(axes)
    axes.text(1.0, 1.02, "simulated", transform=axes.transAxes, ha="right", color="#777777", size=9)
    out = StringIO()
    canvas.print_svg(out, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def _kept(axes: Axes, tallies: Tallies) -> None:
    """Share of the promises due so far that were kept, by time of day."""
    for policy, by_seed in tallies.items():
        due, kept, at_s = (
            np.array([one.series[name] for one in by_seed.values()], dtype=np.float64)
            for name in ("due", "kept", "t_s")
        )
        due, kept, hours = due.sum(axis=0), kept.sum(axis=0), at_s[0] / 3600
        share = np.where(due > 0, kept / np.maximum(due, 1), np.nan)
        axes.plot(hours, 100 * share, color=_COLOURS.get(policy), label=policy, lw=2)
    axes.set_xlabel("time of day, h")
    axes.set_ylabel("of promises due so far, %")
    axes.legend(frameon=False)


def _waits(axes: Axes, tallies: Tallies) -> None:
    """Share of losses that had a new courier after so many minutes."""
    for policy, by_seed in tallies.items():
        waits = np.sort([wait for one in by_seed.values() for wait in one.waits_s]) / 60
        n = sum(int(one.figures["losses"]) for one in by_seed.values())
        if n:
            share = 100 * np.arange(1, len(waits) + 1) / n
            axes.step(
                [0, *waits],
                [0, *share],
                where="post",
                color=_COLOURS.get(policy),
                label=policy,
                lw=2,
            )
    axes.axvline(30, color="#bbbbbb", lw=1, ls="--")
    axes.set_xlim(0, 120)
    axes.set_ylim(0, 101)
    axes.set_xlabel("minutes after the loss (dashed: 30)")
    axes.set_ylabel("of losses with a new courier, %")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, loc="lower right")


def _ways(axes: Axes, by_cause: dict[str, dict[str, int]]) -> None:
    """Stacked bars: one for each cause, parts by the way out."""
    causes = sorted(by_cause, key=lambda cause: -sum(by_cause[cause].values()))
    ways = sorted({way for found in by_cause.values() for way in found})
    left = np.zeros(len(causes))
    for i, way in enumerate(ways):
        n = np.array([by_cause[cause].get(way, 0) for cause in causes], dtype=float)
        axes.barh(causes, n, left=left, color=_WAY_COLOURS[i % len(_WAY_COLOURS)], label=way)
        left += n
    axes.invert_yaxis()
    axes.set_xlabel("orders")
    if ways:
        axes.legend(frameon=False)


def _against(axes: Axes, intervals: dict[str, dict[str, float]]) -> None:
    """Mean and interval of each policy."""
    policies = [name for name in intervals if "recourse " not in name]
    for i, policy in enumerate(policies):
        one = intervals[policy]
        axes.bar(i, 100 * one["mean"], color=_COLOURS.get(policy), width=0.6)
        axes.plot([i, i], [100 * one["low"], 100 * one["high"]], color="#222222", lw=1.5)
    axes.set_xticks(range(len(policies)), policies)
    axes.set_ylabel("of orders, %")
