"""When a way is gone, and how uncertain times are."""

from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.model.errors import Invalid
from recourse.planning.engine import ANY, Couriers, Orders, Travel, Visits, World
from recourse.planning.engine.decide import terms_of
from recourse.planning.engine.speeds import Speeds
from recourse.planning.engine.spread import TICKS, Spread, UncertainTime

STREET_M = np.array([0, 1_000, 2_000])
RUSH = Speeds(begin_s=np.array([0, 1_500, 9_000]), permille=np.array([[1_000, 250, 1_000]]))


def street(*, is_plain: bool = False, latest_s: int = 9_000, **more: Any) -> World:  # noqa: ANN401 - any field
    """Return one courier and two doors a thousand seconds apart; lateness past 1,200 costs 2."""
    ways = np.abs(STREET_M[:, None] - STREET_M)
    return World(
        travel=Travel(time_s=ways, price=ways, **more),
        visits=Visits(
            place=np.array([1, 2]),
            earliest_s=np.zeros(2),
            latest_s=np.array([9_000, latest_s]),
            service_s=np.full(2, 100),
            demand=np.ones(2),
            due_s=np.array([1_200, 9_000]),
            late_price=np.array([2, 2]),
        ),
        orders=Orders(delivery=np.arange(2), unserved_price=np.full(2, 50_000)),
        couriers=Couriers(
            start_place=np.array([0]),
            start_s=np.array([0]),
            end_place=np.array([ANY]),
            end_s=np.array([9_000]),
            capacity=np.array([9]),
            load=np.array([0]),
        ),
        is_plain=is_plain,
    )


speeds = st.builds(
    lambda begins, paces: Speeds(
        begin_s=np.cumsum(begins), permille=np.array([paces[: len(begins)]])
    ),
    st.lists(st.integers(1, 500), min_size=1, max_size=4),
    st.lists(st.integers(10, 3_000), min_size=4, max_size=4),
)


@given(speeds, st.integers(-300, 2_000), st.integers(0, 900), st.integers(0, 300))
def test_who_leaves_later_never_arrives_earlier(
    by_day: Speeds, leave_s: int, way_s: int, wait_s: int
) -> None:
    arrive_s = by_day.arrive_s(0, leave_s, way_s)
    assert leave_s <= arrive_s <= by_day.arrive_s(0, leave_s + wait_s, way_s)


@given(speeds, st.integers(-300, 2_000), st.integers(0, 900))
def test_a_way_is_done_in_the_first_second_by_which_enough_was_gone(
    by_day: Speeds, leave_s: int, way_s: int
) -> None:
    def gone(until_s: int) -> Fraction:
        seconds = np.arange(leave_s, until_s)
        period = np.maximum(0, np.searchsorted(by_day.begin_s, seconds, side="right") - 1)
        return Fraction(int(by_day.permille[0, period].sum()), 1_000)

    arrive_s = by_day.arrive_s(0, leave_s, way_s)
    assert gone(arrive_s) >= way_s
    assert not way_s or gone(arrive_s - 1) < way_s


@pytest.mark.parametrize("is_plain", [False, True])
def test_rush_hour_makes_a_way_longer_and_a_stop_impossible(is_plain: bool) -> None:
    world = street(is_plain=is_plain, speeds=RUSH)
    assert world.rules.walk(0, [0, 1]).starts_s == [1_000, 3_900]
    assert world.answer().unserved.tolist() == []
    assert street(is_plain=is_plain, speeds=RUSH, latest_s=3_400).answer().unserved.tolist() == [1]


def test_usual_speed_is_no_time_of_day() -> None:
    usual = Speeds(begin_s=np.array([0, 100]), permille=np.full((1, 2), 1_000))
    for seed in range(5):
        answers = [street(speeds=one).answer(iterations=20, seed=seed) for one in (usual, None)]
        assert answers[0].price == answers[1].price


