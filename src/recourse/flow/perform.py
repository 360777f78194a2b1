"""This file knows which stage performs which command."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from recourse.flow import (
    disrupt,
    entitlements,
    learn,
    make_good,
    notify,
    offers,
    plan,
    recover,
    returns,
    roads,
    standing,
    track,
    watch,
)
from recourse.flow.hears import HEARERS
from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.ports import EventFilter, Transaction

__all__ = ["PERFORMERS", "Performer", "perform"]

Performer = Callable[[Transaction, Platform, Command], None]


def hear(tx: Transaction, platform: Platform, command: Command) -> None:
    """Let one stage hear one event of the log."""
    number = cast("int", command.payload["number"])
    (recorded,) = tx.events(EventFilter(after=number - 1, limit=1))
    HEARERS[str(command.payload["hearer"])](tx, platform, recorded.event)


PERFORMERS: Mapping[str, Performer] = MappingProxyType(
    {
        "hear": hear,
        "wave": plan.wave,
        "dispatch": plan.dispatch,
        "spread": plan.spread,
        "expire": offers.expire,
        "silence": track.listen,
        "standing": standing.let_go,
        "no_show": disrupt.miss_shift,
        "fatigue": disrupt.reach_limit,
        "withdraw": disrupt.withdraw_stop,
        "decide": recover.decide,
        "case_timer": recover.ring,
        "offer": recover.offer,
        "notice": notify.notify,
        "remedy": make_good.pay,
        "entitlement_over": entitlements.run_out,
        "refund": returns.refund,
        "watch": watch.watch,
        "road_over": roads.over,
        "train": learn.train,
    }
)


def perform(tx: Transaction, platform: Platform, command: Command) -> None:
    """Perform one command; its effect and its record lie in the same transaction.

    Raises
    ------
    KeyError
        If no stage knows the command; the worker parks it.
    """
    PERFORMERS[command.name](tx, platform, command)
