"""What a customer perceives is counted from hand-written logs, case by case."""

from datetime import date
from math import inf
from typing import Any

import pytest

from recourse.model.events import EVENT_TYPES
from recourse.model.orders import OrderKind
from recourse.model.places import Place
from recourse_sim.demand import OrderPlan
from recourse_sim.hazards import Cause
from recourse_sim.hours import Day
from recourse_sim.score import ENTERED, losses_of, new_courier_s, open_files, perceived_cancel
from recourse_sim.tally import COUNTED
from recourse_sim.transport import Json
from recourse_sim.truth import Truth

DAY = Day.of(date(2026, 3, 2), "Asia/Shanghai")
NOON = 43_200.0
HERE = Place(lon=121.4, lat=31.2)


def plan(latest_s: float = NOON + 3600) -> OrderPlan:
    return OrderPlan(
        external_id="d-1",
        kind=OrderKind.MEAL,
        site_id="m-1",
        pickup=HERE,
        dropoff=HERE,
        placed_s=NOON - 600,
        ready_s=NOON,
        earliest_s=NOON,
        latest_s=latest_s,
        weight_g=1000,
        volume_ml=4000,
        service_s=120,
        value_cents=5000,
        is_perishable=True,
        locale="en",
        accepts_point=False,
    )


def event(minute: float, name: str, **data: Json) -> dict[str, Any]:
    return {
        "number": 0,
        "name": name,
        "at": DAY.iso(NOON + 60 * minute),
        "data": {"order_id": "o-1", **data},
    }


def began(minute: float, courier: str, duty: str = "a-1", arrival: float = 40) -> dict[str, Any]:
    arrival_at = DAY.iso(NOON + 60 * arrival)
    return event(
        minute, "assignment.began", assignment_id=duty, courier_id=courier, arrival_at=arrival_at
    )


def ended(minute: float, status: str, duty: str = "a-1") -> dict[str, Any]:
    return event(minute, "assignment.ended", assignment_id=duty, status=status)


def notice(minute: float, kind: str, latest: float | None = None) -> dict[str, Any]:
    latest_at = None if latest is None else DAY.iso(NOON + 60 * latest)
    return event(minute, "notice.sent", kind=kind, latest_at=latest_at)


def verdict(
    *events: dict[str, Any],
    delivered: float | None = None,
    lost: tuple[str, float] | None = None,
    back: float = inf,
) -> tuple[str, int]:
    """Why a cancel was perceived, and how many losses were counted."""
    truth = Truth(orders={"o-1": plan()})
    if delivered is not None:
        truth.deliver("o-1", NOON + 60 * delivered)
    if lost is not None:
        truth.begin_spell(lost[0], Cause.BREAKDOWN, NOON + 60 * lost[1])
        if back < inf:
            truth.end_spell(lost[0], NOON + 60 * back)
    one = open_files(events, truth, DAY)["o-1"]
    losses = losses_of(one, truth)
    return perceived_cancel(one, losses, truth)[0], len(losses)


@pytest.mark.parametrize("name", sorted(EVENT_TYPES.keys() - set(ENTERED)))
def test_a_fact_that_is_not_asked_for_would_change_nothing(name: str) -> None:
    truth = Truth(orders={"o-1": plan()})
    assert open_files([event(0, name)], truth, DAY) == open_files([], truth, DAY)


def test_only_facts_that_the_platform_states_are_asked_for() -> None:
    assert set(COUNTED) <= EVENT_TYPES.keys()


def test_an_order_that_is_simply_delivered_is_no_cancel() -> None:
    assert verdict(began(0, "c-1"), ended(30, "completed"), delivered=30) == ("", 0)


def test_a_late_delivery_without_a_lost_courier_is_late_and_no_cancel() -> None:
    day = (began(0, "c-1"), notice(50, "may_be_late", 80), ended(75, "completed"))
    assert verdict(*day, delivered=75) == ("", 0)


def test_a_new_courier_within_half_an_hour_hides_the_loss() -> None:
    day = (
        began(0, "c-1"),
        ended(11, "withdrawn"),
        began(35, "c-2", "a-2", 50),
        ended(55, "completed", "a-2"),
    )
    assert verdict(*day, delivered=55, lost=("c-1", 10)) == ("", 1)


