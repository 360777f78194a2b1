"""This file knows how latency against rate is drawn, with the knee."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

__all__ = ["draw"]

_LINES = (
    ("offer_s", "p50", "offer, median", "#2563eb", ":"),
    ("offer_s", "p95", "offer, p95", "#2563eb", "-"),
    ("notice_s", "p50", "notice, median", "#d97706", ":"),
    ("notice_s", "p99", "notice, p99", "#d97706", "-"),
    ("text_s", "p99", "text at the gateway, p99", "#16a34a", "-"),
)


def draw(rates: list[tuple[float, dict[str, Any]]], knee: dict[str, float], file: Path) -> None:
    """Draw the quantiles against the rate.

    Parameters
    ----------
    rates : list of (float, dict)
        Cancels a second, and what was found.
    knee : dict
        Where it bends.
    file : Path
        Written new.
    """
    with mpl.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.add_subplot()
        at = [rate for rate, _ in rates]
        for what, name, label, colour, style in _LINES:
            seconds = [found[what][name] for _, found in rates]
            axes.plot(at, seconds, style, color=colour, label=label, marker="o", markersize=4)
        axes.axhline(2, color="#2563eb", linewidth=0.8, alpha=0.5)
        axes.axhline(10, color="#d97706", linewidth=0.8, alpha=0.5)
        axes.annotate("2 s: offer, p95", (at[0], 2.1), color="#2563eb", va="bottom")
        axes.annotate("10 s: notice, p99", (at[0], 10.5), color="#d97706", va="bottom")
        if "first_missed" in knee:
            axes.axvspan(knee["last_kept"], knee["first_missed"], color="#94a3b8", alpha=0.25)
            axes.annotate(" knee", (knee["last_kept"], 80), va="top")
        axes.set_yscale("log")
        axes.set_xlabel("cancels a second (open loop)")
        axes.set_ylabel("seconds from the cancel")
        axes.set_ylim(0.1, 100)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.legend(frameon=False, loc="lower right")
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, dpi=120)
