"""This file knows how a served platform stays the owner of its area, and when it ends."""

import logging
from collections.abc import Callable
from datetime import timedelta

from recourse.adapters.renewing import Renewing
from recourse.adapters.store import SqlStore
from recourse.model.errors import LeaseLost
from recourse.model.owners import Ownership
from recourse.model.ports import Clock

__all__ = ["Owner"]

_log = logging.getLogger(__name__)

LEASE_S = 15
"""How long an area stays taken after its owner died."""


class Owner:
    """Takes an area, and a thread that renews the lease until it is let go.

    Parameters
    ----------
    store : SqlStore
        Which then writes for this owner alone.
    clock : Clock
        By which leases run out.
    area, name : str
        What is taken, and by whom.
    lease_s : int, optional
        Seconds of that clock; renewed three times as often.
    """

    def __init__(
        self, store: SqlStore, *, clock: Clock, area: str, name: str, lease_s: int = LEASE_S
    ) -> None:
        self._store, self._clock, self._area, self._name = store, clock, area, name
        self._lease_s = lease_s
        self._owned: Ownership | None = None
        self._renewing: Renewing | None = None

    def take(self) -> Ownership:
        """Become the owner.

        Returns
        -------
        Ownership
            The lease.

        Raises
        ------
        Conflict
            If somebody else owns the area.
        """
        now = self._clock.now()
        self._owned = self._store.own(self._area, owner=self._name, now=now, lease_s=self._lease_s)
        return self._owned

    def start(self, lost: Callable[[], None]) -> None:
        """Renew from now on; `lost` is called, once, if somebody else took the area.

        Parameters
        ----------
        lost : callable
            Ends what is served; it comes from another thread.
        """
        self._renewing = Renewing(
            lambda: self._renew(lost), lease_s=self._lease_s, name=f"area {self._area}"
        )
        self._renewing.start()

    def stop(self) -> None:
        """Renew no more, and let the next one have the area at once."""
        if self._renewing is not None:
            self._renewing.stop()
        if self._owned is None:
            return
        try:
            self._store.keep(self._owned, until_at=self._clock.now())
        except LeaseLost:
            _log.warning("area %s has another owner already", self._area)

    def _renew(self, lost: Callable[[], None]) -> bool:
        """Renew once; False, and `lost` is told, if somebody else has the area."""
        if self._owned is None:
            return True
        until_at = self._clock.now() + timedelta(seconds=self._lease_s)
        try:
            self._owned = self._store.keep(self._owned, until_at=until_at)
        except LeaseLost:
            _log.error("area %s was taken by another process; this one ends", self._area)
            lost()
            return False
        return True
