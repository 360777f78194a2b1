"""What the world remembers, and what can be done to one route."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from recourse.model.couriers import Progress, Vehicle
from recourse.model.errors import Invalid, NotFound
from recourse.model.routes import Route, StopStatus
from recourse.planning import Demand, PlanParams, World, place, retime, without
from tests.unit.planning.town import (
    NOON,
    GridTown,
    a_courier,
    a_demand,
    empty_route,
    numbered,
    place_m,
)


class CountingTown(GridTown):
    """A grid town that counts how many ways it was asked for, and can be slowed down."""

    def __init__(self) -> None:
        super().__init__()
        self.n_asked = 0
        self.slower = 1

    def matrices(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        self.n_asked += len(origins) * len(destinations)
        seconds, metres = super().matrices(vehicle, origins, destinations, at)
        return self.slower * seconds, metres


def on_the_road(travel: GridTown) -> tuple[World, Route, dict[str, Demand]]:
    """One courier at the west end with two orders from there, 1 km and 2 km off."""
    world = World(travel, PlanParams())
    world.put(a_courier("c-0", place_m(0, 0)), empty_route("c-0"))
    orders = {f"o-{k}": a_demand(f"o-{k}", place_m(0, 0), place_m(1_000 * k, 0)) for k in (1, 2)}
    plan = place(world, list(orders.values()), now=NOON, ids=numbered())
    route = plan.insertions[-1].route
    world.put(world.entry("c-0").courier, route, orders=orders)
    return world, route, orders


def test_a_route_is_timed_as_it_was_planned() -> None:
    world, route, _ = on_the_road(GridTown())
    assert retime(world, "c-0", route.stops, now=NOON) == route.stops


def test_a_position_costs_one_travel_time() -> None:
    travel = CountingTown()
    world, route, _ = on_the_road(travel)
    retime(world, "c-0", route.stops, now=NOON)
    before = travel.n_asked
    east = place_m(300, 0)
    world.move(Progress(courier_id="c-0", lon=east.lon, lat=east.lat, pinged_at=NOON))
    later = retime(world, "c-0", route.stops, now=NOON)
    assert travel.n_asked == before + 1
    assert later[0].arrival_at == NOON + timedelta(seconds=78)


def test_a_stop_that_has_begun_keeps_its_arrival_and_holds_up_the_rest() -> None:
    world, route, _ = on_the_road(GridTown())
    arrived_at = NOON - timedelta(seconds=30)
    begun = replace(
        route.stops[0],
        status=StopStatus.STARTED,
        arrival_at=arrived_at,
        earliest_at=arrived_at,
    )
    timed = retime(world, "c-0", (begun, *route.stops[1:]), now=NOON)
    assert timed[0] == begun
    assert timed[1].arrival_at == arrived_at + timedelta(seconds=begun.service_s + 260)


def test_closed_roads_are_asked_for_again() -> None:
    travel = CountingTown()
    world, route, _ = on_the_road(travel)
    assert retime(world, "c-0", route.stops, now=NOON) == route.stops
    travel.slower = 2
    assert retime(world, "c-0", route.stops, now=NOON) == route.stops
    world.forget_travel()
    slow = retime(world, "c-0", route.stops, now=NOON)
    assert slow[-1].arrival_at > route.stops[-1].arrival_at


def test_orders_taken_off_leave_the_rest_as_it_was() -> None:
    _, route, _ = on_the_road(GridTown())
    left = without(route, ["o-1", "unknown"])
    assert [stop.order_ids for stop in left] == [("o-2",), ("o-2",)]
    assert without(route, []) == route.stops
    assert without(route, ["o-1", "o-2"]) == ()


def test_an_order_whose_load_is_unknown_is_refused() -> None:
    _, route, orders = on_the_road(GridTown())
    other = World(GridTown(), PlanParams())
    with pytest.raises(NotFound, match="there is no order 'o-"):
        other.put(a_courier("c-0", place_m(0, 0)), route)
    other.put(a_courier("c-0", place_m(0, 0)), route, orders=orders)
    other.put(a_courier("c-0", place_m(0, 0)), route)
    assert other.version == 2


def test_whoever_was_removed_is_gone_and_the_place_is_used_again() -> None:
    world, route, orders = on_the_road(GridTown())
    world.remove("c-0")
    world.remove("c-0")
    assert world.courier_ids() == ()
    with pytest.raises(NotFound):
        retime(world, "c-0", route.stops, now=NOON)
    world.put(a_courier("c-1", place_m(0, 0)), empty_route("c-1"))
    world.put(a_courier("c-2", place_m(0, 0)), replace(route, courier_id="c-2"), orders=orders)
    assert world.courier_ids() == ("c-1", "c-2")
    assert world.board.n[[world.row_of["c-1"], world.row_of["c-2"]]].tolist() == [0, 3]


def test_many_couriers_with_long_routes_find_room() -> None:
    world = World(GridTown(), PlanParams())
    for k in range(40):
        world.put(a_courier(f"c-{k:02}", place_m(k, 0)), empty_route(f"c-{k:02}"))
    orders = [
        a_demand(
            f"o-{k:02}",
            None,
            place_m(50 * k, 0),
            from_courier_id="c-07",
            weight_g=10,
            latest_at=NOON + timedelta(hours=2),
        )
        for k in range(30)
    ]
    plan = place(world, orders, now=NOON, ids=numbered())
    assert len(plan.insertions[-1].route.stops) == 30
    assert world.courier_ids()[39] == "c-39"


@pytest.mark.parametrize("field", ["regret_k", "balance_s", "n_candidates", "cents_per_h"])
def test_params_that_make_no_plan_are_refused(field: str) -> None:
    with pytest.raises(Invalid, match=field):
        PlanParams(**{field: -1})
