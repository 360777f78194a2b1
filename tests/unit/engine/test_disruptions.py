"""Days on which everything may go wrong, with every rule on, and a judge who notices."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.disruptions.asked import price_from_scratch, town_of
from benchmarks.disruptions.days import Found, live
from benchmarks.disruptions.judge import Town, judge
from benchmarks.disruptions.towns import draw_town


@settings(max_examples=25)  # each is ten disruptions, lived twice
@given(st.integers(0, 2**31))
def test_no_day_breaks_a_rule_a_price_or_its_replay(seed: int) -> None:
    found = Found()
    live(found, seed, 10)
    assert found.n == 10
    assert (found.broken, found.mispriced, found.drifted, found.unlike) == ([], [], [], [])


def test_what_was_asked_in_between_changes_no_answer() -> None:
    for seed in range(150):
        world = draw_town(seed)
        told = world.answer(iterations=60, seed=1)
        world.answer(iterations=60, seed=2)
        again = world.answer(iterations=60, seed=1)
        assert again.price == told.price, f"town {seed}"
        for one, other in zip(again.routes, told.routes, strict=True):
            assert one.tolist() == other.tolist(), f"town {seed}"


def sound(seed: int) -> tuple[Town, list[list[int]], list[int], int]:
    """Return a town without doubt about prices, and an answer that breaks nothing."""
    world = draw_town(seed)
    answer = world.answer(iterations=20)
    routes = [route.tolist() for route in answer.routes]
    town = town_of(world)._replace(doubt_permille=0)
    return town, routes, answer.unserved.tolist(), answer.price


def broken(town: Town, routes: list[list[int]], unserved: list[int]) -> str:
    return "; ".join(judge(town, routes, unserved).broken)


@pytest.mark.parametrize("seed", range(20))
def test_an_answer_is_worth_what_it_costs_from_scratch(seed: int) -> None:
    world = draw_town(seed)
    answer = world.answer(iterations=20)
    verdict = judge(town_of(world), [r.tolist() for r in answer.routes], answer.unserved.tolist())
    assert verdict.broken == []
    assert answer.price == price_from_scratch(world, answer)
    assert answer.price == pytest.approx(verdict.price, abs=verdict.grain + 0.02 * verdict.doubt)


def with_pair() -> tuple[Town, list[list[int]], list[int], int, int]:
    """Return a sound answer, and courier and rank of a pickup in it."""
    for seed in range(50):
        town, routes, unserved, _ = sound(seed)
        for courier, route in enumerate(routes):
            for rank, visit in enumerate(route):
                if any(visit == way[0] for order in town.orders for way in order.ways):
                    return town, routes, unserved, courier, rank
    raise AssertionError


def test_the_judge_notices_what_is_not_whole() -> None:
    town, routes, unserved, courier, rank = with_pair()
    route = routes[courier]
    half = [*routes[:courier], [*route[:rank], *route[rank + 1 :]], *routes[courier + 1 :]]
    assert "none of its ways" in broken(town, half, unserved)
    late = [*route[:rank], *route[rank + 1 :], route[rank]]
    late_routes = [*routes[:courier], late, *routes[courier + 1 :]]
    assert "not collected before" in broken(town, late_routes, unserved)
    assert "is made twice" in broken(town, [*routes[:-1], [*routes[-1], route[0]]], unserved)
    assert "0 answers" in broken(town, routes, unserved[1:])
    gone = town.orders[unserved[0]]._replace(is_open=False)
    orders = [gone if k == unserved[0] else one for k, one in enumerate(town.orders)]
    assert "1 answers" in broken(town._replace(orders=orders), routes, unserved)


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        ({"end": 0}, "ends the day"),
        ({"is_on_duty": False}, "off duty"),
        ({"capacity": (-1, -1, -1)}, "carries"),
        ({"start": 100_000}, "late"),
        ({"break_length": 90_000, "break_by": -1}, "does not rest"),
    ],
)
def test_the_judge_notices_what_a_courier_may_not(change: dict[str, object], noticed: str) -> None:
    town, routes, unserved, courier, _ = with_pair()
    worse = town.couriers[courier]._replace(**change)  # type: ignore[arg-type]
    couriers = [worse if c == courier else one for c, one in enumerate(town.couriers)]
    assert noticed in broken(town._replace(couriers=couriers), routes, unserved)


def test_the_judge_notices_who_may_not_carry_what() -> None:
    town, routes, unserved, courier, rank = with_pair()
    visit = routes[courier][rank]
    order = next(k for k, one in enumerate(town.orders) if any(visit in way for way in one.ways))
    facts = town.orders[order]
    for worse, noticed in (
        (facts._replace(skills=1 << 9), "lacks a skill"),
        (facts._replace(only_courier=99), "does not have"),
    ):
        orders = [worse if k == order else one for k, one in enumerate(town.orders)]
        assert noticed in broken(town._replace(orders=orders), routes, unserved)


def test_slower_roads_are_noticed() -> None:
    noticed = 0
    for seed in range(10):
        town, routes, unserved, price = sound(seed)
        slow = town._replace(permille=[[100] * 3] * 2)
        verdict = judge(slow, routes, unserved)
        noticed += bool(verdict.broken) or verdict.price > price
    assert noticed >= 8


def test_a_price_that_is_not_the_sum_would_be_noticed() -> None:
    world = draw_town(3)
    answer = world.answer()
    assert price_from_scratch(world, replace(answer, unserved=answer.unserved[:0])) != answer.price
