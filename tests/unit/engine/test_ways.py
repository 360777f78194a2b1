"""Who goes how, where the day ends, and what time costs."""

from typing import Any

import numpy as np
import pytest

from recourse.model.errors import Invalid
from recourse.planning.engine import ANY, Couriers, Orders, Travel, Visits, Ways, World

STREET_M = np.array([0, 100, 500, 1_000])
"""Where both couriers start, and three doors."""


def street(**more: Any) -> World:  # noqa: ANN401 - any field
    """Return a street with a scooter and a van, who takes twice as long and costs half."""
    ways = np.abs(STREET_M[:, None] - STREET_M)
    facts: dict[str, Any] = {
        "start_place": np.array([0, 0]),
        "start_s": np.array([0, 0]),
        "end_place": np.array([0, 0]),
        "end_s": np.array([9_000, 9_000]),
        "capacity": np.array([9, 9]),
        "load": np.array([0, 0]),
        "profile": np.array([0, 1]),
    }
    return World(
        travel=Travel(time_s=np.stack([ways, 2 * ways]), price=np.stack([2 * ways, ways])),
        visits=Visits(
            place=np.array([1, 2, 3]),
            earliest_s=np.zeros(3),
            latest_s=np.array([9_000, 9_000, 1_000]),
            service_s=np.zeros(3),
            demand=np.ones(3),
        ),
        orders=Orders(delivery=np.arange(3), unserved_price=np.full(3, 10_000)),
        couriers=Couriers(**(facts | more)),
    )


def test_each_courier_goes_the_ways_of_their_own_profile() -> None:
    world = street()
    assert world.rules.walk(0, [0, 1]).starts_s == [100, 500]
    assert world.rules.walk(1, [0, 1]).starts_s == [200, 1_000]
    assert world.rules.walk(0, [1]).legs_price == 2_000
    assert world.rules.walk(1, [1]).legs_price == 1_000


def test_only_who_is_fast_enough_gets_what_is_urgent() -> None:
    answer = street().answer(iterations=50, seed=1)
    assert 2 in answer.routes[0]
    assert answer.price == 4_000


def test_a_van_is_sent_where_nobody_is_in_a_hurry() -> None:
    world = street()
    world.take_order_out(2)
    answer = world.answer(iterations=50, seed=1)
    assert [len(route) for route in answer.routes] == [0, 2]
    assert answer.price == 1_000


def test_a_closed_road_may_be_closed_to_one_profile() -> None:
    world = street()
    ways = np.abs(STREET_M - 500)
    time_s = np.stack([ways + 4_000, 2 * ways])
    time_s[:, 2] = 0
    price = np.stack([2 * ways, ways])
    world.change_place(
        2, Ways(time_out_s=time_s, time_in_s=time_s, price_out=price, price_in=price)
    )
    assert world.rules.walk(0, [1]).starts_s == [4_500]
    assert world.rules.walk(1, [1]).starts_s == [1_000]


def test_a_day_without_a_way_home_ends_at_the_last_stop() -> None:
    for is_plain in (False, True):
        world = street(end_place=np.array([ANY, ANY]), end_s=np.array([1_000, 0]))
        world = World(
            travel=world.rules.travel,
            visits=world.rules.visits,
            orders=world.rules.orders,
            couriers=world.rules.couriers,
            is_plain=is_plain,
        )
        answer = world.answer()
        assert answer.routes[0].tolist() == [0, 1, 2]
        assert answer.price == 2_000
        assert world.rules.walk(0, [0, 1, 2]).ends_s == 1_000


def test_time_has_its_price_while_waiting_too() -> None:
    world = street(second_price=np.array([3, 0]))
    late = np.array([0, 5_000, 0])
    rules = world.rules
    visits = Visits(
        place=rules.visits.place,
        earliest_s=late,
        latest_s=np.full(3, 9_000),
        service_s=np.zeros(3),
        demand=np.ones(3),
    )
    waiting = World(
        travel=rules.travel, visits=visits, orders=rules.orders, couriers=rules.couriers
    )
    walk = waiting.rules.walk(0, [1])
    assert walk.seconds_price == 3 * (5_000 + 500)
    assert walk.legs_price == 2_000
    answer = waiting.answer(iterations=50)
    assert len(answer.routes[0]) == 0


def test_who_has_nothing_to_do_costs_no_time() -> None:
    world = street(second_price=np.array([5, 5]), start_s=np.array([100, 200]))
    assert world.rules.walk(0, []).price == 0
    assert world.engine.price() == 30_000


def test_time_alone_may_be_what_costs() -> None:
    world = street(second_price=np.array([1, 1]))
    travel = Travel(time_s=world.rules.travel.time_s, price=0 * world.rules.travel.price)
    timed = World(
        travel=travel,
        visits=world.rules.visits,
        orders=world.rules.orders,
        couriers=world.rules.couriers,
    )
    assert timed.answer(iterations=50).price == 2_000


def test_profiles_of_ways_and_of_couriers_fit_together() -> None:
    world = street()
    with pytest.raises(Invalid, match="profile"):
        street(profile=np.array([0, 2]))
    with pytest.raises(Invalid, match="not 2 or 3"):
        Travel(time_s=np.zeros(4), price=np.zeros(4))
    one = Ways(**dict.fromkeys(Ways.__dataclass_fields__, np.zeros(5)))
    assert world.add_place(one) == 4
    assert world.rules.travel.time_s.shape == (2, 5, 5)
