"""Connections of one store: as many as there are, the last one given back first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recourse.adapters.store.engine import Connections, open_engine


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
