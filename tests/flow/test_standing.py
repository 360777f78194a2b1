"""A courier who is heard of and does not move is asked, then let go; who moves is left alone."""

from datetime import timedelta

from recourse.model.couriers import CourierState
from recourse.model.events import CourierWithdrew, DisruptionRecognised, RiskRose
from recourse.model.reasons import Attribution, ReasonCode
from tests.flow.town import Town, at


def test_who_stands_still_far_from_the_next_stop_is_asked_and_then_let_go(town: Town) -> None:
    params = town.platform.params.track
    town.on_duty("bo", at(7, 2))
    order = town.carried("bo")
    town.wait(params.still_ask_s + 120)
    assert ("still_min",) in {one.signs for one in town.happened(RiskRose)}
    assert town.carrier(order.id) == "bo"
    town.wait(params.still_gone_s - params.still_ask_s + 120)
    assert town.state("bo") is CourierState.UNAVAILABLE
    assert town.carrier(order.id) == ""
    assert [one.code for one in town.happened(CourierWithdrew)] == [
        ReasonCode.COURIER_NOT_RESPONDING
    ]
    (told,) = town.happened(DisruptionRecognised)
    assert told.disruption.reason.attribution is Attribution.PLATFORM


def test_who_moves_or_is_at_a_stop_is_not_asked(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.wait(12 * 60)
    town.ride("bo")
    town.wait(20 * 60)
    town.complete("bo")
    for n in range(10):
        town.whereabouts["bo"] = at(2 + n / 2, 2)
        town.wait(120)
    assert town.carrier(order.id) == "bo"
    assert town.happened(CourierWithdrew) == []


def test_who_waits_for_a_door_that_opens_later_is_not_taken_for_gone(town: Town) -> None:
    opens_at = town.now + timedelta(minutes=40)
    town.on_duty("bo", at(2, 2))
    order = town.carried(
        "bo",
        door=at(2, 6),
        dropoff_ready_at=opens_at,
        dropoff_deadline_at=opens_at + timedelta(minutes=30),
    )
    town.visit("bo")
    assert town.next_stop("bo").earliest_at == opens_at
    town.wait_until(opens_at - timedelta(minutes=2))
    assert town.happened(CourierWithdrew) == []
    assert ("still_min",) not in {one.signs for one in town.happened(RiskRose)}
    params = town.platform.params.track
    town.wait(params.still_gone_s + 120 + 6 * 60)
    assert town.carrier(order.id) == ""


def test_who_stands_beside_the_next_stop_and_never_reports_it_is_let_go_later(town: Town) -> None:
    params = town.platform.params.track
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    due_at = town.next_stop("bo").arrival_at
    town.wait_until(due_at)
    town.wait(params.near_longer_s)
    assert town.carrier(order.id) == "bo"
    town.wait(params.still_gone_s + 120)
    assert town.carrier(order.id) == ""


def test_who_is_at_a_counter_long_after_it_was_ready_and_does_not_answer_is_let_go(
    town: Town,
) -> None:
    params = town.platform.params.track
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    stop = town.ride("bo")
    town.wait_until(max(town.now, stop.earliest_at))
    town.wait(stop.service_s + params.counter_longer_s)
    assert town.carrier(order.id) == "bo"
    town.wait(params.still_gone_s + 120)
    assert town.carrier(order.id) == ""
