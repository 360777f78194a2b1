"""A broken route is found out, whatever is broken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from recourse.model.couriers import Courier, Vehicle
from recourse.model.routes import Route, Stop, StopStatus
from recourse.planning import PlanParams, World, place, verify
from tests.unit.planning.town import (
    NOON,
    GridTown,
    a_courier,
    a_demand,
    empty_route,
    numbered,
    place_m,
)

ORDER = a_demand("o-1", place_m(500, 0), place_m(1_500, 0), vehicles=frozenset({Vehicle.EBIKE}))
OTHER = a_demand("o-2", place_m(0, 0), place_m(2_000, 0))


def sound() -> tuple[Route, Courier]:
    """A route with two orders that breaks nothing."""
    world = World(GridTown(), PlanParams())
    world.put(a_courier("c-0", place_m(0, 0)), empty_route("c-0"))
    plan = place(world, [ORDER, OTHER], now=NOON, ids=numbered())
    return plan.insertions[-1].route, world.entry("c-0").courier


def judged(route: Route, courier: Courier, before: Route | None = None) -> str:
    problems = verify(
        route,
        courier,
        orders={"o-1": ORDER, "o-2": OTHER},
        travel=GridTown(),
        now=NOON,
        params=PlanParams(),
        before=empty_route("c-0") if before is None else before,
    )
    return "; ".join(problems)


def test_a_sound_route_passes() -> None:
    assert judged(*sound()) == ""


def late(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return (*stops[:-1], replace(stops[-1], latest_at=NOON))


def begun(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return (stops[0], replace(stops[1], status=StopStatus.STARTED), *stops[2:])


def hurried(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return tuple(replace(s, arrival_at=s.arrival_at - timedelta(minutes=5)) for s in stops)


def unnamed(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return (replace(stops[0], id=""), *stops[1:])


def uncollected(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return stops[1:]


def unfinished(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return stops[:-1]


def doubled(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return (*stops, replace(stops[-1], id="again"))


def reversed_(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return stops[::-1]


def emptied(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    return (*stops, replace(stops[-1], id="none", order_ids=()))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (late, "window: stop s-"),
        (begun, "has begun but is not the first"),
        (hurried, "arrival: stop s-"),
        (unnamed, "ids: a stop has no id"),
        (uncollected, "is never collected"),
        (unfinished, "is never dropped"),
        (doubled, "is dropped twice"),
        (reversed_, "is dropped before it is collected"),
        (emptied, "empty: stop none serves nobody"),
    ],
)
def test_damage_to_the_stops_is_named(
    damage: Callable[[tuple[Stop, ...]], tuple[Stop, ...]], said: str
) -> None:
    route, courier = sound()
    assert said in judged(replace(route, stops=damage(route.stops)), courier)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "c-9"}, "courier: the route is c-0's"),
        ({"capacity_g": 1_900}, "capacity_g: 100 g too much after"),
        ({"capacity_ml": 9_000}, "capacity_ml: 1000 ml too much after"),
        ({"shift_end_at": NOON + timedelta(minutes=5)}, "shift: ends"),
        ({"worked_s": 40_000}, "hours:"),
        ({"vehicle": Vehicle.SCOOTER}, "access: o-1 may not go by scooter"),
    ],
)
def test_a_courier_who_does_not_fit_is_named(fields: dict[str, object], said: str) -> None:
    route, courier = sound()
    changed = replace(courier, **fields)  # type: ignore[arg-type]
    assert said in judged(route, changed)


def test_a_begun_stop_may_not_be_changed() -> None:
    route, courier = sound()
    first = replace(route.stops[0], status=StopStatus.STARTED)
    before = replace(route, stops=(first, *route.stops[1:]))
    assert "frozen" not in judged(before, courier, before)
    moved = replace(before, stops=(replace(first, service_s=1), *route.stops[1:]))
    assert "has begun and was changed" in judged(moved, courier, before)


def test_a_stop_that_is_late_already_may_stay_as_late_but_not_become_later() -> None:
    route, courier = sound()
    late_by_now = tuple(replace(s, latest_at=NOON) for s in route.stops)
    before = replace(route, stops=late_by_now)
    assert "window" not in judged(before, courier, before)
    slack_s = PlanParams().late_slack_s
    waits = replace(late_by_now[0], service_s=120 + slack_s + 2)
    assert "window" in judged(replace(route, stops=(waits, *late_by_now[1:])), courier, before)
    waits = replace(late_by_now[0], service_s=120 + slack_s)
    assert "window" not in judged(replace(route, stops=(waits, *late_by_now[1:])), courier, before)


def test_an_order_nobody_knows_is_said() -> None:
    route, courier = sound()
    problems = verify(
        route, courier, orders={"o-1": ORDER}, travel=GridTown(), now=NOON, params=PlanParams()
    )
    assert problems == ("order: the load of an order on the route is not known",)
