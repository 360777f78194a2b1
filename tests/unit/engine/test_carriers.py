"""Robots, drones, the van of the next wave, a stock elsewhere: each carries within its limits."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recourse.model.cases import Loss, Option, Way
from recourse.planning import explain
from recourse.planning.engine import ANY, Couriers, Options, Orders, Travel, Visits, World
from recourse.planning.engine.decide import decide
from recourse.planning.engine.speeds import Speeds
from recourse.planning.engine.spread import Spread
from recourse.planning.engine.ways import NO_WAY_S, Reach

AT_M = np.array([0, 1_000, -1_500, 4_000, 0])
"""The station, three doors, and where Wang stands."""
NAMES = ("Wang", "the drone")


def airport(*, is_plain: bool = False, wang_from_s: int = 3_000, **drone: Any) -> World:  # noqa: ANN401
    """Return three parcels at a station, one of them heavy; Wang is late, a drone flies each alone.

    Doors have to be served by 1,600; the drone flies 20 m a second, and 3 km out and back.
    """
    ways = np.abs(AT_M[:, None] - AT_M)
    rows = {
        "start_place": [4, 0],
        "start_s": [wang_from_s, 0],
        "end_place": [4, 0],
        "end_s": [9_000, 9_000],
        "capacity": [[9, 9], [1, 2]],
        "load": [[0, 0], [0, 0]],
        "profile": [0, 1],
    }
    both = {name: np.array(row) for name, row in rows.items()}
    couriers = Couriers(**(both | {name: np.array(row) for name, row in drone.items()}))
    reach = Reach(base=0, distance=ways, most=3_000)
    travel = Travel(time_s=ways // 5, price=ways)
    return World(
        travel=travel.with_profile(time_s=ways // 20, price=ways // 4, reach=reach),
        visits=Visits(
            place=np.array([1, 2, 3, 0, 0, 0]),
            earliest_s=np.zeros(6),
            latest_s=np.array([1_600, 1_600, 1_600, 9_000, 9_000, 9_000]),
            service_s=np.full(6, 30),
            demand=np.array([[-1, -1], [-1, -2], [-1, -1], [1, 1], [1, 2], [1, 1]]),
        ),
        orders=Orders(
            delivery=np.arange(3), pickup=np.arange(3, 6), unserved_price=np.full(3, 20_000)
        ),
        couriers=couriers,
        is_plain=is_plain,
    )


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_drone_flies_one_parcel_after_the_other_within_its_reach(is_plain: bool) -> None:
    answer = airport(is_plain=is_plain).answer()
    assert answer.unserved.tolist() == [2]
    assert sorted(answer.routes[1].tolist()) == [0, 1, 3, 4]
    for pickup, delivery in zip(answer.routes[1][::2], answer.routes[1][1::2], strict=True):
        assert delivery == pickup - 3
    assert answer.price == 20_000 + 2 * (1_000 + 1_500) // 4


def test_what_is_too_heavy_stays_on_the_ground() -> None:
    answer = airport(capacity=[[9, 9], [1, 1]]).answer(iterations=30)
    assert answer.unserved.tolist() == [1, 2]
    assert sorted(answer.routes[1].tolist()) == [0, 3]


def test_a_courier_takes_what_is_beyond_reach() -> None:
    answer = airport(wang_from_s=0).answer(iterations=50)
    assert answer.unserved.tolist() == []
    assert 2 in answer.routes[0]
    assert 2 not in answer.routes[1]


def test_who_is_no_courier_is_not_called_one() -> None:
    world = airport()
    answer = world.answer()
    wave = {1: Way.NEXT_WAVE}
    taken = decide(world, answer, 0, order_id="o", courier_ids=NAMES, carriers=wave)
    assert taken.option.way is Way.NEXT_WAVE
    assert [one.way for one in taken.rejections] == [Way.COURIER]
    refund = Option(way=Way.REFUND, cost_cents=20_000)
    left = decide(world, answer, 2, order_id="o", courier_ids=NAMES, ways=[refund], carriers=wave)
    assert {one.way for one in left.rejections} == {Way.NEXT_WAVE, Way.COURIER}
    assert max(one.amount for one in left.rejections) > NO_WAY_S // 2
    assert left.rejections[0].loss is Loss.LATE
    said = explain(decide(world, answer, 2, order_id="o", courier_ids=NAMES), locale="en")
    assert "the drone has no way to get there" in said


def test_other_profiles_keep_their_times() -> None:
    ways = np.abs(AT_M[:, None] - AT_M)
    travel = Travel(
        time_s=ways,
        price=ways,
        speeds=Speeds(begin_s=np.array([0]), permille=np.array([[500]])),
        spread=Spread(driving=np.array([60]), serving=np.array([9]), weight_permille=700),
    )
    more = travel.with_profile(time_s=ways // 2, price=ways)
    assert more.arrive_s(0, 0, 100) == 200
    assert more.arrive_s(1, 0, 100) == 100
    assert more.spread is not None
    assert more.spread.driving.tolist() == [60, 0]
    assert more.spread.weight_permille == 700
    assert (more.time_s < NO_WAY_S).all()


def shop(*, near_price: int, near_opens_s: int, is_plain: bool = False) -> World:
    """Return one order that lies in a far shop and, at a price and not at once, in a near one."""
    at_m = np.array([0, 6_000, 500, 100])
    ways = np.abs(at_m[:, None] - at_m)
    return World(
        travel=Travel(time_s=ways // 5, price=ways),
        visits=Visits(
            place=np.array([3, 3, 1, 2]),
            earliest_s=np.array([0, 0, 0, near_opens_s]),
            latest_s=np.full(4, 3_000),
            service_s=np.zeros(4),
            demand=np.array([-1, -1, 1, 1]),
            price=np.array([0, 0, 0, near_price]),
            due_s=np.full(4, 2_000),
            late_price=np.array([4, 4, 0, 0]),
        ),
        orders=Orders(
            delivery=np.array([0]), pickup=np.array([2]), unserved_price=np.array([30_000])
        ),
        options=Options(order=np.array([0]), delivery=np.array([1]), pickup=np.array([3])),
        couriers=Couriers(
            start_place=np.array([0]),
            start_s=np.array([0]),
            end_place=np.array([ANY]),
            end_s=np.array([9_000]),
            capacity=np.array([1]),
            load=np.array([0]),
        ),
        is_plain=is_plain,
    )


@pytest.mark.parametrize("is_plain", [False, True])
@pytest.mark.parametrize(
    ("near_price", "near_opens_s", "route"),
    [
        (2_000, 0, [3, 1]),  # dear, but there is no long way
        (2_000, 2_700, [3, 1]),  # late as well, and still cheaper
        (13_000, 0, [2, 0]),  # too dear: the far shop, on time or not
        (2_000, 3_100, [2, 0]),  # never in time for its own hard window
    ],
)
def test_faster_stock_is_another_way_to_serve_a_pair(
    near_price: int, near_opens_s: int, route: list[int], is_plain: bool
) -> None:
    world = shop(near_price=near_price, near_opens_s=near_opens_s, is_plain=is_plain)
    assert world.answer().routes[0].tolist() == route


@pytest.mark.parametrize("is_plain", [False, True])
@pytest.mark.parametrize(
    ("due_s", "late_price", "latest_s", "is_served"),
    [
        (100, 0, 9_000, True),  # soft, and free
        (100, 5, 9_000, True),  # soft, 5 a second: 500
        (100, 60, 9_000, False),  # soft, but dearer than the way out
        (100, 5, 199, False),  # soft within a hard one that is missed
        (100, 5, 200, True),
        (900, 5, 200, True),  # due after it closes: only the hard one counts
    ],
)
def test_hard_and_soft_windows_together(
    due_s: int, late_price: int, latest_s: int, is_served: bool, is_plain: bool
) -> None:
    ways = np.array([[0, 200], [200, 0]])
    world = shop(near_price=0, near_opens_s=0).rules
    only = World(
        travel=Travel(time_s=ways, price=ways),
        visits=Visits(
            place=np.array([1]),
            earliest_s=np.zeros(1),
            latest_s=np.array([latest_s]),
            service_s=np.zeros(1),
            demand=np.ones(1),
            due_s=np.array([due_s]),
            late_price=np.array([late_price]),
        ),
        orders=Orders(delivery=np.array([0]), unserved_price=np.array([3_000])),
        couriers=replace(world.couriers, start_place=np.array([0])),
        is_plain=is_plain,
    )
    answer = only.answer()
    assert (len(answer.unserved) == 0) == is_served
    late = late_price * max(0, 200 - due_s)
    assert answer.price == (200 + late if is_served else 3_000)
