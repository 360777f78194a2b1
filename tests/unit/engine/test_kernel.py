"""The compiled kernel against the same rules in plain Python, on worlds with every rule in them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recourse.model.errors import Invalid
from recourse.planning.engine import Answer, SearchParams, World, native
from recourse.planning.engine.facts import ANY
from recourse.planning.engine.native import HAS_KERNEL
from recourse.planning.engine.reference import Dice, Reference
from recourse.planning.engine.rules import Rules
from tests.unit.engine.worlds import facts, twins

SEEDS = st.integers(0, 2**32 - 1)


def price_from_scratch(rules: Rules, answer: Answer) -> int:
    walks = [rules.walk(c, [int(v) for v in route]) for c, route in enumerate(answer.routes)]
    left_out = sum(int(rules.orders.unserved_price[k]) for k in answer.unserved)
    return sum(walk.price for walk in walks) + left_out


def broken(rules: Rules, answer: Answer) -> list[object]:
    found: list[object] = []
    for courier, route in enumerate(answer.routes):
        found += rules.walk(courier, [int(v) for v in route]).breaches
        for order in {rules.order_of[v] for v in route}:
            found += rules.may_carry(order, courier)
            mine = [v for v in route.tolist() if rules.order_of[v] == order]
            options = [rules.visits_of(order, k) for k in range(len(rules.options[order]))]
            found += [] if mine in options else [("not one of its ways", order, mine)]
    served = {rules.order_of[v] for route in answer.routes for v in route}
    left_out = set(answer.unserved.tolist())
    if served & left_out or served | left_out != set(range(len(rules.orders))) - rules.over:
        found.append("an order has no answer, or two")
    return found


def shift(world: World, answer: Answer, seed: int) -> None:
    """Tell an answer, and let somebody drop out."""
    world.adopt(answer)
    world.drop_courier(seed % len(answer.routes))


def test_the_kernel_is_built() -> None:
    assert HAS_KERNEL


@given(SEEDS)
def test_the_first_answer_is_the_references(seed: int) -> None:
    kernel, reference = twins(seed)
    for _ in range(2):
        answers = [world.answer() for world in (kernel, reference)]
        routes = [[list(route) for route in answer.routes] for answer in answers]
        assert routes[0] == routes[1]
        assert answers[0].price == answers[1].price
        for world, answer in zip((kernel, reference), answers, strict=True):
            shift(world, answer, seed)


@given(SEEDS)
def test_the_best_place_of_an_order_is_the_references(seed: int) -> None:
    worlds = twins(seed)
    told = worlds[0].answer().routes
    # Without a parcel that leaves, there may be no room any more for one that comes.
    orders = worlds[0].rules.orders
    leaves = (worlds[0].rules.visits.demand[:7].min(axis=1) < 0) & (orders.pickup == ANY)
    assume(not leaves.all())
    gone = int(np.flatnonzero(~leaves)[seed % int((~leaves).sum())])
    for world in worlds:
        kept = [[v for v in r if world.rules.order_of[v] != gone] for r in told]
        world.load_routes(kept)
    for courier in range(3):
        spots = [world.engine.spot(gone, courier) for world in worlds]
        assert spots[0] == spots[1]


@given(SEEDS, st.integers(0, 3))
def test_a_price_kept_by_differences_is_the_price_from_scratch(seed: int, breaks: int) -> None:
    world = World(**facts(seed, n_orders=24, n_couriers=5))
    for k in range(breaks + 1):
        answer = world.answer(iterations=150, seed=k)
        assert price_from_scratch(world.rules, answer) == answer.price
        assert broken(world.rules, answer) == []
        shift(world, answer, seed + k)


@given(SEEDS)
def test_more_search_is_never_dearer_than_the_first_answer(seed: int) -> None:
    world = World(**facts(seed, n_orders=16))
    first = world.answer()
    assert world.answer(iterations=80, seed=seed).price <= first.price
    assert world.answer().price == first.price


@given(SEEDS, st.integers(2, 4))
def test_a_search_that_begins_anew_keeps_the_best_it_had(seed: int, n_starts: int) -> None:
    world, slices = World(**facts(seed)), np.linspace(0, 1, 21)
    world.ask(seed=seed, params=SearchParams(n_starts=n_starts))
    prices = []
    for began, until in pairwise(slices):
        world.engine.work(5, float(began), float(until))
        answer = world.look()
        assert not broken(world.rules, answer)
        assert answer.price == price_from_scratch(world.rules, answer)
        prices.append(answer.price)
    assert prices == sorted(prices, reverse=True)


@given(SEEDS, st.integers(0, 20))
def test_an_answer_costs_what_was_moved_while_that_does_not_count(seed: int, n: int) -> None:
    world, slices = World(**facts(seed, n_orders=16)), np.linspace(0, 1, 21)
    shift(world, world.answer(iterations=80, seed=1), seed)
    first = world.answer()
    world.ask(seed=seed, params=SearchParams(n_free=3, free_share=0.9))
    prices = [first.price]
    for began, until in list(pairwise(slices))[:n]:
        world.engine.work(5, float(began), float(until))
        answer = world.look()
        assert not broken(world.rules, answer)
        assert answer.price == price_from_scratch(world.rules, answer)
        prices.append(answer.price)
    assert prices == sorted(prices, reverse=True)
    again = world.answer()
    assert [r.tobytes() for r in again.routes] == [r.tobytes() for r in first.routes]
    assert again.price == first.price


@given(SEEDS)
def test_an_answer_is_the_same_to_the_byte(seed: int) -> None:
    asked = [World(**facts(seed, n_orders=16)).answer(iterations=80, seed=9) for _ in range(2)]
    assert [r.tobytes() for r in asked[0].routes] == [r.tobytes() for r in asked[1].routes]


@settings(max_examples=20)  # it takes its time
@given(SEEDS)
def test_the_reference_searches_too(seed: int) -> None:
    world = World(**facts(seed, n_orders=5), is_plain=True)
    first, later = world.answer(), world.answer(iterations=5, seed=seed)
    assert later.price <= first.price
    assert price_from_scratch(world.rules, later) == later.price
    assert broken(world.rules, later) == []


def test_where_the_kernel_is_missing_the_reference_says_that_it_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(native, "HAS_KERNEL", False)
    with pytest.warns(native.SlowEngine, match="plain Python, slowly"):
        world = World(**facts(4))
    assert isinstance(world.engine, Reference)
    assert world.answer().price == World(**facts(4), is_plain=True).answer().price


def test_the_dice_are_those_of_the_paper() -> None:
    """First output of SplitMix64 for the seed 1234567, its upper half."""
    assert Dice(1234567).bits() == 6457827717110365317 >> 32


def test_a_lost_courier_carries_nothing() -> None:
    world = World(**facts(11))
    world.load_routes(world.answer().routes)
    world.drop_courier(0)
    answer = world.answer(iterations=50)
    assert len(answer.routes[0]) == 0
    assert ANY not in np.concatenate(answer.routes)


def test_a_courier_without_the_skill_is_refused() -> None:
    drawn = facts(7, n_orders=20)
    order = next(k for k in range(20) if World(**drawn).rules.may_carry(k, 0))
    for is_plain in (False, True):
        world = World(**drawn, is_plain=is_plain)
        with pytest.raises(Invalid, match="a route breaks"):
            world.load_routes([world.rules.visits_of(order), [], []])
