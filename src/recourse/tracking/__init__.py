"""TRACK: positions become progress, arrival times, silence, and hours on duty."""

from recourse.tracking.hours import HoursParams, duty_state, next_limit_at, worked_s
from recourse.tracking.locate import Located, TrackParams, locate
from recourse.tracking.pings import Pings
from recourse.tracking.silence import is_silent, silence_due
from recourse.tracking.standing import stands_since

__all__ = [
    "HoursParams",
    "Located",
    "Pings",
    "TrackParams",
    "duty_state",
    "is_silent",
    "locate",
    "next_limit_at",
    "silence_due",
    "stands_since",
    "worked_s",
]
