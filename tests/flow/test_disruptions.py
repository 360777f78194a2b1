"""A courier drops out: nothing is lost, nobody is asked twice, and everybody is told."""

from datetime import timedelta

import pytest

from recourse.flow import offers, stops
from recourse.flow.perform import perform
from recourse.flow.platform import Platform
from recourse.model.assignments import AssignmentStatus, Custodian
from recourse.model.cases import CaseStatus, Loss, Way
from recourse.model.commands import Command
from recourse.model.couriers import CourierState, Vehicle
from recourse.model.errors import NotFound
from recourse.model.events import (
    AssignmentEnded,
    CaseDecided,
    CaseOpened,
    CourierCameToLight,
    CourierWentSilent,
    CourierWithdrew,
    CustodyPassed,
    DisruptionRecognised,
    NoticeSent,
    OfferMade,
    OrderEnded,
    RouteChanged,
)
from recourse.model.orders import OrderStatus
from recourse.model.ports import Transaction
from recourse.model.reasons import Attribution, ReasonCode
from recourse.model.redress import RemedyKind
from recourse.model.routes import StopKind
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


def test_a_parcel_in_hand_passes_by_a_scan_where_the_holder_is_met(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.on_duty("mei", at(0, 0))
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    town.accept("mei")
    assert [stop.kind for stop in town.route("mei").stops] == [StopKind.TAKE, StopKind.DROPOFF]
    assert town.next_stop("mei").from_courier_id == "bo"
    assert town.holder(order.id).holder_id == "bo"
    town.ride("mei")
    assert town.holder(order.id).holder_id == "bo"
    town.complete("mei")
    assert town.holder(order.id).holder_id == "mei"
    town.finish("mei")
    hands = [e.to_holder_id for e in town.happened(CustodyPassed, order_id=order.id)]
    assert hands == ["bo", "mei", order.customer.id]
    assert town.case(order.id).decision.option.way is Way.HANDOVER  # type: ignore[union-attr]


def test_when_who_was_to_fetch_it_drops_out_too_the_next_one_meets_the_holder(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.on_duty("mei", at(0, 0))
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    town.accept("mei")
    town.on_duty("li", at(1, 0))
    town.withdraw("mei", ReasonCode.COURIER_TOO_FAR, order.id)
    town.work()
    assert town.case(order.id).held_by == "bo"
    town.accept("li")
    assert town.next_stop("li").from_courier_id == "bo"
    town.finish("li")
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_who_waits_in_vain_for_a_holder_keeps_the_rest_of_the_load(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", "a", at(7, 7))
    town.visit("bo")
    town.of_station("wu", at(3, 3))
    own = town.meal("b", at(5, 5))
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    assert {town.carrier(order.id), town.carrier(own.id)} == {"wu"}
    while town.next_stop("wu").kind is not StopKind.TAKE:
        town.visit("wu")
    stop = town.ride("wu")
    town.do(stops.fail, "wu", stop.id, code=ReasonCode.COURIER_NOT_RESPONDING)
    town.work()
    assert town.state("wu") in {CourierState.ACTIVE, CourierState.IDLE}
    assert town.order(own.id).status is OrderStatus.DELIVERED or town.carrier(own.id) == "wu"
    assert town.carrier(order.id) != "wu"
    duty = next(one for one in town.duties(order.id) if one.courier_id == "wu")
    assert duty.reason is not None
    assert duty.reason.attribution is Attribution.PLATFORM


def test_a_holder_who_goes_on_is_met_on_the_way_and_no_promise_suffers(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    dropped = town.carried("bo", "a", at(7, 7))
    town.visit("bo")
    kept = [town.carried("bo", name, door) for name, door in (("b", at(6, 2)), ("c", at(2, 6)))]
    town.on_duty("mei", at(7, 0))
    town.withdraw("bo", ReasonCode.COURIER_TOO_FAR, dropped.id)
    town.work()
    if town.carrier(dropped.id) != "mei":
        town.accept("mei")
    take = next(stop for stop in town.route("mei").stops if stop.kind is StopKind.TAKE)
    made = town.route("bo").stops
    rank = next(i for i, stop in enumerate(made) if stop.kind is StopKind.GIVE)
    assert made[rank].place == take.place
    assert rank == 0 or made[rank - 1].place == take.place
    assert {i for stop in made for i in stop.order_ids} >= {order.id for order in kept}
    assert all(stop.arrival_at <= stop.latest_at for stop in made)
    assert made[rank].arrival_at - timedelta(minutes=2) <= take.arrival_at
    assert take.arrival_at <= made[rank].arrival_at + timedelta(minutes=15)


def test_a_holder_far_from_the_next_stop_is_met_where_they_are(town: Town) -> None:
    town.on_duty("bo", at(2, 2), vehicle=Vehicle.FOOT)
    dropped, kept = town.carried("bo", "a", at(0, 7)), town.carried("bo", "b", at(7, 7))
    kitchen = town.visit("bo")
    assert set(kitchen.order_ids) == {dropped.id, kept.id}
    town.on_duty("mei", at(3, 2))
    town.withdraw("bo", ReasonCode.COURIER_TOO_FAR, dropped.id)
    town.work()
    if town.carrier(dropped.id) != "mei":
        town.accept("mei")
    take = next(stop for stop in town.route("mei").stops if stop.kind is StopKind.TAKE)
    give, door = town.route("bo").stops
    assert (give.kind, give.place) == (StopKind.GIVE, take.place)
    assert (give.place.lon, give.place.lat) == (kitchen.place.lon, kitchen.place.lat)
    assert take.arrival_at < door.arrival_at < kept.promise.latest_at
    town.ride("bo")
    town.finish("mei")
    assert town.order(dropped.id).status is OrderStatus.DELIVERED
    assert [stop.id for stop in town.route("bo").stops] == [door.id]


def test_a_parcel_nobody_can_fetch_is_brought_back_and_takes_the_next_wave(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcel = town.parcel()
    town.wait(25 * 60)
    town.visit("wu")
    town.withdraw("wu", ReasonCode.COURIER_OVERLOADED, parcel.id)
    town.work()
    (back,) = town.route("wu").stops
    assert (back.kind, back.site_id) == (StopKind.RETURN, "station")
    assert town.order(parcel.id).status is OrderStatus.RETURN_IN_PROGRESS
    town.visit("wu")
    assert town.holder(parcel.id).custodian is Custodian.STATION
    town.of_station("li", at(1, 1))
    town.wait_for("li", parcel.id)
    town.finish("li")
    assert town.order(parcel.id).status is OrderStatus.DELIVERED
    assert {duty.courier_id for duty in town.duties(parcel.id)} == {"wu", "li"}


def test_a_courier_who_falls_silent_loses_the_load_and_is_not_blamed(town: Town) -> None:
    track = town.platform.params.track
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(7, 7))
    town.wait(track.waiting_silence_s, silent=["bo"])
    (went,) = town.happened(CourierWentSilent)
    assert went.courier_id == "bo"
    assert went.at - went.pinged_at >= timedelta(seconds=track.moving_silence_s)
    assert town.state("bo") is CourierState.SIGNAL_LOST
    assert town.offer_to("mei").order_ids == (order.id,) or town.carrier(order.id) == "mei"
    duty = town.duties(order.id)[0]
    assert duty.status is AssignmentStatus.LAPSED
    assert duty.reason is not None
    assert duty.reason.attribution is not Attribution.COURIER


def test_a_parcel_in_silent_hands_stays_there_while_its_promise_has_time(town: Town) -> None:
    town.of_station("wu")
    parcel = town.parcel(door=at(7, 7))
    town.wait(25 * 60)
    town.visit("wu")
    town.wait(town.platform.params.track.waiting_silence_s, silent=["wu"])
    assert town.state("wu") is CourierState.SIGNAL_LOST
    assert town.carrier(parcel.id) == "wu"
    assert town.cases(parcel.id) == []
    town.ping("wu")
    town.work()
    assert town.state("wu") is CourierState.ACTIVE
    town.finish("wu")
    assert town.order(parcel.id).status is OrderStatus.DELIVERED
    assert [duty.courier_id for duty in town.duties(parcel.id)] == ["wu"]


def test_a_parcel_in_silent_hands_is_given_up_on_before_its_promise_ends(town: Town) -> None:
    lead = timedelta(seconds=town.platform.params.disruption.silent_lead_s)
    town.of_station("wu")
    parcel = town.parcel(door=at(7, 7))
    town.wait(25 * 60)
    town.visit("wu")
    ends_at = town.order(parcel.id).promise.latest_at
    town.wait_until(ends_at - lead, silent=["wu"])
    town.work()
    assert town.carrier(parcel.id) == ""
    assert town.holder(parcel.id).holder_id == "wu"
    told = town.happened(NoticeSent, order_id=parcel.id)
    assert told[-1].at < ends_at
    town.ping("wu")
    town.work()
    assert [one.courier_id for one in town.happened(CourierCameToLight)] == ["wu"]
    assert town.carrier(parcel.id) == "wu"
    town.finish("wu")
    assert town.order(parcel.id).status is OrderStatus.DELIVERED


def test_what_a_silent_courier_still_has_to_fetch_waits_no_longer_than_the_patience(
    town: Town,
) -> None:
    patience_s = town.platform.params.disruption.silent_patience_s
    town.of_station("wu", at(3, 3))
    parcel = town.parcel(door=at(7, 7), dropoff_deadline_at=MORNING + timedelta(hours=9))
    town.wait(23 * 60)
    assert town.carrier(parcel.id) == "wu"
    heard_at = town.now
    town.wait(patience_s - 60, silent=["wu"])
    assert town.state("wu") is CourierState.SIGNAL_LOST
    assert town.carrier(parcel.id) == "wu"
    town.wait_until(heard_at + timedelta(seconds=patience_s), silent=["wu"])
    town.work()
    assert town.duties(parcel.id)[0].status is AssignmentStatus.LAPSED
    assert town.case(parcel.id).cause is ReasonCode.SIGNAL_LOST


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


def test_who_has_gone_away_with_a_parcel_is_waited_for_by_nobody(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcel = town.parcel()
    town.wait(25 * 60)
    town.visit("wu")
    town.withdraw("wu", ReasonCode.COURIER_ILLNESS)
    town.wait(town.platform.params.track.waiting_silence_s + 60, silent=["wu"])
    town.on_duty("mei", at(5, 5))
    town.wait(town.platform.params.recovery.holder_retry_s, silent=["wu"])
    assert town.open_offers() == []
    decision = town.case(parcel.id).decision
    assert decision is not None
    assert decision.option.way is Way.HUMAN
    assert Loss.HOLDER_GONE in {one.loss for one in decision.rejections}


def test_who_gave_up_exhausted_is_not_sent_back_with_a_parcel(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcel = town.parcel()
    town.wait(25 * 60)
    town.visit("wu")
    town.withdraw("wu", ReasonCode.COURIER_FATIGUE_LIMIT)
    town.work()
    assert town.route("wu").stops == ()
    decision = town.case(parcel.id).decision
    assert decision is not None
    assert decision.option.way is not Way.BRING_BACK


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


def test_the_stops_a_courier_makes_do_not_multiply_the_timers_that_listen(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counted(tx: Transaction, platform: Platform, command: Command) -> None:
        asked.append(command.name)
        perform(tx, platform, command)

    def listened(hours: int) -> int:
        asked.clear()
        for _ in range(hours * 120):
            town.wait(30)
        return asked.count("silence")

    monkeypatch.setattr("tests.flow.town.perform", counted)
    town.on_duty("bo", at(2, 2))
    idle = listened(1)
    for name in "abc":
        town.carried("bo", name)
        while town.route("bo").stops:
            for _ in range(8):
                town.wait(30)
            town.visit("bo")
    assert 0 < listened(1) <= idle + 1
