"""This file knows what time it is: by the wall, by the wall sped up, or as a simulated day says."""

from datetime import UTC, datetime, timedelta
from math import isfinite

from recourse.model.ports import Clock

__all__ = ["ManualClock", "ScaledClock", "WallClock", "of_the_wall"]


class WallClock:
    """The wall."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class ScaledClock:
    """The wall, sped up: a served day that is played faster than it happens.

    Parameters
    ----------
    start_at : datetime
        What the clock shows at the moment it is made.
    speed : float
        Seconds it advances per second of the wall; positive.
    """

    def __init__(self, *, start_at: datetime, speed: float) -> None:
        self.speed = speed
        self._start_at = start_at
        self._made_at = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the present instant of the played day, in UTC."""
        passed_s = (datetime.now(UTC) - self._made_at).total_seconds()
        return self._start_at + timedelta(seconds=passed_s * self.speed)


class ManualClock:
    """A clock that stands still until it is set.

    Parameters
    ----------
    start_at : datetime
        What it shows first.
    """

    speed = float("inf")

    def __init__(self, start_at: datetime) -> None:
        self._now = start_at

    def now(self) -> datetime:
        """Return the instant last set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move on to a later instant.

        Parameters
        ----------
        now : datetime
            Aware instant, not before the present one.

        Raises
        ------
        ValueError
            If the clock would run backwards.
        """
        if now < self._now:
            message = f"the clock shows {self._now}, it cannot go back to {now}"
            raise ValueError(message)
        self._now = now


def of_the_wall(clock: Clock, seconds: int) -> int:
    """How far a clock goes while so many seconds of the wall pass.

    Parameters
    ----------
    clock : Clock
        That of a day played fast, for instance.
    seconds : int
        Of the wall.

    Returns
    -------
    int
        Seconds of the clock; the same number for one that is moved by hand.

    Examples
    --------
    >>> of_the_wall(WallClock(), 8)
    8
    """
    return round(seconds * clock.speed) if isfinite(clock.speed) else seconds
