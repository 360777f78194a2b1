"""What became other after it was told is counted, and nothing else is."""

import pytest

from recourse.flow.platform import Params
from recourse.model.errors import Invalid
from recourse.settings import Settings, check
from recourse_sim.day import SimulatedDay, play
from recourse_sim.hours import SimClock
from recourse_sim.score import Duty, Loss, OrderFile
from recourse_sim.stops import RouteView
from recourse_sim.told import moved_of
from tests.unit.sim.test_a_day import WAYS, played, scenario
from tests.unit.sim.tiny_platform import TinyPlatform

END_S = 3_600.0


def order(*couriers: str, done_s: float = 3_000.0) -> OrderFile:
    """Return an order that has one courier after the other, a minute each."""
    one = OrderFile("o-1", latest_s=END_S, done_s=done_s)
    one.duties = [Duty(who, 60.0 * k, 2_000.0) for k, who in enumerate(couriers, 1)]
    return one


def test_an_order_that_stays_with_its_courier_has_not_moved() -> None:
    assert moved_of(order(), []) == set()
    assert moved_of(order("wang"), []) == set()
    assert moved_of(order("wang", "wang"), []) == set()


def test_who_takes_over_from_whoever_dropped_out_is_no_taking_away() -> None:
    lost = [Loss("wang", 100.0, "breakdown")]
    assert moved_of(order("wang", "li"), lost) == {"any", "courier"}
    taken = [Loss("wang", 100.0, "taken_away")]
    assert moved_of(order("wang", "li"), taken) == {"any", "courier", "taken_away"}
    assert moved_of(order("wang", "li", "zhao"), lost) == {"any", "courier", "taken_away"}


def test_what_happens_after_delivery_or_before_anybody_was_told_moves_nothing() -> None:
    assert moved_of(order("wang", "li", done_s=100.0), []) == set()
    one = order("wang")
    one.promises = [(10.0, END_S), (3_100.0, END_S + 900)]
    one.notices = [(2_000.0, "on_the_way", END_S)]
    assert moved_of(one, []) == set()
    one.notices.append((2_100.0, "delay", END_S + 600))
    assert moved_of(one, []) == {"any", "window"}


def test_a_stress_day_counts_orders_that_moved() -> None:
    _, _, found = played(scenario(stress=30, n_orders=400, n_couriers=30))
    moved = found.figures["told_visits_moved"]
    assert 0 < moved["courier"] <= moved["any"] <= found.figures["orders"]
    assert moved["taken_away"] <= moved["courier"]


class UnderWayError(Exception):
    """Somebody is on the way to a stop."""


def test_a_courier_who_is_sent_elsewhere_on_the_way_is_counted_once() -> None:
    these = scenario()
    clock = SimClock(these.day, these.begins_s)
    platform = TinyPlatform(clock)
    simulated = SimulatedDay(these, platform, WAYS, hazards_on=False)
    lives = simulated.world.lives

    def stop_under_way(_: float) -> None:
        if any(life.leg is not None for life in lives.values()):
            raise UnderWayError

    with pytest.raises(UnderWayError):
        play(simulated, platform, clock, tell=stop_under_way)
    before = simulated.world.truth.n_turned
    life = next(life for life in lives.values() if life.leg is not None)
    life.look_at(RouteView(version=life.version + 1, stops=life.stops))
    assert simulated.world.truth.n_turned == before
    for _ in range(2):
        life.look_at(RouteView(version=life.version + 1, stops=()))
    assert simulated.world.truth.n_turned == before + 1


def test_a_planner_that_nobody_knows_is_refused() -> None:
    check(Settings(planner="insertion"))
    with pytest.raises(Invalid, match="planner"):
        check(Settings(planner="luck"))


def test_plans_that_stay_as_inserted_are_searched_in_no_step() -> None:
    plain, kept = Params(), Params().as_inserted()
    for name in ("plan", "first", "spread", "repair"):
        assert getattr(plain, name).steps_per_order > 0
        assert getattr(kept, name).steps_per_order == 0
    assert kept.recovery == plain.recovery
