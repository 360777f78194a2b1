"""RECOVER: a lost courier becomes a case; every way out is priced, one is seen through.

What moves a case besides the log is in `signals`; the rule of replacements in `replacement`; what a
courier must be asked for in `demand`.
"""

from recourse.recovery.advance import advance
from recourse.recovery.decide import decide
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
    "notice_text",
    "open_case",
    "order_after",
    "put_into_force",
]
