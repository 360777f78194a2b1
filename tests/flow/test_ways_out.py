"""Ways out when nobody can simply be asked: dispatchers, money, a parcel in its place."""

import pytest

from recourse.flow import offers
from recourse.model.assignments import Assignment, AssignmentStatus
from recourse.model.cases import CaseStatus, Way
from recourse.model.errors import Conflict
from recourse.model.events import LedgerPosted
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at

BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


def test_when_nobody_is_left_a_dispatcher_sees_it_and_the_customer_may_choose(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    assert town.case(order.id).status is CaseStatus.HUMAN
    assert "may_be_late" in town.told(order.id)
    town.choose(order.id, Way.REFUND)
    town.work()
    assert town.case(order.id).outcome == "refunded"


def test_looking_goes_on_until_somebody_comes(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.wait(5 * 60)
    town.on_duty("mei")
    town.wait(town.platform.params.recovery.retry_s / 2)
    assert town.offer_to("mei").order_ids == (order.id,)
    town.accept("mei")
    assert town.case(order.id).status is CaseStatus.CARRIED
    town.finish("mei")
    assert town.case(order.id).status is CaseStatus.CLOSED


def test_when_nobody_ever_comes_the_order_still_ends_with_the_money_back(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s + 60)
    assert town.order(order.id).status is OrderStatus.CANCELED
    assert town.case(order.id).outcome == "refunded"
    assert "refunded" in town.told(order.id)


def test_a_remedy_is_given_once_however_often_its_command_comes(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s + 60)
    case = town.case(order.id)
    given = town.read(lambda tx: tx.remedies(case.id))
    assert given
    assert len({(one.kind, one.beneficiary_id) for one in given}) == len(given)
    posted = town.happened(LedgerPosted)
    assert len({one.key for one in posted}) == len(posted) == len(given)
    assert all(sum(line.amount_cents for line in one.postings) == 0 for one in posted)


def test_a_customer_is_told_once_what_they_were_given_and_by_its_worth(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s + 3_600)
    refunded, given = town.notices(order.id)[-2:]
    assert (refunded.kind.value, given.kind.value) == ("refunded", "remedy")
    assert "0.00" not in refunded.text.replace("42.00", "")
    assert "CNY 42.00 is on its way back to you" in given.text
    assert town.told(order.id).count("remedy") == 1


def test_a_dispatchers_word_sends_the_courier_they_name(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.on_duty("near", at(2, 2))
    town.on_duty("far", at(7, 7))
    town.settle(town.case(order.id).id, Way.COURIER, "far")
    town.work()
    assert town.offer_to("far").order_ids == (order.id,)


def test_a_dispatchers_word_on_a_case_somebody_carries_gets_a_clear_answer(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(3, 3))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.accept("mei")
    with pytest.raises(Conflict, match="carried"):
        town.settle(town.case(order.id).id, Way.REFUND)
    town.finish("mei")
    with pytest.raises(Conflict, match="closed"):
        town.settle(town.case(order.id).id, Way.REFUND)


def test_two_live_duties_for_one_order_are_refused_whoever_writes(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.on_duty("mei")
    second = Assignment(
        id="forged",
        order_id=order.id,
        courier_id="mei",
        status=AssignmentStatus.ACTIVE,
        began_at=town.now,
        accepted_at=town.now,
    )
    with pytest.raises(Conflict), town.store.begin() as tx:
        tx.record([second])
    assert town.carrier(order.id) == "bo"


def test_the_end_of_a_replacement_ends_the_first_orders_case(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.wait(town.platform.params.track.waiting_silence_s, silent=["bo"])
    town.on_duty("mei", at(2, 2))
    case = town.case(order.id)
    if case.status is not CaseStatus.WAITING:
        town.settle(case.id, Way.RESHIP)
        town.wait(1, silent=["bo"])
    again = town.read(lambda tx: tx.orders_in([OrderStatus.DISPATCHING]))
    assert len(again) == 1
    assert town.case(order.id).status is CaseStatus.WAITING
    del town.whereabouts["bo"]
    town.wait(town.platform.params.dispatch.retry_s)
    town.accept("mei")
    town.finish("mei")
    assert town.order(again[0].id).status is OrderStatus.DELIVERED
    assert town.case(order.id).status is CaseStatus.CLOSED
    assert town.order(order.id).status is OrderStatus.CANCELED
    assert town.holder(order.id).holder_id == "bo"


def test_a_customer_who_cancels_one_of_two_offered_orders_leaves_the_other_in_search(
    town: Town,
) -> None:
    town.on_duty("bo", at(2, 2))
    orders = [town.carried("bo", name, at(5, 4 + n)) for n, name in enumerate("ab")]
    town.on_duty("mei", at(3, 3))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    assert set(town.offer_to("mei").order_ids) == {order.id for order in orders}
    town.cancel(orders[0].id)
    town.wait(1)
    assert town.parked() == []
    assert town.offer_to("mei").order_ids == (orders[1].id,)
    town.accept("mei")
    town.finish("mei")
    assert town.order(orders[1].id).status is OrderStatus.DELIVERED


def test_who_accepts_an_offer_for_a_case_that_closed_is_told_so(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(3, 3))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    offer = town.offer_to("mei")
    town.cancel(order.id)
    assert town.case(order.id).outcome == "canceled"
    with pytest.raises(Conflict, match="revoked"):
        town.do(offers.accept, offer.id)
