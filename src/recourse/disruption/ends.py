"""This file knows what a disruption ends: assignments, route and duty; never an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recourse.disruption.reasons import reason_for
from recourse.disruption.recognise import ends_duty
from recourse.model.assignments import (
    ASSIGNMENT_LIVE,
    ASSIGNMENT_MOVES,
    Assignment,
    AssignmentStatus,
    Custodian,
    Custody,
)
from recourse.model.cases import Disruption
from recourse.model.couriers import COURIER_MOVES, Courier, CourierState
from recourse.model.events import (
    AssignmentEnded,
    CourierMoved,
    CourierWentSilent,
    CourierWithdrew,
    Event,
    OrderMoved,
    RouteChanged,
)
from recourse.model.orders import ORDER_MOVES, Order, OrderStatus, RecoveringStep
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.routes import Route, Stop
from recourse.model.states import check_move

__all__ = ["Broken", "courier_after", "end_assignments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """What a disruption left changed.

    Attributes
    ----------
    assignments : tuple of Assignment
        The ended ones.
    orders : tuple of Order
        The orders that now look for another way.
    route : Route or None
        What the courier still has to do; None if it did not change.
    events : tuple of Event
        What happened, in order.
    """

    assignments: tuple[Assignment, ...]
    orders: tuple[Order, ...]
    route: Route | None
    events: tuple[Event, ...]


def end_assignments(
    disruption: Disruption,
    *,
    assignments: Sequence[Assignment],
    orders: Mapping[str, Order],
    custody: Mapping[str, Custody],
    route: Route | None,
    now: datetime,
) -> Broken:
    """End the duty for every lost order; the orders go on and look for another way.

    Custody does not move: a parcel in the courier's hands stays there until somebody takes it, it
    is brought back, or it is declared lost.

    Parameters
    ----------
    disruption : Disruption
        The break.
    assignments : sequence of Assignment
        The courier's assignments.
    orders : mapping of order id to Order
        The lost orders.
    custody : mapping of order id to Custody
        Who holds each parcel.
    route : Route or None
        The courier's route.
    now : datetime
        The present instant.

    Returns
    -------
    Broken
        Ended assignments, recovering orders, the stripped route, and the events.

    Examples
    --------
    >>> from recourse.model.examples import NOON, assignment_of, disruption_of, on_shelf, order_of
    >>> broken = end_assignments(
    ...     disruption_of(),
    ...     assignments=[assignment_of()],
    ...     orders={"o-1": order_of()},
    ...     custody={"o-1": on_shelf()},
    ...     route=None,
    ...     now=NOON,
    ... )
    >>> broken.assignments[0].status.value, broken.orders[0].status.value
    ('withdrawn', 'recovering')
    """
    lost = {*disruption.orphaned, *disruption.held}
    ended: list[Assignment] = []
    moved: list[Order] = []
    events: list[Event] = []
    for assignment in assignments:
        if assignment.order_id not in lost or assignment.status not in ASSIGNMENT_LIVE:
            continue
        order = orders[assignment.order_id]
        over, told = _end(assignment, disruption, order, custody.get(order.id), now)
        ended.append(over)
        events.append(told)
        if OrderStatus.RECOVERING in ORDER_MOVES[order.status]:
            moved.append(
                replace(order, status=OrderStatus.RECOVERING, step=RecoveringStep.REDISPATCHING)
            )
            events.append(
                OrderMoved(
                    at=now,
                    order_id=order.id,
                    was=order.status,
                    now=OrderStatus.RECOVERING,
                    code=disruption.cause,
                )
            )
    stripped = _strip(route, lost, now) if route else None
    if stripped:
        events.append(_route_changed(stripped, now))
    return Broken(
        assignments=tuple(ended), orders=tuple(moved), route=stripped, events=tuple(events)
    )


def courier_after(
    signal: Event, *, courier: Courier, now: datetime
) -> tuple[Courier, tuple[Event, ...]]:
    """The courier as they can be counted on after a signal, orders or none.

    Parameters
    ----------
    signal : Event
        ``CourierWithdrew`` or ``CourierWentSilent``.
    courier : Courier
        Before it.
    now : datetime
        The present instant.

    Returns
    -------
    Courier
        After it; the same if the signal does not end the duty, or the state is already as bad.
    tuple of Event
        ``CourierMoved``, if the state changed.

    Examples
    --------
    >>> from recourse.model.examples import NOON, courier_of
    >>> pressed = CourierWithdrew(
    ...     at=NOON, courier_id="k-1", code=ReasonCode.COURIER_EMERGENCY, actor="courier"
    ... )
    >>> courier_after(pressed, courier=courier_of(), now=NOON)[0].state.value
    'sos'
    """
    to = _state_after(signal)
    if to is None or to is courier.state or to not in COURIER_MOVES[courier.state]:
        return courier, ()
    after = replace(courier, state=to, state_since_at=now)
    return after, (CourierMoved(at=now, courier_id=courier.id, was=courier.state, now=to),)


def _state_after(signal: Event) -> CourierState | None:
    """State that a signal puts a courier in; None if the duty goes on."""
    if isinstance(signal, CourierWentSilent):
        return CourierState.SIGNAL_LOST
    if not isinstance(signal, CourierWithdrew) or not ends_duty(signal):
        return None
    if signal.code is ReasonCode.COURIER_EMERGENCY:
        return CourierState.SOS
    if signal.code is ReasonCode.COURIER_FATIGUE_LIMIT:
        return CourierState.REST_REQUIRED
    if signal.code is ReasonCode.SIGNAL_LOST:
        return CourierState.SIGNAL_LOST
    return CourierState.UNAVAILABLE


def _end(
    assignment: Assignment,
    disruption: Disruption,
    order: Order,
    custody: Custody | None,
    now: datetime,
) -> tuple[Assignment, AssignmentEnded]:
    """End one assignment: withdrawn by the courier, lapsed by silence, else revoked."""
    actor = disruption.reason.actor
    if disruption.cause is ReasonCode.SIGNAL_LOST:
        to = AssignmentStatus.LAPSED
    elif actor is Actor.COURIER:
        to = AssignmentStatus.WITHDRAWN
    else:
        to = AssignmentStatus.REVOKED
    check_move(ASSIGNMENT_MOVES, at=assignment.status, to=to)
    reason = reason_for(
        disruption.cause,
        actor=actor,
        order_status=order.status,
        custodian=custody.custodian if custody else Custodian.MERCHANT,
        evidence=disruption.reason.evidence,
    )
    over = replace(assignment, status=to, ended_at=now, reason=reason)
    told = AssignmentEnded(
        at=now,
        assignment_id=assignment.id,
        order_id=assignment.order_id,
        courier_id=assignment.courier_id,
        status=to,
        reason=reason,
    )
    return over, told


def _strip(route: Route, lost: set[str], now: datetime) -> Route | None:
    """The route without the lost orders; None if it has none of them."""
    stops: list[Stop] = []
    for stop in route.stops:
        kept = tuple(o for o in stop.order_ids if o not in lost)
        if kept:
            stops.append(stop if kept == stop.order_ids else replace(stop, order_ids=kept))
    if tuple(stops) == route.stops:
        return None
    return replace(route, stops=tuple(stops), changed_at=now)


def _route_changed(route: Route, now: datetime) -> RouteChanged:
    """Tell that stops were taken away; the version is the one it will be stored under."""
    return RouteChanged(
        at=now,
        courier_id=route.courier_id,
        version=route.version + 1,
        stop_ids=tuple(stop.id for stop in route.stops),
        why="disruption",
    )
