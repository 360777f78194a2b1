"""This file knows the calendar of a simulated day: local seconds and UTC instants."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

__all__ = ["Day", "HeldClock", "SimClock"]

# How far the clock of a served day may be ahead of what the city has lived through: a breath of the
# wall, and half a minute for whoever plays slowly.
_WALL_AHEAD_S = 1.0
_LEAST_AHEAD_S = 30.0


@dataclass(frozen=True, slots=True)
class Day:
    """One local day.

    Attributes
    ----------
    local_date : date
        Which day.
    zone : str
        IANA name of the city's zone.
    midnight_at : datetime
        Where the day begins, in UTC.
    """

    local_date: date
    zone: str
    midnight_at: datetime

    @classmethod
    def of(cls, day: date, zone: str) -> "Day":
        """Day of a city."""
        return cls(day, zone, datetime.combine(day, time_of_day(), ZoneInfo(zone)).astimezone(UTC))

    def at(self, t_s: float) -> datetime:
        """Instant so many seconds after local midnight."""
        return self.midnight_at + timedelta(seconds=t_s)

    def iso(self, t_s: float) -> str:
        """Same, as RFC 3339 text."""
        return self.at(t_s).isoformat()

    def seconds(self, at: datetime | str) -> float:
        """Seconds after local midnight of an instant or its text."""
        when = datetime.fromisoformat(at) if isinstance(at, str) else at
        return (when - self.midnight_at).total_seconds()

    def clock_time(self, t_s: float) -> str:
        """What a wall clock shows, e.g. ``"14:05"``."""
        minute = int(t_s // 60)
        return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


class SimClock:
    """Time of a simulated day: it stands until it is set.

    Parameters
    ----------
    day : Day
        Which day.
    t_s : float
        Where it begins, seconds after local midnight.
    """

    speed = float("inf")

    def __init__(self, day: Day, t_s: float = 0.0) -> None:
        self.day = day
        self.t_s = t_s
        self._now = day.at(t_s)

    def now(self) -> datetime:
        """Present instant in UTC."""
        return self._now

    def advance(self, t_s: float) -> None:
        """Go on to a later time; an earlier one is ignored."""
        if t_s > self.t_s:
            self.t_s = t_s
            self._now = self.day.at(t_s)


class HeldClock:
    """Time of a served day: it stands until it is released, then runs faster than the wall.

    While it stands the day can be set up, or found again after a crash, without anybody being
    taken for silent meanwhile. While it runs it waits for the life of the city: on a machine that
    is too slow for the speed asked for, time passes more slowly, and nobody falls silent by it.

    Parameters
    ----------
    day : Day
        Which day.
    t_s : float
        Where it begins, seconds after local midnight.
    speed : float
        Seconds that pass per second of the wall.
    """

    def __init__(self, day: Day, t_s: float, *, speed: float) -> None:
        self.day, self.speed = day, speed
        self._from_s = self._lived_s = t_s
        self._ahead_s = _LEAST_AHEAD_S + speed * _WALL_AHEAD_S
        self._released_s: float | None = None
        self._lock = threading.Lock()

    @property
    def t_s(self) -> float:
        """Seconds after local midnight."""
        with self._lock:
            if self._released_s is None:
                return self._from_s
            at_s = time.monotonic()
            t_s = self._from_s + (at_s - self._released_s) * self.speed
            if t_s > self._lived_s + self._ahead_s:
                t_s = self._lived_s + self._ahead_s
                self._from_s, self._released_s = t_s, at_s
            return t_s

    def lived(self, t_s: float) -> None:
        """Learn that everything up to a time has been lived through."""
        with self._lock:
            self._lived_s = max(self._lived_s, t_s)

    def now(self) -> datetime:
        """Present instant in UTC."""
        return self.day.at(self.t_s)

    def hold_at(self, t_s: float) -> None:
        """Stand at a later time; an earlier one is ignored, and so is all once it runs."""
        with self._lock:
            if self._released_s is None:
                self._from_s = max(self._from_s, t_s)

    def release(self) -> None:
        """Let it run."""
        with self._lock:
            if self._released_s is None:
                self._released_s, self._lived_s = time.monotonic(), self._from_s
