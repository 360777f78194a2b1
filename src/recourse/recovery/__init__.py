"""RECOVER: a lost courier becomes a case; every way out is priced, one is seen through.

What moves a case besides the log is in `signals`; the rule of replacements in `replacement`.
"""

from recourse.recovery.advance import advance
from recourse.recovery.decide import decide
from recourse.recovery.demand import demand_of, in_hands, on_shelf, to_point
from recourse.recovery.opening import open_case
from recourse.recovery.params import Policy, RecoveryParams
from recourse.recovery.scene import Decided, Scene
from recourse.recovery.settle import order_after, put_into_force
from recourse.recovery.signals import Step, Wish
from recourse.recovery.words import notice_text

__all__ = [
    "Decided",
    "Policy",
    "RecoveryParams",
    "Scene",
    "Step",
    "Wish",
    "advance",
    "decide",
    "demand_of",
    "in_hands",
    "notice_text",
    "on_shelf",
    "open_case",
    "order_after",
    "put_into_force",
    "to_point",
]
