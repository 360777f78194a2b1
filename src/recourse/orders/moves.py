"""This file knows how an order takes its next status, and what it says when it does."""

from dataclasses import replace
from datetime import datetime

from recourse.model.errors import IllegalMove
from recourse.model.events import Event, OrderEnded, OrderMoved
from recourse.model.orders import (
    ORDER_ENDS,
    ORDER_MOVES,
    ORDER_REOPENS,
    Order,
    OrderStatus,
    RecoveringStep,
)
from recourse.model.reasons import ReasonCode
from recourse.model.states import check_move

__all__ = ["move_order", "reopen_order"]


def move_order(
    order: Order,
    to: OrderStatus,
    *,
    now: datetime,
    actor: str = "platform",
    code: ReasonCode | None = None,
    step: RecoveringStep | None = None,
) -> tuple[Order, tuple[Event, ...]]:
    """Take an order to another status; asking for the status it has changes only its step.

    Parameters
    ----------
    order : Order
        The order as it is.
    to : OrderStatus
        The status it is to take.
    now : datetime
        The present instant.
    actor : str
        Who acted; told when the order ends.
    code : ReasonCode or None
        Why.
    step : RecoveringStep or None
        What a recovering order waits for; dropped in every other status.

    Returns
    -------
    Order
        The order as it is then.
    tuple of Event
        ``OrderMoved``, and ``OrderEnded`` with a terminal status; empty when it had that status.

    Raises
    ------
    IllegalMove
        If the table of states does not allow the move.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> after, events = move_order(order_of(), OrderStatus.CANCELED, now=NOON, actor="customer")
    >>> after.status.value, len(events)
    ('canceled', 2)
    >>> move_order(after, OrderStatus.CANCELED, now=NOON)[1]
    ()
    """
    kept_step = step if to is OrderStatus.RECOVERING else None
    if order.status is to:
        return (order if order.step is kept_step else replace(order, step=kept_step)), ()
    check_move(ORDER_MOVES, at=order.status, to=to)
    has_ended = to in ORDER_ENDS
    after = replace(order, status=to, step=kept_step, ended_at=now if has_ended else None)
    events: tuple[Event, ...] = (
        OrderMoved(at=now, order_id=order.id, was=order.status, now=to, code=code),
    )
    if has_ended:
        events += (OrderEnded(at=now, order_id=order.id, status=to, actor=actor, code=code),)
    return after, events


def reopen_order(order: Order) -> Order:
    """Take back an end that was a mistake; the order looks for a courier again.

    Parameters
    ----------
    order : Order
        An order that ended without anybody having received it.

    Returns
    -------
    Order
        The order, recovering. The database lets it pass only together with a `Reopening`.

    Raises
    ------
    IllegalMove
        If it has not ended, or was delivered or returned: what was received is a new order.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> failed = order_of(status=OrderStatus.FAILED, ended_at=NOON)
    >>> reopen_order(failed).status.value
    'recovering'
    """
    if order.status not in ORDER_REOPENS:
        raise IllegalMove(at=order.status.value, to=OrderStatus.RECOVERING.value)
    step = RecoveringStep.REDISPATCHING
    return replace(order, status=OrderStatus.RECOVERING, step=step, ended_at=None)
