"""DISRUPT: signals become a disruption: its cause, what it orphans, and what ends with it."""

from recourse.disruption.ends import Broken, courier_after, end_assignments
from recourse.disruption.patience import stays_until
from recourse.disruption.reasons import reason_for
from recourse.disruption.recognise import DisruptParams, has_missed_shift, no_show_due, recognise
from recourse.disruption.supply import is_beyond_help, without_supply

__all__ = [
    "Broken",
    "DisruptParams",
    "courier_after",
    "end_assignments",
    "has_missed_shift",
    "is_beyond_help",
    "no_show_due",
    "reason_for",
    "recognise",
    "stays_until",
    "without_supply",
]
