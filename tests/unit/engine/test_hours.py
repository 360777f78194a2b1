"""A break must have begun in time, and hours worked already count."""

from typing import Any

import numpy as np
import pytest

from recourse.planning.engine import ANY, Couriers, Orders, Travel, Visits, World
from recourse.planning.engine.hours import CHINA, EU_561, with_hours

STREET_M = np.array([0, 1_000, 2_000, 3_000])


def street(*, is_plain: bool = False, latest_s: int = 99_999, **more: Any) -> World:  # noqa: ANN401 - any field
    """Return one courier and three doors, a thousand seconds apart; a stop takes a hundred."""
    ways = np.abs(STREET_M[:, None] - STREET_M)
    couriers: dict[str, Any] = {
        "start_place": np.array([0]),
        "start_s": np.array([0]),
        "end_place": np.array([ANY]),
        "end_s": np.array([99_999]),
        "capacity": np.array([9]),
        "load": np.array([0]),
    }
    return World(
        travel=Travel(time_s=ways, price=ways),
        visits=Visits(
            place=np.array([1, 2, 3]),
            earliest_s=np.zeros(3),
            latest_s=np.array([99_999, 99_999, latest_s]),
            service_s=np.full(3, 100),
            demand=np.ones(3),
        ),
        orders=Orders(delivery=np.arange(3), unserved_price=np.full(3, 50_000)),
        couriers=Couriers(**(couriers | more)),
        is_plain=is_plain,
    )


def owed(break_s: int, by_s: int) -> dict[str, Any]:
    """Return a break."""
    return {"break_s": np.array([break_s]), "break_by_s": np.array([by_s])}


@pytest.mark.parametrize(
    ("by_s", "starts_s"),
    [
        (3_300, [1_000, 2_100, 3_200]),  # home before it is due
        (2_500, [1_000, 2_100, 3_700]),  # after the second stop
        (1_500, [1_000, 2_600, 3_700]),
        (0, [1_500, 2_600, 3_700]),  # overdue: at once
    ],
)
def test_a_break_is_taken_as_late_as_may_be(by_s: int, starts_s: list[int]) -> None:
    walk = street(**owed(500, by_s)).rules.walk(0, [0, 1, 2])
    assert walk.starts_s == starts_s
    assert walk.is_sound


@pytest.mark.parametrize("is_plain", [False, True])
def test_who_could_not_rest_in_time_leaves_something_to_others(is_plain: bool) -> None:
    in_time = street(is_plain=is_plain, latest_s=3_400, **owed(200, 1_500)).answer()
    assert in_time.unserved.tolist() == []
    too_late = street(is_plain=is_plain, latest_s=3_400, **owed(500, 1_500)).answer()
    assert too_late.unserved.tolist() == [2]


def test_a_break_fills_the_time_until_a_door_opens() -> None:
    world = street(**owed(900, 1_200), second_price=np.array([1]))
    late = Visits(
        place=world.rules.visits.place,
        earliest_s=np.array([0, 3_100, 0]),
        latest_s=np.full(3, 99_999),
        service_s=np.full(3, 100),
        demand=np.ones(3),
    )
    waiting = World(
        travel=world.rules.travel,
        visits=late,
        orders=world.rules.orders,
        couriers=world.rules.couriers,
    )
    walk = waiting.rules.walk(0, [0, 1, 2])
    assert walk.starts_s == [1_000, 3_100, 4_200]
    assert walk.rest == 1


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_break_that_was_taken_is_owed_later(is_plain: bool) -> None:
    world = street(is_plain=is_plain, latest_s=3_400, **owed(0, 0))
    world.load_routes([[0, 1, 2]])
    world.change_break(0, break_s=300, by_s=1_500)
    assert [route.tolist() for route in world.routes] == [[0, 1]]
    world.change_break(0, break_s=300, by_s=9_000)
    assert world.answer().unserved.tolist() == []


def test_hours_worked_already_end_the_day_sooner() -> None:
    couriers = street(start_s=np.array([1_000])).rules.couriers
    tired = with_hours(
        couriers, EU_561, worked_s=np.array([30_000]), since_break_s=np.array([16_000])
    )
    assert (tired.end_s[0], tired.break_by_s[0], tired.break_s[0]) == (3_400, 1_200, 2_700)
    spent = with_hours(couriers, CHINA, worked_s=np.array([40_000]), since_break_s=np.array([9]))
    assert (spent.end_s[0], spent.break_s[0]) == (1_000, 1_200)
    world = street(start_s=spent.start_s, end_s=spent.end_s)
    assert world.answer().unserved.tolist() == [0, 1, 2]
