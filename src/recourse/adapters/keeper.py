"""This file knows how what a worker holds stays held for as long as it works on it."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recourse.adapters.renewing import Renewing
from recourse.model.commands import Lease
from recourse.model.errors import LeaseLost
from recourse.model.ports import Clock, Store

__all__ = ["Keeper"]


class Keeper:
    """A thread that renews the leases a worker holds, so that only the dead lose them.

    Parameters
    ----------
    store : Store
        Where commands are kept.
    clock : Clock
        By which leases run out.
    lease_s : int
        Seconds of that clock a lease lasts; it is renewed three times as often.
    """

    def __init__(self, store: Store, *, clock: Clock, lease_s: int) -> None:
        self._store, self._clock, self._lease_s = store, clock, lease_s
        self._held: dict[str, Lease] = {}
        self._lock = threading.Lock()
        self._renewing = Renewing(self._renew, lease_s=lease_s / clock.speed, name="leases")

    def start(self) -> None:
        """Begin to renew."""
        self._renewing.start()

    def stop(self) -> None:
        """Renew no more: what is still held runs out."""
        self._renewing.stop()

    def hold(self, leases: Sequence[Lease]) -> None:
        """Renew these from now on."""
        with self._lock:
            self._held |= {lease.command.key: lease for lease in leases}

    def is_held(self, lease: Lease) -> bool:
        """Whether a lease has neither been lost nor run out meanwhile."""
        with self._lock:
            held = self._held.get(lease.command.key)
        return held is not None and self._clock.now() < held.until_at

    def let_go(self, lease: Lease) -> None:
        """Renew this one no more; once it returns, nothing is written for it."""
        with self._lock:
            self._held.pop(lease.command.key, None)

    def renew(self) -> None:
        """Renew everything that is held; what was lost is not held any more."""
        until_at = self._clock.now() + timedelta(seconds=self._lease_s)
        with self._lock:
            keys = sorted(self._held)
        for key in keys:
            with self._lock:
                lease = self._held.get(key)
                if lease is None:
                    continue
                try:
                    self._store.hold(lease, until_at=until_at)
                except LeaseLost:
                    # It was finished just now, or taken by another while this process stood still.
                    del self._held[key]
                else:
                    self._held[key] = replace(lease, until_at=until_at)

    def _renew(self) -> bool:
        self.renew()
        return True
