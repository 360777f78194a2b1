"""What a courier does at a stop: arrive, complete it by scanning, or say why it cannot be done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from recourse import planning, tracking
from recourse.flow.attempts import seen_at_door
from recourse.flow.moves import end_assignment, move_courier, pass_custody, receiver
from recourse.flow.neighbours import taking
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.returns import refund_at_scan
from recourse.flow.roster import silence_timer_at
from recourse.flow.routing import changed, next_stop, route_of, take_out
from recourse.model.assignments import Assignment, AssignmentStatus, Custodian, Custody
from recourse.model.commands import Command
from recourse.model.couriers import Courier, CourierState
from recourse.model.errors import Conflict, Forbidden, Invalid
from recourse.model.events import Event, StopCompleted, StopFailed, StopReached
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.redress import Consent, Neighbour
from recourse.model.routes import Route, Stop, StopKind, StopStatus
from recourse.orders import move_order

__all__ = ["complete", "fail", "reach"]

_ENROUTE = {
    StopKind.PICKUP: (OrderStatus.ASSIGNED, OrderStatus.PICKUP_ENROUTE),
    StopKind.DROPOFF: (OrderStatus.PICKED_UP, OrderStatus.DROPOFF_ENROUTE),
}
_OF_NO_DUTY = frozenset({StopKind.RETURN, StopKind.GIVE})
# With whom a courier deals at a stop that fails; a meeting of couriers was our idea.
_OPPOSITE = {StopKind.DROPOFF: Actor.CUSTOMER, StopKind.TAKE: Actor.PLATFORM}
_ARRIVED = {
    StopKind.PICKUP: OrderStatus.PICKUP_ARRIVED,
    StopKind.DROPOFF: OrderStatus.DROPOFF_ARRIVED,
}


def reach(tx: Transaction, platform: Platform, courier_id: str, stop_id: str) -> Route:
    """Record that a courier is at the next stop; it is frozen from now on."""
    now = platform.now()
    route = route_of(tx, courier_id, now=now)
    stop = next_stop(route, stop_id)
    if stop.status is StopStatus.STARTED:
        return route
    started = replace(stop, status=StopStatus.STARTED, arrival_at=now)
    reached = StopReached(
        at=now, courier_id=courier_id, stop_id=stop.id, kind=stop.kind, order_ids=stop.order_ids
    )
    values: list[Record] = []
    events: list[Event] = [reached]
    if stop.kind in _ARRIVED:
        for order in tx.orders(stop.order_ids).values():
            moved, more = move_order(order, _ARRIVED[stop.kind], now=now)
            values.append(moved)
            events += more
    new = replace(route, stops=(started, *route.stops[1:]), changed_at=now)
    record(tx, platform, [*values, new], events=events)
    return new


def complete(
    tx: Transaction,
    platform: Platform,
    courier_id: str,
    stop_id: str,
    *,
    scanned: tuple[str, ...] | None = None,
    neighbour_id: str = "",
) -> Route:
    """Record that a courier did what a stop asks; custody passes by the scan.

    What was not scanned stays where it is, and its order is put right like any orphan. At a
    customer's door one parcel may be left with the neighbour whom the customer named; the others
    of that door are still to be handed over.

    Returns
    -------
    Route
        The route still to be made.

    Raises
    ------
    Invalid
        If nothing was scanned, or something that does not belong to the stop.
    Forbidden
        If an order of the stop is no longer this courier's, or a neighbour was not agreed to.
    """
    now = platform.now()
    route = route_of(tx, courier_id, now=now)
    stop = next_stop(route, stop_id)
    passed = _scanned(stop, scanned)
    if neighbour_id and stop.kind is not StopKind.DROPOFF:
        raise Invalid(field="neighbour_id", why="only at a customer's door")
    next_door = taking(tx, neighbour_id, passed) if neighbour_id else None
    done = StopCompleted(
        at=now, courier_id=courier_id, stop_id=stop.id, kind=stop.kind, order_ids=passed
    )
    is_back = stop.kind is StopKind.RETURN
    cases = tx.open_cases(order_ids=passed) if is_back else []
    work = _Work(
        platform=platform,
        now=now,
        stop=stop,
        courier_id=courier_id,
        events=[done],
        in_cases=frozenset(case.order_id for case in cases),
        next_door=next_door,
    )
    live = {duty.order_id: duty for duty in tx.live_assignments(order_ids=passed)}
    held, found = tx.custody(passed), tx.orders(passed)
    for order_id in passed:
        duty = live.get(order_id)
        if stop.kind not in _OF_NO_DUTY and (duty is None or duty.courier_id != courier_id):
            raise Forbidden(
                rule=f"order {order_id} is no longer yours", way_out="fetch the route again"
            )
        work.pass_on(found[order_id], held[order_id], duty, consents=tx.consents)
    left = list(route.stops[1:])
    missing = tuple(i for i in stop.order_ids if i not in passed)
    if missing:
        left.insert(0, replace(stop, id=platform.ids.new("stop"), order_ids=missing))
        if next_door is None:
            work.commands.append(_withdraw_missing(platform, courier_id, stop, missing))
    courier = tx.couriers([courier_id])[courier_id]
    new = work.go_on(tx, courier, route, left)
    if stop.from_courier_id:
        giver, told = take_out(tx, platform, stop.from_courier_id, passed, why="handed over")
        work.values.append(giver)
        work.events += told
    record(tx, platform, [*work.values, new], events=work.events, commands=work.commands)
    return new


def fail(
    tx: Transaction, platform: Platform, courier_id: str, stop_id: str, *, code: ReasonCode
) -> Route:
    """Record that a stop cannot be done; its orders are put right like any orphan.

    Returns
    -------
    Route
        The route; its stop is taken out in a moment.

    Raises
    ------
    NotFound
        If the courier's route has no such stop.
    Conflict
        If it is not the next one, the courier never reported to be there, or a reason that is the
        customer's lacks an attempt on record.
    """
    now = platform.now()
    route = route_of(tx, courier_id, now=now)
    stop = next_stop(route, stop_id)
    if stop.status is not StopStatus.STARTED:
        raise Conflict(rule="no_attempt", detail="report the arrival before the failure")
    note = seen_at_door(tx, platform, courier_id, stop, code=code)
    failed = StopFailed(
        at=now,
        courier_id=courier_id,
        stop_id=stop.id,
        kind=stop.kind,
        order_ids=stop.order_ids,
        code=code,
    )
    if stop.kind is StopKind.GIVE:
        # Nobody came: the holder goes on, and whoever comes too late will say so.
        left, told = take_out(tx, platform, courier_id, stop.order_ids, why="meeting off")
        record(tx, platform, [left], events=[failed, *told])
        return left
    command = _withdraw_missing(platform, courier_id, stop, stop.order_ids, code=code, note=note)
    record(tx, platform, events=[failed], commands=[command])
    return route


def _scanned(stop: Stop, scanned: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the orders whose parcels pass at a stop."""
    passed = stop.order_ids if scanned is None else tuple(dict.fromkeys(scanned))
    for order_id in passed:
        if order_id not in stop.order_ids:
            raise Invalid(field="scanned", why=f"{order_id} does not belong to this stop")
    if not passed:
        raise Invalid(field="scanned", why="nothing was scanned; report why the stop failed")
    return passed


