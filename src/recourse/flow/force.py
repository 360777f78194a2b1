"""This file knows how decisions are put into force: duties, offers, returns and waits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recourse import orders, planning, recovery
from recourse.flow.consents import consent_given, consent_to
from recourse.flow.links import link_of
from recourse.flow.plan import give, wave_timer
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.recording import conclude_replaced
from recourse.flow.routing import changed, route_of
from recourse.model.cases import Case, CaseStatus, Decision, Way
from recourse.model.commands import Command, Json
from recourse.model.events import Event, OrderAdmitted
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.routes import Route, Stop, StopKind
from recourse.recovery import Decided, RecoveryParams, Scene
from recourse.recovery.replacement import replacement

__all__ = ["put_into_force"]


def put_into_force(
    tx: Transaction,
    platform: Platform,
    cases: Sequence[Case],
    decided: Sequence[Decided],
    scene: Scene,
) -> None:
    """Record what decisions ask for: the cases, the orders, the routes and the commands."""
    now, params = platform.now(), rules_of(tx, platform, cases[0]).recovery
    steps = recovery.put_into_force(
        cases,
        decided,
        now=now,
        params=params,
        new_offer_id=lambda: platform.ids.new("offer"),
    )
    given = [one.insertion for one in decided if one.insertion is not None and not one.is_asked]
    values, events = give(tx, platform, given, why="order recovered") if given else ([], [])
    carried = {value.id: value for value in values if isinstance(value, Order)}
    commands: list[Command] = []
    dropped: list[str] = []
    returns: dict[str, list[Order]] = {}
    for step in steps:
        case, decision = step.case, step.case.decision
        assert decision is not None  # noqa: S101 - put_into_force has just set it
        order = carried.get(case.order_id)
        if order is None:
            order, said = recovery.order_after(
                scene.orders[case.order_id],
                decision,
                case_id=case.id,
                now=now,
                is_awaiting=case.status is CaseStatus.AWAITING_CUSTOMER,
                slot_s=params.slot_s,
            )
            values.append(order)
            events += said
            commands += _waits(platform, order, decision)
        match decision.option.way:
            case Way.BRING_BACK:
                returns.setdefault(decision.option.courier_id, []).append(order)
            case Way.PICKUP_POINT:
                values += _consent(platform, scene, order, decision, events)
            case Way.RESHIP:
                values += _reship(tx, platform, order, decision, events, params)
        values.append(step.case)
        events += step.events
        commands += step.commands
        dropped += step.dropped
    for courier_id, to_return in sorted(returns.items()):
        route, told = _return_stops(tx, platform, courier_id, to_return, params)
        values.append(route)
        events += told
    tx.record(values, events=events, commands=commands, dropped=dropped)
    conclude_replaced(tx, platform, values)


def _waits(platform: Platform, order: Order, decision: Decision) -> list[Command]:
    """The timer of the wave, or of tomorrow's search, that an order now waits for."""
    if order.status is not OrderStatus.SCHEDULED:
        return []
    if order.station_id:
        timer = wave_timer(platform, order)
        return [timer] if timer else []
    looks_at = order.promise.earliest_at - timedelta(minutes=30)
    option = decision.option
    if option.way is Way.SLOT and option.arrival_at is not None:
        # Another slot may be picked on the same day: each has a look of its own.
        name = option.arrival_at.isoformat()
        payload: dict[str, Json] = {"number": 1, "slot_end_at": name}
    else:
        name, payload = looks_at.date().isoformat(), {"number": 1}
    return [
        Command(
            key=f"dispatch/{order.id}/on-{name}",
            name="dispatch",
            due_at=max(looks_at, platform.now()),
            payload=payload,
            order_id=order.id,
        )
    ]


def _consent(
    platform: Platform, scene: Scene, order: Order, decision: Decision, events: list[Event]
) -> list[Record]:
    """The standing consent written down for this order and this point, unless there is one."""
    site_id = decision.option.site_id
    if any(one.site_id == site_id for one in scene.consents.get(order.id, ())):
        return []
    consent = consent_to(platform, order.id, site_id=site_id, source="standing")
    events.append(consent_given(consent))
    return [consent]


def _reship(
    tx: Transaction,
    platform: Platform,
    order: Order,
    decision: Decision,
    events: list[Event],
    params: RecoveryParams,
) -> list[Record]:
    """The replacement as an order of its own; the first parcel stays where it is.

    While one replacement is on its way there is no second one.

    Returns
    -------
    list of record
        The new order and its custody; empty if there is one on its way.
    """
    number = 1
    while known := tx.order_by_external(order.merchant_id, f"{order.external_id}#r{number}"):
        if known.ended_at is None:
            return []
        number += 1
    now = platform.now()
    ready_at = now + timedelta(seconds=params.remake_s)
    arrival_at = decision.option.arrival_at or ready_at
    wanted = replacement(
        order,
        number=number,
        ready_at=ready_at,
        latest_at=max(order.promise.latest_at, arrival_at + timedelta(minutes=20)),
    )
    again = orders.admit(
        wanted, order_id=platform.ids.new("order"), now=now, params=platform.params.orders
    )
    custody = orders.first_custody(again, now=now)
    events.append(
        OrderAdmitted(
            at=now,
            order_id=again.id,
            merchant_id=again.merchant_id,
            kind=again.kind,
            station_id=again.station_id,
            promise=again.promise,
            custodian=custody.custodian,
            holder_id=custody.holder_id,
            value_cents=again.value_cents,
            is_perishable=again.is_perishable,
        )
    )
    return [again, custody, link_of(platform, again.id)]


def _return_stops(
    tx: Transaction,
    platform: Platform,
    courier_id: str,
    to_return: Sequence[Order],
    params: RecoveryParams,
) -> tuple[Route, list[Event]]:
    """The holder's route with one more stop for each place the parcels go back to."""
    now = platform.now()
    route = route_of(tx, courier_id, now=now)
    # Decided twice, a parcel is still brought back once.
    stops = list(planning.without(route, [order.id for order in to_return]))
    by_place: dict[tuple[float, float], list[Order]] = {}
    for order in to_return:
        by_place.setdefault((order.pickup.lon, order.pickup.lat), []).append(order)
    for grouped in by_place.values():
        first = grouped[0]
        stops.append(
            Stop(
                id=platform.ids.new("stop"),
                kind=StopKind.RETURN,
                order_ids=tuple(order.id for order in grouped),
                place=first.pickup,
                earliest_at=now,
                latest_at=now + timedelta(hours=12),
                arrival_at=now + timedelta(seconds=params.bring_back_s),
                site_id=first.station_id or first.merchant_id,
            )
        )
    world = platform.catch_up(tx)
    timed = (
        planning.retime(world, courier_id, stops, now=now)
        if courier_id in world.courier_ids()
        else tuple(stops)
    )
    return changed(platform, replace(route), timed, why="bring back")
