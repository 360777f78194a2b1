"""This file knows how sure we are of an arrival."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Arrival", "expected_arrival"]

SPREAD_S = 150
"""Half-width in seconds of a nine-in-ten interval one stop ahead; assumed until measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When an order is expected, with an interval.

    Attributes
    ----------
    expected_at : datetime
        The middle.
    earliest_at, latest_at : datetime
        About nine arrivals in ten should lie between them.
    """

    expected_at: datetime
    earliest_at: datetime
    latest_at: datetime


def expected_arrival(
    planned_at: datetime,
    *,
    delay_s: int,
    n_stops_before: int,
    now: datetime,
    spread_s: int = SPREAD_S,
) -> Arrival:
    """When a stop will be reached, given how late the courier runs now.

    Every stop in between adds its own uncertainty, independent of the others: the interval grows
    with the root of their number.

    Parameters
    ----------
    planned_at : datetime
        Planned arrival.
    delay_s : int
        How late the courier runs, seconds; being early is not passed on, windows open when they do.
    n_stops_before : int
        Stops still to be made before this one.
    now : datetime
        The present instant; nothing is expected before it.
    spread_s : int
        Half-width one stop ahead, seconds.

    Returns
    -------
    Arrival
        Middle and interval; never before `now`.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> arrival = expected_arrival(noon, delay_s=300, n_stops_before=3, now=noon)
    >>> f"{arrival.expected_at:%H:%M}", f"{arrival.latest_at:%H:%M}"
    ('12:05', '12:10')
    """
    middle_at = max(now, planned_at + timedelta(seconds=max(0, delay_s)))
    half = timedelta(seconds=round(spread_s * math.sqrt(1 + max(0, n_stops_before))))
    return Arrival(
        expected_at=middle_at, earliest_at=max(now, middle_at - half), latest_at=middle_at + half
    )
