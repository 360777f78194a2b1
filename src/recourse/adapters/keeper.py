"""This file knows how what a worker holds stays held for as long as it works on it."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite

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
    lease_s : float
        Seconds of that clock a lease lasts; it is renewed three times as often.
    """

    def __init__(self, store: Store, *, clock: Clock, lease_s: float) -> None:
        self._store, self._clock, self._lease_s = store, clock, lease_s
        self._held: dict[str, Lease] = {}
        self._lock = threading.Lock()
        # Of a clock that is moved by hand the wall knows nothing.
        wall_s = lease_s / clock.speed if isfinite(clock.speed) else lease_s
        self._renewing = Renewing(self._renew, lease_s=wall_s, name="leases")

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

    def is_held(self, lease: Lease, *, for_s: float = 0) -> bool:
        """Whether a lease has neither been lost nor runs out within so many seconds."""
        with self._lock:
            held = self._held.get(lease.command.key)
        if held is None or held.token != lease.token:
            return False
        return self._clock.now() + timedelta(seconds=for_s) < held.until_at

    def let_go(self, lease: Lease) -> None:
        """Renew this one no more; once it returns, nothing is written for it."""
        key = lease.command.key
        with self._lock:
            if key in self._held and self._held[key].token == lease.token:
                del self._held[key]

    def renew(self) -> None:
        """Renew everything that is held; what was lost is not held any more."""
        until_at = self._clock.now() + timedelta(seconds=self._lease_s)
        with self._lock:
            held = dict(self._held)
            kept = self._store.hold_all(held.values(), until_at=until_at)
            self._held |= {key: replace(held[key], until_at=until_at) for key in kept}
        for key in sorted(held.keys() - kept):
            self._renew_one(held[key], until_at)

    def _renew_one(self, lease: Lease, until_at: datetime) -> None:
        """Renew what was not renewed with the others: it is being written, or it was lost."""
        key = lease.command.key
        with self._lock:
            if self._held.get(key) != lease:
                return
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
