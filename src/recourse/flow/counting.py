"""This file knows how what must not happen too often is counted, by every process in one place.

A counter is a row that is written by compare-and-set: of two who count at one instant one is
second, and looks again at what the first one did.
"""

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.flow.platform import Platform
from recourse.model.entitlements import Counter
from recourse.model.ports import Transaction

__all__ = ["counted", "guess_wait_s", "guessed"]

_KEPT = 20
_WITHIN = timedelta(minutes=1)
_N_DIGITS = 32
# Addresses share this many rows, so that nobody fills the table by coming from ever new ones.
_N_GUESS_DIGITS = 4


def counted(tx: Transaction, platform: Platform, what: str, key: str) -> Counter:
    """Return the counter of a name, as it is after one more.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Whose secret and clock.
    what, key : str
        What is counted, and of whom.

    Returns
    -------
    Counter
        To be recorded beside what is done.
    """
    id_ = _name(platform, what, key)
    was = tx.counters([id_]).get(id_) or Counter(id=id_, times=())
    return replace(was, times=(*was.times, platform.now())[-_KEPT:])


def guessed(tx: Transaction, platform: Platform, address: str) -> None:
    """Count a wrong token, password or code from an address."""
    tx.record([counted(tx, platform, "guess", address)])


def guess_wait_s(tx: Transaction, platform: Platform, address: str) -> int:
    """Say how long an address has to wait before the next try.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Whose secret and clock.
    address : str
        Where a request comes from.

    Returns
    -------
    int
        Seconds until twenty wrong tries are more than a minute old; 0 for none.
    """
    times, now = _times(tx, _name(platform, "guess", address)), platform.now()
    if len(times) < _KEPT or now - times[0] >= _WITHIN:
        return 0
    return max(1, int((times[0] + _WITHIN - now).total_seconds()))


def _times(tx: Transaction, id_: str) -> tuple[datetime, ...]:
    """When something last happened."""
    row = tx.counters([id_]).get(id_)
    return row.times if row is not None else ()


def _name(platform: Platform, what: str, key: str) -> str:
    """Id of a counter; without the secret nobody can find out by trying whose it is."""
    said = f"count/{what}/{key}".encode()
    digest = hmac.new(platform.secret, said, hashlib.sha256).hexdigest()
    return f"{what}/{digest[: _N_GUESS_DIGITS if what == 'guess' else _N_DIGITS]}"
