"""Plan: give every order a courier: parcels by the wave, meals and groceries one by one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from recourse import orders, planning
from recourse.flow.bonuses import Purse
from recourse.flow.demands import demand_of, demands_of
from recourse.flow.meetings import arrange
from recourse.flow.offers import make_offer
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.routing import changed
from recourse.flow.supply import give_up, had_before
from recourse.model.assignments import Assignment, AssignmentStatus
from recourse.model.cases import Loss
from recourse.model.commands import Command
from recourse.model.couriers import Contract
from recourse.model.events import AssignmentBegan, Event, OrderAdmitted, WavePlanned
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.orders import move_order
from recourse.planning import Insertion

__all__ = [
    "dispatch",
    "give",
    "hear_admitted",
    "schedule",
    "spread",
    "try_dispatch",
    "wave",
    "wave_timer",
]


def hear_admitted(tx: Transaction, platform: Platform, event: Event) -> None:
    """Put a new order on a wave, or look for its courier at once."""
    admitted = cast("OrderAdmitted", event)
    order = tx.orders([admitted.order_id])[admitted.order_id]
    if order.status is not OrderStatus.CREATED:
        return
    if order.station_id:
        values, events, commands = schedule(platform, order)
        record(tx, platform, values, events=events, commands=commands)
    else:
        moved, told = move_order(order, OrderStatus.DISPATCHING, now=platform.now())
        look = try_dispatch(platform, order, number=1)
        record(tx, platform, [moved], events=told, commands=[look])


def schedule(platform: Platform, order: Order) -> tuple[list[Record], list[Event], list[Command]]:
    """Put an order on the next wave of its station that fits the promise, or dispatch it alone."""
    now = platform.now()
    timer = wave_timer(platform, order)
    if timer is None:
        moved, events = move_order(order, OrderStatus.DISPATCHING, now=now)
        return [moved], list(events), [try_dispatch(platform, order, number=1)]
    moved, events = move_order(order, OrderStatus.SCHEDULED, now=now)
    return [moved], list(events), [timer]


def wave_timer(platform: Platform, order: Order) -> Command | None:
    """Return the timer that plans the wave an order rides on; None when no wave fits."""
    now = platform.now()
    lead = timedelta(seconds=platform.params.dispatch.wave_lead_s)
    leaves_at = wave_of(platform, order, now=now + lead)
    if leaves_at is None:
        return None
    return Command(
        key=f"wave/{order.station_id}/{leaves_at.isoformat()}",
        name="wave",
        due_at=max(leaves_at - lead, now),
        payload={"station_id": order.station_id, "leaves_at": leaves_at.isoformat()},
    )


def wave_of(platform: Platform, order: Order, *, now: datetime) -> datetime | None:
    """Return when the wave leaves that should carry an order; None when none fits the promise."""
    times = platform.params.dispatch.wave_times
    first_day = now.astimezone(platform.zone).date()
    last_day = order.promise.latest_at.astimezone(platform.zone).date()
    starts = [
        start
        for n in range((last_day - first_day).days + 1)
        for start in orders.wave_starts(
            first_day + timedelta(days=n), local_times=times, zone=platform.zone.key
        )
    ]
    return orders.next_wave(
        now=now,
        dropoff_ready_at=order.promise.earliest_at,
        dropoff_deadline_at=order.promise.latest_at,
        wave_starts=starts,
    )


def wave(tx: Transaction, platform: Platform, command: Command) -> None:
    """Plan one wave of one station; what does not fit is dispatched alone."""
    station_id = str(command.payload["station_id"])
    leaves_at = datetime.fromisoformat(str(command.payload["leaves_at"]))
    now = platform.now()
    waiting = [
        order
        for order in tx.orders_in([OrderStatus.SCHEDULED], station_id)
        if _is_on(platform, order, leaves_at)
    ]
    if not waiting:
        return
    world = platform.catch_up(tx)
    here = set(world.courier_ids())
    crew = [c.id for c in tx.couriers().values() if c.station_id == station_id and c.id in here]
    placement = planning.place(
        world,
        demands_of(tx, platform, waiting, early_s=platform.params.dispatch.early_s),
        now=now,
        params=platform.params.plan,
        courier_ids=crew,
        ids=lambda: platform.ids.new("stop"),
    )
    values, events = give(tx, platform, placement.insertions, why="wave planned")
    unplaced = set(placement.unplaced)
    for order in waiting:
        if order.id in unplaced:
            moved, more = move_order(order, OrderStatus.DISPATCHING, now=now)
            values.append(moved)
            events += more
    # The other stations' waves leave now too: their couriers get their own parcels first.
    name = f"{station_id}/{leaves_at.isoformat()}"
    commands = [try_spread(platform, placement.unplaced, name=name, after_s=1)] if unplaced else []
    planned = WavePlanned(
        at=now,
        station_id=station_id,
        n_orders=len(waiting),
        n_couriers=len({i.courier_id for i in placement.insertions}),
        unplanned=placement.unplaced,
    )
    record(tx, platform, values, events=[*events, planned], commands=commands)


def try_spread(
    platform: Platform, order_ids: Sequence[str], *, name: str, number: int = 1, after_s: int = 0
) -> Command:
    """Return the command to share several orders out to everybody, now or in a while."""
    return Command(
        key=f"spread/{name}:{number}",
        name="spread",
        due_at=platform.now() + timedelta(seconds=after_s),
        payload={"order_ids": list(order_ids), "name": name, "number": number},
    )


def spread(tx: Transaction, platform: Platform, command: Command) -> None:
    """Share orders out together: whoever is told gets them, whoever is asked is asked for all.

    What nobody could take, and nobody is asked for, is tried again in a while; what is beyond help
    becomes a case.
    """
    order_ids = [str(one) for one in cast("list[str]", command.payload["order_ids"])]
    asked = {one.order_id for one in tx.offered_assignments(order_ids=order_ids)}
    found = {
        id_: order
        for id_, order in tx.orders(order_ids).items()
        if order.status is OrderStatus.DISPATCHING and id_ not in asked
    }
    if not found:
        return
    dispatch = platform.params.dispatch
    placement = planning.place(
        platform.catch_up(tx),
        [
            demand_of(
                order,
                excluded=had_before(tx, order),
                early_s=dispatch.early_s,
            )
            for order in found.values()
        ],
        now=platform.now(),
        params=platform.params.spread,
        max_late_s=dispatch.max_late_s,
        barred={offer.courier_id: Loss.HAS_OPEN_OFFER for offer in tx.open_offers()},
        ids=lambda: platform.ids.new("stop"),
    )
    couriers = tx.couriers({one.courier_id for one in placement.insertions})
    told = [
        one
        for one in placement.insertions
        if couriers[one.courier_id].contract is not Contract.ASKED
    ]
    values, events = give(tx, platform, told, why="order dispatched") if told else ([], [])
    gone, lost, left = give_up(platform, [found[order_id] for order_id in placement.unplaced])
    values += gone
    events += lost
    again = []
    if left:
        number, name = cast("int", command.payload["number"]) + 1, str(command.payload["name"])
        ids, after_s = [one.id for one in left], dispatch.spread_retry_s
        again = [try_spread(platform, ids, name=name, number=number, after_s=after_s)]
    if events or again:
        record(tx, platform, values, events=events, commands=again)
    purse = Purse(tx, platform)
    for courier_id in sorted(couriers):
        if couriers[courier_id].contract is Contract.ASKED:
            mine = [i for i in placement.insertions if i.courier_id == courier_id]
            wanted = [found[i.order_id] for i in mine]
            courier, route = couriers[courier_id], mine[-1].route
            make_offer(tx, courier, wanted, route=route, purse=purse)


def _is_on(platform: Platform, order: Order, leaves_at: datetime) -> bool:
    """Whether an order rides on the wave that leaves then, or on an earlier one it has missed."""
    own_at = wave_of(platform, order, now=min(order.created_at, leaves_at))
    return own_at is None or own_at <= leaves_at


def try_dispatch(platform: Platform, order: Order, *, number: int, after_s: int = 0) -> Command:
    """Return the command to look for a courier for one order, now or in a while."""
    return Command(
        key=f"dispatch/{order.id}/{order.version}:{number}",
        name="dispatch",
        due_at=platform.now() + timedelta(seconds=after_s),
        payload={"number": number},
        order_id=order.id,
    )


def dispatch(tx: Transaction, platform: Platform, command: Command) -> None:
    """Find the courier for one order on demand: ask one, give it to one, try later or give up."""
    order = tx.orders([command.order_id])[command.order_id]
    if _is_overtaken(tx, command):
        return
    if order.status is OrderStatus.SCHEDULED and not order.station_id:
        moved, told = move_order(order, OrderStatus.DISPATCHING, now=platform.now())
        again = try_dispatch(platform, moved, number=1, after_s=1)
        record(tx, platform, [moved], events=told, commands=[again])
        return
    if order.status is not OrderStatus.DISPATCHING:
        return
    if tx.offered_assignments(order_ids=[order.id]):
        return
    insertion = _first_courier(tx, platform, order)
    if insertion is None:
        values, events, left = give_up(platform, [order])
        number = cast("int", command.payload["number"]) + 1
        retry_s = platform.params.dispatch.retry_s
        looks = [try_dispatch(platform, one, number=number, after_s=retry_s) for one in left]
        record(tx, platform, values, events=events, commands=looks)
        return
    courier = tx.couriers([insertion.courier_id])[insertion.courier_id]
    if courier.contract is Contract.ASKED:
        purse = Purse(tx, platform)
        make_offer(tx, courier, [order], route=insertion.route, purse=purse)
    else:
        values, events = give(tx, platform, [insertion], why="order dispatched")
        record(tx, platform, values, events=events)


def _first_courier(tx: Transaction, platform: Platform, order: Order) -> Insertion | None:
    """Who is asked for one order or gets it: within the shift, else somebody asked to run over."""
    refused = set(had_before(tx, order))
    asked = {offer.courier_id for offer in tx.open_offers()}
    world = platform.catch_up(tx)
    look = partial(
        planning.place,
        world,
        [demand_of(order, excluded=refused | asked, early_s=platform.params.dispatch.early_s)],
        now=platform.now(),
        max_late_s=platform.params.dispatch.max_late_s,
        ids=lambda: platform.ids.new("stop"),
    )
    found = look(params=platform.params.first).insertions
    if found:
        return found[0]
    here = tx.couriers(world.courier_ids())
    free = [one.id for one in here.values() if one.contract is Contract.ASKED]
    longer = replace(platform.params.first, overtime_s=platform.params.repair.overtime_s)
    found = look(params=longer, courier_ids=free).insertions if free else ()
    return found[0] if found else None


def _is_overtaken(tx: Transaction, command: Command) -> bool:
    """Whether this is the look for a slot that its customer has left for another way."""
    slot_end_at = command.payload.get("slot_end_at")
    if slot_end_at is None:
        return False
    case = next(iter(tx.open_cases(order_ids=[command.order_id])), None)
    arrival_at = case.decision.option.arrival_at if case and case.decision else None
    return arrival_at is not None and arrival_at.isoformat() != slot_end_at


def give(
    tx: Transaction, platform: Platform, insertions: Sequence[Insertion], *, why: str
) -> tuple[list[Record], list[Event]]:
    """Assign orders without asking: the duty begins and the route changes at once."""
    now = platform.now()
    found = tx.orders([i.order_id for i in insertions])
    values: list[Record] = []
    events: list[Event] = []
    last = {insertion.courier_id: insertion for insertion in insertions}
    routes = arrange(tx, platform, {id_: one.route for id_, one in last.items()})
    for planned in routes.values():
        route, told = changed(platform, planned, planned.stops, why=why)
        values.append(route)
        events += told
    features = {courier_id: platform.features_of(tx, courier_id) for courier_id in last}
    recovering = [o.id for o in found.values() if o.status is OrderStatus.RECOVERING]
    held = tx.custody(recovering) if recovering else {}
    for insertion in insertions:
        order = found[insertion.order_id]
        goes_on = order.id in held and held[order.id].holder_id == insertion.courier_id
        # Who has it in hand already and goes on with it fetches nothing.
        to = OrderStatus.PICKED_UP if goes_on else OrderStatus.ASSIGNED
        moved, more = move_order(order, to, now=now)
        duty = Assignment(
            id=platform.ids.new("assignment"),
            order_id=moved.id,
            courier_id=insertion.courier_id,
            status=AssignmentStatus.ACTIVE,
            began_at=now,
            accepted_at=now,
        )
        began = AssignmentBegan(
            at=now,
            assignment_id=duty.id,
            order_id=moved.id,
            courier_id=duty.courier_id,
            offer_id="",
            arrival_at=insertion.arrival_at,
            features=features[duty.courier_id],
        )
        values += [moved, duty]
        events += [*more, began]
    return values, events
