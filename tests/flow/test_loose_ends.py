"""Nothing is left behind without an end: questions, returns, replacements, what lies at a point."""

from datetime import timedelta

import pytest

from recourse.flow import roster
from recourse.model.cases import CaseStatus, Way
from recourse.model.errors import Conflict
from recourse.model.orders import OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.redress import RemedyKind
from tests.flow.town import Town, at

TOO_FAR = ReasonCode.COURIER_TOO_FAR


@pytest.mark.parametrize("how", ["sos", "off duty"])
def test_who_goes_with_a_question_open_leaves_the_order_to_the_next(town: Town, how: str) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.meal()
    town.work()
    assert town.offer_to("bo").order_ids == (order.id,)
    if how == "sos":
        town.press_sos("bo")
    else:
        town.do(roster.duty, "bo", on=False)
        town.whereabouts.clear()
    town.on_duty("mei", at(3, 3))
    town.work()
    assert town.offer_to("mei").order_ids == (order.id,)
    assert len(town.open_offers()) == 1


def test_money_that_goes_back_while_a_parcel_is_brought_back_ends_the_order(town: Town) -> None:
    town.site("station", SiteKind.STATION, at(3, 3))
    town.of_station("bo", at(3, 3))
    order = town.parcel()
    town.wait_for("bo", order.id)
    town.visit("bo")
    town.withdraw("bo", TOO_FAR)
    town.work()
    assert town.order(order.id).status is OrderStatus.RETURN_IN_PROGRESS
    town.choose(order.id, Way.REFUND)
    town.work()
    assert town.case(order.id).outcome == "refunded"
    town.visit("bo")
    assert town.order(order.id).status is OrderStatus.RETURNED
    assert town.holder(order.id).holder_id == "station"
    town.check()


def test_a_replacement_nobody_fetches_ends_with_its_order(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.visit("bo")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    del town.whereabouts["bo"]
    town.wait(14 * 3_600)
    again = town.read(lambda tx: tx.order_by_external("m-1", "a#r1"))
    assert again is not None
    assert town.order(order.id).status is OrderStatus.CANCELED
    assert town.order(again.id).status is OrderStatus.CANCELED
    # Nobody is found for the replacement either: the money goes back with it, and only once.
    given = [one for of in (order, again) for one in town.remedies(town.case(of.id).id)]
    assert [one.amount_cents for one in given if one.kind is RemedyKind.REFUND] == [4_200]
    town.check()


def test_what_lies_at_a_point_waits_for_a_dispatcher_and_for_nothing_else(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    town.choose(order.id, Way.PICKUP_POINT, "point")
    town.on_duty("mei", at(3, 3))
    town.wait(1)
    town.accept("mei")
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.AVAILABLE_FOR_PICKUP
    with pytest.raises(Conflict, match="pickup point"):
        town.choose(order.id, Way.NEXT_DAY)
    town.do(roster.duty, "mei", on=False)
    town.whereabouts.clear()
    town.clock.set(town.now + timedelta(days=3))
    town.work()
    case = town.case(order.id)
    assert case.status is CaseStatus.HUMAN
    town.clock.set(town.now + timedelta(days=1))
    town.work()
    assert town.case(order.id).n_decisions == case.n_decisions
    with pytest.raises(Conflict, match="pickup point"):
        town.settle(case.id, Way.NEXT_DAY)
    town.settle(case.id, Way.REFUND)
    town.work()
    assert town.order(order.id).status is OrderStatus.CANCELED
    town.check()
