"""This file knows how a served platform stays the owner of its area, and when it ends."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from recourse.adapters.store import SqlStore
from recourse.model.errors import LeaseLost
from recourse.model.owners import Ownership
from recourse.model.ports import Clock

__all__ = ["Owner"]

_log = logging.getLogger(__name__)

LEASE_S = 15
"""How long an area stays taken after its owner died."""
_RENEWALS = 3


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
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

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
        self._thread = threading.Thread(
            target=self._renew, args=(lost,), name="recourse-own", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Renew no more, and let the next one have the area at once."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        if self._owned is None:
            return
        try:
            self._store.keep(self._owned, until_at=self._clock.now())
        except LeaseLost:
            _log.warning("area %s has another owner already", self._area)

    def _renew(self, lost: Callable[[], None]) -> None:
        while not self._over.wait(self._lease_s / _RENEWALS):
            try:
                if self._owned is not None:
                    until_at = self._clock.now() + timedelta(seconds=self._lease_s)
                    self._owned = self._store.keep(self._owned, until_at=until_at)
            except LeaseLost:
                _log.error("area %s was taken by another process; this one ends", self._area)
                lost()
                return
            except Exception:  # noqa: BLE001 - whatever it is, the next try may work
                # Nothing is written meanwhile either; the token decides once it is back.
                _log.exception("the database could not be asked who owns %s", self._area)
