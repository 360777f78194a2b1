"""This file knows how a leased command is performed: once, under its key, or put back."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from recourse.adapters.keeper import Keeper
from recourse.model.commands import Command, Lease
from recourse.model.errors import Conflict, LeaseLost
from recourse.model.ports import Clock, Store, Transaction

__all__ = ["Worker"]

_log = logging.getLogger(__name__)

# A loser of a race reads again and decides again; five losses in a row mean a crowd, and
# the command is put back to be tried later.
_TRIES_IN_A_ROW = 5


class Worker:
    """Takes due commands and performs each in one transaction with its record.

    Parameters
    ----------
    store : Store
        Where commands are kept.
    clock : Clock
        By which they fall due.
    perform : callable
        What a command does, given the open transaction; it records its result there.
    retry_at : callable
        When a command that failed is due again, from its attempt, its key and now; None to park it.
    name : str
        Who holds the lease, for people who look.
    lease_s : float
        How long a lease lasts; a worker that dies is replaced after it.

    Attributes
    ----------
    keeper : Keeper
        Renews what is held, once it is started; else a command must end within its lease.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        perform: Callable[[Transaction, Command], None],
        retry_at: Callable[[int, str, datetime], datetime | None],
        name: str = "worker",
        lease_s: float = 60,
    ) -> None:
        self._store, self._clock = store, clock
        self._perform, self._retry_at = perform, retry_at
        self._name, self._lease_s = name, lease_s
        self.keeper = Keeper(store, clock=clock, lease_s=lease_s)

    def work(self, *, limit: int = 64) -> int:
        """Perform what is due now and return how many commands were taken."""
        now, due_at = self._clock.now(), self._store.next_due_at()
        if due_at is None or due_at > now:
            # Looking costs less than taking, which locks; mostly there is nothing.
            return 0
        leases = self._store.lease(now=now, worker=self._name, limit=limit, lease_s=self._lease_s)
        self.keeper.hold(leases)
        for lease in leases:
            if self._is_deadly(lease):
                self._give_back(lease, f"taken {lease.attempt - 1} times and not ended")
            elif self.keeper.is_held(lease):
                self._do(lease)
            self.keeper.let_go(lease)
        return len(leases)

    def _is_deadly(self, lease: Lease) -> bool:
        """Whether nobody who took it lived to say what is wrong with it."""
        n_before = lease.attempt - 1
        return (
            n_before > 0 and self._retry_at(n_before, lease.command.key, self._clock.now()) is None
        )

    def _do(self, lease: Lease) -> None:
        """Perform one command; a failure puts it back, a lost lease leaves it alone."""
        error = "lost the race too often"
        for _ in range(_TRIES_IN_A_ROW):
            try:
                with self._store.begin() as tx:
                    self._perform(tx, lease.command)
                    self._store.finish(lease, tx)
            except LeaseLost:
                _log.warning("lease lost: %s", lease.command.key)
                return
            except Conflict as conflict:
                error = str(conflict)
            except Exception:  # noqa: BLE001 - the border: whatever failed, the command must not be lost
                error = traceback.format_exc(limit=-4)
                break
            else:
                return
        self._give_back(lease, error)

    def _give_back(self, lease: Lease, error: str) -> None:
        """Have it tried later, or park it where people look."""
        self.keeper.let_go(lease)
        now = self._clock.now()
        due_at = self._retry_at(lease.attempt, lease.command.key, now)
        _log.warning("command %s failed: %s", lease.command.key, error)
        try:
            self._store.put_back(
                lease,
                due_at=due_at or now + timedelta(days=1),
                error=error,
                is_parked=due_at is None,
            )
        except LeaseLost:
            # Held for too long, it was taken by another, whose end counts.
            _log.warning("lease lost: %s", lease.command.key)
