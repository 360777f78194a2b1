"""This file knows the first baseline: customer service cancels today and delivers tomorrow.

Nobody is looked for. After a while customer service turns to the order, tells the customer that
today's delivery is off, and puts it into tomorrow's tour; what cannot wait is paid back.
"""

from datetime import datetime, timedelta

from recourse.model.cases import Case, Decision, Loss, Option, Rejection, Way
from recourse.model.orders import Order
from recourse.recovery.params import RecoveryParams

__all__ = ["decide_delay_s", "decide_passively"]


def decide_delay_s(params: RecoveryParams) -> timedelta:
    """How long it takes until customer service turns to an order."""
    return timedelta(seconds=params.service_delay_s)


def decide_passively(case: Case, order: Order, *, now: datetime, plan_version: int) -> Decision:
    """Give tomorrow, or the money back for what cannot wait.

    Parameters
    ----------
    case : Case
        The case.
    order : Order
        Its order.
    now : datetime
        The present instant.
    plan_version : int
        Version of the world, for the log.

    Returns
    -------
    Decision
        `NEXT_DAY` or `REFUND`.
    """
    if order.is_perishable:
        losers = (Rejection(way=Way.NEXT_DAY, loss=Loss.PERISHABLE),)
        return Decision(
            order_id=case.order_id,
            option=Option(way=Way.REFUND, cost_cents=order.value_cents),
            rejections=losers,
            plan_version=plan_version,
        )
    arrival_at = order.first_promise.latest_at
    while arrival_at < now + timedelta(hours=12):
        arrival_at += timedelta(days=1)
    late_s = int((arrival_at - case.promised_by).total_seconds())
    return Decision(
        order_id=case.order_id,
        option=Option(way=Way.NEXT_DAY, arrival_at=arrival_at, late_s=late_s),
        rejections=(),
        plan_version=plan_version,
    )
