"""This file knows which event moves a case from which status, as one table of small functions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recourse.model.cases import CASE_OPEN, Case, CaseStatus
from recourse.model.events import Event
from recourse.recovery.params import RecoveryParams
from recourse.recovery.signals import Step

__all__ = ["RULES", "Row", "Rule", "transitions", "when"]

Handler = Callable[[Case, Any, datetime, RecoveryParams], Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a case does about one kind of event in one status.

    Attributes
    ----------
    handler : callable
        The pure function that takes the step.
    to : tuple of CaseStatus
        Where it may lead besides staying.
    says : str
        In words: the first line of the function's docstring.
    """

    handler: Handler
    to: tuple[CaseStatus, ...]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table of the machine.

    Attributes
    ----------
    at : str
        Status before.
    event : str
        What happens.
    to : tuple of str
        Statuses it may lead to; empty if only facts of the case change.
    says : str
        In words.
    """

    at: str
    event: str
    to: tuple[str, ...]
    says: str


_K = CaseStatus
_DECIDED = Row(
    at=_K.DECIDING.value,
    event="CaseDecided",
    to=tuple(
        status.value
        for status in (
            _K.OFFERING,
            _K.AWAITING_CUSTOMER,
            _K.CARRIED,
            _K.WAITING,
            _K.HUMAN,
            _K.CLOSED,
        )
    ),
    says="What was decided is put into force, for all cases of the disruption together.",
)
"""A decision is no event from outside: `put_into_force` takes this step."""

RULES: dict[tuple[CaseStatus, type[Event]], Rule] = {}
"""Every rule by status and event; what is not here changes nothing."""


def when(
    event: type[Event], *, at: frozenset[CaseStatus] = CASE_OPEN, to: tuple[CaseStatus, ...] = ()
) -> Callable[[Handler], Handler]:
    """Enter a function into the table.

    Parameters
    ----------
    event : type
        The kind of event.
    at : frozenset of CaseStatus
        The statuses it holds for.
    to : tuple of CaseStatus
        Where it may lead.

    Returns
    -------
    callable
        Decorator that leaves the function as it is.
    """

    def enter(handler: Handler) -> Handler:
        says = (handler.__doc__ or "").strip().splitlines()[0]
        for status in sorted(at):
            RULES[status, event] = Rule(handler=handler, to=to, says=says)
        return handler

    return enter


def transitions() -> tuple[Row, ...]:
    """The table of the machine as it is in force, for the page about cases.

    Returns
    -------
    tuple of Row
        Sorted by status and event.
    """
    order = list(CaseStatus)
    rows = [_DECIDED]
    rows += [
        Row(
            at=status.value,
            event=event.__name__,
            to=tuple(to.value for to in rule.to if to is not status),
            says=rule.says,
        )
        for (status, event), rule in RULES.items()
    ]
    return tuple(sorted(rows, key=lambda row: (order.index(CaseStatus(row.at)), row.event)))
