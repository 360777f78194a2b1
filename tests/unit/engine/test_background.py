"""What was told is bettered in spare time, told if it is worth it, and rebuilt from the log."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recourse.model.errors import Invalid, Stale
from recourse.planning.engine import World
from recourse.planning.engine.background import Background, Change
from recourse.planning.engine.examples import street_world
from recourse.planning.engine.facts import ANY
from recourse.planning.engine.journal import Journal, play
from tests.unit.engine.test_events import HAPPENINGS, Happening
from tests.unit.engine.test_kernel import SEEDS, broken, price_from_scratch
from tests.unit.engine.worlds import facts


def crossed(*, move_price: int = 0) -> World:
    """Return a street on which two couriers go each other's ways: 2,000 too far, all in all."""
    world = street_world(move_price=move_price)
    world.load_routes([[3, 4, 5], [], [0, 1, 2]])
    return world


def first_offer(background: Background, *, slices: int = 40) -> Change | None:
    return next((found for _ in range(slices) if (found := background.work(25))), None)


def test_a_better_plan_is_offered_once() -> None:
    world = crossed()
    background = Background(world, least_gain=100, seed=3)
    offers = [offer for _ in range(80) if (offer := background.work(25))]
    gains = [offer.gain for offer in offers]
    assert gains == sorted(set(gains))
    best = offers[-1]
    assert best.gain >= 2_000
    world.adopt(best.answer)
    assert world.engine.price() == best.answer.price
    assert first_offer(background) is None


def test_nobody_is_disturbed_for_less_than_it_costs() -> None:
    assert first_offer(Background(crossed(), least_gain=10_000)) is None
    cheap = first_offer(Background(crossed(move_price=10), least_gain=100))
    assert cheap is not None
    assert cheap.change_price == 10 * len([one for one in cheap.moved if one[2] != ANY])
    dear = first_offer(Background(crossed(move_price=900), least_gain=100))
    assert dear is None


def test_a_change_says_who_is_told_what() -> None:
    world = crossed()
    change = first_offer(Background(world, least_gain=100))
    assert change is not None
    told = [route.tolist() for route in world.routes]
    new = [route.tolist() for route in change.answer.routes]
    was = {visit: c for c, route in enumerate(told) for visit in route}
    now = {visit: c for c, route in enumerate(new) for visit in route}
    assert change.moved == tuple(
        (k, was[k], now.get(k, ANY)) for k in range(6) if was[k] != now.get(k, ANY)
    )
    assert set(change.turned) == {c for c in range(3) if told[c][:1] != new[c][:1]}


def test_what_happens_meanwhile_makes_it_begin_again() -> None:
    world = crossed()
    background = Background(world, least_gain=100)
    change = first_offer(background)
    assert change is not None
    world.drop_courier(1)
    with pytest.raises(Stale, match="past version"):
        world.adopt(change.answer)
    again = first_offer(background)
    assert again is not None
    assert again.answer.version == world.version
    assert len(again.answer.routes[1]) == 0
    world.adopt(again.answer)


def test_a_question_in_between_takes_nothing_away() -> None:
    world = crossed()
    background = Background(world, least_gain=100)
    offers = []
    for _ in range(40):
        world.answer(iterations=5)
        assert len(world.routes[0]) == 3
        offers.append(background.work(25))
    assert any(offers)


@settings(max_examples=30)
@given(SEEDS, st.integers(0, 300))
def test_an_offer_saves_what_it_says_and_breaks_nothing(seed: int, least_gain: int) -> None:
    world = World(**facts(seed, n_orders=16))
    world.adopt(world.answer())
    told_price = world.engine.price()
    background = Background(world, least_gain=least_gain, round_steps=200, seed=seed)
    for _ in range(12):
        change = background.work(40)
        if change is None:
            continue
        assert change.gain > least_gain
        assert change.gain == told_price - price_from_scratch(world.rules, change.answer)
        assert broken(world.rules, change.answer) == []


def live(world: World, seed: int, day: list[Happening]) -> None:
    for k, happening in enumerate(day):
        if k % 2:
            world.adopt(world.answer(iterations=10, seed=k))
        happening(world, np.random.default_rng([seed, k]))  # noqa: TID251 - a test draws its own day


@settings(max_examples=30)
@given(SEEDS, st.lists(st.sampled_from(HAPPENINGS), min_size=1, max_size=8))
def test_a_world_is_built_again_from_what_was_written_down(seed: int, day: list[Happening]) -> None:
    first = World(**facts(seed))
    journal = Journal(first)
    live(first, seed, day)
    written = json.loads(json.dumps(journal.entries))
    for is_plain in (False, True):
        second = World(**facts(seed), is_plain=is_plain)
        play(second, written)
        assert second.version == first.version == written[-1]["version"]
        told = [[route.tolist() for route in world.routes] for world in (first, second)]
        assert told[0] == told[1]
        steps = 0 if is_plain else 50
        answers = [world.answer(iterations=steps, seed=9) for world in (first, second)]
        assert [r.tobytes() for r in answers[0].routes] == [r.tobytes() for r in answers[1].routes]
        assert answers[0].price == answers[1].price


def test_a_plan_that_was_refused_is_written_down_too() -> None:
    worlds: list[World] = [street_world(), street_world()]
    journal = Journal(worlds[0])
    worlds[0].load_routes([[0, 1], [], [3]])
    with pytest.raises(Invalid):
        worlds[0].load_routes([[0, 1, 2, 3], [], []])
    play(worlds[1], journal.entries)
    assert worlds[1].version == worlds[0].version == 2
    assert [len(route) for route in worlds[1].routes] == [0, 0, 0]


def test_every_event_has_its_version() -> None:
    world = street_world()
    happenings: list[Any] = [
        lambda: world.load_routes([[0], [], [3]]),
        lambda: world.start_stop(0, at_s=5),
        lambda: world.take_order_out(4),
        lambda: world.drop_courier(2),
    ]
    for version, happening in enumerate(happenings, start=1):
        happening()
        assert world.version == version
    world.answer(iterations=5)
    assert world.version == len(happenings)
