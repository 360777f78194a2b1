"""This file knows when a station's waves leave, on every day of the year, and which one fits."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["next_wave", "wave_starts"]

LEAST_TOUR_S = 1_800
"""Seconds from the start of a wave to its first doors; assumed."""


def wave_starts(day: date, *, local_times: Iterable[time], zone: str) -> tuple[datetime, ...]:
    """Instants at which a station's waves leave on one local day.

    A wave leaves once a day. In the hour that comes twice it leaves the first time; a time that the
    clocks skip is taken as if they had not been put forward, so the wave leaves an hour later by
    the wall.

    Parameters
    ----------
    day : date
        Local day of the city.
    local_times : iterable of time
        Hours on the wall.
    zone : str
        IANA zone of the city, e.g. ``"America/Vancouver"``.

    Returns
    -------
    tuple of datetime
        UTC instants, rising.

    Examples
    --------
    >>> [
    ...     at.isoformat()
    ...     for at in wave_starts(
    ...         date(2026, 11, 1), local_times=[time(1, 30), time(3)], zone="America/Vancouver"
    ...     )
    ... ]
    ['2026-11-01T08:30:00+00:00', '2026-11-01T11:00:00+00:00']
    """
    here = ZoneInfo(zone)
    return tuple(
        sorted(
            datetime.combine(day, at.replace(fold=0), tzinfo=here).astimezone(UTC)
            for at in local_times
        )
    )


def next_wave(
    *,
    now: datetime,
    dropoff_ready_at: datetime,
    dropoff_deadline_at: datetime,
    wave_starts: Sequence[datetime],
    least_tour_s: int = LEAST_TOUR_S,
) -> datetime | None:
    """Find the wave that should carry an order.

    A wave fits if it is still to leave and reaches its first doors before the deadline. Of those
    that fit, the last one that leaves before the window opens is taken, so that no courier waits at
    a door; if all leave later, the first.

    Parameters
    ----------
    now : datetime
        The present instant; a wave that leaves now can still be caught.
    dropoff_ready_at, dropoff_deadline_at : datetime
        The window at the door.
    wave_starts : sequence of datetime
        When the station's waves leave, in any order.
    least_tour_s : int
        Seconds from the start to the first doors.

    Returns
    -------
    datetime or None
        Start of the wave; None when none fits.

    Examples
    --------
    >>> def at(hour):
    ...     return datetime(2026, 3, 2, hour, tzinfo=UTC)
    >>> next_wave(
    ...     now=at(7),
    ...     dropoff_ready_at=at(13),
    ...     dropoff_deadline_at=at(17),
    ...     wave_starts=[at(8), at(12), at(16)],
    ... ).hour
    12
    >>> next_wave(
    ...     now=at(13),
    ...     dropoff_ready_at=at(9),
    ...     dropoff_deadline_at=at(16),
    ...     wave_starts=[at(8), at(12), at(16)],
    ... ) is None
    True
    """
    last_useful_at = dropoff_deadline_at - timedelta(seconds=least_tour_s)
    fitting = sorted(at for at in wave_starts if now <= at <= last_useful_at)
    before_window = [at for at in fitting if at <= dropoff_ready_at]
    return before_window[-1] if before_window else next(iter(fitting), None)
