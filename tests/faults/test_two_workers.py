"""Two that live at once over one database: what one holds the other takes when it dies."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from recourse.adapters.clock import WallClock
from recourse.adapters.store import open_store
from recourse.model.commands import WEBHOOK, Command
from recourse.model.events import WavePlanned, dotted
from recourse.model.ports import EventFilter
from tests.faults.holder import LEASE_S

KEY = "slow/1"
FOR_EVER_S, PATIENCE_S = 600, 60


@contextmanager
def _alive(name: str, url: str, *, takes_s: float) -> Iterator["subprocess.Popen[str]"]:
    """Whoever does such commands, in a process of its own; it is dead afterwards."""
    line = [sys.executable, "-m", "tests.faults.holder", name, url, str(takes_s)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert _said(process) == "ready"
            yield process
        finally:
            process.kill()


def _said(process: "subprocess.Popen[str]") -> str:
    """The next line of a process."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _until(holds: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["watch", WEBHOOK])
def test_what_is_held_by_renewal_is_taken_over_when_its_holder_is_killed(
    store_url: str, name: str
) -> None:
    clock = WallClock()
    wanted = EventFilter(kinds=(dotted(WavePlanned),))

    def effects() -> list[str]:
        with store.begin() as tx:
            found = [one.event for one in tx.events(wanted)]
        return [one.station_id for one in found if isinstance(one, WavePlanned)]

    with open_store(store_url, clock=clock, hears={}) as store:
        with store.begin() as tx:
            tx.record(commands=[Command(key=KEY, name=name, due_at=clock.now())])
        with _alive(name, store_url, takes_s=FOR_EVER_S) as holder:
            assert _said(holder) == f"begun {KEY}"
            with _alive(name, store_url, takes_s=0) as other:
                # Held by renewal: far beyond one lease the other one, alive and idle, gets nothing.
                time.sleep(3 * LEASE_S + 0.5)
                assert effects() == []
                holder.kill()
                killed_at = time.monotonic()
                _until(lambda: effects() != [])
                assert time.monotonic() - killed_at < LEASE_S + PATIENCE_S / 4
                assert _said(other) == f"begun {KEY}"
                time.sleep(LEASE_S + 0.5)
                assert effects() == [str(other.pid)]
        assert store.next_due_at(outgoing=name == WEBHOOK) is None
        assert store.parked() == []
