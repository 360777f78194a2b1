"""This file knows when a courier's word about a customer is believed, and what is still missing.

"Nobody was there" costs a customer their order, so it is taken on what was seen and not on what was
said: the phone was near the door, the courier waited, and the platform reached out to the customer,
who had time to answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from recourse.model.reasons import ReasonCode

__all__ = ["NEEDS", "Attempt", "AttemptParams", "facts_of_attempt", "lacks"]

NEEDS: Mapping[ReasonCode, frozenset[str]] = MappingProxyType(
    {
        ReasonCode.CUSTOMER_UNREACHABLE: frozenset({"near", "waited", "contacted"}),
        ReasonCode.ACCESS_DENIED: frozenset({"near", "contacted"}),
        ReasonCode.ADDRESS_ERROR: frozenset({"contacted"}),
        ReasonCode.CUSTOMER_REFUSED: frozenset({"near"}),
        ReasonCode.IDENTITY_OR_AGE_FAILED: frozenset({"near"}),
    }
)
"""What must be on record before a stop at a door may fail for a reason that is the customer's."""

_FRESH = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptParams:
    """What counts as having tried; all figures are assumed.

    Attributes
    ----------
    near_m : int
        Metres between phone and door; between high houses a position may be that far off.
    wait_s : int
        Seconds at the door before nobody counts as there.
    answer_s : int
        Of these, seconds the customer has after the platform reached out: to read it and come down.
    """

    near_m: int = 150
    wait_s: int = 300
    answer_s: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is on record of a courier at a door.

    Attributes
    ----------
    reached_at : datetime
        When the arrival was reported.
    seen_at : datetime or None
        When the phone last measured where it was; None if it never did.
    away_m : float
        Metres from there to the door.
    contacted_at : datetime or None
        When the customer was first reached out to from this stop; None if never.
    """

    reached_at: datetime
    seen_at: datetime | None = None
    away_m: float = 0.0
    contacted_at: datetime | None = None


def lacks(
    attempt: Attempt, code: ReasonCode, *, now: datetime, params: AttemptParams
) -> tuple[str, ...]:
    """Say what is still missing before a reason is believed, each with the way out.

    Parameters
    ----------
    attempt : Attempt
        What is on record.
    code : ReasonCode
        What the courier says.
    now : datetime
        The present instant.
    params : AttemptParams
        What counts as having tried.

    Returns
    -------
    tuple of str
        Empty when nothing is missing, or when the reason needs no attempt.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> told = Attempt(reached_at=NOON)
    >>> lacks(told, ReasonCode.CUSTOMER_UNREACHABLE, now=NOON, params=AttemptParams())
    ('be seen at the door', 'wait 300 s more', 'contact the customer')
    >>> lacks(told, ReasonCode.VEHICLE_BREAKDOWN, now=NOON, params=AttemptParams())
    ()
    """
    needed = NEEDS.get(code, frozenset())
    missing = []
    if "near" in needed and not _is_near(attempt, params):
        is_seen = attempt.seen_at is not None
        where = f"; the phone is {attempt.away_m:.0f} m away" if is_seen else ""
        missing.append(f"be seen at the door{where}")
    left_s = params.wait_s - int((now - attempt.reached_at).total_seconds())
    if "waited" in needed and left_s > 0:
        missing.append(f"wait {left_s} s more")
    if "contacted" in needed and attempt.contacted_at is None:
        missing.append("contact the customer")
    elif "waited" in needed and attempt.contacted_at is not None:
        told_s = int((now - attempt.contacted_at).total_seconds())
        if told_s < params.answer_s:
            missing.append(f"give the customer {params.answer_s - told_s} s more to answer")
    return tuple(missing)


def facts_of_attempt(attempt: Attempt, *, now: datetime) -> tuple[str, ...]:
    """Put what is on record into short facts for whoever judges later.

    Parameters
    ----------
    attempt : Attempt
        What is on record.
    now : datetime
        The present instant.

    Returns
    -------
    tuple of str
        At the door since when, how far the phone was, and whether the customer was contacted.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> facts_of_attempt(Attempt(reached_at=NOON), now=NOON + timedelta(minutes=5))
    ('at the door for 300 s', 'phone not seen', 'customer not contacted')
    """
    waited_s = int((now - attempt.reached_at).total_seconds())
    seen = "phone not seen"
    if attempt.seen_at is not None:
        seen = f"phone {attempt.away_m:.0f} m from the door"
    told = "customer not contacted"
    if attempt.contacted_at is not None:
        told = f"customer contacted at {attempt.contacted_at.isoformat()}"
    return f"at the door for {waited_s} s", seen, told


def _is_near(attempt: Attempt, params: AttemptParams) -> bool:
    """Whether the phone was at the door, and not only before the courier came."""
    if attempt.seen_at is None or attempt.seen_at < attempt.reached_at - _FRESH:
        return False
    return attempt.away_m <= params.near_m
