"""This file knows how long a courier has worked, and what that allows.

The steps follow the Chinese recommended standard for delivery platforms (SAMR, December 2025: at
8 h the courier is asked, after 4 h without a pause no new orders for 20 min) and the 12 h stop that
Meituan applies nationwide since December 2024; parcels in hand may then still be brought.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from recourse.model.couriers import ON_DUTY, Courier, CourierState

__all__ = ["HoursParams", "duty_state", "next_limit_at", "worked_s"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursParams:
    """How long a courier may work in a day.

    Attributes
    ----------
    warn_s : int
        Seconds of work after which rest is proposed and easier routes are given (8 h, SAMR 2025).
    stop_s : int
        Seconds of work after which nothing new is given (12 h, Meituan 2024).
    """

    warn_s: int = 8 * 3_600
    stop_s: int = 12 * 3_600


def worked_s(courier: Courier, *, now: datetime) -> int:
    """Seconds worked today, earlier spells included.

    Parameters
    ----------
    courier : Courier
        Whose hours.
    now : datetime
        The present instant.

    Returns
    -------
    int
        Never negative.

    Examples
    --------
    >>> from recourse.model.examples import NOON, courier_of
    >>> worked_s(courier_of(worked_s=600), now=NOON)
    11400
    """
    spell_s = (now - courier.duty_since_at).total_seconds() if courier.duty_since_at else 0.0
    return courier.worked_s + max(0, int(spell_s))


def duty_state(courier: Courier, *, now: datetime, params: HoursParams) -> CourierState:
    """The state the hours ask for; the state the courier has, where they ask for none.

    Parameters
    ----------
    courier : Courier
        Whose hours.
    now : datetime
        The present instant.
    params : HoursParams
        The limits.

    Returns
    -------
    CourierState
        `REST_REQUIRED` past the stop, `FATIGUE_WARNING` past the warning, for couriers on duty.

    Examples
    --------
    >>> from recourse.model.examples import NOON, courier_of
    >>> courier = courier_of(worked_s=5 * 3_600)
    >>> duty_state(courier, now=NOON, params=HoursParams()).value
    'fatigue_warning'
    """
    if courier.state not in ON_DUTY:
        return courier.state
    done_s = worked_s(courier, now=now)
    if done_s >= params.stop_s:
        return CourierState.REST_REQUIRED
    if done_s >= params.warn_s:
        return CourierState.FATIGUE_WARNING
    return courier.state


def next_limit_at(courier: Courier, *, now: datetime, params: HoursParams) -> datetime | None:
    """When the next limit will be reached, for setting a timer.

    Parameters
    ----------
    courier : Courier
        Whose hours.
    now : datetime
        The present instant.
    params : HoursParams
        The limits.

    Returns
    -------
    datetime or None
        None off duty, and past the last limit.

    Examples
    --------
    >>> from recourse.model.examples import NOON, courier_of
    >>> (next_limit_at(courier_of(), now=NOON, params=HoursParams()) - NOON) / timedelta(hours=1)
    5.0
    """
    if courier.duty_since_at is None:
        return None
    done_s = worked_s(courier, now=now)
    ahead = [limit_s - done_s for limit_s in (params.warn_s, params.stop_s) if limit_s > done_s]
    return now + timedelta(seconds=min(ahead)) if ahead else None
