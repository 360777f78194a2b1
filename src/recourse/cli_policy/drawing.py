"""This file knows how a trial of a policy is drawn, as SVG that stands alone."""

from io import StringIO
from itertools import accumulate
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from recourse.cli_policy.sums import Row, rows
from recourse.redress.trial import Tried

__all__ = ["draw"]

_PAID, _TRIED = "#5b7aa8", "#0b6e4f"
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "recourse-policy",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(tried: list[Tried], *, name: str) -> str:
    """Draw what was paid beside what a policy would have paid.

    Parameters
    ----------
    tried : list of Tried
        Past cases under the policy, oldest first.
    name : str
        Of the policy.

    Returns
    -------
    str
        An SVG file: worth by kind, and how it adds up over the cases.
    """
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(10, 4), layout="constrained")
        canvas: Any = FigureCanvasSVG(figure)
        left, right = figure.subplots(1, 2)
        _by_kind(left, rows(tried))
        _over_cases(right, tried)
        figure.suptitle(f"{name or 'policy'}: {len(tried)} closed cases", size=11)
        out = StringIO()
        canvas.print_svg(out, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return out.getvalue()


def _by_kind(axes: Axes, sums: list[Row]) -> None:
    """Bars by kind and currency."""
    places = range(len(sums))
    axes.barh([p - 0.2 for p in places], [r.paid_cents for r in sums], 0.36, color=_PAID)
    axes.barh([p + 0.2 for p in places], [r.tried_cents for r in sums], 0.36, color=_TRIED)
    axes.set_yticks(list(places), [f"{row.kind} {row.currency}" for row in sums])
    axes.invert_yaxis()
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("worth, minor units")


def _over_cases(axes: Axes, tried: list[Tried]) -> None:
    """Lines that add up, one for each currency and side."""
    currencies = sorted({r.currency for one in tried for r in (*one.past.paid, *one.given)})
    for style, currency in zip("-:" * len(currencies), currencies, strict=False):
        for side, colour in (("paid", _PAID), ("would have paid", _TRIED)):
            cents = accumulate(
                sum(
                    r.amount_cents
                    for r in (one.past.paid if side == "paid" else one.given)
                    if r.currency == currency
                )
                for one in tried
            )
            at = range(1, len(tried) + 1)
            label = f"{side}, {currency}"
            axes.step(at, list(cents), style, where="post", color=colour, label=label)
    if currencies:
        axes.legend(frameon=False)
    axes.set_xlabel("cases, in the order in which they closed")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel("worth so far, minor units")
