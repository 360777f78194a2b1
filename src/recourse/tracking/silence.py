"""This file knows how long a courier may be quiet; silence is a timer, not a position."""

from datetime import datetime, timedelta

from recourse.model.couriers import Progress
from recourse.tracking.locate import TrackParams

__all__ = ["is_silent", "silence_due"]


def silence_due(progress: Progress, *, is_moving: bool, params: TrackParams) -> datetime:
    """When a courier who says nothing more will count as silent.

    Parameters
    ----------
    progress : Progress
        What was last heard.
    is_moving : bool
        Whether the courier is on the way between stops; at a stop a phone may be in a lift.
    params : TrackParams
        How long each may be quiet.

    Returns
    -------
    datetime
        The instant of the timer.

    Examples
    --------
    >>> from recourse.model.examples import NOON, progress_of
    >>> due_at = silence_due(progress_of(), is_moving=True, params=TrackParams())
    >>> (due_at - NOON) / timedelta(minutes=1)
    2.0
    """
    limit_s = params.moving_silence_s if is_moving else params.waiting_silence_s
    return progress.pinged_at + timedelta(seconds=limit_s)


def is_silent(progress: Progress, now: datetime, *, is_moving: bool, params: TrackParams) -> bool:
    """Whether a courier has been quiet for longer than their state allows.

    Parameters
    ----------
    progress : Progress
        What was last heard.
    now : datetime
        The present instant.
    is_moving : bool
        Whether the courier is on the way between stops.
    params : TrackParams
        How long each may be quiet.

    Returns
    -------
    bool
        True from the instant of `silence_due` on.

    Examples
    --------
    >>> from recourse.model.examples import NOON, progress_of
    >>> seen, later = progress_of(), NOON + timedelta(minutes=5)
    >>> is_silent(seen, later, is_moving=True, params=TrackParams())
    True
    >>> is_silent(seen, later, is_moving=False, params=TrackParams())
    False
    """
    return now >= silence_due(progress, is_moving=is_moving, params=params)
