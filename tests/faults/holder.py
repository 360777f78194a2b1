"""A process that works for ever: it says what it begins, and takes its time over it."""

import asyncio
import os
import sys
import time
from datetime import datetime, timedelta

from recourse.adapters.clock import WallClock
from recourse.adapters.store import SqlStore, open_store
from recourse.adapters.webhooks import Messenger, Trade
from recourse.adapters.worker import Worker
from recourse.model.commands import WEBHOOK, Command
from recourse.model.events import WavePlanned
from recourse.model.ports import Transaction
from recourse.model.webhooks import Reached, TryOutcome

LEASE_S = 3


def _say(line: str) -> None:
    """Tell whoever started this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _note(tx: Transaction) -> None:
    """Write down which process had it: that is the effect of a command here."""
    tx.record(
        events=[
            WavePlanned(
                at=WallClock().now(),
                station_id=str(os.getpid()),
                n_orders=0,
                n_couriers=0,
                unplanned=(),
            )
        ]
    )


def _work(store: SqlStore, takes_s: float) -> None:
    """Work for ever on what is done inside."""

    def perform(tx: Transaction, command: Command) -> None:
        _say(f"begun {command.key}")
        time.sleep(takes_s)
        _note(tx)

    def retry_at(_attempt: int, _key: str, now: datetime) -> datetime:
        return now + timedelta(seconds=1)

    worker = Worker(
        store=store, clock=WallClock(), perform=perform, retry_at=retry_at, lease_s=LEASE_S
    )
    worker.keeper.start()
    _say("ready")
    while True:
        if not worker.work():
            time.sleep(0.05)


def _tell(store: SqlStore, takes_s: float) -> None:
    """Call outside for ever, over a channel that hangs beyond the deadline it gave."""

    async def perform(key: str) -> Reached:
        _say(f"begun {key}")
        await asyncio.sleep(takes_s)
        return Reached(outcome=TryOutcome.TAKEN)

    trade = Trade(
        line_of=lambda command: command.name,
        gate_of=lambda command: command.name,
        prepare=lambda _tx, command: command.key,
        perform=perform,
        conclude=lambda tx, _command, _reached: _note(tx),
        deadline_s=0.2,
    )
    messenger = Messenger(
        store=store,
        clock=WallClock(),
        relay=lambda _tx: 0,
        trades={WEBHOOK: trade},
        lease_s=LEASE_S,
    )
    _say("ready")
    messenger.start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    does = {"watch": _work, WEBHOOK: _tell}[sys.argv[1]]
    does(open_store(sys.argv[2], clock=WallClock(), hears={}), float(sys.argv[3]))
