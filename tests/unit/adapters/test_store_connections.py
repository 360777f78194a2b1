"""Connections of one store: as many as there are, the last one given back first."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from recourse.adapters.clock import ManualClock
from recourse.adapters.store import migrate, open_store
from recourse.adapters.store.engine import Connections, open_engine
from recourse.model.examples import NOON, courier_of


@pytest.fixture
def two(tmp_path: Path) -> Connections:
    return Connections(open_engine(f"sqlite:///{tmp_path}/day.db"), 2)


def test_the_connection_given_back_last_is_lent_first(two: Connections) -> None:
    one, other = two.lend(), two.lend()
    two.take_back(other)
    two.take_back(one)
    assert two.lend() is one
    assert two.lend() is other
    two.take_back(one)
    two.take_back(other)
    two.close()


def test_whoever_comes_when_all_are_lent_waits_until_one_is_back(two: Connections) -> None:
    one, other = two.lend(), two.lend()
    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(two.lend)
        with pytest.raises(TimeoutError):
            third.result(timeout=0.05)
        two.take_back(one)
        assert third.result(timeout=10) is one
    two.take_back(one)
    two.take_back(other)
    two.close()


def test_a_connection_is_never_lent_to_two_at_once(two: Connections) -> None:
    held: set[int] = set()

    def use() -> None:
        for _ in range(500):
            lent = two.lend()
            assert id(lent) not in held
            held.add(id(lent))
            held.remove(id(lent))
            two.take_back(lent)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(use) for _ in range(8)]:
            done.result(timeout=60)
    two.close()


def test_a_file_that_is_kept_alone_is_opened_by_no_other_and_used_by_no_second_thread(
    tmp_path: Path,
) -> None:
    file = tmp_path / "day.db"
    migrate(f"sqlite:///{file}")
    with open_store(f"sqlite:///{file}", clock=ManualClock(NOON), is_alone=True) as store:
        with store.begin() as tx:
            tx.record([courier_of()])
            with store.begin() as by_the_way:
                by_the_way.record([replace(courier_of(), id="k-2")])
        with store.begin() as tx:
            assert set(tx.couriers()) == {courier_of().id, "k-2"}
        other = sqlite3.connect(file, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("SELECT id FROM couriers")
        with (
            ThreadPoolExecutor(1) as pool,
            pytest.raises(sqlite3.ProgrammingError, match="thread"),
        ):
            pool.submit(store.last_number).result(timeout=10)
    assert len(other.execute("SELECT id FROM couriers").fetchall()) == 2
    other.close()
