"""This file knows how due commands are performed while the doors are open.

The worker shares the writing lane with the requests, a few commands at a time: the resident world
then has one owner, and no request waits for a long queue of commands.
"""

import asyncio
import logging
import time
from typing import Protocol

from recourse.web.doors import Doors

__all__ = ["Works", "Workshop"]

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_PAUSE_S = 0.1
_AFTER_FAILURE_S = 1.0
_SILENT_S = 30.0


class Works(Protocol):
    """Somebody who performs what is due."""

    def work(self, *, limit: int = 64) -> int:
        """Perform what is due and return how many commands were taken."""
        ...


class Workshop:
    """Lets a worker work for as long as it is served.

    Parameters
    ----------
    doors : Doors
        Whose writing lane is shared.
    worker : Works or None
        Who works; None where somebody else does.
    """

    def __init__(self, doors: Doors, worker: Works | None) -> None:
        self._doors, self._worker = doors, worker
        self._seen_s: float | None = None

    async def run(self) -> None:
        """Perform what falls due, again and again; never ends by itself."""
        worker = self._worker
        if worker is None:
            return
        while True:
            try:
                n_taken = await self._doors.runner.write(lambda: worker.work(limit=_AT_ONCE))
                self._seen_s = time.monotonic()
            except Exception:  # the database is away: it may come back, and nothing is lost
                _log.exception("the worker failed")
                await asyncio.sleep(_AFTER_FAILURE_S)
                continue
            if not n_taken:
                await asyncio.sleep(_PAUSE_S)

    def is_alive(self) -> bool:
        """Whether the worker came round lately; where nobody serves, nobody needs it to."""
        if self._worker is None or self._seen_s is None:
            return self._worker is None
        return time.monotonic() - self._seen_s < _SILENT_S
