"""ERRANDS: what is done outside: by whom, when, and what follows from each answer."""

from recourse.errands.choosing import channels_for, is_overtaken, must_wait
from recourse.errands.following import Step, follow, leaves_open, longest_pause_s
from recourse.errands.params import ErrandParams
from recourse.errands.timing import is_over_cap, is_urgent, quiet_until

__all__ = [
    "ErrandParams",
    "Step",
    "channels_for",
    "follow",
    "is_over_cap",
    "is_overtaken",
    "is_urgent",
    "leaves_open",
    "longest_pause_s",
    "must_wait",
    "quiet_until",
]
