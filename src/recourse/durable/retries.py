"""This file knows when a command that failed is tried again, and when people must look at it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

__all__ = ["RetryParams", "is_parked", "retry_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryParams:
    """How patiently a command is tried again.

    Attributes
    ----------
    first_s : float
        Longest pause after the first failure, in seconds (assumed).
    cap_s : float
        Longest pause ever, in seconds (assumed).
    max_attempts : int
        Tries before it is parked (assumed).
    lease_s : int
        Seconds a worker may hold a command before another takes it: what a dead worker held is
        gone on with within ten (a handful of commands takes well under one).
    """

    first_s: float = 1.0
    cap_s: float = 300.0
    max_attempts: int = 10
    lease_s: int = 8


def retry_at(attempt: int, *, key: str, now: datetime, params: RetryParams) -> datetime:
    """When a command that failed is due again: the pause doubles up to a cap, with jitter.

    The jitter lies between half and the whole of the pause and comes from the key and the attempt,
    so a replay waits exactly as long and a thousand failures do not come back in one instant.

    Parameters
    ----------
    attempt : int
        How many tries have failed, from 1.
    key : str
        Key of the command.
    now : datetime
        The present instant.
    params : RetryParams
        How patiently.

    Returns
    -------
    datetime
        Not before this instant.

    References
    ----------
    M. Brooker (2015), "Exponential backoff and jitter", AWS Architecture Blog.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> pause = retry_at(3, key="case-7/offer:1", now=noon, params=RetryParams()) - noon
    >>> 2 <= pause.total_seconds() <= 4
    True
    """
    # 2**40 seconds is past every cap; the bound keeps the float finite for any attempt.
    pause_s = min(params.cap_s, params.first_s * 2.0 ** min(attempt - 1, 40))
    digest = blake2b(f"{key}#{attempt}".encode(), digest_size=4).digest()
    share = int.from_bytes(digest, "big") / 2**32
    return now + timedelta(seconds=pause_s * (0.5 + share / 2))


def is_parked(attempt: int, *, params: RetryParams) -> bool:
    """Whether a command has failed so often that people must look at it.

    Parameters
    ----------
    attempt : int
        How many tries have failed.
    params : RetryParams
        How patiently.

    Returns
    -------
    bool
        True from `max_attempts` on.

    Examples
    --------
    >>> is_parked(9, params=RetryParams()), is_parked(10, params=RetryParams())
    (False, True)
    """
    return attempt >= params.max_attempts
