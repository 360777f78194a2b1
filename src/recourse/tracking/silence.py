"""This file knows how long a courier may be quiet; silence is a timer, not a position."""

from datetime import datetime, timedelta

from recourse.model.couriers import Progress
from recourse.model.routes import Route, StopStatus
from recourse.tracking.locate import TrackParams

__all__ = ["ask_after_stop_at", "ask_again_at", "is_silent"]


def is_silent(progress: Progress, route: Route, *, now: datetime, params: TrackParams) -> bool:
    """Whether a courier has been quiet for longer than what they do allows.

    At a door or a counter the phone may be in a lift or a cellar: only who drives is heard often.

    Parameters
    ----------
    progress : Progress
        What was last heard.
    route : Route
        What the courier does now: on the way to the first stop, at it, or waiting for one.
    now : datetime
        The present instant.
    params : TrackParams
        How long each may be quiet.

    Returns
    -------
    bool
        True from the last instant of patience on.

    Examples
    --------
    >>> from recourse.model.examples import NOON, progress_of, stop_of
    >>> later, idle = (
    ...     NOON + timedelta(minutes=5),
    ...     Route(courier_id="k-1", stops=(), changed_at=NOON),
    ... )
    >>> is_silent(progress_of(), idle, now=later, params=TrackParams())
    False
    >>> to_go = Route(courier_id="k-1", stops=(stop_of("s-1", "o-1"),), changed_at=NOON)
    >>> is_silent(progress_of(), to_go, now=later, params=TrackParams())
    True
    """
    return now >= _patience_ends_at(progress, route, params)


def ask_again_at(
    progress: Progress, route: Route, *, now: datetime, params: TrackParams
) -> datetime:
    """When to ask next whether a courier is silent who is not silent now.

    Who stands at a stop may drive on at any moment, and is heard of often from then: of who has
    stops to make it is asked as often as of who drives.

    Parameters
    ----------
    progress : Progress
        What was last heard.
    route : Route
        What the courier does now.
    now : datetime
        The present instant.
    params : TrackParams
        How long each may be quiet.

    Returns
    -------
    datetime
        The instant of the timer.

    Examples
    --------
    >>> from recourse.model.examples import NOON, progress_of
    >>> idle = Route(courier_id="k-1", stops=(), changed_at=NOON)
    >>> ask_at = ask_again_at(progress_of(), idle, now=NOON, params=TrackParams())
    >>> round((ask_at - NOON) / timedelta(minutes=1), 1)
    7.3
    """
    ends_at = _patience_ends_at(progress, route, params)
    return min(ends_at, now + _patience_on_the_way(params)) if route.stops else ends_at


def ask_after_stop_at(
    state_since_at: datetime, *, now: datetime, params: TrackParams
) -> datetime | None:
    """When to ask once more of a courier who drives on, beside the timer that asks again.

    That timer may have been set while they had nothing to do, and have all the patience of that.

    Parameters
    ----------
    state_since_at : datetime
        Since when the courier has had something to do.
    now : datetime
        When they drove on.
    params : TrackParams
        How long each may be quiet.

    Returns
    -------
    datetime or None
        None where the timer asks by then anyway.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> ask_after_stop_at(NOON - timedelta(hours=1), now=NOON, params=TrackParams()) is None
    True
    """
    ask_at = now + _patience_on_the_way(params)
    return ask_at if state_since_at + _patience_in_waiting(params) > ask_at else None


def _patience_ends_at(progress: Progress, route: Route, params: TrackParams) -> datetime:
    is_moving = bool(route.stops) and route.stops[0].status is not StopStatus.STARTED
    patience = _patience_on_the_way(params) if is_moving else _patience_in_waiting(params)
    return progress.pinged_at + patience


def _patience_on_the_way(params: TrackParams) -> timedelta:
    return timedelta(seconds=params.moving_silence_s)


def _patience_in_waiting(params: TrackParams) -> timedelta:
    return timedelta(seconds=params.waiting_silence_s)
