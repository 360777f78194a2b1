"""Amend: a merchant changes where, when and with which note an order is brought, before pickup."""

from dataclasses import replace
from datetime import datetime, timedelta

from recourse import disruption, planning
from recourse.flow.order import find
from recourse.flow.plan import try_dispatch, wave_timer
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.release import take_back
from recourse.flow.routing import changed, route_of
from recourse.model.assignments import Custodian
from recourse.model.commands import Command
from recourse.model.errors import CannotPlan, Forbidden, Invalid
from recourse.model.events import Event, OrderChanged, PromiseMade
from recourse.model.orders import Order, OrderStatus, Promise
from recourse.model.places import Place
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.routes import Route, Stop, StopKind
from recourse.orders import move_order

__all__ = ["amend"]

_S = OrderStatus
_BEFORE_PICKUP = frozenset(
    {_S.CREATED, _S.SCHEDULED, _S.DISPATCHING, _S.ASSIGNED, _S.PICKUP_ENROUTE, _S.PICKUP_ARRIVED}
)


def amend(
    tx: Transaction,
    platform: Platform,
    order_id: str,
    *,
    dropoff: Place | None = None,
    window: tuple[datetime, datetime] | None = None,
    note: str | None = None,
) -> Order:
    """Change an order that still lies where it was admitted; what is None stays.

    A courier who has it already goes on if they can still be on time everywhere; a question to a
    courier about what is no longer so is taken back, and somebody is asked afresh.

    Returns
    -------
    Order
        As it is now.

    Raises
    ------
    Forbidden
        If it was fetched, is being put right, or has ended.
    CannotPlan
        If its courier could not keep the new window, or some other promise because of it.
    """
    order = find(tx, order_id)
    held = tx.custody([order_id])[order_id]
    if order.status not in _BEFORE_PICKUP or held.custodian is Custodian.COURIER:
        raise Forbidden(
            rule=f"an order that is {order.status.value} cannot be changed",
            way_out="an order is changed before it is fetched; after that, cancel or return it",
        )
    after = _amended(platform, order, dropoff=dropoff, window=window, note=note)
    if after == order:
        return order
    events = _told(platform, order, after)
    moves = after.dropoff != order.dropoff or after.promise != order.promise
    values, more, commands = _follow(tx, platform, order, after) if moves else ([], [], [])
    if not any(isinstance(one, Order) and one.id == after.id for one in values):
        values.append(after)
    record(tx, platform, values, events=[*events, *more], commands=commands)
    return next(one for one in values if isinstance(one, Order))


def _amended(
    platform: Platform,
    order: Order,
    *,
    dropoff: Place | None,
    window: tuple[datetime, datetime] | None,
    note: str | None,
) -> Order:
    """The order with what was asked for; a window that cannot be is refused."""
    now = platform.now()
    after = order
    if dropoff is not None:
        after = replace(after, dropoff=dropoff)
    if note is not None:
        after = replace(after, customer=replace(order.customer, note=note))
    if window is not None and window != (order.promise.earliest_at, order.promise.latest_at):
        earliest_at, latest_at = window
        horizon = timedelta(seconds=platform.params.orders.horizon_s)
        if not (now < latest_at <= now + horizon and earliest_at < latest_at):
            why = "must be a window that ends after it begins, ahead of us and not too far off"
            raise Invalid(field="dropoff_deadline_at", why=why)
        promise = Promise(
            earliest_at=earliest_at,
            latest_at=latest_at,
            told_at=now,
            number=order.promise.number + 1,
        )
        after = replace(after, promise=promise)
    return after


def _told(platform: Platform, order: Order, after: Order) -> list[Event]:
    """What is written into the log about a change."""
    now = platform.now()
    fields = [
        name
        for name, was, became in (
            ("dropoff", order.dropoff, after.dropoff),
            ("window", order.promise, after.promise),
            ("note", order.customer.note, after.customer.note),
        )
        if was != became
    ]
    events: list[Event] = [OrderChanged(at=now, order_id=order.id, fields=tuple(fields))]
    if after.promise != order.promise:
        events.append(PromiseMade(at=now, order_id=order.id, promise=after.promise))
    return events


def _follow(
    tx: Transaction, platform: Platform, order: Order, after: Order
) -> tuple[list[Record], list[Event], list[Command]]:
    """What a new place or window means for whoever has the order, is asked for it, or will be."""
    for duty in tx.live_assignments(order_ids=[order.id]):
        route, told = _rerouted(tx, platform, duty.courier_id, after)
        return [route], told, []
    if order.status is OrderStatus.SCHEDULED:
        timer = wave_timer(platform, after)
        if timer is not None:
            return [], [], [timer]
        moved, news = move_order(after, OrderStatus.DISPATCHING, now=platform.now())
        return [moved], list(news), [try_dispatch(platform, moved, number=1)]
    if not tx.offered_assignments(order_ids=[order.id]):
        return [], [], []
    reason = disruption.reason_for(ReasonCode.CUSTOMER_CHANGED_REQUEST, actor=Actor.MERCHANT)
    values, told = take_back(tx, platform, order.id, reason)
    return values, told, [try_dispatch(platform, after, number=1)]


def _rerouted(
    tx: Transaction, platform: Platform, courier_id: str, order: Order
) -> tuple[Route, list[Event]]:
    """The route of the courier who has it, with the new place and window, if it can be kept."""
    now = platform.now()
    route = route_of(tx, courier_id, now=now)
    world = platform.catch_up(tx)
    stops = tuple(_restopped(stop, order) for stop in route.stops)
    if courier_id in world.courier_ids():
        stops = planning.retime(world, courier_id, stops, now=now)
    known = {stop.id: stop for stop in route.stops}
    for stop in stops:
        was = known[stop.id]
        was_late = was.arrival_at > was.latest_at and order.id not in stop.order_ids
        if stop.arrival_at > stop.latest_at and not was_late:
            raise CannotPlan(
                constraint=f"stop {stop.id} would be late",
                order_id=order.id,
                courier_id=courier_id,
            )
    return changed(platform, route, stops, why="order changed")


def _restopped(stop: Stop, order: Order) -> Stop:
    """A stop as it is after the change of one of its orders."""
    if stop.kind is not StopKind.DROPOFF or order.id not in stop.order_ids:
        return stop
    if len(stop.order_ids) > 1:
        raise CannotPlan(
            constraint="it is brought together with another one to the same door",
            order_id=order.id,
        )
    return replace(
        stop,
        place=order.dropoff,
        earliest_at=order.promise.earliest_at,
        latest_at=order.promise.latest_at,
    )
