"""Policies: what is in force has a number, and a case ends by the rules it began with."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import cast

from recourse.flow.platform import CaseRules, Platform
from recourse.model.cases import Case
from recourse.model.events import PolicyEntered, dotted
from recourse.model.ports import EventFilter, Transaction
from recourse.recovery import RecoveryParams

__all__ = ["enter", "recovery_of", "rules_of"]

FIRST = 1


def enter(tx: Transaction, *, now: datetime, recovery: RecoveryParams, remedies: str) -> int:
    """Enter the policy in force into the log, if it is not the last one there.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    now : datetime
        The present instant.
    recovery : RecoveryParams
        How cases are handled.
    remedies : str
        The policy of remedies as it was written, in TOML.

    Returns
    -------
    int
        Its number, which cases that begin from now on carry.
    """
    said = json.dumps(asdict(recovery), sort_keys=True)
    entered = _entered(tx)
    last = entered[max(entered)] if entered else None
    if last is not None and (last.recovery, last.remedies) == (said, remedies):
        return last.number
    number = last.number + 1 if last else FIRST
    tx.record(events=[PolicyEntered(at=now, number=number, recovery=said, remedies=remedies)])
    return number


def rules_of(tx: Transaction, platform: Platform, case: Case) -> CaseRules:
    """Return the rules a case began with; those in force where the log knows no others.

    Returns
    -------
    CaseRules
        How it is handled, and what is owed after it.
    """
    known = platform.policies
    if case.policy not in known and platform.read_policy is not None:
        # Another platform over the same database may have entered it since we began.
        for number, entered in _entered(tx).items():
            if number not in known:
                known[number] = platform.read_policy(entered)
    return known.get(case.policy) or CaseRules(platform.params.recovery, platform.params.redress)


def recovery_of(entered: PolicyEntered) -> RecoveryParams:
    """Return how cases were handled under a policy; what it did not know has its default."""
    known = {one.name for one in fields(RecoveryParams)}
    said = json.loads(entered.recovery)
    return RecoveryParams(**{name: value for name, value in said.items() if name in known})


def _entered(tx: Transaction) -> dict[int, PolicyEntered]:
    """Return every policy the log knows, by number."""
    found = tx.events(EventFilter(kinds=(dotted(PolicyEntered),), limit=10_000))
    events = [cast("PolicyEntered", one.event) for one in found]
    return {event.number: event for event in events}
