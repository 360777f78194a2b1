"""Who drops out has the parcel in hand: they are met for it on the way, or bring it back."""

from datetime import timedelta

from recourse.flow import stops
from recourse.model.assignments import Custodian
from recourse.model.cases import Loss, Way
from recourse.model.couriers import CourierState, Vehicle
from recourse.model.events import CustodyPassed
from recourse.model.orders import OrderStatus
from recourse.model.reasons import Attribution, ReasonCode
from recourse.model.routes import StopKind
from tests.flow.town import Town, at


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


def test_two_who_drop_out_do_not_wait_for_each_other(town: Town) -> None:
    carried = {}
    for name, door in (("bo", at(7, 7)), ("mei", at(7, 1))):
        town.on_duty(name, at(2, 2))
        carried[name] = town.carried(name, name[0], door)
        town.visit(name)
    town.withdraw("bo")
    town.work()
    town.accept("mei")
    assert town.next_stop("bo").kind is StopKind.GIVE
    town.withdraw("mei", ReasonCode.COURIER_TOO_FAR, carried["mei"].id)
    town.wait(60)
    asked = {duty.courier_id for duty in town.duties(carried["mei"].id)}
    assert asked == {"mei"}
    town.finish("mei")
    assert town.order(carried["bo"].id).status is OrderStatus.DELIVERED


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
