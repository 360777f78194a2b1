"""A courier who brings it straight, for a price that was shown."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from recourse.flow import views
from recourse.flow.platform import Params
from recourse.model.cases import CaseStatus, Way
from recourse.model.errors import Conflict
from recourse.model.events import CustomerChose
from recourse.model.orders import Order, OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from tests.flow.choosing import PRICE_CENTS, RULES, decided, lost_grocery, slots_of
from tests.flow.town import Town, at


@pytest.fixture
def params() -> Params:
    """A town where slots and a direct ride are offered."""
    return replace(Params(), recovery=RULES)


def _express(town: Town, order: Order) -> dict[str, Any]:
    """The direct ride on the page."""
    (found,) = [
        one for one in town.do(views.tracked, order.id)["choices"] if one["way"] == "express"
    ]
    return dict(found)


def test_a_direct_courier_is_chosen_at_the_price_that_was_shown(town: Town) -> None:
    order = lost_grocery(town)
    assert _express(town, order)["trouble"] == "nobody_free"
    with pytest.raises(Conflict, match="no courier is free"):
        town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.on_duty("mei", at(2, 3))
    shown = _express(town, order)
    assert (shown["price_cents"], shown["currency"], shown["trouble"]) == (1_500, "CNY", "")
    with pytest.raises(Conflict, match=r"it costs CNY 15\.00 now"):
        town.choose(order.id, Way.EXPRESS)
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    assert decided(town, order) == (CaseStatus.OFFERING, Way.EXPRESS)
    (chose,) = town.happened(CustomerChose)
    assert (chose.way, chose.price_cents, chose.currency) == ("express", 1_500, "CNY")
    town.accept("mei")
    town.work()
    told = town.notices(order.id)[-1]
    assert told.kind.value == "direct"
    assert "Mei Test brings your order straight to you" in told.text
    promise = town.order(order.id).promise
    assert promise.latest_at <= datetime.fromisoformat(shown["arrival_at"]) + timedelta(minutes=20)
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.DELIVERED
    assert town.now <= promise.latest_at


def test_a_direct_ride_goes_to_nobody_who_has_something_else_to_do(town: Town) -> None:
    order = lost_grocery(town)
    town.on_duty("mei", at(2, 3))
    town.carried("mei", "other")
    assert _express(town, order)["trouble"] == "nobody_free"
    with pytest.raises(Conflict, match="no courier is free"):
        town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.on_duty("yu", at(7, 7))
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    assert town.offer_to("yu").order_ids == (order.id,)


def test_a_direct_ride_that_is_refused_goes_to_the_next_who_is_free(town: Town) -> None:
    order = lost_grocery(town)
    town.on_duty("mei", at(2, 3))
    town.on_duty("yu", at(7, 7))
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    town.decline("mei")
    town.work()
    assert town.offer_to("yu").order_ids == (order.id,)
    assert decided(town, order) == (CaseStatus.OFFERING, Way.EXPRESS)
    town.decline("yu")
    town.work()
    # Nobody is left: it goes on as any other, and the price is not due.
    assert decided(town, order) == (CaseStatus.HUMAN, Way.HUMAN)


def test_what_was_put_off_to_a_slot_may_still_be_brought_straight(town: Town) -> None:
    order = lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    begins, _ = slots_of(town, order)[1]
    town.choose(order.id, Way.SLOT, slot_at=begins)
    town.work()
    town.on_duty("yu", at(2, 3))
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    town.accept("yu")
    town.finish("yu")
    assert town.order(order.id).status is OrderStatus.DELIVERED
    assert town.now < begins
    assert town.order(order.id).promise.latest_at < begins


def test_where_neither_is_configured_neither_is_offered(store_url: str) -> None:
    plain = Town(store_url)
    plain.site("kitchen", SiteKind.MERCHANT, at(2, 2))
    order = lost_grocery(plain)
    page = plain.do(views.tracked, order.id)
    assert {one["way"] for one in [*page["choices"], *page["slots"]]}.isdisjoint(
        {"slot", "express"}
    )
    plain.on_duty("mei", at(2, 3))
    for way, says in ((Way.EXPRESS, "not brought by a direct"), (Way.SLOT, "no slot is left")):
        with pytest.raises(Conflict, match=says):
            plain.choose(order.id, way, price_cents=PRICE_CENTS)
    plain.check()
    plain.close()


def test_what_is_being_brought_back_is_not_also_handed_over(town: Town) -> None:
    town.of_station("wu")
    order = town.parcel(door=at(5, 5))
    town.wait_for("wu", order.id)
    town.visit("wu")
    town.withdraw("wu", ReasonCode.ACCESS_DENIED)
    town.work()
    assert decided(town, order) == (CaseStatus.WAITING, Way.BRING_BACK)
    town.on_duty("mei", at(2, 3))
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    town.accept("mei")
    assert [stop.kind for stop in town.route("wu").stops] == [StopKind.GIVE]
