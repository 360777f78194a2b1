"""Nobody can take an order: who may run over is asked, and what is beyond help becomes a case."""

from datetime import datetime, timedelta

import pytest

from recourse.flow import views
from recourse.model.cases import CaseStatus, Way
from recourse.model.couriers import Contract
from recourse.model.events import DisruptionRecognised, OfferMade
from recourse.model.orders import Customer, OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import Attribution, ReasonCode
from recourse.model.redress import RemedyKind
from tests.flow.town import MORNING, Town, at

BEYOND_HELP = timedelta(minutes=90)
_PAST_HELP = BEYOND_HELP + timedelta(minutes=5)


def test_a_meal_nobody_can_take_becomes_a_case_and_ends_with_the_money_back(town: Town) -> None:
    order = town.meal()
    town.wait_until(order.promise.latest_at + BEYOND_HELP - timedelta(minutes=2))
    assert town.order(order.id).status is OrderStatus.DISPATCHING
    assert town.cases(order.id) == []
    town.wait_until(order.promise.latest_at + _PAST_HELP)
    case = town.case(order.id)
    assert (case.cause, case.from_courier_id, case.excluded) == (ReasonCode.NO_SUPPLY, "", ())
    assert town.told(order.id)[1] == "no_courier"
    (broken,) = [one.disruption for one in town.happened(DisruptionRecognised)]
    assert broken.reason.attribution is Attribution.PLATFORM
    town.wait(3_600)
    assert town.case(order.id).status is CaseStatus.CLOSED
    assert town.order(order.id).status is OrderStatus.CANCELED
    # The customer is paid back, and nobody else is owed for a courier who never was.
    assert [(one.kind, one.amount_cents) for one in town.remedies(case.id)] == [
        (RemedyKind.REFUND, 4_200)
    ]
    town.check()


@pytest.mark.parametrize(("locale", "past"), [("en", "It arrives by"), ("zh", "预计")])
def test_no_notice_names_an_arrival_that_is_past(town: Town, locale: str, past: str) -> None:
    order = town.meal(customer=Customer(id="c-7", name="Ann", locale=locale))
    town.wait_until(order.promise.latest_at + _PAST_HELP)
    late = [one for one in town.notices(order.id) if one.sent_at > order.promise.latest_at]
    assert len(late) > 1
    assert not [one.text for one in late if past in one.text]


def test_no_choice_is_offered_for_a_time_that_is_past(town: Town) -> None:
    town.site("point", SiteKind.POINT, at(4, 4))
    order = town.meal()
    town.wait_until(order.promise.latest_at + _PAST_HELP)
    with town.store.begin() as tx:
        now = town.platform.now()
        ways = views.tracked(tx, town.platform, order.id)["choices"]
    assert ways[0]["way"] == Way.COURIER.value
    assert ways[0]["arrival_at"] is None
    at_s = [one["arrival_at"] for one in ways if one["arrival_at"]]
    assert at_s
    assert all(datetime.fromisoformat(one) > now for one in at_s)


def test_who_comes_on_duty_while_the_case_looks_on_brings_the_meal(town: Town) -> None:
    order = town.meal()
    town.wait_until(order.promise.latest_at + _PAST_HELP)
    town.on_duty("bo")
    for _ in range(10):
        if town.open_offers():
            break
        town.wait(30)
    assert town.case(order.id).offer_id == town.offer_to("bo").id
    town.accept("bo")
    town.finish("bo")
    assert town.order(order.id).status is OrderStatus.DELIVERED
    town.check()


def test_who_refused_an_order_is_not_asked_again_by_its_case(town: Town) -> None:
    town.on_duty("bo")
    order = town.meal()
    town.work()
    town.decline("bo")
    town.wait_until(order.promise.latest_at + _PAST_HELP)
    assert town.case(order.id).excluded == ("bo",)
    assert len(town.happened(OfferMade)) == 1


def test_parcels_nobody_can_take_are_told_together_and_ride_tomorrow(town: Town) -> None:
    town.of_station("wu", at(1, 1), capacity_g=1)
    parcels = [town.parcel(f"p-{n}", at(3, n), weight_g=2_000) for n in range(3)]
    town.wait_until(parcels[0].promise.latest_at + _PAST_HELP)
    cases = [town.case(parcel.id) for parcel in parcels]
    assert {case.cause for case in cases} == {ReasonCode.NO_SUPPLY}
    assert len({case.disruption_id for case in cases}) == 1
    town.wait(3_600)
    for parcel in parcels:
        assert town.order(parcel.id).promise.latest_at.date() > MORNING.date()
        assert town.told(parcel.id)[-1] in {"next_day", "remedy"}
    town.check()


def test_who_can_be_asked_may_run_over_the_shift_but_nobody_is_sent(town: Town) -> None:
    ends_at = MORNING + timedelta(minutes=7)
    town.on_duty("wu", at(2, 2), contract=Contract.ASSIGNED, shift_end_at=ends_at)
    order = town.meal(door=at(5, 5))
    town.work()
    assert (town.carrier(order.id), town.open_offers()) == ("", [])
    town.on_duty("bo", at(2, 2), shift_end_at=ends_at)
    town.wait(60)
    (asked,) = town.happened(OfferMade)
    town.accept("bo")
    assert town.carrier(order.id) == "bo"
    done_at = town.route("bo").ends_at
    assert done_at is not None
    assert asked.overtime_s == pytest.approx((done_at - ends_at).total_seconds(), abs=60)
    assert asked.overtime_s > 60
    town.finish("bo")
    assert town.order(order.id).status is OrderStatus.DELIVERED
    town.check()


def test_a_point_nobody_can_bring_it_to_leaves_the_case_open(town: Town) -> None:
    town.site("point", SiteKind.POINT, at(4, 4))
    order = town.meal()
    town.wait_until(order.promise.latest_at + _PAST_HELP)
    case = town.case(order.id)
    town.choose(order.id, Way.PICKUP_POINT, "point")
    town.wait(1)
    assert town.case(order.id).id == case.id
    town.wait(2 * 3_600)
    assert town.case(order.id).status in {CaseStatus.CLOSED, CaseStatus.HUMAN}
    town.check()
