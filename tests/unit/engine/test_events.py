"""What happens to a world happens to both engines alike, and leaves no rule broken."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recourse.model.errors import Invalid
from recourse.planning.engine import Couriers, Visits, Ways, World
from recourse.planning.engine.facts import ANY
from tests.unit.engine.test_kernel import SEEDS, broken, price_from_scratch
from tests.unit.engine.worlds import facts, twins

Happening = Callable[[World, np.random.Generator], list[int]]


def ways(world: World, rng: np.random.Generator, *, at: int) -> Ways:
    """Return the ways of a place that is a little further away from everything than another."""
    travel = world.rules.travel
    n = max(travel.n_places, at + 1)
    other = at if at < travel.n_places else int(rng.integers(0, travel.n_places))
    more = int(rng.integers(1, 200)) * int(rng.choice([1, 1, 1, 1_000]))
    sides = (
        travel.time_s[:, other],
        travel.time_s[:, :, other],
        travel.price[:, other],
        travel.price[:, :, other],
    )
    drawn = [np.concatenate([side, side[:, [other]]], axis=1)[:, :n] + more for side in sides]
    for side in drawn:
        side[:, at] = 0
    return Ways(time_out_s=drawn[0], time_in_s=drawn[1], price_out=drawn[2], price_in=drawn[3])


def courier_of(world: World, rng: np.random.Generator) -> int:
    return int(rng.integers(0, len(world.rules.couriers)))


def drop(world: World, rng: np.random.Generator) -> list[int]:
    return world.drop_courier(courier_of(world, rng))


def slow(world: World, rng: np.random.Generator) -> list[int]:
    courier = courier_of(world, rng)
    place = int(world.rules.couriers.start_place[courier])
    later_s = int(world.rules.couriers.start_s[courier] + rng.integers(0, 400))
    return world.move_courier(courier, place=place, at_s=later_s)


def start(world: World, rng: np.random.Generator) -> list[int]:
    return world.start_stop(courier_of(world, rng), at_s=int(rng.integers(0, 600)))


def close_road(world: World, rng: np.random.Generator) -> list[int]:
    n = world.rules.travel.n_places
    place = int(rng.integers(0, n))
    return world.change_place(place, ways(world, rng, at=place))


def cancel(world: World, rng: np.random.Generator) -> list[int]:
    return world.take_order_out(int(rng.integers(0, len(world.rules.orders))))


def order_in(world: World, rng: np.random.Generator) -> list[int]:
    n = world.rules.travel.n_places
    place = world.add_place(ways(world, rng, at=n))
    rows = [
        Visits(
            place=np.array([place]),
            earliest_s=np.array([0]),
            latest_s=rng.integers(400, 2_000, 1),
            service_s=np.array([5]),
            demand=np.array([[more, 0]]),
        )
        for more in (1, -1)
    ]
    pickup = rows[0] if rng.random() < 0.5 else None
    return [world.add_order(delivery=rows[1], pickup=pickup, unserved_price=2_000, move_price=10)]


def courier_in(world: World, rng: np.random.Generator) -> list[int]:
    places = rng.integers(0, world.rules.travel.n_places, (2, 1))
    is_open = rng.random() < 0.5
    added = world.add_courier(
        Couriers(
            start_place=places[0],
            start_s=rng.integers(0, 300, 1),
            end_place=np.array([ANY]) if is_open else places[1],
            end_s=np.array([3_000]),
            capacity=np.array([[6, 6]]),
            load=np.array([[0, 0]]),
            skills=np.array([3]),
            profile=rng.integers(0, world.rules.travel.n_profiles, 1),
            second_price=rng.integers(0, 3, 1),
        )
    )
    return [added]


def rest(world: World, rng: np.random.Generator) -> list[int]:
    owed_s, by_s = int(rng.integers(0, 300)), int(rng.integers(0, 1_500))
    return world.change_break(courier_of(world, rng), break_s=owed_s, by_s=by_s)


HAPPENINGS: list[Happening] = [
    rest,
    drop,
    slow,
    start,
    start,
    close_road,
    cancel,
    order_in,
    courier_in,
]


@settings(max_examples=40)  # the reference takes its time
@given(SEEDS, st.lists(st.sampled_from(HAPPENINGS), min_size=1, max_size=6))
def test_a_day_is_the_same_for_the_kernel_and_the_reference(
    seed: int, day: list[Happening]
) -> None:
    worlds = twins(seed)
    for world in worlds:
        world.adopt(world.answer())
    for k, happening in enumerate(day):
        told = []
        for world in worlds:
            lost = happening(world, np.random.default_rng([seed, k]))  # noqa: TID251 - same for both
            told.append((lost, [list(route) for route in world.routes]))
        assert told[0] == told[1]
        answers = [world.answer() for world in worlds]
        assert [r.tolist() for r in answers[0].routes] == [r.tolist() for r in answers[1].routes]
        assert answers[0].price == answers[1].price
        assert answers[0].unserved.tolist() == answers[1].unserved.tolist()


@given(SEEDS, st.lists(st.sampled_from(HAPPENINGS), min_size=1, max_size=8))
def test_no_rule_is_broken_and_no_price_drifts_over_a_day(seed: int, day: list[Happening]) -> None:
    world = World(**facts(seed, n_orders=15, n_couriers=4))
    world.adopt(world.answer(iterations=60, seed=seed))
    for k, happening in enumerate(day):
        happening(world, np.random.default_rng([seed, k]))  # noqa: TID251 - drawn, not guessed
        answer = world.answer(iterations=60, seed=k)
        assert price_from_scratch(world.rules, answer) == answer.price
        assert broken(world.rules, answer) == []
        if k % 2:
            world.adopt(answer)


def test_a_stop_that_has_begun_is_nobodys_orphan() -> None:
    world = World(**facts(2))
    world.adopt(world.answer())
    courier = next(c for c, route in enumerate(world.routes) if len(route))
    first = int(world.routes[courier][0])
    rest = {world.rules.order_of[visit] for visit in world.routes[courier][1:]}
    assert set(world.start_stop(courier, at_s=0)) <= rest
    assert first not in world.routes[courier]
    left = {world.rules.order_of[visit] for visit in world.routes[courier]}
    assert world.drop_courier(courier) == sorted(left)
    order = world.rules.order_of[first]
    is_done = first == world.rules.orders.delivery[order]
    assert (order in world.answer().unserved) == (not is_done)
    assert world.start_stop(courier, at_s=0) == []


def test_numbers_that_point_nowhere_are_refused() -> None:
    world = World(**facts(3))
    with pytest.raises(Invalid, match="courier"):
        world.drop_courier(3)
    with pytest.raises(Invalid, match="order"):
        world.take_order_out(-1)
    with pytest.raises(Invalid, match="place"):
        world.move_courier(0, place=99, at_s=0)
    row = np.zeros((3, world.rules.travel.n_places), dtype=np.int32)
    three = Ways(time_out_s=row, time_in_s=row, price_out=row, price_in=row)
    with pytest.raises(Invalid, match="have 3 profiles, not 2"):
        world.change_place(0, three)
