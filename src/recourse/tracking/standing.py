"""This file knows when a courier who is heard of but does not move has given up without a word."""

from datetime import datetime, timedelta

from recourse.model.couriers import Progress
from recourse.model.routes import Route, StopKind, StopStatus
from recourse.tracking.locate import TrackParams
from recourse.tracking.pings import distance_m

__all__ = ["stands_since"]

# Who would only wait at the other end may as well wait here: nobody is due before they would have
# to set out on foot, nor earlier than this before the stop opens (both assumed).
_EARLY = timedelta(minutes=10)
_ON_FOOT_M_PER_S = 1.4


def stands_since(progress: Progress, route: Route, *, params: TrackParams) -> datetime | None:
    """Since when a courier has stood still although they are due somewhere else.

    Who is at a stop does not stand still, unless it is a pickup that is over long since: kitchens
    are slow, but not as slow as somebody who went home. Who is so near to the next stop that only
    the report is missing has a while longer. For who has just been given something new to do it is
    counted afresh, and for who waits until a stop opens from when it is time to go.

    Parameters
    ----------
    progress : Progress
        Where the courier is, and since when.
    route : Route
        What is still to be done.
    params : TrackParams
        What counts as near.

    Returns
    -------
    datetime or None
        None of a courier who moves, or has nowhere to go; in the future of one who is near, or who
        need not go yet.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from recourse.model.examples import NOON, progress_of, stop_of
    >>> since_at = NOON - timedelta(minutes=9)
    >>> route = Route(courier_id="k-1", stops=(stop_of("t-1"),), changed_at=since_at)
    >>> stands_since(progress_of(), route, params=TrackParams()) is None
    True
    >>> still = replace(progress_of(), still_since_at=since_at)
    >>> (NOON - stands_since(still, route, params=TrackParams())) / timedelta(minutes=1)
    9.0
    """
    if progress.still_since_at is None or not route.stops:
        return None
    stop = route.stops[0]
    if stop.earliest_at > progress.pinged_at + _EARLY:
        return None
    since_at = max(progress.still_since_at, route.changed_at)
    if stop.status is StopStatus.STARTED:
        if stop.kind is not StopKind.PICKUP:
            return None
        ready_at = max(since_at, stop.earliest_at)
        return ready_at + timedelta(seconds=stop.service_s + params.counter_longer_s)
    away_m = float(distance_m(progress.lon, progress.lat, stop.place.lon, stop.place.lat))
    if away_m <= params.near_m:
        return max(since_at, stop.arrival_at) + timedelta(seconds=params.near_longer_s)
    on_foot = timedelta(seconds=away_m / _ON_FOOT_M_PER_S)
    return max(since_at, stop.earliest_at - min(_EARLY, on_foot))
