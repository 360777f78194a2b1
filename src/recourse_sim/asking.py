"""This file knows how often had to be asked, from the questions and duties of the platform's log.

A run of questions begins with the first one and ends when somebody is accountable. It counts as
accepted after so many questions as had been asked when the last of them was said yes to; who was
told instead of asked ends a run without a yes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Run", "asking_figures", "bonus_earned_cents", "runs_of"]

_MOST_SHOWN = 3


@dataclass(slots=True)
class Run:
    """Questions about one order until somebody was accountable.

    Attributes
    ----------
    is_after_loss : bool
        Whether somebody had been accountable for the order before.
    n_asked : int
        How many were asked.
    is_accepted : bool
        Whether the last of them said yes.
    """

    is_after_loss: bool
    n_asked: int = 0
    is_accepted: bool = False


@dataclass(slots=True)
class _Order:
    """Where the runs of one order stand."""

    runs: list[Run] = field(default_factory=list)
    last_offer_id: str = ""
    is_open: bool = False
    had_courier: bool = False


def runs_of(events: Iterable[dict[str, Any]]) -> list[Run]:
    """Sort the questions of a log into runs.

    Parameters
    ----------
    events : iterable of dict
        The log as the API gives it, in order; only questions and beginnings of duties are read.

    Returns
    -------
    list of Run
        In the order of their orders' first questions.
    """
    orders: dict[str, _Order] = {}
    for event in events:
        data = event["data"]
        if event["name"] == "offer.made":
            for order_id in data["order_ids"]:
                _asked(orders.setdefault(order_id, _Order()), data["offer_id"])
        elif event["name"] == "assignment.began":
            one = orders.setdefault(data["order_id"], _Order())
            if one.is_open:
                one.runs[-1].is_accepted = data.get("offer_id", "") == one.last_offer_id
            one.is_open, one.had_courier = False, True
    return [run for one in orders.values() for run in one.runs]


def _asked(one: _Order, offer_id: str) -> None:
    """Enter a question."""
    if not one.is_open:
        one.runs.append(Run(is_after_loss=one.had_courier))
        one.is_open = True
    one.runs[-1].n_asked += 1
    one.last_offer_id = offer_id


def bonus_earned_cents(events: Iterable[dict[str, Any]]) -> int:
    """Extra pay of the duties that were brought to their end, as it was offered, in minor units."""
    offered: dict[str, int] = {}
    of: dict[str, str] = {}
    earned = 0
    for event in events:
        data = event["data"]
        match event["name"]:
            case "offer.made":
                offered[data["offer_id"]] = data.get("bonus_cents", 0) // len(data["order_ids"])
            case "assignment.began":
                of[data["assignment_id"]] = data.get("offer_id", "")
            case "assignment.ended" if data["status"] == "completed":
                earned += offered.get(of.get(data["assignment_id"], ""), 0)
    return earned


def asking_figures(events: Sequence[dict[str, Any]], *, n_orders: int) -> dict[str, Any]:
    """Count a day's questions, and what was given for them.

    Parameters
    ----------
    events : sequence of dict
        The log as the API gives it, in order.
    n_orders : int
        Orders of the day.

    Returns
    -------
    dict
        ``accepted_within_1_share`` to ``..3..`` of all runs, the same ``after_loss``, how many runs
        there were, and ``bonus_per_order_cents``.
    """
    runs = runs_of(events)
    lost = [run for run in runs if run.is_after_loss]
    return {
        "runs": len(runs),
        "runs_after_loss": len(lost),
        **_within("accepted_within", runs),
        **_within("after_loss_accepted_within", lost),
        "bonus_per_order_cents": round(bonus_earned_cents(events) / n_orders, 2),
    }


def _within(name: str, runs: Sequence[Run]) -> dict[str, float | None]:
    """Shares of runs that had their yes after so many questions; None of none."""
    return {
        f"{name}_{n}_share": (
            round(sum(run.is_accepted and run.n_asked <= n for run in runs) / len(runs), 6)
            if runs
            else None
        )
        for n in range(1, _MOST_SHOWN + 1)
    }
