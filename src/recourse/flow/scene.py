"""This file knows what a joint decision must have in view, and gathers it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse import orders
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.model.cases import Case
from recourse.model.couriers import ON_DUTY, Progress
from recourse.model.orders import OrderStatus
from recourse.model.places import Place
from recourse.model.ports import Transaction
from recourse.model.routes import Route, StopKind
from recourse.model.slots import SlotPlace
from recourse.recovery import Scene, Wish
from recourse.recovery.slots import Due

__all__ = ["dues", "scene_of", "waves_ahead"]

_ON_NO_ROUTE = (
    OrderStatus.CREATED,
    OrderStatus.SCHEDULED,
    OrderStatus.DISPATCHING,
    OrderStatus.RECOVERING,
)


def scene_of(
    tx: Transaction,
    platform: Platform,
    cases: Sequence[Case],
    *,
    wishes: Mapping[str, Wish],
) -> Scene:
    """Gather what deciding these cases looks at, besides the resident world."""
    world = platform.catch_up(tx)
    order_ids = [case.order_id for case in cases]
    found = tx.orders(order_ids)
    resident = {id_: world.entry(id_) for id_ in world.courier_ids()}
    couriers = {id_: entry.courier for id_, entry in resident.items()}
    holders = {case.held_by for case in cases if case.held_by}
    couriers |= tx.couriers(holders - couriers.keys())
    # Only the once-a-minute baseline looks at where everybody is; the engine knows by itself.
    needs_all = platform.params.recovery.policy == "reping"
    has_slots = any(rules_of(tx, platform, case).recovery.n_slots for case in cases)
    stations = {order.station_id for order in found.values() if order.station_id}
    return Scene(
        orders=found,
        custody=tx.custody(order_ids),
        couriers=couriers,
        progress={
            id_: _as_heard(platform, seen)
            for id_, seen in tx.progress(None if needs_all else holders).items()
        },
        sites=platform.sites(tx),
        stored=tx.stored(),
        consents={
            order_id: tuple(given) for order_id in order_ids if (given := tx.consents(order_id))
        },
        waves={station_id: waves_ahead(platform) for station_id in stations},
        wishes=wishes,
        busy=frozenset(offer.courier_id for offer in tx.open_offers()),
        crew=tuple(tx.couriers().values()) if has_slots else (),
        due=dues(tx, tx.slot_places(after_at=platform.now())) if has_slots else (),
        n_stops={id_: len(entry.route.stops) for id_, entry in resident.items()},
        done={
            id_: _last_stop(resident[id_].route, tx.progress([id_]).get(id_))
            for id_ in sorted(holders & resident.keys())
            if resident[id_].route.stops
        },
        zone=platform.zone.key,
    )


def dues(tx: Transaction, places: Sequence[SlotPlace]) -> tuple[Due, ...]:
    """Return when every open order is to be at its door.

    On a route that is the planned arrival; else the end of its promise, or of the slot whose place
    was taken for it a moment ago.

    Returns
    -------
    tuple of Due
        An order may be there twice; it is counted once in any slot.
    """
    on_duty = [id_ for id_, one in tx.couriers().items() if one.state in ON_DUTY]
    planned = [
        Due(order_id=order_id, at=stop.arrival_at, courier_id=courier_id)
        for courier_id, route in tx.routes(on_duty).items()
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF
        for order_id in stop.order_ids
    ]
    on_route = {one.order_id for one in planned}
    waiting = [
        Due(order_id=order.id, at=order.promise.latest_at, station_id=order.station_id)
        for order in tx.orders_in(_ON_NO_ROUTE)
        if order.id not in on_route
    ]
    holders = tx.orders({one.order_id for one in places} - on_route)
    taken = [
        Due(order_id=one.order_id, at=one.latest_at, station_id=one.station_id)
        for one in places
        if one.order_id in holders and holders[one.order_id].ended_at is None
    ]
    return (*planned, *waiting, *taken)


def _last_stop(route: Route, seen: Progress | None) -> tuple[Place, datetime]:
    """Where and when a route ends, the courier's delay included."""
    last = route.stops[-1]
    delay = timedelta(seconds=max(0, seen.delay_s) if seen else 0)
    begins_at = max(last.arrival_at + delay, last.earliest_at)
    return last.place, begins_at + timedelta(seconds=last.service_s)


def _as_heard(platform: Platform, seen: Progress) -> Progress:
    """Where a courier is; silent if nothing is heard of them, on duty or off."""
    # No timer listens for who has given up: they may have gone away with what they hold.
    limit = timedelta(seconds=platform.params.track.waiting_silence_s)
    return replace(seen, is_silent=True) if platform.now() - seen.pinged_at > limit else seen


def waves_ahead(platform: Platform) -> tuple[datetime, ...]:
    """Return today's waves that have not been planned yet."""
    now = platform.now()
    lead = timedelta(seconds=platform.params.dispatch.wave_lead_s)
    starts = orders.wave_starts(
        now.astimezone(platform.zone).date(),
        local_times=platform.params.dispatch.wave_times,
        zone=platform.zone.key,
    )
    return tuple(start for start in starts if start - lead > now)
