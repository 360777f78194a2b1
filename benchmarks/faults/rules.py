"""This file knows which rules of the case machine the variants come to: none is forgotten."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from recourse.model.cases import Case, CaseStatus
from recourse.model.events import (
    AssignmentBegan,
    CustodyPassed,
    Event,
    NoticeSent,
    OrderEnded,
    StopCompleted,
)
from recourse.recovery import RecoveryParams, Step
from recourse.recovery.rules import RULES, Rule
from recourse.recovery.signals import DispatcherChose, ReplacementEnded, TimerRang

__all__ = ["unreached", "watched"]

Key = tuple[CaseStatus, type[Event]]


def unreached(moved: Iterable[str]) -> list[str]:
    """Name the rules that moved no case and of which nobody said why.

    Parameters
    ----------
    moved : iterable of str
        What `watched` noted.

    Returns
    -------
    list of str
        Status and event of each.
    """
    known = {name_of(key): key for key in RULES}
    excused = {name for name, (at, event) in known.items() if _excuse(at, event)}
    return sorted(set(known) - set(moved) - excused)


def name_of(key: Key) -> str:
    """A rule in words: status and event."""
    return f"{key[0].value} {key[1].__name__}"


def _excuse(at: CaseStatus, event: type[Event]) -> str:
    """Why no variant need come to a rule; empty if one must."""
    if at is CaseStatus.DECIDING:
        return "it is decided at once: only a platform that stands still can be met there"
    return _EXCUSED.get(event, {}).get(at, "")


_ALONE = "nobody else carries it while this is asked; a wave or a hand may, at that very moment"
_TOLD = "the first notice is sent before anything is decided"
_REPLACED = "a case waits while its replacement is on its way"
_K = CaseStatus
_EXCUSED: dict[type[Event], dict[CaseStatus, str]] = {
    AssignmentBegan: dict.fromkeys((_K.AWAITING_CUSTOMER, _K.HUMAN), _ALONE),
    NoticeSent: dict.fromkeys(CaseStatus, _TOLD),
    ReplacementEnded: dict.fromkeys(set(CaseStatus) - {_K.WAITING}, _REPLACED),
    CustodyPassed: {
        _K.OFFERING: "who holds it passes nothing on while somebody is asked to fetch it",
        _K.AWAITING_CUSTOMER: "nobody fetches what its customer is asked about",
    },
    StopCompleted: {
        _K.CARRIED: "who carries it on brings it back only by a second loss, a case of its own",
        _K.HUMAN: "a return under way is waited for",
    },
    OrderEnded: {_K.AWAITING_CUSTOMER: "whoever is asked may also cancel; asked in minutes only"},
    DispatcherChose: {_K.AWAITING_CUSTOMER: "a dispatcher may be faster than the customer"},
    TimerRang: {_K.OFFERING: "the offer's own clock rings a minute before"},
}
"""Rules that hold, and that a story in this town does not come to, each with the reason."""


@contextmanager
def watched() -> Iterator[set[str]]:
    """Note which rules move a case while the block runs."""
    moved: set[str] = set()
    kept = dict(RULES)
    for key, rule in kept.items():
        RULES[key] = _watched(key, rule, moved)
    try:
        yield moved
    finally:
        RULES.update(kept)


def _watched(key: Key, rule: Rule, moved: set[str]) -> Rule:
    """A rule that notes when it moves a case."""

    def handle(case: Case, event: Event, now: datetime, params: RecoveryParams) -> Step:
        step = rule.handler(case, event, now, params)
        if step.case is not case:
            moved.add(name_of(key))
        return step

    return replace(rule, handler=handle)
