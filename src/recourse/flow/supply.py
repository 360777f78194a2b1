"""Supply: an order that nobody could be found for becomes a case, like one that was dropped."""

from collections.abc import Sequence

from recourse import disruption
from recourse.flow.platform import Platform
from recourse.model.assignments import AssignmentStatus
from recourse.model.events import DisruptionRecognised, Event
from recourse.model.orders import Order, OrderStatus, RecoveringStep
from recourse.model.ports import Record, Transaction
from recourse.orders import move_order
from recourse.recovery.replacement import replaces

__all__ = ["dropped_before", "give_up", "had_before"]


def give_up(
    platform: Platform, unplaced: Sequence[Order]
) -> tuple[list[Record], list[Event], list[Order]]:
    """Stop looking for a first courier for orders that are beyond help; their cases go on.

    Returns
    -------
    tuple of list
        Orders and events to record, and the orders that are still to be looked after as before.
    """
    now, max_late_s = platform.now(), platform.params.dispatch.max_late_s
    lost: list[Order] = []
    left: list[Order] = []
    for order in unplaced:
        is_over = disruption.is_beyond_help(order, now=now, max_late_s=max_late_s)
        (lost if is_over else left).append(order)
    if not lost:
        return [], [], left
    broken = disruption.without_supply(lost, disruption_id=platform.ids.new("disruption"), now=now)
    values: list[Record] = []
    events: list[Event] = []
    for order in lost:
        moved, told = move_order(
            order, OrderStatus.RECOVERING, now=now, step=RecoveringStep.REDISPATCHING
        )
        values.append(moved)
        events += told
    events.append(DisruptionRecognised(at=now, disruption=broken))
    return values, events, left


def had_before(tx: Transaction, order: Order) -> tuple[str, ...]:
    """Everybody who had an order, was asked for it, or dropped what it replaces, each once."""
    asked = (one.courier_id for one in tx.assignments_of(order.id))
    return tuple(dict.fromkeys((*asked, *dropped_before(tx, order))))


def dropped_before(tx: Transaction, order: Order) -> tuple[str, ...]:
    """Everybody who dropped an order that this one replaces, each once."""
    name = replaces(order.external_id)
    first = tx.order_by_external(order.merchant_id, name) if name else None
    if first is None:
        return ()
    dropped = (
        one.courier_id
        for one in tx.assignments_of(first.id)
        if one.status is AssignmentStatus.WITHDRAWN
    )
    return tuple(dict.fromkeys((*dropped, *dropped_before(tx, first))))
