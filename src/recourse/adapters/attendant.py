"""This file knows when a served platform must look at what is due: at its time, or soon."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

from recourse.model.ports import Clock

__all__ = ["Attendant"]

_log = logging.getLogger(__name__)

# A request, or another process, may store a command that is due at once.
_LOOKS_EVERY_S = 0.1


class Attendant:
    """A thread that has due commands performed, in the lane where everything is written.

    Parameters
    ----------
    work : callable
        Performs some due commands and says how many.
    next_due_at : callable
        When the next one falls due; None when there is none.
    clock : Clock
        By which they fall due; a played day runs faster than the wall.
    submit : callable
        Puts work into the writing lane.
    """

    def __init__(
        self,
        *,
        work: Callable[[], int],
        next_due_at: Callable[[], datetime | None],
        clock: Clock,
        submit: Callable[[Callable[[], int]], Future[int]],
    ) -> None:
        self._work, self._next_due_at = work, next_due_at
        self._clock, self._submit = clock, submit
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="recourse-attend", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether it still looks."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was begun and look no more."""
        self._over.set()
        self._thread.join()

    def _attend(self) -> None:
        """Look, perform, wait until the next one is due or somebody may have stored one."""
        is_lost = False
        while not self._over.is_set():
            try:
                pause_s = 0.0 if self._submit(self._work).result() else self._pause_s()
            except Exception:  # noqa: BLE001 - the border
                # A database that is away comes back, and the rows are still there.
                if not is_lost:
                    _log.exception("looking for what is due fails; it is tried again")
                is_lost, pause_s = True, _LOOKS_EVERY_S
            else:
                if is_lost:
                    _log.warning("looking for what is due works again")
                is_lost = False
            if pause_s:
                self._over.wait(pause_s)

    def _pause_s(self) -> float:
        """Seconds of the wall until the next command falls due, at most the usual look."""
        due_at = self._next_due_at()
        if due_at is None:
            return _LOOKS_EVERY_S
        ahead_s = (due_at - self._clock.now()).total_seconds() / self._clock.speed
        return min(max(ahead_s, 0.001), _LOOKS_EVERY_S)
