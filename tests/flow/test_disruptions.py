"""A courier drops out: nothing is lost, nobody is asked twice, and everybody is told."""

from datetime import timedelta

import pytest

from recourse.flow import offers
from recourse.model.assignments import AssignmentStatus, Custodian
from recourse.model.cases import CaseStatus, Loss
from recourse.model.couriers import CourierState
from recourse.model.errors import NotFound
from recourse.model.events import (
    AssignmentEnded,
    CaseDecided,
    CaseOpened,
    CourierWithdrew,
    DisruptionRecognised,
    OfferMade,
    OrderEnded,
    RouteChanged,
)
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.redress import RemedyKind
from tests.flow.town import MORNING, Town, at


def test_a_couriers_cancel_ends_an_assignment_and_never_an_order(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo")
    assert town.route("bo").stops == ()
    assert town.order(order.id).status is OrderStatus.RECOVERING
    assert [duty.status for duty in town.duties(order.id)] == [AssignmentStatus.WITHDRAWN]
    assert town.happened(OrderEnded) == []


def test_a_dropped_order_is_offered_to_another_courier_within_the_same_second(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(7, 7))
    town.withdraw("bo")
    dropped_at = town.now
    town.work()
    offer = town.offer_to("mei")
    assert (offer.order_ids, offer.made_at) == ((order.id,), dropped_at)
    town.accept("mei")
    town.finish("mei")
    assert town.case(order.id).outcome == "kept"
    assert town.case(order.id).new_courier_at == dropped_at


def test_the_customer_is_told_within_ten_seconds_that_the_courier_was_lost(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    dropped_at = town.now
    town.wait(10)
    notice = town.notices(order.id)[0]
    assert notice.kind.value == "courier_lost"
    assert notice.sent_at - dropped_at <= timedelta(seconds=10)
    assert town.case(order.id).told_at == notice.sent_at


def test_the_log_tells_the_merchant_that_the_courier_dropped_out(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo")
    town.work()
    for kind in (AssignmentEnded, CaseOpened, CaseDecided):
        assert town.happened(kind, order_id=order.id), kind
    (ended,) = town.happened(AssignmentEnded, order_id=order.id)
    assert ended.reason is not None
    assert ended.reason.code is ReasonCode.COURIER_TOO_FAR
    assert [one.disruption.orphaned for one in town.happened(DisruptionRecognised)] == [(order.id,)]


def test_a_route_loses_only_what_was_dropped_and_the_courier_is_told(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    kept = town.carried("bo", "a", at(3, 3))
    lost = town.carried("bo", "b", at(6, 6))
    before = [s.id for s in town.route("bo").stops if lost.id not in s.order_ids]
    town.withdraw("bo", ReasonCode.COURIER_OVERLOADED, lost.id)
    after = town.route("bo")
    assert {i for stop in after.stops for i in stop.order_ids} == {kept.id}
    assert [stop.id for stop in after.stops][-len(before) :] == before
    told = town.happened(RouteChanged, courier_id="bo")[-1]
    assert (told.version, told.stop_ids) == (after.version, tuple(s.id for s in after.stops))
    assert told.why


def test_who_misses_the_shift_is_counted_on_no_longer(town: Town) -> None:
    town.courier("bo")
    town.wait(timedelta(seconds=601).total_seconds())
    (event,) = town.happened(CourierWithdrew)
    assert event.code is ReasonCode.COURIER_NO_SHOW
    assert town.state("bo") is CourierState.UNAVAILABLE
    town.meal()
    town.wait(60)
    assert town.open_offers() == []


def test_pressing_sos_frees_the_load_in_the_same_second_and_costs_the_courier_nothing(
    town: Town,
) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(7, 7))
    town.press_sos("bo")
    pressed_at = town.now
    town.work()
    assert town.state("bo") is CourierState.SOS
    assert town.route("bo").stops == ()
    assert town.offer_to("mei").made_at == pressed_at
    town.accept("mei")
    town.finish("mei")
    case = town.case(order.id)
    pay = [
        r for r in town.read(lambda tx: tx.remedies(case.id)) if r.beneficiary_id == "courier:bo"
    ]
    assert [one.kind for one in pay] == [RemedyKind.COURIER_PAY]
    assert pay[0].amount_cents > 0


def test_at_the_limit_of_hours_the_load_is_taken_and_rest_is_required(town: Town) -> None:
    town.on_duty("bo", at(2, 2), shift_end_at=MORNING + timedelta(hours=20))
    hours = town.platform.params.hours
    town.wait(hours.warn_s + 60)
    assert town.state("bo") is CourierState.FATIGUE_WARNING
    town.wait(hours.stop_s - hours.warn_s - 10 * 60)
    order = town.meal()
    town.wait(1)
    if [offer for offer in town.open_offers() if offer.courier_id == "bo"]:
        town.accept("bo")
    town.wait(15 * 60)
    assert town.state("bo") is CourierState.REST_REQUIRED
    assert town.carrier(order.id) == ""
    assert town.happened(OfferMade, courier_id="bo") == [
        event
        for event in town.happened(OfferMade, courier_id="bo")
        if event.at < MORNING + timedelta(seconds=hours.stop_s)
    ]


def test_who_says_yes_to_a_little_overtime_gets_the_order(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.on_duty("mei", at(2, 2), shift_end_at=town.now + timedelta(minutes=8))
    town.withdraw("bo")
    town.work()
    town.wait(20)
    town.accept("mei")
    assert town.carrier(order.id) == "mei"
    assert town.route("mei").stops[-1].arrival_at > town.now + timedelta(minutes=8)
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_two_couriers_who_drop_at_once_lose_nothing(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    first = town.carried("bo", "a")
    town.on_duty("mei", at(7, 7))
    second = town.meal("b")
    town.work()
    town.decline("bo")
    town.work()
    town.accept("mei")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.withdraw("mei", ReasonCode.COURIER_ILLNESS)
    town.on_duty("wu", at(6, 6))
    town.work()
    for offer in town.open_offers():
        assert offer.courier_id == "wu"
        town.do(offers.accept, offer.id)
    town.finish("wu")
    assert {town.order(o.id).status for o in (first, second)} == {OrderStatus.DELIVERED}


def test_a_parcel_that_was_not_scanned_stays_where_it_is_and_is_put_right(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcels = [town.parcel(f"p-{n}", at(3, 2 + n)) for n in range(2)]
    town.wait(25 * 60)
    stop = town.ride("wu")
    assert set(stop.order_ids) == {parcel.id for parcel in parcels}
    there, missing = stop.order_ids
    town.complete("wu", scanned=(there,))
    town.work()
    assert town.holder(there).holder_id == "wu"
    assert town.holder(missing).custodian is Custodian.STATION
    assert town.case(missing).status is not CaseStatus.CLOSED
    assert all(missing not in stop.order_ids for stop in town.route("wu").stops)
    town.finish("wu")
    assert town.order(there).status is OrderStatus.DELIVERED


def test_nobody_drops_what_somebody_else_carries(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.on_duty("mei")
    with pytest.raises(NotFound, match="assignment"):
        town.withdraw("mei", ReasonCode.COURIER_TOO_FAR, order.id)
    assert town.carrier(order.id) == "bo"


def test_every_courier_who_was_not_chosen_has_a_reason(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    decision = town.case(order.id).decision
    assert decision is not None
    assert {(lost.courier_id, lost.loss) for lost in decision.rejections} >= {
        ("bo", Loss.DROPPED_IT)
    }
