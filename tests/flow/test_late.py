"""What a courier brought in the dark is believed afterwards, and ends what was done instead."""

from datetime import timedelta

import pytest

from recourse.flow import late
from recourse.model.assignments import AssignmentStatus, Custodian, OfferStatus
from recourse.model.cases import CaseStatus, Way
from recourse.model.couriers import CourierState
from recourse.model.errors import Conflict, Forbidden, NotFound
from recourse.model.events import CustodyPassed, OrderEnded, RouteChanged
from recourse.model.orders import Order, OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from tests.flow.town import Town, at


def given_up_on(town: Town) -> Order:
    """A meal in the hands of bo, who fell silent with it and lost the duty for it."""
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.wait(town.platform.params.track.waiting_silence_s, silent=["bo"])
    assert town.duties(order.id)[0].status is AssignmentStatus.LAPSED
    return town.order(order.id)


def broken_down(town: Town) -> Order:
    """A parcel in the hands of wu, whose vehicle broke down with it."""
    town.of_station("wu", at(1, 1))
    parcel = town.parcel(door=at(7, 7))
    town.wait(25 * 60)
    town.visit("wu")
    town.withdraw("wu", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    return town.order(parcel.id)


def test_a_parcel_brought_after_the_duty_lapsed_is_delivered_all_the_same(town: Town) -> None:
    order = given_up_on(town)
    town.do(late.deliver, "bo", order.id)
    town.work()
    assert town.order(order.id).status is OrderStatus.DELIVERED
    held = town.holder(order.id)
    assert (held.custodian, held.holder_id) == (Custodian.CUSTOMER, order.customer.id)
    assert town.case(order.id).status is CaseStatus.CLOSED
    assert town.case(order.id).outcome == "kept"
    (ended,) = town.happened(OrderEnded, order_id=order.id)
    assert ended.actor == "courier"


def test_the_same_late_report_again_changes_nothing(town: Town) -> None:
    order = given_up_on(town)
    town.do(late.deliver, "bo", order.id)
    before = town.store.last_number()
    town.do(late.deliver, "bo", order.id)
    assert town.store.last_number() == before


def test_nobody_else_can_report_a_parcel_that_is_in_other_hands(town: Town) -> None:
    order = given_up_on(town)
    town.on_duty("mei", at(5, 5))
    with pytest.raises(Forbidden):
        town.do(late.deliver, "mei", order.id)
    town.do(late.deliver, "bo", order.id)
    with pytest.raises(Conflict):
        town.do(late.deliver, "mei", order.id)


def test_a_late_report_needs_a_courier_and_an_order_that_exist(town: Town) -> None:
    order = given_up_on(town)
    with pytest.raises(NotFound):
        town.do(late.deliver, "nobody", order.id)
    with pytest.raises(NotFound):
        town.do(late.deliver, "bo", "order-none")


def test_what_still_lies_at_the_counter_cannot_have_been_brought(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    with pytest.raises(Forbidden):
        town.do(late.deliver, "bo", order.id)


def test_an_order_that_ended_otherwise_stays_as_it_ended(town: Town) -> None:
    order = broken_down(town)
    town.settle(town.case(order.id).id, Way.REFUND)
    town.work()
    assert town.order(order.id).status is OrderStatus.CANCELED
    with pytest.raises(Conflict) as refused:
        town.do(late.deliver, "wu", order.id)
    assert "canceled" in str(refused.value)


def test_who_is_on_the_way_to_take_it_over_is_told_that_it_was_brought(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.on_duty("mei", at(0, 0))
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    town.accept("mei")
    assert [stop.kind for stop in town.route("mei").stops] == [StopKind.TAKE, StopKind.DROPOFF]
    town.do(late.deliver, "bo", order.id)
    town.work()
    assert town.route("mei").stops == ()
    assert town.happened(RouteChanged, courier_id="mei")[-1].stop_ids == ()
    assert {one.courier_id: one.status for one in town.duties(order.id)} == {
        "bo": AssignmentStatus.WITHDRAWN,
        "mei": AssignmentStatus.REVOKED,
    }
    assert town.case(order.id).outcome == "kept"
    hands = [one.to_holder_id for one in town.happened(CustodyPassed, order_id=order.id)]
    assert hands == ["bo", order.customer.id]


def test_who_was_asked_to_take_it_over_is_asked_no_more(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.on_duty("mei", at(0, 0))
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    offer = town.offer_to("mei")
    town.do(late.deliver, "bo", order.id)
    town.work()
    assert town.open_offers() == []
    assert town.read(lambda tx: tx.offers([offer.id]))[offer.id].status is OfferStatus.REVOKED
    assert town.case(order.id).status is CaseStatus.CLOSED


def test_a_stop_that_is_still_there_goes_with_the_report(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    route = town.do(late.deliver, "bo", order.id)
    assert route.stops == ()
    assert town.state("bo") is CourierState.IDLE
    assert town.duties(order.id)[0].status is AssignmentStatus.COMPLETED


def test_a_parcel_on_its_way_back_can_have_been_brought_to_its_customer(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcel = town.parcel()
    town.wait(25 * 60)
    town.visit("wu")
    town.withdraw("wu", ReasonCode.COURIER_OVERLOADED, parcel.id)
    town.work()
    assert town.order(parcel.id).status is OrderStatus.RETURN_IN_PROGRESS
    town.do(late.deliver, "wu", parcel.id)
    town.work()
    assert town.route("wu").stops == ()
    assert town.order(parcel.id).status is OrderStatus.DELIVERED


def test_a_parcel_that_waits_for_tomorrow_can_have_been_brought_today(town: Town) -> None:
    order = broken_down(town)
    town.settle(town.case(order.id).id, Way.NEXT_DAY)
    town.work()
    assert town.order(order.id).status is OrderStatus.SCHEDULED
    town.do(late.deliver, "wu", order.id)
    town.wait(timedelta(hours=1).total_seconds())
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_a_replacement_that_nobody_has_fetched_is_not_sent_any_more(town: Town) -> None:
    order = given_up_on(town)
    town.on_duty("mei", at(2, 2))
    if town.case(order.id).status is not CaseStatus.WAITING:
        town.settle(town.case(order.id).id, Way.RESHIP)
        town.wait(1, silent=["bo"])
    (again,) = town.read(lambda tx: tx.orders_in([OrderStatus.DISPATCHING]))
    town.do(late.deliver, "bo", order.id)
    town.wait(60, silent=["bo"])
    assert town.order(order.id).status is OrderStatus.DELIVERED
    assert town.order(again.id).status is OrderStatus.CANCELED
    assert town.case(order.id).status is CaseStatus.CLOSED
    assert town.open_offers() == []
