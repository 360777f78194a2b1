"""What is done outside: made with the effect that wants it, done beside the lane of writing."""

from recourse.flow.outside.doing import conclude, line_of, prepare
from recourse.flow.outside.making import hand_on, pay_out, ranks
from recourse.flow.outside.settling import settle
from recourse.flow.outside.subscribing import subscribe, unsubscribe

__all__ = [
    "conclude",
    "hand_on",
    "line_of",
    "pay_out",
    "prepare",
    "ranks",
    "settle",
    "subscribe",
    "unsubscribe",
]
