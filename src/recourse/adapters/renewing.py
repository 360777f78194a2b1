"""This file knows how something is renewed again and again beside what else a process does."""

import logging
import threading
from collections.abc import Callable

__all__ = ["Renewing"]

_log = logging.getLogger(__name__)

_RENEWALS = 3


class Renewing:
    """A thread that renews a lease three times while it lasts, until it is told to stop.

    Parameters
    ----------
    renew : callable
        Renews once; False if there is nothing left to renew, ever. What it raises is logged, and it
        is tried again: the database may be away for a while, and tokens decide once it is back.
    lease_s : float
        Seconds of the wall that what is renewed lasts.
    name : str
        What is renewed, for the log and for people who look at threads.
    """

    def __init__(self, renew: Callable[[], bool], *, lease_s: float, name: str) -> None:
        self._renew, self._pause_s, self._name = renew, lease_s / _RENEWALS, name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"recourse-{name}", daemon=True)

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more; once it returns, nothing is being renewed."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        goes_on = True
        while goes_on and not self._over.wait(self._pause_s):
            try:
                goes_on = self._renew()
            except Exception:  # noqa: BLE001 - the border: whatever it is, the next try may work
                _log.exception("%s could not be renewed; it is tried again", self._name)
