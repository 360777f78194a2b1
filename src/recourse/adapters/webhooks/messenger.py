"""This file knows how outgoing commands are performed: beside the lane of writing, not in it.

Somebody outside may take ten seconds to answer, and the platform waits for nobody. So these
commands have a queue and a thread of their own. Messages of one endpoint go one after the other,
in the order of the log as long as it answers; different endpoints do not wait for each other.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from recourse.adapters.webhooks.poster import Poster
from recourse.model.commands import Command, Lease
from recourse.model.errors import Conflict, LeaseLost
from recourse.model.ports import Clock, Store, Transaction
from recourse.model.webhooks import Post, Reached

__all__ = ["Messenger"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_LOOKS_EVERY_S = 0.25
_AT_ONCE = 64
_TRIES = 5
_PAUSE_S = 0.01


class Messenger:
    """Takes what waits for somebody outside, posts it, and writes down what came of it.

    Parameters
    ----------
    store : Store
        Where commands are kept.
    clock : Clock
        By which they fall due.
    poster : Poster
        Does the posting.
    relay : callable
        Makes messages of what is new in the log; says how many events it read.
    prepare : callable
        Writes a try down and gives what to post; None for nothing.
    conclude : callable
        Writes down what came of a try.
    lease_s : int, optional
        How long a command is held; what was not begun by then is left to the next look.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        poster: Poster,
        relay: Callable[[Transaction], int],
        prepare: Callable[[Transaction, Command], Post | None],
        conclude: Callable[[Transaction, Command, Reached], None],
        lease_s: int = 30,
    ) -> None:
        self._store, self._clock, self._poster = store, clock, poster
        self._relay, self._prepare, self._conclude = relay, prepare, conclude
        self._lease_s = lease_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="recourse-tell", daemon=True)

    def work(self) -> int:
        """Make messages of what is new and try what is due; how many commands were taken.

        Returns
        -------
        int
            0 when there was nothing to do.
        """
        while _again(self._relay_once):
            pass
        now, due_at = self._clock.now(), self._store.next_due_at(outgoing=True)
        if due_at is None or due_at > now:
            return 0
        leases = self._store.lease(
            now=now, worker="messenger", limit=_AT_ONCE, lease_s=self._lease_s, outgoing=True
        )
        asyncio.run(self._perform(leases))
        return len(leases)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was begun and look no more."""
        self._over.set()
        self._thread.join()

    def _attend(self) -> None:
        """Look, and wait a moment when there was nothing."""
        while not self._over.is_set():
            try:
                n_taken = self.work()
            except Exception:  # noqa: BLE001
                # The border: whatever went wrong now, the rows are there and are looked at again.
                _log.exception("telling merchants failed")
                n_taken = 0
            if not n_taken:
                self._over.wait(_LOOKS_EVERY_S)

    def _relay_once(self) -> int:
        """Read one page of the log."""
        with self._store.begin() as tx:
            return self._relay(tx)

    async def _perform(self, leases: list[Lease]) -> None:
        """Perform what was taken, endpoint beside endpoint."""
        lines: dict[str, list[Lease]] = {}
        for lease in leases:
            lines.setdefault(str(lease.command.payload["endpoint_id"]), []).append(lease)
        await asyncio.gather(*(self._perform_line(line) for line in lines.values()))

    async def _perform_line(self, line: list[Lease]) -> None:
        """Perform the commands of one endpoint, one after the other while the leases last."""
        spare = timedelta(seconds=self._poster.deadline_s + 1)
        for lease in line:
            if self._over.is_set() or self._clock.now() + spare > lease.until_at:
                return
            try:
                await self._perform_one(lease)
            except LeaseLost:
                _log.warning("lease lost: %s", lease.command.key)

    async def _perform_one(self, lease: Lease) -> None:
        """Try one message: written down, posted, written down."""
        post = _again(lambda: self._begin(lease))
        if post is None:
            return
        reached = await self._poster.post(post)
        _again(lambda: self._end(lease, reached))

    def _begin(self, lease: Lease) -> Post | None:
        """Write a try down; a command that has nothing to send is done with it."""
        with self._store.begin() as tx:
            post = self._prepare(tx, lease.command)
            if post is None:
                self._store.finish(lease, tx)
        return post

    def _end(self, lease: Lease, reached: Reached) -> None:
        """Write down what came of it and finish the command, in one transaction."""
        with self._store.begin() as tx:
            self._conclude(tx, lease.command, reached)
            self._store.finish(lease, tx)


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
