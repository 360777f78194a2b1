"""What the engine makes of a first plan, and that nothing else becomes of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from recourse.model.routes import Route, Stop, StopKind
from recourse.planning import Demand, Placement, PlanParams, World, place, verify
from recourse.planning.engine import native
from tests.unit.planning.oracle import route_cost_mc
from tests.unit.planning.town import (
    NOON,
    GridTown,
    Scene,
    a_courier,
    a_demand,
    empty_route,
    numbered,
    place_m,
)

STATION = place_m(0, 0)
AS_PLACED = PlanParams(steps_per_order=0)


def parcels(n: int, name: str = "o", **fields: object) -> list[Demand]:
    """Parcels that wait at the station, for doors all over the town."""
    by_four = {"latest_at": NOON + timedelta(hours=4), "weight_g": 100, "volume_ml": 100}
    return [
        a_demand(
            f"{name}-{k:02}",
            STATION,
            place_m(2_500 - (k * k * 37) % 5_000, (k * k * 91) % 4_000),
            **({"pickup_site_id": "station"} | by_four | fields),
        )
        for k in range(n)
    ]


def morning(n_new: int = 30, *, n_told: int = 0, n_couriers: int = 3) -> Scene:
    """A wave at the station; couriers have some parcels of an earlier one on board."""
    travel, params = GridTown(), PlanParams()
    world = World(travel, params)
    orders: dict[str, Demand] = {}
    for k in range(n_couriers):
        courier = a_courier(f"c-{k}", STATION)
        told = [
            replace(parcel, pickup=None, pickup_site_id="", from_courier_id=courier.id)
            for parcel in parcels(n_couriers * n_told, "t")[k::n_couriers]
        ]
        orders |= {one.order_id: one for one in told}
        world.put(courier, empty_route(courier.id))
        plan = place(world, told, now=NOON, ids=numbered(f"t{k}"), courier_ids=[courier.id])
        for insertion in plan.insertions[-1:]:
            world.put(courier, insertion.route, orders=orders)
    demands = parcels(n_new)
    known = orders | {d.order_id: d for d in demands}
    return Scene(travel, world, NOON, demands, known, numbered("n"), max_late_s=0)


def solve(scene: Scene, params: PlanParams | None = None) -> Placement:
    """Place the wave."""
    return place(scene.world, scene.demands, now=NOON, ids=numbered("n"), params=params)


def price_mc(scene: Scene, plan: Placement) -> int:
    """Price of all routes, from scratch."""
    routes = {c: scene.world.entry(c).route for c in scene.world.courier_ids()}
    told = dict(routes)
    routes |= {i.courier_id: i.route for i in plan.insertions}
    return sum(route_cost_mc(scene, routes[c], told=told[c]) for c in routes)


def holders(plan: Placement) -> dict[str, str]:
    """Who carries what."""
    return {i.order_id: i.courier_id for i in plan.insertions}


def is_sound(scene: Scene, plan: Placement) -> bool:
    """Whether the judge has nothing against a plan."""
    return not any(
        verify(
            i.route,
            scene.world.entry(i.courier_id).courier,
            orders=scene.orders,
            travel=scene.travel,
            now=NOON,
            params=scene.world.params,
            before=scene.world.entry(i.courier_id).route,
        )
        for i in plan.insertions
    )


@pytest.mark.parametrize("n_told", [0, 4])
def test_orders_change_hands_and_the_plan_becomes_cheaper(n_told: int) -> None:
    scene = morning(n_told=n_told)
    first, better = solve(scene, AS_PLACED), solve(scene)
    assert is_sound(scene, better)
    assert holders(better).keys() == holders(first).keys()
    assert holders(better) != holders(first)
    assert price_mc(scene, better) < price_mc(scene, first)


def test_what_was_told_keeps_its_courier_and_sequence_between_new_stops() -> None:
    scene = morning(n_told=4)
    is_mixed = False
    for insertion in solve(scene).insertions:
        was = [stop.id for stop in scene.world.entry(insertion.courier_id).route.stops]
        now = [stop.id for stop in insertion.route.stops]
        assert [stop_id for stop_id in now if stop_id in was] == was
        last_told = max(now.index(stop_id) for stop_id in was)
        is_mixed |= now[:last_told] != was[:-1]
    assert is_mixed


def test_an_order_that_changed_hands_is_collected_with_the_others() -> None:
    scene = morning()
    for courier_id in set(holders(solve(scene)).values()):
        plan = solve(scene)
        route = next(i.route for i in plan.insertions if i.courier_id == courier_id)
        mine = {o for o, c in holders(plan).items() if c == courier_id}
        (pickup,) = [stop for stop in route.stops if stop.kind is StopKind.PICKUP]
        assert set(pickup.order_ids) == mine


def without(scene: Scene, route: Route, order_id: str) -> Route:
    """A route that never heard of an order."""
    stops: list[Stop] = []
    for stop in route.stops:
        left = tuple(o for o in stop.order_ids if o != order_id)
        loaded_s = scene.world.params.loaded_s if left != stop.order_ids else 0
        if left:
            stops.append(replace(stop, order_ids=left, service_s=stop.service_s - loaded_s))
    return replace(route, stops=tuple(stops))


def test_an_order_that_changed_hands_costs_what_its_route_is_dearer_for_it() -> None:
    scene = morning()
    before, plan = holders(solve(scene, AS_PLACED)), solve(scene)
    moved = [i for i in plan.insertions if before[i.order_id] != i.courier_id]
    assert moved
    for one in moved:
        told = scene.world.entry(one.courier_id).route
        alone = without(scene, one.route, one.order_id)
        added = route_cost_mc(scene, one.route, told=told) - route_cost_mc(scene, alone, told=told)
        assert one.cost_cents == (added + 500) // 1_000
        losers = {r.courier_id for r in plan.rejections[one.order_id]}
        assert losers == set(scene.world.courier_ids()) - {one.courier_id}


def test_doors_that_come_together_become_one_stop() -> None:
    scene = morning(n_new=12)
    twins = [replace(d, order_id=f"z-{d.order_id}") for d in scene.demands]
    scene.demands += twins
    scene.orders |= {d.order_id: d for d in twins}
    plan = solve(scene)
    assert is_sound(scene, plan)
    for insertion in plan.insertions:
        doors = [s.place for s in insertion.route.stops if s.kind is StopKind.DROPOFF]
        assert all(a != b for a, b in pairwise(doors))


def test_who_may_not_have_an_order_does_not_get_it_for_a_shorter_way() -> None:
    scene = morning()
    scene.demands = [replace(d, excluded=frozenset({"c-1"})) for d in scene.demands[::2]]
    plan = solve(scene)
    assert "c-1" not in holders(plan).values()
    assert len(plan.insertions) == len(scene.demands)


def test_the_same_wave_has_the_same_plan_to_the_byte() -> None:
    assert repr(solve(morning(n_told=2))) == repr(solve(morning(n_told=2)))


def test_without_the_kernel_it_says_so_and_the_plan_is_sound_and_not_dearer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = morning(n_new=20, n_told=1)
    first = solve(scene, AS_PLACED)
    monkeypatch.setattr(native, "HAS_KERNEL", False)
    with pytest.warns(native.SlowEngine, match="plain Python"):
        plan = solve(scene, PlanParams(steps_per_order=20))
    assert is_sound(scene, plan)
    assert price_mc(scene, plan) <= price_mc(scene, first)


def test_one_order_alone_is_left_where_it_was_placed() -> None:
    scene = morning(n_new=1, n_told=3)
    assert solve(scene) == solve(scene, AS_PLACED)
