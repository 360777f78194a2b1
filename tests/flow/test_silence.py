"""A courier falls silent: waited for while there is time, blamed for nothing, welcome back."""

from datetime import timedelta

import pytest

from recourse.flow.perform import perform
from recourse.flow.platform import Platform
from recourse.model.assignments import AssignmentStatus
from recourse.model.commands import Command
from recourse.model.couriers import CourierState
from recourse.model.events import CourierCameToLight, CourierWentSilent, NoticeSent
from recourse.model.orders import OrderStatus
from recourse.model.ports import Transaction
from recourse.model.reasons import Attribution, ReasonCode
from tests.flow.town import MORNING, Town, at


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


def test_who_drives_on_after_a_long_stop_is_missed_as_soon_as_any_driver(town: Town) -> None:
    track = town.platform.params.track
    town.on_duty("bo", at(2, 2))
    town.carried("bo")
    town.wait(track.waiting_silence_s)
    town.ride("bo")
    town.wait(track.moving_silence_s + 60)
    town.complete("bo")
    town.wait(60)
    heard_at = town.now
    town.wait(track.moving_silence_s, silent=["bo"])
    (went,) = town.happened(CourierWentSilent)
    assert went.at - heard_at == timedelta(seconds=track.moving_silence_s)
    assert town.state("bo") is CourierState.SIGNAL_LOST


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
