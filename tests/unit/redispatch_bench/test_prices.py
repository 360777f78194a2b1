"""What bends in variant C has the price that was said, and peers are told of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.redispatch.bending import costs_of, strict, without_dear
from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.priced import with_prices
from benchmarks.redispatch.prices import Prices
from benchmarks.redispatch.scenario import SERVICE, Scenario, Wish, broken_down
from benchmarks.redispatch.towns import Size, make_town
from tests.unit.redispatch_bench.small import line

DUE = np.array([2_000, 200, 350, 620, 2_000, 2_000])


def bending(**changed: object) -> Scenario:
    given: dict[str, object] = {
        "ends": (2_000, 2_000),
        "way_out": (5_000, 5_000, 300),
        "due": DUE,
        "late_price": 2,
        "move_price": 40,
        "turn_price": 7,
    }
    scenario = line(SERVICE)
    prices = Prices(**{**given, **changed})  # type: ignore[arg-type]
    return replace(scenario, wish=replace(scenario.wish, variant="C"), prices=prices)


@pytest.mark.parametrize(
    ("routes", "cost"),
    [
        # Each keeps what was told; the orphan takes its way out.
        ([[1], [2]], 500 + 600 + 300),
        # The orphan is begun at 600, which is within what is due; 2 is begun at 300, as before.
        ([[1], [2, 3]], 500 + 800),
        # 2 changes hands and is begun at 350; the second courier is turned around; 3 at 600.
        ([[1, 2], [3]], 700 + 800 + 40 + 7),
        # The second courier stays: turned around as well; 3 is begun at 600.
        ([[1, 2, 3], []], 900 + 40 + 7),
        # 1 is begun first, 3 at 600, then 2 at 750, which is 400 after it was due.
        ([[1, 3, 2], []], 900 + 40 + 7 + 2 * 400),
    ],
)  # fmt: skip
def test_what_bends_is_priced_by_hand(routes: list[list[int]], cost: int) -> None:
    scenario = replace(bending(), capacity=(20, 20))
    assert judge(scenario, routes).cost == cost
    assert judge(scenario, routes).broken == ()


def test_legal_hours_end_before_the_day_does() -> None:
    scenario = bending(ends=(520, 2_000))
    assert judge(scenario, [[1], [2]]).broken == ("courier 0 is home late by 30",)


def test_peers_are_told_what_a_change_costs() -> None:
    scenario = bending()
    extra = costs_of(scenario, 1) - scenario.distances
    assert extra[0].tolist() == [0, 40, 0, 0, 0, 0]  # 1 is the other courier's
    assert extra[5].tolist() == [7, 47, 0, 7, 7, 0]  # from where they are, 2 comes next
    plain = line(SERVICE)
    assert costs_of(plain, 1) is plain.distances
    assert strict(scenario).latest.tolist() == DUE.tolist()


def test_what_is_dearer_than_its_way_out_is_taken_out() -> None:
    cheap, dear = bending(way_out=(5_000, 5_000, 100)), bending(way_out=(5_000, 5_000, 900))
    assert without_dear(cheap, [[1], [2, 3]]) == ((1,), (2,))
    assert without_dear(dear, [[1], [2, 3]]) == ((1,), (2, 3))
    assert without_dear(line(SERVICE), [[1], [2, 3]]) == ((1,), (2, 3))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1_000), n_broken=st.integers(1, 2))
def test_doing_nothing_stays_legal_and_costs_the_ways_out(seed: int, n_broken: int) -> None:
    town, plan = make_town(Size(n_customers=24, n_couriers=4), seed=seed)
    try:
        base = broken_down(town, plan, Wish(n_broken=n_broken, clock_share=0.3))
    except ValueError:
        assume(False)
    scenario = with_prices(base)
    verdict = judge(scenario, scenario.plan)
    ways_out = [
        price
        for visit, price in zip(scenario.visits, scenario.way_out, strict=True)
        if visit.is_orphan
    ]
    assert verdict.broken == ()
    assert verdict.cost == judge(base, base.plan).distance + sum(ways_out)
    assert all(0 < price <= scenario.penalty for price in ways_out)
    assert scenario.digest() == with_prices(base).digest() != base.digest()
    assert scenario.id == base.id.replace("/A", "/C")
