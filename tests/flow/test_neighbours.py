"""What is left next door: only with whom the customer named, and never behind their back."""

from dataclasses import replace
from typing import Any

import pytest

from recourse.adapters.erasing import erase
from recourse.flow import neighbours, stops, views
from recourse.flow.views.epcis import custody_of, epcis
from recourse.model.assignments import Custodian
from recourse.model.errors import Conflict, Forbidden, Invalid
from recourse.model.events import ConsentGiven, CustodyPassed
from recourse.model.orders import Order, OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.redress import Neighbour
from recourse.model.routes import StopKind
from tests.flow.town import Town, at


@pytest.fixture
def open_town(town: Town) -> Town:
    """A town in which customers may name a neighbour."""
    params = town.platform.params
    ways = replace(params.ways, has_neighbours=True)
    town.platform.params = replace(params, ways=ways)
    return town


def _named(town: Town, order: Order, name: str = "Li Hua", door: str = "302") -> Neighbour:
    return town.do(neighbours.name_neighbour, order.id, name=name, door=door)


def _at_the_door(town: Town) -> Order:
    """Let bo stand at the door with a parcel."""
    town.on_duty("bo")
    order = town.carried("bo")
    town.visit("bo")
    town.ride("bo")
    return order


def _leave(town: Town, order: Order, neighbour_id: str) -> None:
    stop = town.route("bo").stops[0]
    town.do(stops.complete, "bo", stop.id, scanned=(order.id,), neighbour_id=neighbour_id)


def _shown(town: Town, order: Order) -> Any:  # noqa: ANN401
    return town.read(lambda tx: views.tracked(tx, town.platform, order.id))["neighbour"]


def test_where_it_is_not_offered_nobody_is_named(town: Town) -> None:
    order = _at_the_door(town)
    assert _shown(town, order) is None
    with pytest.raises(Conflict, match="no_neighbour"):
        _named(town, order)


def test_a_parcel_is_left_with_whom_the_customer_named(open_town: Town) -> None:
    town = open_town
    order = _at_the_door(town)
    assert _shown(town, order)["may"]
    assert not _shown(town, order)["name"]
    named = _named(town, order)
    stop = town.route("bo").stops[0]
    (told,) = town.read(lambda tx: views.neighbours_at(tx, "bo", stop.id))
    assert (told["id"], told["name"], told["door"]) == (named.id, "Li Hua", "302")
    _leave(town, order, named.id)
    held = town.holder(order.id)
    assert (held.custodian, held.holder_id) == (Custodian.NEIGHBOUR, named.id)
    assert town.order(order.id).status is OrderStatus.DELIVERED
    assert _shown(town, order)["has_it"]
    (agreed,) = town.happened(ConsentGiven)
    assert town.happened(CustodyPassed)[-1].consent_id == agreed.consent_id
    with pytest.raises(Conflict, match="neighbour_has_it"):
        town.do(neighbours.unname, order.id)
    with pytest.raises(Conflict, match="no_neighbour"):
        _named(town, order, "Wu")
    document = town.read(lambda tx: epcis(tx, town.platform, order.id))
    assert custody_of(document)[-1].custodian is Custodian.NEIGHBOUR
    erase(town.url, f"customer:{order.customer.id}", clock=town.clock)
    (forgotten,) = town.read(lambda tx: tx.neighbours(order.id))
    assert (forgotten.name, forgotten.door) == ("", "")


def test_nobody_else_gets_it(open_town: Town) -> None:
    town = open_town
    order = _at_the_door(town)
    with pytest.raises(Forbidden, match="did not name"):
        _leave(town, order, "neighbour-9")
    first = _named(town, order)
    assert _named(town, order).id == first.id
    second = _named(town, order, "Wu")
    with pytest.raises(Forbidden, match="did not name"):
        _leave(town, order, first.id)
    town.do(neighbours.unname, order.id)
    town.do(neighbours.unname, order.id)
    with pytest.raises(Forbidden, match="took it back"):
        _leave(town, order, second.id)
    assert town.holder(order.id).holder_id == "bo"
    third = _named(town, order)
    _leave(town, order, third.id)
    assert len(town.happened(ConsentGiven)) == 3


def test_a_neighbour_takes_nothing_at_another_stop(open_town: Town) -> None:
    town = open_town
    town.on_duty("bo")
    order = town.meal()
    town.work()
    town.accept("bo")
    named = _named(town, order)
    with pytest.raises(Invalid, match="neighbour_id"):
        _leave(town, order, named.id)
    stop = town.route("bo").stops[0]
    assert town.read(lambda tx: views.neighbours_at(tx, "bo", stop.id)) == []


def test_who_was_named_stays_when_another_courier_comes(open_town: Town) -> None:
    town = open_town
    town.on_duty("bo")
    order = town.meal()
    town.work()
    town.accept("bo")
    named = _named(town, order)
    town.on_duty("mei")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    town.accept("mei")
    town.visit("mei")
    town.ride("mei")
    stop = town.route("mei").stops[0]
    town.do(stops.complete, "mei", stop.id, scanned=(order.id,), neighbour_id=named.id)
    assert town.holder(order.id).holder_id == named.id
    town.work()
    assert town.case(order.id).outcome in {"kept", "late"}


def _join(town: Town, orders: list[Order]) -> None:
    """Make one stop of two at one door."""
    both = tuple(one.id for one in orders)
    route = town.route("bo")
    one = replace(route.stops[0], order_ids=both)
    with town.store.begin() as tx:
        tx.record([replace(route, stops=(one,))])


def test_what_else_is_for_that_door_stays_to_be_handed_over(open_town: Town) -> None:
    town = open_town
    town.on_duty("bo")
    orders = [town.carried("bo", name, at(5, 5)) for name in "ab"]
    while town.route("bo").stops[0].kind is not StopKind.DROPOFF:
        town.visit("bo")
    _join(town, orders)
    stop = town.ride("bo")
    named = _named(town, orders[0])
    with pytest.raises(Forbidden, match="did not name"):
        town.do(stops.complete, "bo", stop.id, neighbour_id=named.id)
    _leave(town, orders[0], named.id)
    town.work()
    assert town.route("bo").stops[0].order_ids == (orders[1].id,)
    town.complete("bo")
    assert town.holder(orders[1].id).custodian is Custodian.CUSTOMER
