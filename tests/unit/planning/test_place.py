"""What a plan does, in towns small enough to draw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recourse.model.cases import Loss
from recourse.model.couriers import CourierState, Vehicle
from recourse.model.errors import CannotPlan, Invalid, NotFound
from recourse.model.routes import Stop, StopKind, StopStatus
from recourse.planning import Demand, PlanParams, World, place, verify
from tests.unit.planning.town import (
    NOON,
    GridTown,
    a_courier,
    a_demand,
    empty_route,
    numbered,
    place_m,
)

HERE, NEAR, FAR = place_m(0, 0), place_m(500, 0), place_m(4_000, 0)


def town(*starts_m: int, **fields: object) -> World:
    """Couriers c-0, c-1, ... on a street, each so many metres from the west end."""
    world = World(GridTown(), PlanParams())
    for k, start_m in enumerate(starts_m):
        courier = a_courier(f"c-{k}", place_m(start_m, 0), **fields)
        world.put(courier, empty_route(courier.id))
    return world


def carry(world: World, *demands: Demand, **given: object) -> dict[str, tuple[Stop, ...]]:
    """Place orders, put the routes into the world, and return them by courier."""
    ids = numbered("+".join(demand.order_id for demand in demands))
    plan = place(world, demands, now=NOON, ids=ids, **given)  # type: ignore[arg-type]
    assert plan.unplaced == ()
    orders = {demand.order_id: demand for demand in demands}
    for insertion in plan.insertions:
        entry = world.entry(insertion.courier_id)
        known = orders | {
            o: Demand(order_id=o, dropoff=HERE, latest_at=NOON, weight_g=g, volume_ml=ml)
            for o, (g, ml) in entry.loads.items()
        }
        world.put(entry.courier, insertion.route, orders=known)
    return {i.courier_id: i.route.stops for i in plan.insertions}


def why(world: World, demand: Demand, **given: object) -> dict[str, tuple[Loss, int]]:
    """Why each courier did not get an order, and by how much."""
    plan = place(world, [demand], now=NOON, ids=numbered(), **given)  # type: ignore[arg-type]
    return {r.courier_id: (r.loss, r.amount) for r in plan.rejections[demand.order_id]}


def test_the_nearer_courier_takes_the_order() -> None:
    routes = carry(town(3_000, 100), a_demand("o-1", NEAR, FAR))
    assert list(routes) == ["c-1"]
    assert [stop.kind for stop in routes["c-1"]] == [StopKind.PICKUP, StopKind.DROPOFF]


def test_of_two_couriers_at_the_same_place_the_smaller_id_takes_it() -> None:
    assert list(carry(town(100, 100, 100), a_demand("o-1", NEAR, FAR))) == ["c-0"]


def test_orders_of_one_shop_are_collected_in_one_stop() -> None:
    orders = [
        a_demand(f"o-{k}", NEAR, place_m(1_000 + k * 300, 0), pickup_site_id="shop")
        for k in range(3)
    ]
    (stops,) = carry(town(0), *orders).values()
    assert [len(stop.order_ids) for stop in stops] == [3, 1, 1, 1]


def test_orders_for_one_door_are_dropped_in_one_stop() -> None:
    (stops,) = carry(town(0), a_demand("o-1", NEAR, FAR), a_demand("o-2", HERE, FAR)).values()
    assert [sorted(stop.order_ids) for stop in stops if stop.place == FAR] == [["o-1", "o-2"]]


def test_a_stop_that_has_begun_is_not_joined_nor_moved() -> None:
    world = town(0)
    (stops,) = carry(world, a_demand("o-1", HERE, FAR, pickup_site_id="shop")).values()
    begun = replace(stops[0], status=StopStatus.STARTED, arrival_at=NOON)
    entry = world.entry("c-0")
    world.put(entry.courier, replace(entry.route, stops=(begun, *stops[1:])))
    (after,) = carry(world, a_demand("o-2", HERE, FAR, pickup_site_id="shop")).values()
    assert after[0] == begun
    assert "o-2" in after[1].order_ids


def test_a_promise_in_force_is_not_broken_for_a_new_order() -> None:
    world = town(0)
    carry(world, a_demand("o-1", HERE, FAR, latest_at=NOON + timedelta(seconds=1_200)))
    west = place_m(-3_000, 0)
    (after,) = carry(
        world, a_demand("o-2", west, HERE, latest_at=NOON + timedelta(hours=2))
    ).values()
    kept = next(stop for stop in after if stop.order_ids == ("o-1",) and stop.place == FAR)
    assert kept.arrival_at <= kept.latest_at
    assert after.index(kept) == 1


def late_already(*, by_s: int) -> World:
    """One courier with a parcel on board whose promise, far east, ends that long too soon."""
    world = town(0)
    (stops,) = carry(world, a_demand("o-1", HERE, FAR)).values()
    entry, door = world.entry("c-0"), stops[-1]
    ends_at = door.arrival_at - timedelta(seconds=by_s)
    world.put(
        entry.courier, replace(entry.route, stops=(stops[0], replace(door, latest_at=ends_at)))
    )
    return world


def doors(world: World, order: Demand, **prices: int) -> list[str]:
    """Sequence in which the only courier serves the doors once the order is placed."""
    plan = place(world, [order], now=NOON, ids=numbered("x"), params=PlanParams(**prices))
    stops = plan.insertions[0].route.stops
    return [stop.order_ids[0] for stop in stops if stop.kind is StopKind.DROPOFF]


SOON = a_demand("o-2", HERE, place_m(-1_000, 0), latest_at=NOON + timedelta(seconds=900))


def test_what_is_late_already_makes_way_for_a_promise_that_can_still_be_kept() -> None:
    assert doors(late_already(by_s=600), SOON, late_slack_s=1_200) == ["o-2", "o-1"]
    assert place(late_already(by_s=600), [SOON], now=NOON, ids=numbered()).unplaced == ("o-2",)


def test_what_is_late_already_makes_no_way_for_what_can_wait() -> None:
    order = replace(SOON, latest_at=NOON + timedelta(hours=3))
    prices = {"late_slack_s": 3_600, "scooter_cents_per_km": 0, "ebike_cents_per_km": 0}
    assert doors(late_already(by_s=600), order, **prices, late_cents_per_min=1_000) == [
        "o-1",
        "o-2",
    ]
    assert doors(late_already(by_s=600), order, **prices, late_cents_per_min=0) == ["o-2", "o-1"]


def test_a_courier_who_would_be_late_is_told_by_how_much() -> None:
    reasons = why(town(0), a_demand("o-1", HERE, FAR, latest_at=NOON + timedelta(seconds=1_000)))
    # 120 s at the pickup and 5,200 m at 5 m/s.
    assert reasons == {"c-0": (Loss.LATE, 160)}


def test_lateness_that_is_allowed_has_its_price() -> None:
    order = a_demand("o-1", HERE, FAR, latest_at=NOON + timedelta(seconds=1_000))
    late = place(town(0), [order], now=NOON, ids=numbered(), max_late_s=160)
    calm = place(town(0), [replace(order, latest_at=NOON + timedelta(hours=1))], now=NOON,
                 ids=numbered())  # fmt: skip
    assert late.insertions[0].late_s == 160
    extra = late.insertions[0].cost_cents - calm.insertions[0].cost_cents
    assert extra == pytest.approx(160 * 100 / 60, abs=1)


def test_every_kind_of_loss_is_named_with_its_amount() -> None:
    world = World(GridTown(), PlanParams())
    fields: dict[str, dict[str, object]] = {
        "full": {"capacity_g": 400},
        "home": {"shift_end_at": NOON + timedelta(seconds=500)},
        "tired": {"worked_s": 43_200 - 3_600 - 500},
        "van": {"vehicle": Vehicle.VAN},
        "away": {"state": CourierState.ON_BREAK, "shift_end_at": NOON - timedelta(seconds=60)},
        "gone": {"state": CourierState.UNAVAILABLE},
        "no": {},
        "lost": {},
        "asked": {},
    }  # fmt: skip
    for courier_id, given in fields.items():
        world.put(a_courier(courier_id, HERE, **given), empty_route(courier_id))
    order = a_demand(
        "o-1",
        HERE,
        FAR,
        vehicles=frozenset({Vehicle.EBIKE}),
        excluded=frozenset({"no", "lost"}),
        dropped_by="lost",
    )
    # 120 s + 1,040 s of driving + 120 s at the door are 1,280 s.
    assert why(world, order, barred={"asked": Loss.HAS_OPEN_OFFER}) == {
        "full": (Loss.OVER_CAPACITY, 600),
        "home": (Loss.BEYOND_SHIFT, 780),
        "tired": (Loss.BEYOND_HOURS, 780),
        "van": (Loss.NO_ACCESS, 0),
        "away": (Loss.BEYOND_SHIFT, 60),
        "gone": (Loss.OFF_DUTY, 0),
        "no": (Loss.REFUSED_IT, 0),
        "lost": (Loss.DROPPED_IT, 0),
        "asked": (Loss.HAS_OPEN_OFFER, 0),
    }


@pytest.mark.parametrize(("overtime_s", "is_placed"), [(0, False), (779, False), (780, True)])
def test_a_route_may_end_after_the_shift_by_the_overtime_that_is_allowed(
    overtime_s: int, *, is_placed: bool
) -> None:
    world = town(0, shift_end_at=NOON + timedelta(seconds=500))
    order = a_demand("o-1", HERE, FAR)
    params = PlanParams(overtime_s=overtime_s)
    placement = place(world, [order], now=NOON, ids=numbered(), params=params)
    assert bool(placement.insertions) is is_placed
    for one in placement.insertions:
        assert verify(
            one.route,
            world.entry("c-0").courier,
            orders={"o-1": order},
            travel=GridTown(),
            now=NOON,
            params=params,
        ) == ()  # fmt: skip


def test_what_is_on_board_takes_room() -> None:
    world = town(0, capacity_g=1_500)
    carry(world, a_demand("o-1", HERE, NEAR))
    (after,) = carry(world, a_demand("o-2", HERE, FAR)).values()
    at_once = [stop.order_ids for stop in after]
    assert at_once.index(("o-1",)) < at_once.index(("o-2",))
    assert verify(
        replace(world.entry("c-0").route, stops=after),
        world.entry("c-0").courier,
        orders={o: a_demand(o, HERE, FAR) for o in ("o-1", "o-2")},
        travel=GridTown(),
        now=NOON,
        params=PlanParams(),
    ) == ()  # fmt: skip


def test_a_courier_before_the_shift_counts_from_its_beginning() -> None:
    begins_at = NOON + timedelta(minutes=20)
    world = town(0, state=CourierState.OFFLINE, shift_start_at=begins_at, duty_since_at=None)
    (stops,) = carry(world, a_demand("o-1", HERE, NEAR)).values()
    assert stops[0].arrival_at == begins_at


def test_a_parcel_on_board_is_dropped_by_whoever_has_it() -> None:
    order = a_demand("o-1", None, FAR, from_courier_id="c-1")
    world = town(0, 2_000)
    assert why(world, order) == {"c-0": (Loss.NOT_IN_HANDS, 0)}
    assert list(carry(world, order)) == ["c-1"]


def test_parcels_on_board_and_elsewhere_are_placed_together_on_a_route_without_room() -> None:
    by_three = {"latest_at": NOON + timedelta(hours=3), "volume_ml": 100}
    far = [place_m(9_000 + k, 0) for k in range(3)]
    held = [a_demand(f"b-{k}", None, far[k], from_courier_id="c-0", **by_three) for k in range(3)]
    got = [a_demand(f"f-{k}", place_m(k, 50), place_m(k, 100), **by_three) for k in range(8)]
    (stops,) = carry(town(0), *held, *got).values()
    assert len(stops) == 3 + 2 * 8


def test_a_parcel_is_taken_over_from_the_courier_who_holds_it() -> None:
    order = a_demand("o-1", NEAR, FAR, pickup_kind=StopKind.TAKE, from_courier_id="c-0")
    world = town(0, 2_000)
    assert why(world, order) == {"c-0": (Loss.DROPPED_IT, 0)}
    (stops,) = carry(world, order).values()
    assert (stops[0].kind, stops[0].from_courier_id) == (StopKind.TAKE, "c-0")


def test_nobody_takes_a_parcel_over_from_somebody_who_is_to_take_theirs() -> None:
    world = town(0, 600, 700, 3_000)

    def taken_from(holder_id: str, order_id: str) -> Demand:
        taken = a_demand(order_id, NEAR, FAR, pickup_kind=StopKind.TAKE)
        return replace(taken, from_courier_id=holder_id)

    # c-1 waits for c-0, and c-2 for c-1.
    carry(world, taken_from("c-1", "o-1"), courier_ids=["c-0"])
    carry(world, taken_from("c-2", "o-2"), courier_ids=["c-1"])
    ring = {"c-1": (Loss.WAITS_FOR_THEM, 0), "c-2": (Loss.WAITS_FOR_THEM, 0)}
    found = why(world, taken_from("c-0", "o-3"))
    assert {courier_id: found[courier_id] for courier_id in ring} == ring
    # Who waits for somebody else may be waited for.
    assert (Loss.WAITS_FOR_THEM, 0) not in why(world, taken_from("c-3", "o-4")).values()
    assert list(carry(world, taken_from("c-0", "o-3"))) == ["c-3"]


def test_only_couriers_who_may_be_asked_are_asked() -> None:
    order = a_demand("o-1", NEAR, FAR)
    assert list(carry(town(0, 3_000), order, courier_ids=["c-1"])) == ["c-1"]
    assert why(town(0, 3_000), order, courier_ids=["c-1"]) == {}
    with pytest.raises(NotFound):
        place(town(0), [order], now=NOON, ids=numbered(), courier_ids=["c-9"])


def test_couriers_farther_off_are_tried_if_the_nearest_cannot() -> None:
    world = World(GridTown(), PlanParams(n_candidates=1, n_soonest=0, max_candidates=8))
    for k, weight_g in enumerate((1_500, 1_500, 9_000)):
        courier = a_courier(f"c-{k}", place_m(k * 100, 0), capacity_g=weight_g)
        world.put(courier, empty_route(courier.id))
    for k in range(2):
        carry(world, a_demand(f"old-{k}", None, NEAR, from_courier_id=f"c-{k}"))
    heavy = a_demand("o-1", place_m(0, 10), FAR, weight_g=1_400)
    plan = place(
        world, [replace(heavy, latest_at=NOON + timedelta(seconds=1_250))], now=NOON, ids=numbered()
    )
    assert [i.courier_id for i in plan.insertions] == ["c-2"]
    calm = place(world, [heavy], now=NOON, ids=numbered())
    assert calm.n_losers["o-1"] == {"farther": 2}


def test_whoever_has_nothing_to_do_is_asked_although_long_routes_pass_nearer() -> None:
    params = PlanParams(n_candidates=2, n_soonest=1, max_candidates=2, wait_cents_per_min=20)
    world = World(GridTown(), params)
    for k in range(2):
        courier = a_courier(f"busy-{k}", place_m(0, 0))
        world.put(courier, empty_route(courier.id))
        for n in range(10):
            to = place_m(2_000 * (n % 2), 200 * n)
            carry(world, a_demand(f"old-{k}-{n}", None, to, from_courier_id=courier.id))
    idle = a_courier("idle", place_m(3_500, 0))
    world.put(idle, empty_route(idle.id))
    plan = place(world, [a_demand("o-1", place_m(2_000, 0), FAR)], now=NOON, ids=numbered())
    assert [i.courier_id for i in plan.insertions] == ["idle"]


def test_no_more_losers_are_kept_than_asked_for_but_all_are_counted() -> None:
    world = World(GridTown(), PlanParams(n_kept=3))
    for k in range(9):
        courier = a_courier(f"c-{k}", place_m(100 * k, 0), state=CourierState.SOS)
        world.put(courier, empty_route(courier.id))
    plan = place(world, [a_demand("o-1", place_m(450, 0), FAR)], now=NOON, ids=numbered())
    assert [r.courier_id for r in plan.rejections["o-1"]] == ["c-4", "c-5", "c-3"]
    assert plan.n_losers["o-1"] == {"off_duty": 9}


def test_an_order_given_twice_is_refused() -> None:
    order = a_demand("o-1", NEAR, FAR)
    with pytest.raises(Invalid, match="o-1 is given twice"):
        place(town(0), [order, order], now=NOON, ids=numbered())


def test_an_order_that_is_nowhere_cannot_be_planned() -> None:
    with pytest.raises(CannotPlan, match=r"o-1 .* nobody has it on board"):
        place(town(0), [a_demand("o-1", None, FAR)], now=NOON, ids=numbered())


def test_nothing_to_place_and_nobody_to_ask_are_both_fine() -> None:
    assert place(town(0), [], now=NOON, ids=numbered()).insertions == ()
    plan = place(town(), [a_demand("o-1", NEAR, FAR)], now=NOON, ids=numbered())
    assert (plan.unplaced, plan.rejections) == (("o-1",), {"o-1": ()})


def test_a_wave_is_shared_out_and_every_route_is_sound() -> None:
    world = town(0, 0, 0, 0)
    orders = {
        f"o-{k}": a_demand(
            f"o-{k}",
            HERE,
            place_m(400 + 97 * (k % 13), 61 * k),
            pickup_site_id="station",
            latest_at=NOON + timedelta(hours=3),
            weight_g=500,
        )
        for k in range(40)
    }
    plan = place(world, list(orders.values()), now=NOON, ids=numbered())
    routes = {i.courier_id: i.route for i in plan.insertions}
    assert len(routes) >= 2
    assert sum(len(route.stops[0].order_ids) for route in routes.values()) == 40
    for courier_id, route in routes.items():
        assert [s.kind for s in route.stops].count(StopKind.PICKUP) == 1
        assert verify(
            route,
            world.entry(courier_id).courier,
            orders=orders,
            travel=GridTown(),
            now=NOON,
            params=world.params,
            before=empty_route(courier_id),
        ) == ()  # fmt: skip


def test_improving_a_wave_makes_it_cheaper_and_never_dearer() -> None:
    def metres(**steps: int) -> int:
        world = town(0, 0, 0)
        orders = [
            a_demand(
                f"o-{k:02}",
                HERE,
                place_m(2_500 - (k * k * 37) % 5_000, (k * k * 91) % 4_000),
                pickup_site_id="station",
                latest_at=NOON + timedelta(hours=4),
                weight_g=100,
            )
            for k in range(45)
        ]
        plan = place(world, orders, now=NOON, ids=numbered(), params=PlanParams(**steps))
        courier_ids = {i.courier_id for i in plan.insertions}
        total = 0
        for courier_id in courier_ids:
            route = next(i.route for i in plan.insertions if i.courier_id == courier_id)
            places = [HERE, *(stop.place for stop in route.stops)]
            nodes = world.legs.nodes(Vehicle.EBIKE, [(p.lon, p.lat) for p in places])
            ways = world.legs.travel.matrices(Vehicle.EBIKE, nodes[:-1], nodes[1:], NOON)
            total += int(ways[1].trace())
        return total

    assert metres() < metres(steps_per_order=0)
