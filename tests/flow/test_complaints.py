"""What users complain of in today's systems, each as a test; docs/complaints.md lists them all.

Those about webhooks, keys and bulk changes stand in `tests/e2e/test_complaints.py`.
"""

from datetime import timedelta

import pytest

from recourse.flow import stops, views
from recourse.flow.late import deliver
from recourse.flow.reopen import reopen
from recourse.model.assignments import AssignmentStatus
from recourse.model.cases import Way
from recourse.model.couriers import CourierState
from recourse.model.errors import Conflict, Forbidden, NotFound
from recourse.model.events import (
    AssignmentEnded,
    CancelJudged,
    CourierWentSilent,
    DisruptionRecognised,
    OfferMade,
    RouteChanged,
)
from recourse.model.orders import OrderStatus
from recourse.model.reasons import Attribution, ReasonCode
from recourse.model.routes import StopKind
from tests.flow.town import Town, at


def test_who_dropped_an_order_is_never_offered_it_again(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo")
    town.wait(timedelta(hours=3).total_seconds())
    assert len(town.happened(OfferMade, courier_id="bo")) == 1
    assert town.carrier(order.id) == ""


def test_two_couriers_never_hold_one_order_at_once(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(6, 6))
    stop = town.next_stop("bo")
    town.withdraw("bo")
    town.work()
    assert town.offer_to("mei").order_ids == (order.id,)
    town.accept("mei")
    with pytest.raises(NotFound, match="stop"):
        town.do(stops.complete, "bo", stop.id)
    assert town.route("bo").stops == ()
    live = town.read(lambda tx: tx.live_assignments(order_ids=[order.id]))
    assert [duty.courier_id for duty in live] == ["mei"]


def test_a_couriers_cancel_does_not_end_the_order(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo")
    assert town.order(order.id).status is OrderStatus.RECOVERING
    town.on_duty("mei", at(3, 3))
    town.work()
    town.accept("mei")
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_a_canceled_order_leaves_the_phone_in_the_same_second(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    told_before = len(town.happened(RouteChanged, courier_id="bo"))
    town.cancel(order.id)
    assert town.route("bo").stops == ()
    told = town.happened(RouteChanged, courier_id="bo")[told_before:]
    assert [(one.at, one.stop_ids, one.why) for one in told] == [(town.now, (), "order canceled")]


def test_the_log_tells_that_the_courier_dropped_out(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo")
    (ended,) = town.happened(AssignmentEnded, order_id=order.id)
    assert (ended.at, ended.status) == (town.now, AssignmentStatus.WITHDRAWN)
    assert town.happened(DisruptionRecognised)[0].disruption.orphaned == (order.id,)


def test_no_minute_passes_before_a_dropped_order_is_offered_again(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(6, 6))
    town.wait(17)
    town.withdraw("bo")
    town.work()
    offer = town.offer_to("mei")
    assert (offer.order_ids, offer.made_at) == ((order.id,), town.now)


def test_when_an_offer_runs_out_the_next_is_asked_at_that_instant(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    town.on_duty("mei", at(7, 7))
    order = town.meal()
    town.work()
    runs_out_at = town.offer_to("bo").deadline_at
    town.wait_until(runs_out_at)
    offer = town.offer_to("mei")
    assert (offer.order_ids, offer.made_at) == ((order.id,), runs_out_at)


def test_somebody_is_asked_or_a_human_is_told_as_long_as_it_says_searching(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    for number in range(4):
        town.on_duty(f"late-{number}", at(6, number))
    town.withdraw("bo")
    for _ in range(40):
        town.wait(30)
        case = town.case(order.id)
        asked = [one for one in town.open_offers() if order.id in one.order_ids]
        is_looked_after = bool(asked) or case.status.value in {"human", "closed"}
        assert is_looked_after, f"{town.now}: {case.status.value} and nobody is asked"


def test_who_has_nothing_to_do_does_not_look_like_who_was_lost(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    town.on_duty("mei", at(3, 3))
    town.carried("bo")
    limit_s = town.platform.params.track.waiting_silence_s
    town.wait(limit_s + 120, silent=["bo"])
    assert (town.state("bo"), town.state("mei")) == (CourierState.SIGNAL_LOST, CourierState.IDLE)
    shown = {row["id"]: row["state"] for row in town.do(views.snapshot)["couriers"]}
    assert shown["mei"] == "idle"
    assert shown["bo"] == "signal_lost"


def test_a_stop_failed_by_mistake_is_still_brought(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.visit("bo")
    town.ride("bo")
    town.contact("bo")
    town.wait(town.platform.params.attempt.wait_s)
    town.nobody_opens("bo")
    town.work()
    assert town.order(order.id).status is OrderStatus.RECOVERING
    town.do(deliver, "bo", order.id)
    town.work()
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_an_order_ended_by_mistake_is_reopened_and_delivered(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo")
    town.work()
    town.choose(order.id, Way.REFUND)
    town.work()
    case = town.case(order.id)
    assert town.order(order.id).status in {OrderStatus.FAILED, OrderStatus.CANCELED}
    town.on_duty("mei", at(3, 3))
    town.do(reopen, case.id, why="the wrong button")
    town.work()
    town.accept("mei")
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_nobody_there_is_not_believed_of_who_was_not_at_the_door(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    stop = town.next_stop("bo")
    with pytest.raises(Conflict, match="report the arrival"):
        town.nobody_opens("bo")
    # Far from the door: the phone stays where the kitchen is, whatever is reported.
    town.do(stops.reach, "bo", stop.id)
    town.contact("bo")
    town.wait(town.platform.params.attempt.wait_s)
    with pytest.raises(Conflict, match=r"be seen at the door; the phone is \d{3} m away"):
        town.nobody_opens("bo")
    assert town.cases(order.id) == []


def test_nobody_there_is_not_believed_before_waiting_and_telling_the_customer(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.visit("bo")
    town.ride("bo")
    with pytest.raises(Conflict, match="wait 300 s more; contact the customer"):
        town.nobody_opens("bo")
    town.wait(town.platform.params.attempt.wait_s)
    with pytest.raises(Conflict, match="first contact the customer"):
        town.nobody_opens("bo")
    town.contact("bo")
    # Five minutes of silence are none in which the customer could have come down.
    with pytest.raises(Conflict, match="give the customer 120 s more to answer"):
        town.nobody_opens("bo")
    town.wait(town.platform.params.attempt.answer_s - 1)
    town.contact("bo")
    with pytest.raises(Conflict, match="first give the customer 1 s more to answer"):
        town.nobody_opens("bo")
    town.wait(1)
    town.work()
    assert town.told(order.id).count("at_door") == 1
    town.nobody_opens("bo")
    town.work()
    assert town.case(order.id).cause is ReasonCode.CUSTOMER_UNREACHABLE
    assert town.holder(order.id).holder_id == "bo"
    (ended,) = town.happened(AssignmentEnded, order_id=order.id)
    assert ended.reason is not None
    assert ended.reason.attribution is Attribution.CUSTOMER
    (seen,) = [fact for fact in ended.reason.evidence if fact.startswith("seen: ")]
    assert "at the door for 420 s; phone 0 m from the door; customer contacted at" in seen


def _judged(town: Town, order_id: str, code: ReasonCode) -> CancelJudged:
    town.cancel(order_id, actor="merchant", code=code)
    (judged,) = town.happened(CancelJudged, order_id=order_id)
    return judged


def test_a_courier_cannot_cancel_an_order_in_anybodys_name(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    with pytest.raises(Forbidden, match="withdraw"):
        town.cancel(order.id, actor="courier")
    assert town.order(order.id).status is not OrderStatus.CANCELED


def test_a_merchant_who_was_pressed_to_cancel_is_not_blamed(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.ride("bo")
    town.contact("bo")
    town.wait(120)
    judged = _judged(town, order.id, ReasonCode.COURIER_PRESSURED_MERCHANT_CANCEL)
    assert (judged.courier_id, judged.attribution) == ("bo", Attribution.COURIER)
    assert judged.evidence == ("bo contacted the merchant 120 s before",)
    assert town.duties(order.id)[-1].reason.attribution is Attribution.COURIER  # type: ignore[union-attr]


def test_a_merchants_word_alone_blames_no_courier(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    judged = _judged(town, order.id, ReasonCode.COURIER_PRESSURED_MERCHANT_CANCEL)
    assert (judged.attribution, judged.evidence) == (Attribution.NONE, ())


def test_a_cancel_after_a_couriers_drop_counts_where_the_drop_counts(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    for code, whose in (
        (ReasonCode.COURIER_TOO_FAR, Attribution.PLATFORM),
        (ReasonCode.COURIER_ILLNESS, Attribution.NONE),
    ):
        order = town.carried("bo", code.value)
        town.withdraw("bo", code)
        town.wait(120)
        judged = _judged(town, order.id, ReasonCode.MERCHANT_CANCELED)
        assert (judged.courier_id, judged.attribution) == ("bo", whose)
        assert judged.evidence == (f"bo dropped it 120 s before: {code.value}",)


def test_a_merchant_who_cancels_for_reasons_of_their_own_is_who_it_counts_against(
    town: Town,
) -> None:
    order = town.meal()
    town.work()
    judged = _judged(town, order.id, ReasonCode.MERCHANT_CANCELED)
    assert (judged.courier_id, judged.attribution) == ("", Attribution.MERCHANT)


def test_the_order_of_stops_survives_a_move_between_couriers(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcels = [town.parcel(f"p-{n}", at(3 + n, 1)) for n in range(3)]
    town.wait_for("wu", parcels[0].id)
    was = [one for stop in town.route("wu").stops[1:] for one in stop.order_ids]
    town.of_station("xi", at(1, 1))
    town.withdraw("wu", ReasonCode.VEHICLE_BREAKDOWN)
    town.wait_for("xi", parcels[0].id)
    route = town.route("xi")
    now = [one for stop in route.stops if stop.kind is StopKind.DROPOFF for one in stop.order_ids]
    assert now == was
    assert [stop.arrival_at for stop in route.stops] == sorted(s.arrival_at for s in route.stops)
    fetched: set[str] = set()
    for stop in route.stops:
        if stop.kind is StopKind.DROPOFF:
            assert fetched >= set(stop.order_ids)
        fetched |= set(stop.order_ids)
    told = town.happened(RouteChanged, courier_id="xi")[-1]
    assert (told.version, told.stop_ids) == (route.version, tuple(s.id for s in route.stops))


def test_a_phone_in_a_lift_is_no_reason_to_panic(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.visit("bo")
    town.ride("bo")
    town.wait(8 * 60, silent=["bo"])
    assert town.happened(CourierWentSilent) == []
    assert town.carrier(order.id) == "bo"
    town.complete("bo")
    assert town.order(order.id).status is OrderStatus.DELIVERED