def _withdraw_missing(
    platform: Platform,
    courier_id: str,
    stop: Stop,
    order_ids: tuple[str, ...],
    *,
    code: ReasonCode = ReasonCode.ITEM_UNAVAILABLE,
    note: str = "",
) -> Command:
    """Return the command that makes orphans of orders whose stop could not be done."""
    actor = _OPPOSITE.get(stop.kind, Actor.MERCHANT)
    return Command(
        key=f"withdraw/{courier_id}/{stop.id}",
        name="withdraw",
        due_at=platform.now(),
        payload={
            "order_ids": list(order_ids),
            "code": code.value,
            "actor": actor.value,
            **({"note": note} if note else {}),
        },
        courier_id=courier_id,
    )


@dataclass(slots=True, kw_only=True)
class _Work:
    """What completing one stop records, gathered order by order."""

    platform: Platform
    now: datetime
    stop: Stop
    courier_id: str
    values: list[Record] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    touched: dict[str, Order] = field(default_factory=dict)
    in_cases: frozenset[str] = frozenset()
    next_door: tuple[Neighbour, str] | None = None

    def pass_on(
        self,
        order: Order,
        held: Custody,
        duty: Assignment | None,
        *,
        consents: Callable[[str], list[Consent]],
    ) -> None:
        """Pass one parcel on as the kind of stop says."""
        match self.stop.kind:
            case StopKind.PICKUP | StopKind.TAKE:
                self._check_source(held)
                self._hand(held, Custodian.COURIER, self.courier_id)
                self._move(order, OrderStatus.PICKED_UP)
                if self.stop.kind is StopKind.PICKUP:
                    self.commands += refund_at_scan(order, now=self.now)
            case StopKind.DROPOFF:
                self._check_held(held)
                if self.next_door is None:
                    self._hand(held, *receiver(order))
                else:
                    named, consent_id = self.next_door
                    self.values.append(named)
                    self._hand(held, Custodian.NEIGHBOUR, named.id, consent_id)
                self._move(order, OrderStatus.DELIVERED)
                self._end(duty, AssignmentStatus.COMPLETED)
            case StopKind.POINT:
                self._check_held(held)
                consent = next(
                    (c for c in consents(order.id) if c.site_id == self.stop.site_id), None
                )
                if consent is None:
                    raise Forbidden(
                        rule=f"the customer of {order.id} did not agree to this point",
                        way_out="ask them, or bring it back",
                    )
                self._hand(held, Custodian.POINT, self.stop.site_id, consent.id)
                self._move(order, OrderStatus.AVAILABLE_FOR_PICKUP)
                self._end(duty, AssignmentStatus.COMPLETED)
            case StopKind.GIVE:
                raise Forbidden(
                    rule=f"order {order.id} is still in your hands",
                    way_out="wait for who takes it over, or report that nobody came",
                )
            case StopKind.RETURN:
                self._check_held(held)
                self._return(order, held)
                self._end(duty, AssignmentStatus.COMPLETED)

    def _check_source(self, held: Custody) -> None:
        """Refuse to take a parcel from anybody but its holder."""
        giver = self.stop.from_courier_id
        is_met = held.holder_id == giver if giver else held.custodian is not Custodian.COURIER
        if not is_met:
            raise Forbidden(
                rule=f"order {held.order_id} is held by {held.holder_id}",
                way_out="fetch the route again",
            )

    def _check_held(self, held: Custody) -> None:
        """Refuse to pass on what the courier does not hold."""
        if held.holder_id != self.courier_id:
            raise Forbidden(
                rule=f"order {held.order_id} is held by {held.holder_id}",
                way_out="scan it at the pickup first",
            )

    def _hand(self, held: Custody, to: Custodian, holder_id: str, consent_id: str = "") -> None:
        pair, passed = pass_custody(
            held,
            to=to,
            holder_id=holder_id,
            now=self.now,
            place=self.stop.place,
            consent_id=consent_id,
        )
        self.values += pair
        self.events.append(passed)

    def _return(self, order: Order, held: Custody) -> None:
        """Give a parcel back to the station or merchant; a parcel then waits for the next wave."""
        to = Custodian.STATION if order.station_id else Custodian.MERCHANT
        self._hand(held, to, self.stop.site_id or order.station_id or order.merchant_id)
        if order.status is OrderStatus.RETURN_IN_PROGRESS:
            # Without a case nobody wants it any more: the money went back while it was under way.
            has_case = order.id in self.in_cases
            self._move(order, OrderStatus.RECOVERING if has_case else OrderStatus.RETURNED)

    def _move(self, order: Order, to: OrderStatus) -> None:
        moved, events = move_order(order, to, now=self.now, actor="courier")
        self.touched[order.id] = moved
        self.events += events

    def _end(self, duty: Assignment | None, to: AssignmentStatus) -> None:
        if duty is None:
            return
        ended, event = end_assignment(duty, to, now=self.now)
        self.values.append(ended)
        self.events.append(event)

    def go_on(self, tx: Transaction, courier: Courier, route: Route, left: Sequence[Stop]) -> Route:
        """Return the route without the stop; the courier's state and the next order follow."""
        now = self.now
        stops = tuple(left)
        world = self.platform.catch_up(tx)
        if stops and courier.id in world.courier_ids():
            stops = planning.retime(world, courier.id, stops, now=now)
        if stops:
            self._enroute(tx, stops[0])
        self.values += self.touched.values()
        target = CourierState.ACTIVE if stops else CourierState.IDLE
        if courier.state in {CourierState.ACTIVE, CourierState.IDLE, CourierState.DELAYED}:
            moved, events = move_courier(courier, target, now=now)
            if events:
                self.values.append(moved)
                self.events += events
            if stops:
                self.commands += self._listening(courier)
        new, told = changed(self.platform, route, stops, why="stop completed")
        self.events += told
        return new

    def _listening(self, courier: Courier) -> list[Command]:
        """What asks whether who drives on is silent, where the timer of the duty would be late."""
        due_at = tracking.ask_after_stop_at(
            courier.state_since_at, now=self.now, params=self.platform.params.track
        )
        return [silence_timer_at(courier.id, due_at, is_once=True)] if due_at else []

    def _enroute(self, tx: Transaction, stop: Stop) -> None:
        """Let the customers of the next stop know that the courier is on the way."""
        if stop.kind not in _ENROUTE:
            return
        was, to = _ENROUTE[stop.kind]
        others = [i for i in stop.order_ids if i not in self.touched]
        for order in [*tx.orders(others).values(), *self.touched.values()]:
            if order.id in stop.order_ids and order.status is was:
                self._move(order, to)
