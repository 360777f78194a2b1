"""A city answers where something happened as one world of all of it would."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recourse.model.errors import Invalid, Stale
from recourse.planning.engine import ANY, Couriers, Metropolis, Orders, Travel, Visits, World
from recourse.planning.engine.background import CityBackground
from recourse.planning.engine.events import Events
from recourse.planning.engine.journal import Journal, play
from tests.unit.engine.test_kernel import SEEDS
from tests.unit.engine.worlds import facts

N_PLACES = 15
"""At least, where there are nine orders and three couriers."""


class Square:
    """All ways of a small city, and places on a line."""

    def __init__(self, travel: Travel) -> None:
        self._travel = travel
        self.n_places, self.n_profiles = travel.n_places, travel.n_profiles

    def at_m(self, places: NDArray[np.int32]) -> NDArray[np.float64]:
        return np.stack([places, 0 * places], axis=1).astype(np.float64)

    def travel_between(self, places: NDArray[np.int32]) -> Travel:
        square = np.ix_(np.arange(self._travel.n_profiles), places, places)
        travel = self._travel
        return replace(travel, time_s=travel.time_s[square], price=travel.price[square])


def both(seed: int, *, calm: bool = False, **sizes: int) -> tuple[World, Metropolis]:
    """Return the same small city as one world and as a metropolis, with the same plan told."""
    drawn: dict[str, Any] = facts(seed, has_large=False, **sizes)
    if calm:  # change costs nothing
        drawn["orders"] = _without(drawn["orders"], "move_price")
        drawn["couriers"] = _without(drawn["couriers"], "next_price")
    world = World(**drawn)
    world.adopt(world.answer())
    city = Metropolis(ways=Square(drawn.pop("travel")), **drawn)
    city.load_routes(world.routes)
    return world, city


def _without(given: Any, name: str) -> Any:  # noqa: ANN401 - orders or couriers
    columns = {one: getattr(given, one) for one in given.__dataclass_fields__}
    return type(given)(**(columns | {name: 0 * columns[name]}))


def open_orders(world: World) -> list[int]:
    """Return the orders that nobody carries."""
    served = {world.rules.order_of[v] for route in world.routes for v in route}
    return sorted(set(range(len(world.rules.orders))) - served - world.rules.over)


@settings(max_examples=30)
@given(SEEDS)
def test_a_breakdown_is_answered_as_by_one_world_of_the_whole_city(seed: int) -> None:
    world, city = both(seed, n_orders=9)
    lost = seed % 3
    orphans = city.drop_courier(lost)
    world.drop_courier(lost)
    assert set(orphans) <= set(open_orders(world))
    asked = city.answer(open_orders(world), iterations=60, seed=4)
    told = world.answer(iterations=60, seed=4)
    # Whoever is off duty is not asked at all; and dice fall otherwise where couriers are fewer.
    first = city.answer(open_orders(world))
    assert first.price == world.answer().price
    assert asked.price <= first.price
    assert told.price <= first.price
    assert lost not in asked.couriers
    assert sorted(first.unserved.tolist()) == world.answer().unserved.tolist()


@settings(max_examples=30)  # both are built, and one is cut out again and again
@given(SEEDS, st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_what_happens_to_a_city_happens_as_in_one_world(seed: int, day: list[int]) -> None:
    world, city = both(seed, calm=True, n_orders=9)
    for k, happening in enumerate(day):
        before = set(open_orders(world))
        lost = [_happen(happening, one, dice(seed, k)) for one in (world, city)]
        assert lost[0] == lost[1] == sorted(set(open_orders(world)) - before)
        assert [list(route) for route in world.routes] == [list(city.route(c)) for c in range(3)]
        wanted = open_orders(world)
        answer = city.answer(wanted)
        assert not wanted or answer.price == world.answer().price
        if wanted and k % 2:
            world.adopt(world.answer())
            city.adopt(answer)


def dice(seed: int, k: int) -> np.random.Generator:
    return np.random.default_rng([seed, k])  # noqa: TID251 - the same for both


def _happen(happening: int, one: Events, rng: np.random.Generator) -> list[int]:
    """Let something happen to a world or a city; orders that lost their courier."""
    courier, at_s = int(rng.integers(0, 3)), int(rng.integers(0, 600))
    if happening == 0:
        return one.drop_courier(courier)
    if happening == 1:
        return one.move_courier(courier, place=int(rng.integers(0, N_PLACES)), at_s=at_s)
    if happening == 2:
        return one.take_order_out(int(rng.integers(0, 9)))
    if happening == 3:
        row = Visits(
            place=rng.integers(0, N_PLACES, 1),
            earliest_s=np.array([0]),
            latest_s=rng.integers(400, 2_000, 1),
            service_s=np.array([5]),
            demand=np.array([[1, 0]]),
        )
        only = courier if rng.random() < 0.3 else ANY
        return [one.add_order(delivery=row, unserved_price=2_000, only_courier=only)]
    if happening == 4:
        return one.change_break(courier, break_s=int(rng.integers(0, 300)), by_s=2 * at_s)
    return one.start_stop(courier, at_s=at_s)


@settings(max_examples=20)  # both are built, and cut out again and again
@given(SEEDS, st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_a_city_is_built_again_from_what_was_written_down(seed: int, day: list[int]) -> None:
    first, again = (both(seed, n_orders=9)[1] for _ in range(2))
    journal = Journal(first)
    for k, happening in enumerate(day):
        orphans = _happen(happening, first, dice(seed, k))
        if orphans:
            first.adopt(first.answer(orphans, iterations=30, seed=k))
    play(again, json.loads(json.dumps(journal.entries)))
    assert again.version == first.version
    assert [again.route(c) for c in range(3)] == [first.route(c) for c in range(3)]
    asked = [city.answer(first_orphans(first), iterations=30, seed=3) for city in (first, again)]
    assert asked[0].price == asked[1].price
    assert [r.tolist() for r in asked[0].routes] == [r.tolist() for r in asked[1].routes]


def first_orphans(city: Metropolis) -> list[int]:
    """Return the first nine orders that nobody carries; those that are over are passed over."""
    return [order for order in range(9) if city.courier_of(order) == ANY]


def test_a_city_refuses_numbers_that_point_nowhere() -> None:
    city = crowd(4)
    with pytest.raises(Invalid, match="courier"):
        city.drop_courier(4)
    with pytest.raises(Invalid, match="place"):
        city.move_courier(0, place=40, at_s=0)
    with pytest.raises(Invalid, match="order"):
        city.take_order_out(-1)
    assert city.version == 1


def crowd(n: int) -> Metropolis:
    """Return couriers on a line, a kilometre apart, each with a door beside their own."""
    doors = 10 * np.arange(n) + 1
    starts = 10 * np.arange(n)
    ways = np.abs(np.arange(10 * n)[:, None] - np.arange(10 * n)) * 100
    city = Metropolis(
        ways=Square(Travel(time_s=ways, price=ways)),
        visits=Visits(
            place=doors,
            earliest_s=np.zeros(n),
            latest_s=np.full(n, 90_000),
            service_s=np.zeros(n),
            demand=np.ones(n),
        ),
        orders=Orders(delivery=np.arange(n), unserved_price=np.full(n, 50_000)),
        couriers=Couriers(
            start_place=starts,
            start_s=np.zeros(n),
            end_place=np.full(n, ANY),
            end_s=np.full(n, 90_000),
            capacity=np.full(n, 3),
            load=np.zeros(n),
        ),
        cell_m=5.0,
        reach=4,
    )
    city.load_routes([[k] for k in range(n)])
    return city


def test_only_neighbours_are_asked() -> None:
    city = crowd(30)
    orphans = city.drop_courier(15)
    answer = city.answer(orphans, iterations=30)
    assert answer.couriers.tolist() == [13, 14, 16, 17]
    assert answer.unserved.tolist() == []
    city.adopt(answer)
    assert city.courier_of(15) in (14, 16)
    assert city.route(15) == ()


def test_where_nobody_is_left_every_order_takes_its_way_out() -> None:
    city = crowd(3)
    orphans = [order for courier in range(3) for order in city.drop_courier(courier)]
    answer = city.answer(orphans)
    assert answer.price == 150_000
    assert answer.unserved.tolist() == [0, 1, 2]
    number = city.add_courier(
        Couriers(
            start_place=np.array([5]),
            start_s=np.array([0]),
            end_place=np.array([ANY]),
            end_s=np.array([90_000]),
            capacity=np.array([3]),
            load=np.array([0]),
        )
    )
    ticks = iter(np.arange(0.0, 9.0, 0.25))
    answer = city.answer_within(orphans, 1.0, clock=lambda: float(next(ticks)))
    assert answer.couriers.tolist() == [number]
    assert answer.unserved.tolist() == []


def test_a_plan_that_breaks_a_rule_or_serves_twice_is_refused() -> None:
    city = crowd(5)
    with pytest.raises(Invalid, match="a route breaks"):
        city.load_routes([[0, 1, 2, 3], [], [], [], []])
    with pytest.raises(Invalid, match="serve an order twice"):
        city.load_routes([[0], [0], [], [], []])
    with pytest.raises(Invalid, match="are 1, not 5"):
        city.load_routes([[0]])
    assert city.route(3) == (3,)


def test_what_somebody_has_in_hand_is_theirs_to_bring() -> None:
    city = crowd(8)
    rows = [
        Visits(
            place=np.array([place]),
            earliest_s=np.array([0]),
            latest_s=np.array([90_000]),
            service_s=np.array([0]),
            demand=np.array([more]),
        )
        for place, more in ((40, 1), (42, -1))
    ]
    order = city.add_order(pickup=rows[0], delivery=rows[1], unserved_price=9_000)
    city.adopt(city.answer([order]))
    holder = city.courier_of(order)
    while len(city.route(holder)) > 1:
        assert city.start_stop(holder, at_s=0) == []
    lost = city.move_courier(holder, place=40, at_s=90_001)
    assert lost == [order]
    assert holder in city.answer([order], reach=1).couriers
    assert city.drop_courier(holder) == []
    answer = city.answer([order])
    assert holder not in answer.couriers
    assert answer.unserved.tolist() == [order]


def test_a_city_is_bettered_neighbourhood_by_neighbourhood() -> None:
    world, city = both(4, calm=True, n_orders=12, n_couriers=4)
    routes = crossed(world)
    world.load_routes(routes)
    city.load_routes(routes)
    told = world.engine.price()
    background = CityBackground(city, least_gain=20, seed=2)
    gains = []
    for _ in range(12):
        if offer := background.work(60):
            gains.append(offer.gain)
            city.adopt(offer)
    assert gains
    assert min(gains) > 20
    world.load_routes([city.route(c) for c in range(4)])
    assert world.engine.price() <= told - sum(gains)


def test_nobody_in_a_city_is_disturbed_for_less() -> None:
    world, city = both(4, calm=True, n_orders=12, n_couriers=4)
    city.load_routes(crossed(world))
    background = CityBackground(city, least_gain=1_000_000)
    assert [background.work(30) for _ in range(8)] == [None] * 8
    assert CityBackground(both(5, calm=True, n_orders=3)[1], least_gain=0).work(0) is None


def crossed(world: World) -> list[list[int]]:
    """Return the routes of an answer in which one order was moved to where it costs most."""
    answer = world.answer()
    routes = [route.tolist() for route in answer.routes]
    best, price = routes, answer.price
    for one in range(len(routes)):
        for other in range(len(routes)):
            for visit in routes[one]:
                if one == other or world.rules.orders.pickup[world.rules.order_of[visit]] != ANY:
                    continue
                moved = [[v for v in route if v != visit] for route in routes]
                moved[other] = [visit, *moved[other]]
                walks = [world.rules.walk(c, route) for c, route in enumerate(moved)]
                if any(not walk.is_sound for walk in walks):
                    continue
                if world.rules.may_carry(world.rules.order_of[visit], other):
                    continue
                dearer = sum(walk.price for walk in walks)
                if dearer > price:
                    best, price = moved, dearer
    return best


def test_an_answer_that_was_overtaken_is_refused() -> None:
    world, city = both(4, n_orders=9)
    orphans = city.drop_courier(0)
    first, second = city.answer(orphans), city.answer(orphans)
    city.adopt(first)
    with pytest.raises(Stale, match="past version"):
        city.adopt(second)
    del world


def test_an_answer_about_a_canceled_order_is_refused() -> None:
    for seed in range(20):
        _, city = both(seed, n_orders=9)
        orphans = city.drop_courier(0)
        answer = city.answer(orphans)
        taken = [o for o in orphans if o not in answer.unserved]
        if not taken:
            continue
        city.take_order_out(taken[0])
        with pytest.raises(Stale, match="order"):
            city.adopt(answer)
        return
    raise AssertionError
