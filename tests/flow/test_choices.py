"""A customer chooses the way out: what it costs is shown, and it is done once, by their word."""

from datetime import timedelta
from typing import Any

import pytest

from recourse.flow import roster, views
from recourse.model.assignments import Custodian, Custody
from recourse.model.cases import CaseStatus, Way
from recourse.model.errors import Conflict, Invalid
from recourse.model.events import ConsentGiven, OrderEnded
from recourse.model.orders import Customer, OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from tests.flow.choosing import lost_grocery
from tests.flow.town import Town, at

BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


def test_a_choice_that_comes_too_late_gets_a_clear_answer(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    with pytest.raises(Conflict, match="on its way"):
        town.choose(order.id, Way.REFUND)
    town.on_duty("mei", at(3, 3))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.accept("mei")
    with pytest.raises(Conflict, match="carried"):
        town.choose(order.id, Way.REFUND)
    assert town.carrier(order.id) == "mei"


def test_a_customer_who_wants_the_money_back_gets_it(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.choose(order.id, Way.REFUND)
    town.work()
    assert town.case(order.id).outcome == "refunded"
    (ended,) = town.happened(OrderEnded)
    assert ended.status is OrderStatus.CANCELED


def test_a_point_must_be_one_we_know(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    with pytest.raises(Invalid, match="site_id"):
        town.choose(order.id, Way.PICKUP_POINT, "kitchen-sink")


def test_a_parcel_goes_to_a_point_the_customer_chose_and_no_other(town: Town) -> None:
    town.site("other", SiteKind.POINT, at(5, 4))
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.choose(order.id, Way.PICKUP_POINT, "point")
    town.on_duty("mei", at(3, 3))
    town.wait(1)
    town.accept("mei")
    last = town.route("mei").stops[-1]
    assert (last.kind, last.site_id) == (StopKind.POINT, "point")
    town.finish("mei")
    assert town.holder(order.id).holder_id == "point"
    assert town.order(order.id).status is OrderStatus.AVAILABLE_FOR_PICKUP
    assert "at_point" in town.told(order.id)
    assert [one.site_id for one in town.happened(ConsentGiven)] == ["point"]


def test_a_chosen_point_is_kept_when_the_decision_has_to_be_made_again(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.choose(order.id, Way.PICKUP_POINT, "point")
    town.work()
    for name in ("mei", "li"):
        town.on_duty(name, at(3, 3))
    while not (asked := town.open_offers()):
        town.wait(10)
    town.decline(asked[0].courier_id)
    town.wait(1)
    (second,) = town.open_offers()
    assert second.courier_id != asked[0].courier_id
    town.accept(second.courier_id)
    assert town.route(second.courier_id).stops[-1].kind is StopKind.POINT


def test_the_same_choice_again_is_answered_as_the_first_time(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.withdraw("bo", BREAKDOWN)
    town.work()
    case = town.choose(order.id, Way.PICKUP_POINT, "point")
    for wait_s in (0, 1, 3_600):
        town.wait(wait_s)
        before = town.store.last_number()
        again = town.choose(order.id, Way.PICKUP_POINT, "point")
        assert again.id == case.id
        assert town.store.last_number() == before
    assert len(town.happened(ConsentGiven)) == 1


def test_a_refund_asked_for_twice_is_given_once(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    case = town.choose(order.id, Way.REFUND)
    town.work()
    before = town.store.last_number()
    assert town.choose(order.id, Way.REFUND).id == case.id
    assert town.store.last_number() == before


def test_a_parcel_cannot_be_left_at_a_point_without_consent_whoever_writes(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.visit("bo")
    held = town.holder(order.id)
    left = Custody(
        order_id=order.id,
        number=held.number + 1,
        custodian=Custodian.POINT,
        holder_id="point",
        from_at=town.now,
    )
    with pytest.raises(Conflict), town.store.begin() as tx:
        tx.record([left])
    town.finish("bo")


def test_a_standing_yes_to_points_is_written_down_before_it_is_used(town: Town) -> None:
    town.on_duty("bo", at(4, 4))
    agrees = Customer(id="c-1", name="Ann", accepts_pickup_point=True)
    order = town.meal("a", at(4, 5), customer=agrees)
    town.work()
    town.accept("bo")
    town.withdraw("bo", BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s - 300)
    town.on_duty("mei", at(2, 2))
    while not town.open_offers():
        town.wait(10)
    town.accept("mei")
    town.finish("mei")
    consents = {one.site_id for one in town.read(lambda tx: tx.consents(order.id))}
    holder = town.holder(order.id)
    assert holder.custodian is Custodian.CUSTOMER or holder.holder_id in consents


def test_what_does_not_spoil_may_come_tomorrow_at_the_customers_word(town: Town) -> None:
    order = lost_grocery(town)
    town.choose(order.id, Way.NEXT_DAY)
    town.work()
    assert town.order(order.id).status is OrderStatus.SCHEDULED
    assert town.order(order.id).promise.latest_at > order.promise.latest_at
    town.whereabouts.clear()
    town.clock.set(town.order(order.id).promise.earliest_at - timedelta(minutes=29))
    town.work()
    town.on_duty("mei", at(2, 2), shift_end_at=town.now + timedelta(hours=5))
    town.wait(60)
    town.accept("mei")
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_every_choice_has_its_time_and_its_price(town: Town) -> None:
    town.of_station("wu")
    parcel = town.parcel()
    town.wait_for("wu", parcel.id)
    town.withdraw("wu")
    town.work()
    page = town.do(views.tracked, parcel.id)
    found = {one["way"]: one for one in [*page["choices"], *page["slots"]]}
    assert set(found) == {"courier", "pickup_point", "next_day", "refund", "next_wave"}
    for way, one in found.items():
        assert (one["arrival_at"] is None) == (way == "refund")
        assert (one["price_cents"], one["currency"], one["trouble"]) == (0, "CNY", "")
    assert {way: one["gets_cents"] for way, one in found.items() if one["gets_cents"]} == {
        "refund": parcel.value_cents
    }
    assert found["courier"]["arrival_at"] < found["next_day"]["arrival_at"]


@pytest.mark.parametrize("trouble", ["full", "closed"])
def test_a_point_that_is_full_or_closed_is_shown_as_such_and_cannot_be_chosen(
    town: Town, trouble: str
) -> None:
    facts: dict[str, Any] = {"capacity_parcels": 1} if trouble == "full" else {"closes_s": 60}
    town.site("shop", SiteKind.POINT, at(5, 5), **facts)
    if trouble == "full":
        _left_at(town, "shop")
    town.on_duty("bo")
    order = town.carried("bo", "second")
    town.withdraw("bo")
    town.work()
    assert [one.courier_id for one in town.open_offers()] == []
    page = town.do(views.tracked, order.id)
    shown = {one["site"]["id"]: one for one in page["choices"] if one["site"]}
    assert (shown["shop"]["trouble"], shown["point"]["trouble"]) == (trouble, "")
    with pytest.raises(Conflict, match=f"Shop is {trouble}; choose again"):
        town.choose(order.id, Way.PICKUP_POINT, "shop")
    assert town.read(lambda tx: tx.consents(order.id)) == []
    town.choose(order.id, Way.PICKUP_POINT, "point")


def _left_at(town: Town, site_id: str) -> None:
    """Let a first order lie at a pickup point."""
    town.on_duty("zo", at(5, 4))
    first = town.carried("zo", "first")
    town.withdraw("zo", BREAKDOWN)
    town.work()
    town.choose(first.id, Way.PICKUP_POINT, site_id)
    town.on_duty("yu", at(3, 3))
    town.wait(1)
    town.accept("yu")
    town.finish("yu")
    assert town.holder(first.id).holder_id == site_id
    town.do(roster.duty, "yu", on=False)


def test_while_a_courier_is_asked_the_page_says_so_of_every_choice(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.on_duty("mei", at(6, 6))
    town.withdraw("bo")
    town.work()
    assert town.case(order.id).status is CaseStatus.OFFERING
    assert {one["trouble"] for one in town.do(views.tracked, order.id)["choices"]} == {"asked"}
    with pytest.raises(Conflict, match="a courier is being asked: try again in a minute"):
        town.choose(order.id, Way.REFUND)
    town.decline("mei")
    town.work()
    assert {one["trouble"] for one in town.do(views.tracked, order.id)["choices"]} == {""}
    town.choose(order.id, Way.REFUND)
