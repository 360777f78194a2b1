"""Late: a courier tells afterwards what they brought while the platform had given up on them."""

from collections.abc import Mapping
from types import MappingProxyType

from recourse import disruption
from recourse.flow.moves import end_assignment, move_courier, pass_custody, receiver
from recourse.flow.order import find
from recourse.flow.platform import Platform
from recourse.flow.recording import record, unfetched_replacements
from recourse.flow.release import take_back
from recourse.flow.roster import find_courier
from recourse.flow.routing import route_of, take_out
from recourse.model.assignments import AssignmentStatus, Custodian, Custody
from recourse.model.couriers import Courier, CourierState
from recourse.model.errors import Conflict, Forbidden
from recourse.model.events import CustodyPassed, Event, dotted
from recourse.model.orders import ORDER_ENDS, Order, OrderStatus
from recourse.model.ports import EventFilter, Record, Transaction
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.routes import Route
from recourse.orders import move_order

__all__ = ["deliver"]

_S = OrderStatus
_TOWARDS_THE_DOOR: Mapping[OrderStatus, OrderStatus] = MappingProxyType(
    {
        _S.SCHEDULED: _S.ASSIGNED,
        _S.DISPATCHING: _S.ASSIGNED,
        _S.RETURN_IN_PROGRESS: _S.RECOVERING,
        _S.RECOVERING: _S.PICKED_UP,
        _S.ASSIGNED: _S.PICKED_UP,
        _S.PICKUP_ENROUTE: _S.PICKED_UP,
        _S.PICKUP_ARRIVED: _S.PICKED_UP,
        _S.ATTEMPT_FAILED: _S.DROPOFF_ENROUTE,
    }
)
"""What an order in somebody's hands passes through on its way to the door, by its own table."""
_AT_WORK = frozenset({CourierState.ACTIVE, CourierState.DELAYED})


def deliver(tx: Transaction, platform: Platform, courier_id: str, order_id: str) -> Route:
    """Take a courier's word, however late, that a parcel in their hands was brought to its door.

    Whatever was done meanwhile to bring it otherwise ends: duties, open questions, stops, and a
    replacement that nobody has fetched yet. The same report again changes nothing.

    Returns
    -------
    Route
        The courier's route still to be made.

    Raises
    ------
    NotFound
        If there is no such courier or order.
    Conflict
        If the order has ended otherwise.
    Forbidden
        If the parcel is not in this courier's hands by record.
    """
    now = platform.now()
    courier, order = find_courier(tx, courier_id), find(tx, order_id)
    held = tx.custody([order_id])[order_id]
    if order.status is OrderStatus.DELIVERED and _was_brought_by(tx, order_id, courier_id):
        return route_of(tx, courier_id, now=now)
    _check(order, held, courier_id)
    hands, holder_id = receiver(order)
    pair, passed = pass_custody(held, to=hands, holder_id=holder_id, now=now, place=order.dropoff)
    values: list[Record] = list(pair)
    events: list[Event] = [passed]
    while order.status is not OrderStatus.DELIVERED:
        to = _TOWARDS_THE_DOOR.get(order.status, OrderStatus.DELIVERED)
        order, told = move_order(order, to, now=now, actor=Actor.COURIER.value)
        events += told
    values.append(order)
    spared = unfetched_replacements(tx, order)
    for again in spared:
        over, told = move_order(again, OrderStatus.CANCELED, now=now, code=ReasonCode.DUPLICATE)
        values.append(over)
        events += told
    route = _release(tx, platform, courier, [order, *spared], values, events)
    record(tx, platform, values, events=events)
    return route


def _was_brought_by(tx: Transaction, order_id: str, courier_id: str) -> bool:
    """Whether the log says that the customer had the parcel from this courier."""
    wanted = EventFilter(order_id=order_id, kinds=(dotted(CustodyPassed),))
    return any(
        isinstance(one.event, CustodyPassed)
        and one.event.to_custodian in {Custodian.CUSTOMER, Custodian.MERCHANT}
        and one.event.from_holder_id == courier_id
        for one in tx.events(wanted)
    )


def _check(order: Order, held: Custody, courier_id: str) -> None:
    """Refuse a report about an order that has ended, or a parcel in other hands."""
    if order.status in ORDER_ENDS:
        raise Conflict(rule="order_ended", detail=f"order {order.id} is {order.status.value}")
    if held.custodian is not Custodian.COURIER or held.holder_id != courier_id:
        raise Forbidden(
            rule=f"order {order.id} is held by {held.holder_id}",
            way_out="only who holds a parcel by record can have brought it",
        )


def _release(
    tx: Transaction,
    platform: Platform,
    courier: Courier,
    over: list[Order],
    values: list[Record],
    events: list[Event],
) -> Route:
    """End what was under way for orders that are over; return the courier's route without them."""
    now = platform.now()
    lost: dict[str, set[str]] = {courier.id: {over[0].id}}
    for order in over:
        reason = disruption.reason_for(
            ReasonCode.DUPLICATE, actor=Actor.PLATFORM, custodian=Custodian.COURIER
        )
        for duty in tx.live_assignments(order_ids=[order.id]):
            is_own = order is over[0] and duty.courier_id == courier.id
            to = AssignmentStatus.COMPLETED if is_own else AssignmentStatus.REVOKED
            ended, event = end_assignment(duty, to, now=now, reason=None if is_own else reason)
            values.append(ended)
            events.append(event)
            lost.setdefault(duty.courier_id, set()).add(order.id)
        asked, told = take_back(tx, platform, order.id, reason)
        values += asked
        events += told
    routes: dict[str, Route] = {}
    for courier_id, order_ids in sorted(lost.items()):
        routes[courier_id], changes = take_out(
            tx, platform, courier_id, order_ids, why="brought already"
        )
        if changes:
            values.append(routes[courier_id])
            events += changes
    if not routes[courier.id].stops and courier.state in _AT_WORK:
        idle, moved = move_courier(courier, CourierState.IDLE, now=now)
        values.append(idle)
        events += moved
    return routes[courier.id]
