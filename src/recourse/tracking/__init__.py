"""TRACK: positions become progress, arrival times, silence, and hours on duty."""

from recourse.tracking.hours import HoursParams, duty_state, next_limit_at, worked_s
from recourse.tracking.locate import Located, TrackParams, locate
from recourse.tracking.pings import Pings
from recourse.tracking.silence import ask_after_stop_at, ask_again_at, is_silent
from recourse.tracking.standing import stands_since

__all__ = [
    "HoursParams",
    "Located",
    "Pings",
    "TrackParams",
    "ask_after_stop_at",
    "ask_again_at",
    "duty_state",
    "is_silent",
    "locate",
    "next_limit_at",
    "stands_since",
    "worked_s",
]