@given(st.integers(0, 4_000), st.integers(1, 400), st.integers(-2_000, 2_000))
def test_lateness_is_that_of_a_normal_time(way_s: int, dispersion: int, off_s: int) -> None:
    there = UncertainTime(0)
    there.go(way_s, dispersion)
    sd = (way_s * dispersion) ** 0.5
    exact = max(0, -off_s)
    if sd:
        z, unit = off_s / sd, NormalDist()
        exact = sd * (unit.pdf(z) - z * (1 - unit.cdf(z)))
    assert there.late(way_s + off_s) / TICKS == pytest.approx(exact, abs=0.2, rel=0.002)


def test_waiting_takes_up_what_is_early() -> None:
    dice = np.random.default_rng(5)  # noqa: TID251 - a test draws its own times
    drawn = np.maximum(dice.normal(600, 190, 400_000), 700) + dice.normal(300, 134, 400_000)
    there = UncertainTime(0)
    there.go(600, 60)
    there.wait(700)
    there.go(300, 60)
    for due_s in (900, 1_000, 1_100, 1_300):
        simulated = float(np.maximum(0, drawn - due_s).mean())
        assert there.late(due_s) / TICKS == pytest.approx(simulated, abs=6)


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(0, 300), st.integers(0, 4_000))
def test_more_time_on_the_way_is_never_less_late(
    way_s: int, more_s: int, dispersion: int, due_s: int
) -> None:
    late = []
    for seconds in (way_s, way_s + more_s):
        there = UncertainTime(0)
        there.go(seconds, dispersion)
        there.wait(1_000)
        there.go(500, dispersion)
        late.append(there.late(due_s))
    assert late[0] <= late[1] + 1


def test_doubt_has_a_dial() -> None:
    even, double, off = (
        street(spread=Spread(driving=np.array([60]), serving=np.array([0]), weight_permille=w))
        for w in (1_000, 2_000, 0)
    )
    assert off.rules.walk(0, [0, 1]).price == street().rules.walk(0, [0, 1]).price
    risk = even.rules.walk(0, [0, 1]).risk_price
    assert risk == pytest.approx(2 * 28.6, abs=1)  # 245 s either way; 200 s to spare
    assert double.rules.walk(0, [0, 1]).risk_price == pytest.approx(2 * risk, abs=2)
    assert terms_of(even, even.answer(), 0).risk == risk


def test_who_comes_late_on_average_goes_elsewhere_first_for_the_doubt() -> None:
    """Two doors on either side, both just in time: the one that costs more to miss comes first."""
    at_m = np.array([0, 900, -900])
    ways = np.abs(at_m[:, None] - at_m)
    spread = Spread(driving=np.array([100]), serving=np.array([0]))
    facts = street().rules
    visits = replace(
        facts.visits,
        due_s=np.array([1_500, 2_750]),
        late_price=np.array([1, 9]),
        service_s=np.zeros(2),
    )
    routes = []
    for one in (None, spread):
        for is_plain in (False, True):
            world = World(
                travel=Travel(time_s=ways, price=ways, spread=one),
                visits=visits,
                orders=facts.orders,
                couriers=facts.couriers,
                is_plain=is_plain,
            )
            routes.append(world.answer().routes[0].tolist())
    assert routes == [[0, 1], [0, 1], [1, 0], [1, 0]]


def test_times_must_make_sense() -> None:
    with pytest.raises(Invalid, match="must rise"):
        Speeds(begin_s=np.array([5, 5]), permille=np.ones((1, 2)) * 500)
    with pytest.raises(Invalid, match="permille"):
        Speeds(begin_s=np.array([5]), permille=np.array([[0]]))
    with pytest.raises(Invalid, match="driving"):
        Spread(driving=np.array([-1]), serving=np.array([0]))
    with pytest.raises(Invalid, match="weight"):
        Spread(driving=np.array([1]), serving=np.array([0]), weight_permille=2_001)
    ways = np.zeros((2, 2))
    with pytest.raises(Invalid, match="2 profiles, not 1"):
        Travel(time_s=ways, price=ways, spread=Spread(driving=np.ones(2), serving=np.ones(2)))
