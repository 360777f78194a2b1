"""This file knows how outgoing commands are performed: beside the lane of writing, not in it.

Somebody outside may take ten seconds to answer, and the platform waits for nobody. So these
commands have a queue and a thread of their own. What stands in one line goes one after the other,
in the order of the queue; lines do not wait for each other, nor for the slowest of them.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from recourse.adapters.clock import of_the_wall
from recourse.adapters.keeper import Keeper
from recourse.model.commands import Command, Lease
from recourse.model.errands import Later
from recourse.model.errors import Conflict, LeaseLost
from recourse.model.ports import Clock, Store, Transaction
from recourse.model.webhooks import Reached

__all__ = ["Messenger", "Trade"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_LOOKS_EVERY_S = 0.25
_AT_ONCE = 64
_MOST_HELD = 4_096
_TRIES = 5
_PAUSE_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """How the outgoing commands of one name are done.

    Attributes
    ----------
    line_of : callable
        Who waits for whom: commands of one line go one after the other.
    gate_of : callable
        Who is called; at most `n_at_once` calls to one are under way.
    prepare : callable
        Writes a call down and gives what to say; None for nothing, `Later` for not now.
    perform : callable
        Calls.
    conclude : callable
        Writes down what came of it.
    deadline_s : float
        Most seconds a call takes.
    n_at_once : int
        Most calls to one peer at a time.
    """

    line_of: Callable[[Command], str]
    gate_of: Callable[[Command], str]
    prepare: Callable[[Transaction, Command], Any]
    perform: Callable[[Any], Awaitable[Reached]]
    conclude: Callable[[Transaction, Command, Reached], None]
    deadline_s: float
    n_at_once: int = 16


class Messenger:
    """Takes what waits for somebody outside, calls them, and writes down what came of it.

    Parameters
    ----------
    store : Store
        Where commands are kept.
    clock : Clock
        By which they fall due.
    relay : callable
        Makes messages of what is new in the log; says how many events it read.
    trades : mapping of str to Trade
        How the commands of each name are done.
    lease_s : int, optional
        Seconds of the wall after which another may take what a dead one held. It must be longer
        than any call: what is not held for so long any more is not begun.

    Attributes
    ----------
    keeper : Keeper
        Renews what waits and what is under way, from `start` to `stop`.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        relay: Callable[[Transaction], int],
        trades: Mapping[str, Trade],
        lease_s: int = 30,
    ) -> None:
        self._store, self._clock = store, clock
        self._relay, self._trades = relay, trades
        self._lease_s = of_the_wall(clock, lease_s)
        self.keeper = Keeper(store, clock=clock, lease_s=self._lease_s)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="recourse-tell", daemon=True)

    def work(self) -> int:
        """Make messages of what is new, try what is due, and wait for what came of it.

        Returns
        -------
        int
            How many commands were taken; 0 when there was nothing to do.
        """
        return asyncio.run(self._work_once())

    def start(self) -> None:
        """Begin to look."""
        self.keeper.start()
        self._thread.start()

    def stop(self) -> None:
        """Finish what was begun and look no more."""
        self._over.set()
        self._thread.join()
        self.keeper.stop()

    async def _work_once(self) -> int:
        """One look, and everything it leads to."""
        lines = _Lines(self._perform, let_go=self.keeper.let_go)
        n_taken = self._look(lines)
        await lines.end()
        return n_taken

    def _attend(self) -> None:
        """Look until told to stop."""
        asyncio.run(self._keep_looking())

    async def _keep_looking(self) -> None:
        """Look, and wait a moment when there was nothing; calls go on meanwhile."""
        lines = _Lines(self._perform, let_go=self.keeper.let_go)
        while not self._over.is_set():
            n_taken = 0
            if lines.n_held < _MOST_HELD:
                try:
                    n_taken = self._look(lines)
                except Exception:  # noqa: BLE001
                    # The border: whatever went wrong now, the rows are there and are looked at
                    # again.
                    _log.exception("telling those outside failed")
            await asyncio.sleep(0 if n_taken else _LOOKS_EVERY_S)
        await lines.end()

    def _look(self, lines: "_Lines") -> int:
        """Make messages of what is new, and put what is due into its lines."""
        while _again(self._relay_once):
            pass
        now, due_at = self._clock.now(), self._store.next_due_at(outgoing=True)
        if due_at is None or due_at > now:
            return 0
        leases = self._store.lease(
            now=now, worker="messenger", limit=_AT_ONCE, lease_s=self._lease_s, outgoing=True
        )
        self.keeper.hold(leases)
        for lease in leases:
            trade = self._trades[lease.command.name]
            gate = trade.gate_of(lease.command)
            lines.add(trade.line_of(lease.command), lease, gate=gate, n_at_once=trade.n_at_once)
        return len(leases)

    def _relay_once(self) -> int:
        """Read one page of the log."""
        with self._store.begin() as tx:
            return self._relay(tx)

    async def _perform(self, lease: Lease) -> bool:
        """Do one command: written down, called, written down; False if it is not to be begun."""
        trade = self._trades[lease.command.name]
        call_s = of_the_wall(self._clock, 1) * (trade.deadline_s + 1)
        if self._over.is_set() or not self.keeper.is_held(lease, for_s=call_s):
            return False
        try:
            wanted = _again(lambda: self._begin(trade, lease))
            if isinstance(wanted, Later):
                self._store.put_back(lease, due_at=wanted.at, error="", is_parked=False)
            elif wanted is not None:
                reached = await trade.perform(wanted)
                _again(lambda: self._end(trade, lease, reached))
        except LeaseLost:
            _log.warning("lease lost: %s", lease.command.key)
        return True

    def _begin(self, trade: Trade, lease: Lease) -> object:
        """Write a call down; a command that has nothing to say is done with it."""
        until_at = self._clock.now() + timedelta(seconds=self._lease_s)
        with self._store.begin() as tx:
            wanted = trade.prepare(tx, lease.command)
            if wanted is None:
                self._store.finish(lease, tx)
            else:
                # Whoever has lost it must not call: another may be calling now.
                self._store.hold(lease, until_at=until_at, tx=tx)
        return wanted

    def _end(self, trade: Trade, lease: Lease, reached: Reached) -> None:
        """Write down what came of it and finish the command, in one transaction."""
        with self._store.begin() as tx:
            trade.conclude(tx, lease.command, reached)
            self._store.finish(lease, tx)


