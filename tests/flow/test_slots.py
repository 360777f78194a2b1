"""A later slot of the customer's picking, while somebody in shift has time for it."""

import itertools
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from recourse.flow import recover, roster
from recourse.flow.platform import Params
from recourse.flow.scene import dues
from recourse.model.cases import CaseStatus, Way
from recourse.model.couriers import Contract
from recourse.model.errors import Conflict
from recourse.model.events import CustomerChose, PromiseMade
from recourse.model.orders import Order, OrderKind, OrderStatus
from recourse.model.routes import StopKind
from recourse.recovery.slots import Due
from tests.flow.choosing import BREAKDOWN, RULES, decided, lost_grocery, slots_of
from tests.flow.town import MORNING, Town, at


@pytest.fixture
def params() -> Params:
    """A town where slots and a direct ride are offered."""
    return replace(Params(), recovery=RULES)


def test_a_customer_picks_one_of_several_slots_and_gets_exactly_that_one(town: Town) -> None:
    order = lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    offered = slots_of(town, order)
    assert len(offered) == 3
    assert all(begins < ends for begins, ends in offered)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(offered))
    begins, ends = offered[1]
    town.choose(order.id, Way.SLOT, slot_at=begins)
    town.work()
    assert decided(town, order) == (CaseStatus.WAITING, Way.SLOT)
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
    offered = [begins for begins, _ in slots_of(town, order)]
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
    order = lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    first, second, _ = slots_of(town, order)
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
    order = lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=MORNING + timedelta(hours=2))
    (begins, _), (left, _), _ = slots_of(town, order)
    town.clock.set(begins - timedelta(minutes=10))
    with pytest.raises(Conflict, match=f"that slot is gone; still to be had: {left:%H:%M} to"):
        town.choose(order.id, Way.SLOT, slot_at=begins)
    with pytest.raises(Conflict, match="that slot is gone"):
        town.choose(order.id, Way.SLOT, slot_at=left + timedelta(minutes=1))
    with pytest.raises(Conflict, match="that slot is gone"):
        town.choose(order.id, Way.SLOT)
    assert town.happened(CustomerChose) == []


def test_no_slot_is_offered_in_which_nobody_works(town: Town) -> None:
    order = lost_grocery(town)
    town.courier("zo", shift_start_at=MORNING, shift_end_at=town.now + timedelta(minutes=90))
    assert slots_of(town, order) == []
    with pytest.raises(Conflict, match="no slot is left today"):
        town.choose(order.id, Way.SLOT, slot_at=town.now + timedelta(hours=2))


def test_what_spoils_waits_for_no_slot(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    town.courier("mei", shift_start_at=town.now + timedelta(hours=1))
    assert slots_of(town, order) == []


def test_silence_takes_neither_a_slot_nor_a_direct_ride(town: Town) -> None:
    order = lost_grocery(town)
    town.courier("mei", at(2, 2), shift_start_at=town.now + timedelta(hours=1))
    town.wait(RULES.fallback_s + 60)
    case = town.case(order.id)
    assert case.decision is not None
    assert case.decision.option.way is Way.NEXT_DAY
    assert town.happened(CustomerChose) == []


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
    offered = slots_of(full, first)
    assert slots_of(full, second) == offered
    full.choose(first.id, Way.SLOT, slot_at=offered[0][0])
    assert _places(full) == [(first.id, 1)]
    for _ in range(2):
        # Taken at once, and held once it is decided and promised.
        assert offered[0] not in slots_of(full, second)
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
    (begins, _), (later, _), *_ = slots_of(full, first)
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
    begins, _ = slots_of(full, first)[0]

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
    begins, _ = slots_of(full, orders[0])[0]
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
