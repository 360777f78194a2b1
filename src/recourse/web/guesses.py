"""This file knows how often somebody may guess before they have to wait.

Counted by the address they come from, in this process alone: behind a proxy that is the proxy, and
a second process counts afresh. What is guessed is long enough without it; it keeps noise down.
"""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from fastapi import Request

from recourse.web.problems import Refusal

__all__ = ["Guesses"]

_MOST = 20
_WITHIN = timedelta(minutes=1)
_MOST_ADDRESSES = 10_000


class Guesses:
    """Wrong tokens, passwords and codes of late, by address.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> guesses = Guesses()
    >>> for _ in range(20):
    ...     guesses.note("192.0.2.1", now=NOON)
    >>> guesses.wait_s("192.0.2.1", now=NOON), guesses.wait_s("192.0.2.2", now=NOON)
    (60, 0)
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, request: Request, *, now: datetime) -> None:
        """Let somebody try, or refuse who was wrong too often.

        Raises
        ------
        Refusal
            With the seconds to wait.
        """
        wait_s = self.wait_s(_address(request), now=now)
        if wait_s:
            detail = f"too many wrong tries; try again in {wait_s} s"
            raise Refusal(code="too_many", detail=detail, retry_after_s=wait_s)

    def wrong(self, request: Request, *, now: datetime) -> None:
        """Count a wrong try."""
        self.note(_address(request), now=now)

    def note(self, address: str, *, now: datetime) -> None:
        """Count a wrong try from an address."""
        with self._lock:
            self._wrong.setdefault(address, deque(maxlen=_MOST)).append(now)
            self._wrong.move_to_end(address)
            while len(self._wrong) > _MOST_ADDRESSES:
                self._wrong.popitem(last=False)

    def wait_s(self, address: str, *, now: datetime) -> int:
        """Seconds an address has to wait before the next try; 0 for none."""
        with self._lock:
            wrong = self._wrong.get(address)
            if wrong is None or len(wrong) < _MOST or now - wrong[0] >= _WITHIN:
                return 0
            return max(1, int((wrong[0] + _WITHIN - now).total_seconds()))


def _address(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""