class _Lines:
    """What is held: line beside line, each one after the other.

    Parameters
    ----------
    perform : callable
        Does one command; False if it is not to be begun, and with it all of its line.
    let_go : callable
        Hears of every command that is held no more.
    """

    def __init__(
        self, perform: Callable[[Lease], Awaitable[bool]], *, let_go: Callable[[Lease], None]
    ) -> None:
        self._perform, self._let_go = perform, let_go
        self._lines: dict[str, dict[str, Lease]] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._walkers: set[asyncio.Task[None]] = set()
        self.n_held = 0

    def add(self, line: str, lease: Lease, *, gate: str, n_at_once: int) -> None:
        """Put a command into its line; one that stands there already keeps its place."""
        waiting = self._lines.get(line)
        if waiting is None:
            waiting = self._lines[line] = {}
            opened = self._gates.setdefault(gate, asyncio.Semaphore(n_at_once))
            walker = asyncio.get_running_loop().create_task(self._walk(line, waiting, opened))
            self._walkers.add(walker)
            walker.add_done_callback(self._walkers.discard)
        self.n_held += lease.command.key not in waiting
        waiting[lease.command.key] = lease

    async def end(self) -> None:
        """Wait until nothing is under way."""
        while self._walkers:
            done, _ = await asyncio.wait(self._walkers)
            for walker in done:
                walker.result()

    async def _walk(self, line: str, waiting: dict[str, Lease], gate: asyncio.Semaphore) -> None:
        """Go along a line to its end."""
        try:
            while waiting:
                async with gate:
                    lease = waiting.pop(next(iter(waiting)))
                    try:
                        is_begun = await self._perform(lease)
                    finally:
                        self.n_held -= 1
                        self._let_go(lease)
                if not is_begun:
                    # Those behind fall due again in the same order.
                    break
        except Exception:  # noqa: BLE001
            # The border: the leases run out, and the rows are looked at again.
            _log.exception("calling outside failed")
        finally:
            self.n_held -= len(waiting)
            for lease in waiting.values():
                self._let_go(lease)
            del self._lines[line]


def _again(work: Callable[[], T]) -> T:
    """Repeat work that lost a race, a few times."""
    for attempt in range(1, _TRIES):
        try:
            return work()
        except LeaseLost:
            raise
        except Conflict:
            threading.Event().wait(_PAUSE_S * attempt)
    return work()
