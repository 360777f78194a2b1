"""A unit of work in any store: all of it is written or none, from what was read."""

from dataclasses import replace

import pytest

from recourse.model.assignments import Custodian
from recourse.model.commands import Command
from recourse.model.couriers import CourierState
from recourse.model.errors import Stale
from recourse.model.events import CourierCameOnDuty
from recourse.model.orders import OrderStatus
from recourse.model.ports import EventFilter, Record
from tests.conformance.values import NOON, courier, held, later, opened, order, put, site


def test_nothing_is_written_when_the_block_fails(store_url: str) -> None:
    with opened(store_url) as store:
        with pytest.raises(ZeroDivisionError), store.begin() as tx:  # noqa: PT012
            tx.record([order()], events=[CourierCameOnDuty(at=NOON, courier_id="c")])
            _ = 1 / 0
        with store.begin() as tx:
            assert not tx.orders(["o-1"])
            assert not tx.events(EventFilter())


def test_a_refused_write_leaves_nothing_behind(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        stale = replace(order(), status=OrderStatus.SCHEDULED, version=4)
        with pytest.raises(Stale) as caught, store.begin() as tx:
            tx.record(
                [site(), stale],
                events=[CourierCameOnDuty(at=NOON, courier_id="c")],
                commands=[Command(key="k", name="n", due_at=NOON)],
            )
        assert (caught.value.kind, caught.value.id, caught.value.given) == ("order", "o-1", 4)
        with store.begin() as tx:
            assert not tx.sites()
            assert not tx.events(EventFilter())
        assert store.next_due_at() is None


def test_a_reader_sees_the_state_before_its_own_record(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        with store.begin() as tx:
            before = tx.orders(["o-1"])["o-1"]
            tx.record([replace(before, status=OrderStatus.SCHEDULED)])
            assert tx.orders(["o-1"])["o-1"] == before
        with store.begin() as tx:
            after = tx.orders(["o-1"])["o-1"]
        assert (after.status, after.version) == (OrderStatus.SCHEDULED, 2)


def test_a_value_recorded_twice_is_written_as_it_was_last(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record([order()])
            tx.record([order(status=OrderStatus.DISPATCHING)])
        with store.begin() as tx:
            found = tx.orders(["o-1"])["o-1"]
    assert (found.status, found.version) == (OrderStatus.DISPATCHING, 1)


def test_of_two_writers_one_is_told_that_it_was_late(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, *(courier(f"c-{i}") for i in range(5)))
        with store.begin() as tx:
            mine = tx.couriers()
        put(store, replace(mine["c-3"], state=CourierState.SOS))
        with pytest.raises(Stale) as caught:
            put(store, *(replace(c, state=CourierState.ACTIVE) for c in mine.values()))
        assert caught.value.id == "c-3"
        with store.begin() as tx:
            states = {c.id: c.state for c in tx.couriers().values()}
        assert states.pop("c-3") is CourierState.SOS
        assert set(states.values()) == {CourierState.IDLE}


def test_custody_passes_in_one_unit_of_work(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        for number in range(1, 5):
            with store.begin() as tx:
                now = tx.custody(["o-1"])["o-1"]
                assert now.number == number
                passed: list[Record] = [
                    held(
                        number=number + 1,
                        custodian=Custodian.COURIER,
                        holder_id=f"c-{number}",
                        from_at=later(number),
                    ),
                    replace(now, until_at=later(number)),
                ]
                tx.record(passed)
