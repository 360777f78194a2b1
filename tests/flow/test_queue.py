"""The queue of a dispatcher: every way out looked at, and cases that were closed by mistake."""

import pytest

from recourse.flow.reopen import reopen
from recourse.flow.what_if import what_if
from recourse.model.cases import Case, CaseStatus, Way
from recourse.model.errors import Conflict, Forbidden, Invalid, NotFound
from recourse.model.events import CaseReopened
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at

BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


def lost(town: Town) -> Case:
    """Let the only courier be lost, so that a dispatcher sees the case."""
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    return town.case(order.id)


def closed(town: Town) -> Case:
    """Let a dispatcher give the money back by mistake."""
    case = lost(town)
    town.settle(case.id, Way.REFUND)
    town.work()
    case = town.case(case.order_id)
    assert case.outcome == "refunded"
    return case


def test_every_way_out_is_shown_with_its_price_and_every_closed_one_with_its_reason(
    town: Town,
) -> None:
    case = lost(town)
    town.on_duty("mei", at(3, 3))
    before = town.store.last_number()
    found = town.do(what_if, case.id)
    ways = {one["way"] for one in found["options"]}
    assert {"courier", "refund", "human"} <= ways
    prices = [one["cost_cents"] for one in found["options"]]
    assert prices == sorted(prices)
    assert found["best"]["courier_id"] == "mei"
    assert found["best"]["is_asked"]
    closed_ways = {one["way"] for one in found["reasons"]}
    elsewhere = {"handover", "bring_back", "reship"}
    not_offered = {"slot", "express"}
    assert ways | closed_ways >= {way.value for way in Way} - elsewhere - not_offered
    assert any(
        one["courier_id"] == "bo" and one["loss"] == "dropped_it" for one in found["reasons"]
    )
    assert all(one["en"] and one["zh"] for one in found["reasons"])
    assert town.store.last_number() == before
    assert town.case(case.order_id) == case


def test_what_a_named_courier_would_come_to_can_be_asked(town: Town) -> None:
    case = lost(town)
    town.on_duty("near", at(2, 2))
    town.on_duty("far", at(7, 7))
    usual = town.do(what_if, case.id)["best"]
    named = town.do(what_if, case.id, courier_id="far")["best"]
    assert (usual["courier_id"], named["courier_id"]) == ("near", "far")
    assert named["cost_cents"] > usual["cost_cents"]
    assert town.do(what_if, case.id, way=Way.REFUND)["best"]["way"] == "refund"


def test_asking_about_what_is_not_there_gets_a_clear_answer(town: Town) -> None:
    case = lost(town)
    with pytest.raises(NotFound, match="case"):
        town.do(what_if, "case-0")
    with pytest.raises(NotFound, match="courier"):
        town.do(what_if, case.id, courier_id="nobody")
    with pytest.raises(Invalid, match="point"):
        town.do(what_if, case.id, site_id="nowhere")


def test_a_case_closed_by_mistake_is_reopened_and_its_order_is_delivered(town: Town) -> None:
    case = closed(town)
    given = town.remedies(case.id)
    town.on_duty("mei", at(3, 3))
    town.do(reopen, case.id, why="refunded the wrong order")
    town.work()
    assert town.order(case.order_id).status is OrderStatus.RECOVERING
    assert "reopened" in town.told(case.order_id)
    assert town.offer_to("mei").order_ids == (case.order_id,)
    town.accept("mei")
    town.finish("mei")
    assert town.order(case.order_id).status is OrderStatus.DELIVERED
    again = town.case(case.order_id)
    assert (again.status, again.outcome) == (CaseStatus.CLOSED, "kept")
    assert town.remedies(case.id) == given
    (word,) = town.happened(CaseReopened)
    assert (word.was, word.why) == (OrderStatus.CANCELED, "refunded the wrong order")


def test_a_reopened_case_never_asks_who_dropped_the_order(town: Town) -> None:
    case = closed(town)
    town.on_duty("mei", at(7, 7))
    town.do(reopen, case.id, why="a slip")
    town.work()
    assert "bo" in town.case(case.order_id).excluded
    assert town.offer_to("mei").order_ids == (case.order_id,)


def test_a_reopened_case_whose_courier_never_comes_still_ends(town: Town) -> None:
    case = closed(town)
    town.do(reopen, case.id, why="a slip")
    town.wait(town.platform.params.recovery.fallback_s + 60)
    assert town.case(case.order_id).outcome == "refunded"
    assert town.order(case.order_id).status is OrderStatus.CANCELED


def test_reopening_twice_is_reopening_once(town: Town) -> None:
    case = closed(town)
    town.do(reopen, case.id, why="a slip")
    before = town.store.last_number()
    assert town.do(reopen, case.id, why="a slip").id == case.id
    assert town.store.last_number() == before


def test_a_reopening_needs_a_reason(town: Town) -> None:
    case = closed(town)
    with pytest.raises(Invalid, match="why"):
        town.do(reopen, case.id, why="  ")
    assert town.case(case.order_id).status is CaseStatus.CLOSED


def test_what_was_delivered_is_not_reopened(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(3, 3))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.accept("mei")
    with pytest.raises(Conflict, match="carried"):
        town.do(what_if, town.case(order.id).id)
    town.finish("mei")
    with pytest.raises(Forbidden, match="delivered"):
        town.do(reopen, town.case(order.id).id, why="a slip")


def test_what_was_replaced_is_not_reopened(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.wait(town.platform.params.track.waiting_silence_s, silent=["bo"])
    town.on_duty("mei", at(2, 2))
    case = town.case(order.id)
    if case.status is not CaseStatus.WAITING:
        town.settle(case.id, Way.RESHIP)
        town.wait(1, silent=["bo"])
    del town.whereabouts["bo"]
    town.wait(town.platform.params.dispatch.retry_s)
    town.accept("mei")
    town.finish("mei")
    assert town.case(order.id).status is CaseStatus.CLOSED
    with pytest.raises(Conflict, match="replaces it"):
        town.do(reopen, case.id, why="a slip")
