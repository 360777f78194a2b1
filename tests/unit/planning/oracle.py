"""This file knows the cheapest single insertion by trying everything, in plain Python."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from recourse.model.routes import Route, Stop, StopKind, StopStatus
from recourse.planning import Demand, verify
from recourse.planning.travel import as_of
from tests.unit.planning.town import Scene


def driven(scene: Scene, route: Route) -> tuple[list[datetime], datetime, datetime, int]:
    """Begin of service at each stop, when the anchor is left, when all is done, and metres."""
    entry = scene.world.entry(route.courier_id)
    courier, progress = entry.courier, entry.progress
    clock = max(scene.now, courier.shift_start_at)
    lon, lat = courier.start.lon, courier.start.lat
    if progress is not None:
        lon, lat = progress.lon, progress.lat
    begins: list[datetime] = []
    stops = list(route.stops)
    if stops and stops[0].status is StopStatus.STARTED:
        begun = stops.pop(0)
        begin_at = max(begun.arrival_at, begun.earliest_at)
        begins.append(begin_at)
        clock = max(clock, begin_at + timedelta(seconds=begun.service_s))
        lon, lat = begun.place.lon, begun.place.lat
    ready_at, metres = clock, 0
    for stop in stops:
        there = scene.travel.nodes(
            courier.vehicle,
            np.array([lon, stop.place.lon]),
            np.array([lat, stop.place.lat]),
        )
        way = courier.vehicle, there[:1], there[1:], as_of(scene.now)
        driven_s, driven_m = (int(one[0, 0]) for one in scene.travel.matrices(*way))
        clock += timedelta(seconds=driven_s)
        metres += driven_m
        clock = max(clock, stop.earliest_at)
        begins.append(clock)
        clock += timedelta(seconds=stop.service_s)
        lon, lat = stop.place.lon, stop.place.lat
    return begins, ready_at, clock, metres


def route_cost_mc(scene: Scene, route: Route, *, told: Route) -> int:
    """Price of a whole route in thousandths of a cent, from scratch."""
    params = scene.world.params
    vehicle = scene.world.entry(route.courier_id).courier.vehicle
    begins, ready_at, done_at, metres = driven(scene, route)
    lasting = int((done_at - ready_at).total_seconds())
    felt = lasting + lasting * lasting // (2 * params.balance_s)
    cost = metres * int(getattr(params, f"{vehicle}_cents_per_km"))
    cost += felt * params.cents_per_h * 1_000 // 3_600
    told_orders = {o for stop in told.stops for o in stop.order_ids}
    for stop, begin_at in zip(route.stops, begins, strict=True):
        for order_id in stop.order_ids:
            if order_id in told_orders or stop.kind is not StopKind.DROPOFF:
                continue
            demand = scene.orders[order_id]
            late_s = max(int((begin_at - demand.latest_at).total_seconds()), 0)
            cost += late_s * (demand.weight * params.late_cents_per_min * 1_000) // 60
    n_later, is_diverted = _changed(route, told)
    waited_s = n_later * max(int((done_at - driven(scene, told)[2]).total_seconds()), 0)
    for stop, begin_at in zip(route.stops, begins, strict=True):
        is_new = set(stop.order_ids) - told_orders and stop.kind is StopKind.DROPOFF
        waited_s += int(begin_at.timestamp()) - math.ceil(scene.now.timestamp()) if is_new else 0
    cost += waited_s * params.wait_cents_per_min * 1_000 // 60
    return cost + 1_000 * (n_later * params.change_cents + is_diverted * params.divert_cents)


def _changed(route: Route, told: Route) -> tuple[int, bool]:
    """How many told stops follow the first new one, and whether that comes before all of them.

    If both ends of the order join stops that were there, those after its dropoff count.
    """
    told_ids = {s.id for s in told.stops if s.status is StopStatus.PLANNED}
    told_orders = {o for stop in told.stops for o in stop.order_ids}
    stops = [s for s in route.stops if s.status is StopStatus.PLANNED]
    new = [k for k, s in enumerate(stops) if s.id not in told_ids]
    if new:
        return sum(s.id in told_ids for s in stops[new[0] :]), bool(told_ids) and new[0] == 0
    joined = [k for k, s in enumerate(stops) if set(s.order_ids) - told_orders]
    return (len(stops) - 1 - joined[-1], False) if joined else (0, False)


def all_insertions(scene: Scene, demand: Demand, route: Route) -> Iterator[tuple[Route, str]]:
    """Every way to put an order on a route, each with how its pickup is made."""
    begun = [s for s in route.stops if s.status is StopStatus.STARTED]
    stops = [s for s in route.stops if s.status is StopStatus.PLANNED]
    begins = driven(scene, route)[0][len(begun) :]
    assert demand.pickup is not None
    assert demand.pickup_ready_at is not None
    pickup = Stop(
        id="new-pickup",
        kind=demand.pickup_kind,
        order_ids=(demand.order_id,),
        place=demand.pickup,
        earliest_at=demand.pickup_ready_at,
        latest_at=demand.latest_at + timedelta(seconds=scene.max_late_s),
        arrival_at=scene.now,
        service_s=scene.world.params.pickup_s,
        site_id=demand.pickup_site_id,
    )
    calm = [
        k for k, stop in enumerate(stops) if _same(stop, pickup) and pickup.earliest_at <= begins[k]
    ]
    for k in range(len(stops) + 1):
        way = "later" if calm and k > calm[0] else "new"
        for after in _dropoffs(scene, demand, stops, k):
            yield _route(route, begun, [*after[:k], pickup, *after[k:]]), way
    for k, stop in enumerate(stops):
        if not _same(stop, pickup):
            continue
        joined = replace(
            stop,
            order_ids=(*stop.order_ids, demand.order_id),
            earliest_at=max(stop.earliest_at, pickup.earliest_at),
            latest_at=max(stop.latest_at, pickup.latest_at),
            service_s=stop.service_s + scene.world.params.loaded_s,
        )
        way = "waits" if pickup.earliest_at > begins[k] else "joins"
        for after in _dropoffs(scene, demand, stops, k + 1):
            yield _route(route, begun, [*after[:k], joined, *after[k + 1 :]]), way


def _dropoffs(scene: Scene, demand: Demand, stops: list[Stop], first: int) -> Iterator[list[Stop]]:
    """Every way to drop an order at a rank of `first` or later."""
    assert demand.earliest_at is not None
    dropoff = Stop(
        id="new-dropoff",
        kind=demand.dropoff_kind,
        order_ids=(demand.order_id,),
        place=demand.dropoff,
        earliest_at=demand.earliest_at,
        latest_at=demand.latest_at,
        arrival_at=scene.now,
        service_s=demand.service_s,
        site_id=demand.dropoff_site_id,
    )
    for k in range(first, len(stops) + 1):
        yield [*stops[:k], dropoff, *stops[k:]]
    for k, stop in enumerate(stops[first:], start=first):
        if _same(stop, dropoff):
            joined = replace(
                stop,
                order_ids=(*stop.order_ids, demand.order_id),
                earliest_at=max(stop.earliest_at, dropoff.earliest_at),
                latest_at=min(stop.latest_at, dropoff.latest_at),
                service_s=max(stop.service_s, dropoff.service_s) + scene.world.params.joined_s,
            )
            yield [*stops[:k], joined, *stops[k + 1 :]]


def _same(stop: Stop, new: Stop) -> bool:
    """Whether both are one visit."""
    same_place = (
        stop.site_id == new.site_id if new.site_id or stop.site_id else stop.place == new.place
    )
    return stop.kind is new.kind and same_place


def _route(route: Route, begun: list[Stop], stops: list[Stop]) -> Route:
    return replace(route, stops=(*begun, *stops))


def cheapest_mc(scene: Scene, demand: Demand) -> dict[str, int]:
    """Least price of putting an order on each courier's route; couriers who cannot are left out.

    A visit that is there anyway is joined, unless the courier would have to wait for the parcel;
    if that is not possible an earlier second visit may be made, and a later one for lack of room.
    """
    found: dict[str, int] = {}
    for courier_id in scene.world.courier_ids():
        if courier_id in demand.excluded:
            continue
        entry = scene.world.entry(courier_id)
        was = route_cost_mc(scene, entry.route, told=entry.route)
        costs: dict[str, list[int]] = {"new": [], "later": [], "waits": [], "joins": []}
        has_room = False
        for route, way in all_insertions(scene, demand, entry.route):
            problems = _problems(scene, route, driven(scene, route)[0])
            if way == "joins" and not any(p.startswith("capacity") for p in problems):
                has_room = True
            if not problems:
                costs[way].append(route_cost_mc(scene, route, told=entry.route) - was)
        able = costs["joins"] or costs["new"] + costs["waits"] + costs["later"] * (not has_room)
        if able:
            found[courier_id] = min(able)
    return found


def _problems(scene: Scene, route: Route, begins: list[datetime]) -> list[str]:
    """What a route breaks, arrival times aside: those are not filled in here."""
    entry = scene.world.entry(route.courier_id)
    timed = replace(
        route,
        stops=tuple(
            stop if stop.status is StopStatus.STARTED else replace(stop, arrival_at=begin_at)
            for stop, begin_at in zip(route.stops, begins, strict=True)
        ),
    )
    problems = verify(
        timed,
        entry.courier,
        orders=scene.orders,
        travel=scene.travel,
        now=scene.now,
        params=scene.world.params,
        before=entry.route,
        progress=entry.progress,
        max_late_s=scene.max_late_s,
    )
    return [p for p in problems if not p.startswith("arrival")]
