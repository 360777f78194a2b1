"""A later slot of the customer's picking, and a courier who brings it straight, for a price."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from recourse.flow import recover, roster, views
from recourse.flow.platform import Params
from recourse.flow.scene import dues
from recourse.model.cases import Case, CaseStatus, Way
from recourse.model.couriers import Contract
from recourse.model.errors import Conflict
from recourse.model.events import CustomerChose, PromiseMade
from recourse.model.orders import Order, OrderKind, OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from recourse.recovery import RecoveryParams
from recourse.recovery.slots import Due
from tests.flow.town import MORNING, Town, at

PRICE_CENTS = 1_500
RULES = RecoveryParams(n_slots=3, has_express=True, express_price_cents=PRICE_CENTS)
BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


@pytest.fixture
def params() -> Params:
    """A town where slots and a direct ride are offered."""
    return replace(Params(), recovery=RULES)


def _lost_grocery(town: Town) -> Order:
    """Groceries at the shop, waiting for people: nobody is left who could bring them."""
    town.on_duty("bo")
    order = town.meal(kind=OrderKind.GROCERY, is_perishable=False)
    town.work()
    town.accept("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    assert town.case(order.id).status is CaseStatus.HUMAN
    return order


def _slots(town: Town, order: Order) -> list[tuple[datetime, datetime]]:
    """The windows on the page."""
    shown = town.do(views.tracked, order.id)["slots"]
    assert {one["way"] for one in shown} <= {"slot"}
    return [
        (
            datetime.fromisoformat(one["slot"]["earliest_at"]),
            datetime.fromisoformat(one["slot"]["latest_at"]),
        )
        for one in shown
    ]


def _express(town: Town, order: Order) -> dict[str, Any]:
    """The direct ride on the page."""
    (found,) = [
        one for one in town.do(views.tracked, order.id)["choices"] if one["way"] == "express"
    ]
    return dict(found)


def _decided(town: Town, order: Order) -> tuple[CaseStatus, Way]:
    """How its case stands, and by which way."""
    case: Case = town.case(order.id)
    assert case.decision is not None
    return case.status, case.decision.option.way


def test_a_customer_picks_one_of_several_slots_and_gets_exactly_that_one(town: Town) -> None:
    order = _lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    offered = _slots(town, order)
    assert len(offered) == 3
    assert all(begins < ends for begins, ends in offered)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(offered))
    begins, ends = offered[1]
    town.choose(order.id, Way.SLOT, slot_at=begins)
    town.work()
    assert _decided(town, order) == (CaseStatus.WAITING, Way.SLOT)
    (chose,) = town.happened(CustomerChose)
    assert (chose.slot_at, chose.slot_end_at, chose.price_cents) == (begins, ends, 0)
    promise = town.order(order.id).promise
    assert (promise.earliest_at, promise.latest_at) == (begins, ends)
    assert [one.promise for one in town.happened(PromiseMade)][-1] == promise
    told = town.notices(order.id)[-1]
    assert told.kind.value == "slot"
    assert f"between {begins:%H:%M} and {ends:%H:%M}" in told.text
    town.whereabouts.clear()
    town.wait_until(begins - timedelta(minutes=31))
    assert town.order(order.id).status is OrderStatus.SCHEDULED
    town.whereabouts["mei"] = at(2, 2)
    town.do(roster.duty, "mei", on=True)
    town.wait(120)
    town.accept("mei")
    town.finish("mei")
    assert town.order(order.id).status is OrderStatus.DELIVERED
    assert begins <= town.now <= ends


def test_a_slot_of_a_station_is_a_wave_on_which_somebody_works(town: Town) -> None:
    town.of_station("wu")
    order = town.parcel()
    town.wait_for("wu", order.id)
    town.courier(
        "li",
        at(1, 1),
        contract=Contract.ASSIGNED,
        station_id="station",
        shift_start_at=town.now + timedelta(hours=1),
        shift_end_at=MORNING + timedelta(hours=8),
    )
    town.withdraw("wu", BREAKDOWN)
    town.work()
    offered = [begins for begins, _ in _slots(town, order)]
    waves = [MORNING.replace(hour=hour, minute=minute) for hour, minute in ((11, 0), (13, 30))]
    assert offered == waves
    town.choose(order.id, Way.SLOT, slot_at=waves[1])
    town.wait_until(town.now + timedelta(hours=1))
    town.whereabouts["li"] = at(1, 1)
    town.do(roster.duty, "li", on=True)
    town.wait_for("li", order.id)
    assert town.now >= waves[1] - timedelta(minutes=10)
    assert town.route("li").stops[-1].earliest_at == waves[1]
    assert town.told(order.id)[-2:] == ["slot", "new_courier"]


def test_who_changes_their_mind_gets_the_last_slot_they_picked(town: Town) -> None:
    order = _lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    first, second, _ = _slots(town, order)
    for slot in (first, second, second):
        town.choose(order.id, Way.SLOT, slot_at=slot[0])
        town.work()
    assert len(town.happened(CustomerChose)) == 2
    promise = town.order(order.id).promise
    assert (promise.earliest_at, promise.latest_at) == second
    town.whereabouts.clear()
    town.wait_until(first[0] + timedelta(minutes=1))
    assert town.order(order.id).status is OrderStatus.SCHEDULED
    town.choose(order.id, Way.REFUND)
    town.work()
    assert town.case(order.id).outcome == "refunded"


def test_a_slot_that_is_gone_is_answered_with_those_that_are_left(town: Town) -> None:
    order = _lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=MORNING + timedelta(hours=2))
    (begins, _), (left, _), _ = _slots(town, order)
    town.clock.set(begins - timedelta(minutes=10))
    with pytest.raises(Conflict, match=f"that slot is gone; still to be had: {left:%H:%M} to"):
        town.choose(order.id, Way.SLOT, slot_at=begins)
    with pytest.raises(Conflict, match="that slot is gone"):
        town.choose(order.id, Way.SLOT, slot_at=left + timedelta(minutes=1))
    with pytest.raises(Conflict, match="that slot is gone"):
        town.choose(order.id, Way.SLOT)
    assert town.happened(CustomerChose) == []


def test_no_slot_is_offered_in_which_nobody_works(town: Town) -> None:
    order = _lost_grocery(town)
    town.courier("zo", shift_start_at=MORNING, shift_end_at=town.now + timedelta(minutes=90))
    assert _slots(town, order) == []
    with pytest.raises(Conflict, match="no slot is left today"):
        town.choose(order.id, Way.SLOT, slot_at=town.now + timedelta(hours=2))


def test_what_spoils_waits_for_no_slot(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.courier("mei", shift_start_at=town.now + timedelta(hours=1))
    assert _slots(town, order) == []


@pytest.fixture
def full(town: Town) -> Town:
    """The same town, where one order is all that a courier can bring in a slot."""
    rules = replace(RULES, slot_order_s=RULES.slot_s)
    town.platform.params = replace(town.platform.params, recovery=rules)
    return town


def _two_lost(town: Town) -> tuple[Order, Order]:
    """Groceries of two customers, and nobody at work who could bring them."""
    town.on_duty("bo")
    orders = []
    for name in ("a", "b"):
        orders.append(town.meal(name, kind=OrderKind.GROCERY, is_perishable=False))
        town.work()
        town.accept("bo")
        town.work()
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    return orders[0], orders[1]


def _places(town: Town) -> list[tuple[str, int]]:
    """Who holds which places now."""
    held = town.read(lambda tx: tx.slot_places(after_at=town.now))
    return [(one.order_id, one.number) for one in held]


def test_a_slot_is_offered_while_those_in_shift_have_time_for_one_more(full: Town) -> None:
    first, second = _two_lost(full)
    offered = _slots(full, first)
    assert _slots(full, second) == offered
    full.choose(first.id, Way.SLOT, slot_at=offered[0][0])
    assert _places(full) == [(first.id, 1)]
    for _ in range(2):
        # Taken at once, and held once it is decided and promised.
        assert offered[0] not in _slots(full, second)
        with pytest.raises(Conflict, match="that slot is gone; still to be had"):
            full.choose(second.id, Way.SLOT, slot_at=offered[0][0])
        full.work()
    assert full.order(first.id).promise.earliest_at == offered[0][0]
    # A second courier in that window is room for a second order.
    full.courier("yu", at(2, 2), shift_start_at=full.now + timedelta(hours=1))
    full.choose(second.id, Way.SLOT, slot_at=offered[0][0])
    full.work()
    assert _places(full) == [(first.id, 1), (second.id, 2)]
    assert full.order(second.id).promise == replace(
        full.order(first.id).promise, told_at=full.order(second.id).promise.told_at
    )


def test_a_place_that_is_left_may_be_taken_by_another(full: Town) -> None:
    first, second = _two_lost(full)
    (begins, _), (later, _), *_ = _slots(full, first)
    full.choose(first.id, Way.SLOT, slot_at=begins)
    full.work()
    full.choose(first.id, Way.SLOT, slot_at=later)
    full.work()
    full.choose(second.id, Way.SLOT, slot_at=begins)
    full.work()
    assert _places(full) == [(second.id, 1), (first.id, 1)]
    # Who gets the money back holds nothing any more, whoever comes after.
    full.choose(first.id, Way.REFUND)
    full.work()
    full.choose(second.id, Way.SLOT, slot_at=later)
    full.work()
    assert _places(full) == [(second.id, 1)]


def test_an_order_is_due_when_its_courier_is_to_be_there_or_as_it_was_promised(town: Town) -> None:
    town.on_duty("bo")
    carried = town.carried("bo")
    parcel = town.parcel()
    town.work()
    (stop,) = [one for one in town.route("bo").stops if one.kind is StopKind.DROPOFF]
    found = town.read(lambda tx: dues(tx, []))
    assert set(found) == {
        Due(order_id=carried.id, at=stop.arrival_at, courier_id="bo"),
        Due(order_id=parcel.id, at=parcel.promise.latest_at, station_id="station"),
    }


def test_of_two_who_want_the_last_place_one_gets_it_and_the_other_is_told(full: Town) -> None:
    first, second = _two_lost(full)
    begins, _ = _slots(full, first)[0]

    def both() -> None:
        with full.store.begin() as late:
            recover.choose(late, full.platform, second.id, way=Way.SLOT, slot_at=begins)
            full.choose(first.id, Way.SLOT, slot_at=begins)

    with pytest.raises(Conflict) as refused:
        both()
    assert refused.value.rule == "slot_place_is_taken_once"
    with pytest.raises(Conflict) as told:
        full.choose(second.id, Way.SLOT, slot_at=begins)
    assert told.value.rule == "slot_gone"
    assert _places(full) == [(first.id, 1)]


def test_customers_who_race_over_several_platforms_get_as_many_places_as_there_are(
    full: Town,
) -> None:
    orders = _two_lost(full)
    begins, _ = _slots(full, orders[0])[0]
    others = [Town(full.url, params=full.platform.params, now=full.now) for _ in orders]
    barrier = Barrier(len(orders))
    said: list[str] = []

    def pick(town: Town, order: Order) -> None:
        barrier.wait()
        for _ in range(20):
            try:
                town.choose(order.id, Way.SLOT, slot_at=begins)
            except Conflict as refused:
                # As at the doors: a race that was lost is tried again, an answer is an answer.
                if refused.rule != "slot_gone":
                    continue
                said.append(refused.rule)
                return
            said.append("taken")
            return

    threads = [Thread(target=pick, args=pair) for pair in zip(others, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["slot_gone", "taken"]
    assert len(_places(full)) == 1
    for town in others:
        town.close()


def test_a_direct_courier_is_chosen_at_the_price_that_was_shown(town: Town) -> None:
    order = _lost_grocery(town)
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
    assert _decided(town, order) == (CaseStatus.OFFERING, Way.EXPRESS)
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
    order = _lost_grocery(town)
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
    order = _lost_grocery(town)
    town.on_duty("mei", at(2, 3))
    town.on_duty("yu", at(7, 7))
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    town.decline("mei")
    town.work()
    assert town.offer_to("yu").order_ids == (order.id,)
    assert _decided(town, order) == (CaseStatus.OFFERING, Way.EXPRESS)
    town.decline("yu")
    town.work()
    # Nobody is left: it goes on as any other, and the price is not due.
    assert _decided(town, order) == (CaseStatus.HUMAN, Way.HUMAN)


def test_what_was_put_off_to_a_slot_may_still_be_brought_straight(town: Town) -> None:
    order = _lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    begins, _ = _slots(town, order)[1]
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


def test_silence_takes_neither_a_slot_nor_a_direct_ride(town: Town) -> None:
    order = _lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    town.wait(RULES.fallback_s + 60)
    case = town.case(order.id)
    assert case.decision is not None
    assert case.decision.option.way is Way.NEXT_DAY
    assert town.happened(CustomerChose) == []


def test_where_neither_is_configured_neither_is_offered(store_url: str) -> None:
    plain = Town(store_url)
    plain.site("kitchen", SiteKind.MERCHANT, at(2, 2))
    order = _lost_grocery(plain)
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
    assert _decided(town, order) == (CaseStatus.WAITING, Way.BRING_BACK)
    town.on_duty("mei", at(2, 3))
    town.choose(order.id, Way.EXPRESS, price_cents=PRICE_CENTS)
    town.work()
    town.accept("mei")
    assert [stop.kind for stop in town.route("wu").stops] == [StopKind.GIVE]