def test_half_an_hour_without_anybody_accountable_is_a_cancel() -> None:
    day = (began(0, "c-1"), ended(11, "withdrawn"), began(41, "c-2", "a-2", 55))
    assert verdict(*day, delivered=58, lost=("c-1", 10)) == ("silence", 1)


def test_the_half_hour_runs_from_the_loss_and_not_from_when_the_platform_noticed() -> None:
    day = (began(0, "c-1"), ended(35, "lapsed"), began(41, "c-2", "a-2", 55))
    assert verdict(*day, delivered=58, lost=("c-1", 5)) == ("silence", 1)


def test_a_new_courier_who_is_out_as_well_is_not_accountable() -> None:
    truth = Truth(orders={"o-1": plan()})
    for courier in ("c-1", "c-2"):
        truth.begin_spell(courier, Cause.BREAKDOWN, NOON + 600)
    day = [began(0, "c-1"), ended(11, "withdrawn"), began(20, "c-2", "a-2", 55)]
    one = open_files(day, truth, DAY)["o-1"]
    losses = losses_of(one, truth)
    assert [loss.at_s for loss in losses] == [NOON + 600, NOON + 1200]
    assert new_courier_s(one, losses[0], truth) == inf
    assert perceived_cancel(one, losses, truth)[0] == "silence"


def test_a_new_window_past_the_promise_is_a_cancel_whoever_chose_it() -> None:
    promise = event(20, "promise.made", promise={"latest_at": DAY.iso(NOON + 60 * 120)})
    assert verdict(began(0, "c-1"), promise, delivered=110) == ("window", 0)


def test_a_new_window_within_the_promise_is_none() -> None:
    promise = event(20, "promise.made", promise={"latest_at": DAY.iso(NOON + 60 * 55)})
    assert verdict(began(0, "c-1"), promise, delivered=50) == ("", 0)


@pytest.mark.parametrize("kind", ["next_day", "refunded"])
def test_being_told_of_tomorrow_or_of_a_refund_is_a_cancel(kind: str) -> None:
    assert verdict(began(0, "c-1"), notice(20, kind), delivered=None)[0] == "window"


def test_after_a_loss_a_notice_that_names_a_later_time_is_a_cancel() -> None:
    day = (began(0, "c-1"), notice(12, "new_time", 75), began(13, "c-2", "a-2", 50))
    assert verdict(*day, delivered=58, lost=("c-1", 10))[0] == "window"


def test_after_a_loss_an_arrival_past_the_promise_is_seen_on_the_page() -> None:
    day = (began(0, "c-1"), began(13, "c-2", "a-2", 75))
    assert verdict(*day, delivered=58, lost=("c-1", 10))[0] == "window"


def test_what_is_told_after_delivery_does_not_count() -> None:
    assert verdict(began(0, "c-1"), notice(45, "new_time", 90), delivered=40) == ("", 0)


@pytest.mark.parametrize("status", ["canceled", "failed", "expired", "lost", "returned"])
def test_an_order_that_ends_without_delivery_is_a_cancel(status: str) -> None:
    over = event(30, "order.ended", status=status, actor="platform")
    assert verdict(began(0, "c-1"), over)[0] == "service"


def test_a_customer_who_cancels_freely_perceives_nothing_but_one_who_lost_a_courier_does() -> None:
    over = event(30, "order.ended", status="canceled", actor="customer")
    assert verdict(began(0, "c-1"), over)[0] == ""
    assert verdict(began(0, "c-1"), over, lost=("c-1", 10))[0] == "service"


def test_a_no_show_is_lost_from_the_moment_the_order_was_given_to_them() -> None:
    truth = Truth(orders={"o-1": plan()})
    truth.begin_spell("c-1", Cause.NO_SHOW, NOON - 3600)
    one = open_files([began(5, "c-1")], truth, DAY)["o-1"]
    assert [(loss.at_s, loss.cause) for loss in losses_of(one, truth)] == [(NOON + 300, "no_show")]


def test_a_courier_who_dropped_out_after_the_delivery_lost_nothing() -> None:
    assert verdict(began(0, "c-1"), ended(30, "completed"), delivered=30, lost=("c-1", 40)) == (
        "",
        0,
    )


def test_what_the_platform_takes_away_counts_as_a_loss() -> None:
    day = (
        began(0, "c-1"),
        ended(10, "revoked"),
        began(15, "c-2", "a-2", 50),
        ended(50, "completed", "a-2"),
    )
    assert verdict(*day, delivered=50) == ("", 1)
