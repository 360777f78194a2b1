"""RECOVER: a lost courier becomes a case; every way out is priced, one is seen through."""

from recourse.recovery.advance import advance
from recourse.recovery.decide import decide
from recourse.recovery.opening import open_case
from recourse.recovery.options import metres
from recourse.recovery.params import Policy, RecoveryParams
from recourse.recovery.replacement import replacement, replaces
from recourse.recovery.rules import transitions
from recourse.recovery.scene import Decided, Scene
from recourse.recovery.settle import order_after, put_into_force
from recourse.recovery.signals import DispatcherChose, ReplacementEnded, Step, TimerRang, Wish
from recourse.recovery.words import notice_text

__all__ = [
    "Decided",
    "DispatcherChose",
    "Policy",
    "RecoveryParams",
    "ReplacementEnded",
    "Scene",
    "Step",
    "TimerRang",
    "Wish",
    "advance",
    "decide",
    "metres",
    "notice_text",
    "open_case",
    "order_after",
    "put_into_force",
    "replacement",
    "replaces",
    "transitions",
]
