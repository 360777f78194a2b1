"""The ordinary day: an order goes from the merchant to the door, and ends once."""

from datetime import timedelta

import pytest

from recourse.flow import offers, stops
from recourse.model.assignments import AssignmentStatus, Custodian
from recourse.model.couriers import Contract, CourierState
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.events import OrderAdmitted, OrderEnded
from recourse.model.orders import OrderStatus
from tests.flow.town import Town, at


def test_a_meal_goes_from_the_kitchen_to_the_door(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.finish("bo")
    assert town.order(order.id).status is OrderStatus.DELIVERED
    assert town.holder(order.id).custodian is Custodian.CUSTOMER
    assert town.order(order.id).ended_at <= order.promise.latest_at  # type: ignore[operator]
    assert [duty.status for duty in town.duties(order.id)] == [AssignmentStatus.COMPLETED]


def test_parcels_ride_on_the_wave_of_their_station(town: Town) -> None:
    town.of_station("wu", at(1, 1))
    parcels = [town.parcel(f"p-{n}", at(3, n)) for n in range(3)]
    town.wait_for("wu", parcels[0].id)
    assert {town.carrier(parcel.id) for parcel in parcels} == {"wu"}
    town.finish("wu")
    assert {town.order(p.id).status for p in parcels} == {OrderStatus.DELIVERED}


@pytest.mark.parametrize("name", ["SO-17#r1", "SO-17#return2"])
def test_names_of_replacements_and_returns_are_not_for_merchants(town: Town, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        town.meal(name)
    assert refused.value.field == "external_id"
    assert town.meal("SO-17#room1").external_id == "SO-17#room1"


def test_an_order_that_is_admitted_twice_is_one_order(town: Town) -> None:
    first, again = town.meal("a"), town.meal("a")
    assert first.id == again.id
    assert len(town.happened(OrderAdmitted)) == 1


def test_an_offer_that_is_declined_goes_to_somebody_else_at_once(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    town.on_duty("mei", at(7, 7))
    order = town.meal()
    town.work()
    town.decline("bo")
    town.work()
    assert town.offer_to("mei").order_ids == (order.id,)
    assert [d.status for d in town.duties(order.id)] == [
        AssignmentStatus.DECLINED,
        AssignmentStatus.OFFERED,
    ]


def test_an_offer_that_runs_out_goes_to_somebody_else_at_once(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    town.on_duty("mei", at(7, 7))
    order = town.meal()
    town.work()
    asked_at = town.offer_to("bo").deadline_at
    town.wait_until(asked_at)
    assert town.offer_to("mei").order_ids == (order.id,)
    assert town.offer_to("mei").made_at == asked_at


def test_who_answers_after_the_deadline_is_told_so(town: Town) -> None:
    town.on_duty("bo")
    town.meal()
    town.work()
    offer = town.offer_to("bo")
    town.wait_until(offer.deadline_at)
    with pytest.raises(Conflict, match="expired"):
        town.do(offers.accept, offer.id)


def test_who_accepts_before_the_deadline_keeps_the_order_when_it_passes(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.wait(120)
    assert town.carrier(order.id) == "bo"
    assert town.open_offers() == []


def test_a_customer_may_cancel_while_a_courier_is_being_asked(town: Town) -> None:
    town.on_duty("bo")
    order = town.meal()
    town.work()
    offer = town.offer_to("bo")
    town.cancel(order.id)
    assert town.order(order.id).status is OrderStatus.CANCELED
    assert town.open_offers() == []
    with pytest.raises(Conflict, match="revoked"):
        town.do(offers.accept, offer.id)
    town.wait(180)
    assert town.open_offers() == []


def test_an_order_ends_once_and_only_by_a_last_status(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.finish("bo")
    town.cancel(order.id)
    town.wait(timedelta(hours=2).total_seconds())
    (ended,) = town.happened(OrderEnded)
    assert (ended.order_id, ended.status) == (order.id, OrderStatus.DELIVERED)
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_an_order_nobody_was_free_for_is_offered_to_who_comes_on_duty_later(town: Town) -> None:
    order = town.meal()
    town.wait(120)
    assert town.open_offers() == []
    town.on_duty("late")
    town.wait(town.platform.params.dispatch.retry_s)
    assert town.offer_to("late").order_ids == (order.id,)


def test_who_says_yes_is_at_work_at_once_and_free_again_after_the_last_stop(town: Town) -> None:
    town.on_duty("bo")
    assert town.state("bo") is CourierState.IDLE
    town.carried("bo")
    assert town.state("bo") is CourierState.ACTIVE
    town.finish("bo")
    assert town.state("bo") is CourierState.IDLE


def test_a_wave_without_crew_is_shared_out_to_everybody_together(town: Town) -> None:
    parcels = [town.parcel(name, at(column, 5)) for column, name in enumerate("pqr", start=1)]
    town.on_duty("bo", at(1, 1))
    town.on_duty("mei", at(2, 1))
    town.wait(20 * 60 + 5)
    (asked,) = town.open_offers()
    assert set(asked.order_ids) == {parcel.id for parcel in parcels}
    town.decline(asked.courier_id)
    town.work()
    (again,) = town.open_offers()
    assert again.courier_id != asked.courier_id
    assert set(again.order_ids) == {parcel.id for parcel in parcels}
    town.accept(again.courier_id)
    town.finish(again.courier_id)
    assert {town.order(parcel.id).status for parcel in parcels} == {OrderStatus.DELIVERED}


def test_what_a_wave_leaves_is_given_to_who_is_told_and_belongs_to_no_station(town: Town) -> None:
    parcels = [town.parcel(name, at(column, 5)) for column, name in enumerate("pqr", start=1)]
    town.on_duty("wu", at(1, 1), contract=Contract.ASSIGNED)
    town.wait(25 * 60)
    assert {town.carrier(parcel.id) for parcel in parcels} == {"wu"}


def test_what_nobody_can_take_is_tried_again_together_until_somebody_can(town: Town) -> None:
    parcels = [town.parcel(name, at(column, 5)) for column, name in enumerate("pq", start=1)]
    town.wait(25 * 60)
    assert {town.order(parcel.id).status for parcel in parcels} == {OrderStatus.DISPATCHING}
    town.on_duty("bo", at(1, 1))
    town.wait(town.platform.params.dispatch.spread_retry_s)
    assert set(town.offer_to("bo").order_ids) == {parcel.id for parcel in parcels}


def test_the_same_stop_is_completed_once(town: Town) -> None:
    town.on_duty("bo")
    town.carried("bo")
    stop = town.ride("bo")
    town.complete("bo")
    with pytest.raises(NotFound, match="no stop"):
        town.do(stops.complete, "bo", stop.id)
