"""A worker that is a process of its own: it says what it begins, and takes its time over it."""

import os
import sys
import time
from datetime import datetime, timedelta

from recourse.adapters.clock import WallClock
from recourse.adapters.store import open_store
from recourse.adapters.worker import Worker
from recourse.model.commands import Command
from recourse.model.events import WavePlanned
from recourse.model.ports import Transaction

LEASE_S = 2


def _say(line: str) -> None:
    """Tell whoever started this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(url: str, takes_s: float) -> None:
    """Work for ever; the effect of a command is an event that says which process had it."""
    clock = WallClock()
    store = open_store(url, clock=clock, hears={})

    def perform(tx: Transaction, command: Command) -> None:
        _say(f"begun {command.key}")
        time.sleep(takes_s)
        tx.record(
            events=[
                WavePlanned(
                    at=clock.now(),
                    station_id=str(os.getpid()),
                    n_orders=0,
                    n_couriers=0,
                    unplanned=(),
                )
            ]
        )

    def retry_at(_attempt: int, _key: str, now: datetime) -> datetime:
        return now + timedelta(seconds=1)

    worker = Worker(store=store, clock=clock, perform=perform, retry_at=retry_at, lease_s=LEASE_S)
    worker.keeper.start()
    _say("ready")
    while True:
        if not worker.work():
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
