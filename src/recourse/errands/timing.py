"""This file knows when a person is left in peace: quiet hours, and a cap on messages."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from recourse.model.errands import Channel, Errand, ErrandState
from recourse.model.redress import NoticeKind

__all__ = ["is_over_cap", "is_urgent", "quiet_until"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def quiet_until(channel: Channel, now: datetime, *, zone: ZoneInfo) -> datetime | None:
    """Find the end of the quiet hours a person is in.

    Parameters
    ----------
    channel : Channel
        Whose quiet hours count.
    now : datetime
        The present instant.
    zone : ZoneInfo
        Where the person lives.

    Returns
    -------
    datetime or None
        When they end; None outside them.

    Examples
    --------
    >>> from datetime import UTC
    >>> from recourse.model.errands import Reach
    >>> nights = Channel(
    ...     name="sms", reach=Reach.PHONE, quiet_from_s=22 * 3600, quiet_until_s=8 * 3600
    ... )
    >>> zone = ZoneInfo("America/Vancouver")
    >>> quiet_until(nights, datetime(2026, 3, 3, 7, tzinfo=UTC), zone=zone)  # 23:00 there
    datetime.datetime(2026, 3, 3, 16, 0, tzinfo=datetime.timezone.utc)
    >>> quiet_until(nights, datetime(2026, 3, 2, 20, tzinfo=UTC), zone=zone) is None  # noon
    True
    """
    from_s, until_s = channel.quiet_from_s, channel.quiet_until_s
    there = now.astimezone(zone)
    at_s = there.hour * 3600 + there.minute * 60 + there.second
    is_quiet = from_s <= at_s < until_s if from_s <= until_s else at_s >= from_s or at_s < until_s
    if not is_quiet:
        return None
    day = there.date() + timedelta(days=int(at_s >= until_s))
    minutes, seconds = divmod(until_s, 60)
    hour, minute = divmod(minutes, 60)
    return datetime.combine(day, time(hour, minute, seconds), zone).astimezone(now.tzinfo)


def is_urgent(kind: NoticeKind, *, promised_by: datetime, quiet_end_at: datetime) -> bool:
    """Whether a notice may wake somebody: they wait for this order before the night is over.

    Parameters
    ----------
    kind : NoticeKind
        What is told; what was given to make good can always wait.
    promised_by : datetime
        End of the window the customer last relied on.
    quiet_end_at : datetime
        When the quiet hours end.

    Returns
    -------
    bool
        True if it is told at once.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> later = NOON + timedelta(hours=9)
    >>> is_urgent(NoticeKind.COURIER_LOST, promised_by=NOON, quiet_end_at=later)
    True
    >>> is_urgent(NoticeKind.REMEDY, promised_by=NOON, quiet_end_at=later)
    False
    """
    return kind is not NoticeKind.REMEDY and promised_by <= quiet_end_at


def is_over_cap(channel: Channel, lately: Iterable[Errand], now: datetime) -> bool:
    """Whether a person was written to so often over a channel that it is enough.

    Parameters
    ----------
    channel : Channel
        Whose caps count.
    lately : iterable of Errand
        What was made for this person within a day, at any peer.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        True if one more would pass a cap.

    Examples
    --------
    >>> from recourse.model.errands import Reach
    >>> from recourse.model.examples import NOON, errand_of
    >>> rare = Channel(name="sms", reach=Reach.PHONE, per_hour=1)
    >>> is_over_cap(rare, [errand_of()], NOON), is_over_cap(rare, [], NOON)
    (True, False)
    """
    ages = [
        now - one.made_at
        for one in lately
        if one.peer == channel.name and one.state is not ErrandState.DROPPED
    ]
    in_hour, in_day = (sum(age < span for age in ages) for span in (_HOUR, _DAY))
    return bool(
        (channel.per_hour and in_hour >= channel.per_hour)
        or (channel.per_day and in_day >= channel.per_day)
    )
