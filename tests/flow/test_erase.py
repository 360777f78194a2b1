"""A person is erased: nobody can tell who it was, and every book still balances."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from recourse.adapters.erasing import erase
from recourse.adapters.store.engine import open_engine
from recourse.adapters.store.schema import METADATA
from recourse.audit import audit
from recourse.flow import disrupt, roster
from recourse.flow.returns import ask_return
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.events import PersonErased
from recourse.model.orders import Customer, Order, OrderStatus
from recourse.model.places import Place
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at

ANNA = Customer(id="anna", name="Anna Zebrafinch", contact="+15550001")
DOOR = Place(lon=0.005, lat=0.005, address="17 Quince Walk")


def everything(town: Town) -> str:
    """All rows of all tables, as text."""
    engine = open_engine(town.url, n_connections=1)
    with engine.connect() as connection:
        rows = [
            str(list(connection.execute(sa.text(f"SELECT * FROM {table}")).all()))
            for table in METADATA.tables
        ]
    engine.dispose()
    return "\n".join(rows)


def delivered(town: Town) -> Order:
    """Let an order of Anna lose its courier and be delivered by another."""
    town.on_duty("bo", at(2, 2))
    asked = town.meal("a", DOOR, customer=ANNA)
    town.work()
    town.accept("bo")
    town.on_duty("mei", at(3, 3))
    town.do(
        disrupt.withdraw,
        "bo",
        code=ReasonCode.COURIER_ILLNESS,
        order_ids=(),
        note="the flu again",
    )
    town.work()
    town.accept("mei")
    town.finish("mei")
    return town.order(asked.id)


def test_nothing_says_who_a_customer_was_and_the_chain_holds(town: Town) -> None:
    order = delivered(town)
    held = town.read(lambda tx: tx.custody([order.id]))
    before = audit(town.url)
    assert "Zebrafinch" in everything(town)
    gone = erase(town.url, "customer:anna", clock=town.clock)
    assert (gone.n_orders, gone.n_notices > 0, gone.n_events > 0) == (1, True, True)
    left = everything(town)
    for word in ("Zebrafinch", "+15550001", "Quince Walk"):
        assert word not in left
    after = audit(town.url, noted=before.head)
    assert after.is_clean, after.lines()
    assert after.n_erased == gone.n_events
    now_held = town.read(lambda tx: tx.custody([order.id]))[order.id]
    was = held[order.id]
    assert (now_held.custodian, now_held.holder_id) == (was.custodian, was.holder_id)
    assert town.told(order.id), "that something was told stays"


def test_the_door_where_a_return_was_fetched_and_the_note_go_as_well(town: Town) -> None:
    noted = replace(ANNA, note="behind the Zebrafinch sign")
    town.on_duty("bo", at(2, 2))
    order = town.meal("a", DOOR, customer=noted, is_perishable=False)
    town.work()
    town.accept("bo")
    town.finish("bo")
    window = (town.now, town.now + timedelta(hours=3))
    back = town.do(ask_return, order.id, ready_at=window[0], until_at=window[1])
    town.work()
    town.accept("bo")
    town.finish("bo")
    assert town.order(back.id).status is OrderStatus.DELIVERED
    assert erase(town.url, "customer:anna", clock=town.clock).n_orders == 2
    left = everything(town)
    for word in ("Zebrafinch", "+15550001", "Quince Walk"):
        assert word not in left
    report = audit(town.url)
    assert report.is_clean, report.lines()


def test_erasing_twice_is_erasing_once(town: Town) -> None:
    delivered(town)
    erase(town.url, "customer:anna", clock=town.clock)
    again = erase(town.url, "customer:anna", clock=town.clock)
    assert again.n_events == 0
    assert len(town.happened(PersonErased)) == 1


def test_nothing_says_who_a_courier_was(town: Town) -> None:
    delivered(town)
    town.do(roster.duty, "mei", on=False)
    erase(town.url, "courier:bo", clock=town.clock)
    erase(town.url, "courier:mei", clock=town.clock)
    left = everything(town)
    for word in ("Bo Test", "Mei Test", "the flu again"):
        assert word not in left
    report = audit(town.url)
    assert report.is_clean, report.lines()


def test_nobody_is_erased_while_something_of_theirs_is_under_way(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    town.meal("a", DOOR, customer=ANNA)
    town.work()
    town.accept("bo")
    with pytest.raises(Conflict, match="order_under_way"):
        erase(town.url, "customer:anna", clock=town.clock)
    with pytest.raises(Conflict, match="on_duty"):
        erase(town.url, "courier:bo", clock=town.clock)
    town.finish("bo")


def test_who_is_not_known_is_named(town: Town) -> None:
    for person, error in (
        ("customer:nobody", NotFound),
        ("courier:nobody", NotFound),
        ("anna", Invalid),
    ):
        with pytest.raises(error):
            erase(town.url, person, clock=town.clock)
