"""An area has one owner: who comes second is refused, and who was overtaken writes nothing."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from recourse.adapters.clock import ManualClock
from recourse.adapters.owner import Owner
from recourse.audit import audit
from recourse.model.errors import Conflict, LeaseLost
from tests.conformance.day import Day
from tests.conformance.owning import AREA, LEASE_S
from tests.conformance.values import NOON, opened, order, put

ROOT = Path(__file__).parents[2]
LATER = NOON + timedelta(seconds=LEASE_S)


def test_a_second_process_is_refused_and_told_by_whom(store_url: str) -> None:
    with opened(store_url) as first, opened(store_url) as second:
        first.own(AREA, owner="the first", now=NOON, lease_s=LEASE_S)
        just_before = LATER - timedelta(microseconds=1)
        with pytest.raises(Conflict, match="'vancouver' is owned by the first until") as refused:
            second.own(AREA, owner="the second", now=just_before, lease_s=LEASE_S)
        assert refused.value.rule == "area_is_owned"
        second.own("burnaby", owner="the second", now=NOON, lease_s=LEASE_S)


def test_who_was_overtaken_writes_nothing(store_url: str) -> None:
    with opened(store_url) as first, opened(store_url) as second:
        lost = first.own(AREA, owner="the first", now=NOON, lease_s=LEASE_S)
        put(first, order("o-1"))
        had = second.own(AREA, owner="the second", now=LATER, lease_s=LEASE_S)
        assert had.token > lost.token
        with pytest.raises(LeaseLost, match=r"area/vancouver.*another"):
            put(first, order("o-2"))
        with pytest.raises(LeaseLost):
            first.keep(lost, until_at=LATER)
        put(second, order("o-3"))
        with second.begin() as tx:
            assert set(tx.orders(["o-1", "o-2", "o-3"])) == {"o-1", "o-3"}


def test_a_renewed_lease_runs_longer_and_a_let_go_one_ends(store_url: str) -> None:
    with opened(store_url) as first, opened(store_url) as second:
        owned = first.own(AREA, owner="the first", now=NOON, lease_s=LEASE_S)
        owned = first.keep(owned, until_at=LATER + timedelta(seconds=1))
        with pytest.raises(Conflict):
            second.own(AREA, owner="the second", now=LATER, lease_s=LEASE_S)
        first.keep(owned, until_at=NOON)
        second.own(AREA, owner="the second", now=NOON, lease_s=LEASE_S)


def test_an_owner_that_is_overtaken_says_so(store_url: str) -> None:
    told = threading.Event()
    with opened(store_url) as first, opened(store_url) as second:
        owner = Owner(first, clock=ManualClock(NOON), area=AREA, name="the first", lease_s=0)
        owner.take()
        second.own(AREA, owner="the second", now=NOON, lease_s=LEASE_S)
        owner.start(told.set)
        assert told.wait(timeout=60)
        owner.stop()
        with pytest.raises(Conflict, match="owned by the second"):
            owner.take()


def test_after_a_kill_another_takes_over_when_the_lease_has_run_out(store_url: str) -> None:
    with _owner(store_url) as process:
        said = [_write(process) for _ in range(5)]
        _ask(process)  # and is killed before, while or after it writes
        process.kill()
        process.wait()
    with opened(store_url) as second:
        with pytest.raises(Conflict, match="owned by the first"):
            second.own(AREA, owner="the second", now=NOON, lease_s=LEASE_S)
        second.own(AREA, owner="the second", now=LATER, lease_s=LEASE_S)
        with second.begin() as tx:
            assert len(tx.orders([f"o-{number}" for number in said])) == len(said)
        Day(second).admit("o-of-the-second")
    report = audit(store_url)
    assert report.lines() == report.lines()[:1]


def test_who_wakes_after_being_overtaken_is_refused(store_url: str) -> None:
    with _owner(store_url) as process, opened(store_url) as second:
        assert [_write(process) for _ in range(3)] == ["0", "1", "2"]
        second.own(AREA, owner="the second", now=LATER, lease_s=LEASE_S)
        assert _write(process) == "refused"
        assert process.wait() == 0
        with second.begin() as tx:
            assert set(tx.orders(["o-0", "o-1", "o-2", "o-3"])) == {"o-0", "o-1", "o-2"}


@contextmanager
def _owner(url: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that owns the area and writes."""
    command = [sys.executable, "-m", "tests.conformance.owning", url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _ask(process: "subprocess.Popen[str]") -> None:
    """Have it write one order more."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _write(process: "subprocess.Popen[str]") -> str:
    """The number of the order that is written, or a refusal."""
    _ask(process)
    assert process.stdout is not None
    return process.stdout.readline().strip()
