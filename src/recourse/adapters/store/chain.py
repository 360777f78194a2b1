"""This file knows how the log is sealed: every event hangs on the one before it.

What is chained is the number of an event and a salted hash of it. The salt lies beside the event,
so whoever erases what an event says of a person takes the salt along: nobody can then guess what
it was by trying, and the chain still holds.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

__all__ = ["digest_of", "link", "sealed"]

_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    """Parsed JSON in which one number has one form: a whole one is whole, however written."""
    return json.loads(text, parse_float=_number)


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


def digest_of(salt: str, *, name: str, at: str, recorded_at: str, data: Any) -> str:  # noqa: ANN401
    """Salted hash of what an event says.

    Parameters
    ----------
    salt : str
        Random, of this event alone; hexadecimal.
    name : str
        Dotted name of the event.
    at, recorded_at : str
        When it happened, and when it was written down: ISO 8601 in UTC with six decimals.
    data : JSON
        The rest, as `parsed` gives it.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    text = _write([name, at, recorded_at, data])
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def link(before: str, *, number: int, digest: str) -> str:
    """Hang an event on the one before it.

    Parameters
    ----------
    before : str
        Link of the event before; empty for the first.
    number : int
        Place in the log.
    digest : str
        Salted hash of the event.

    Returns
    -------
    str
        SHA-256, hexadecimal.

    Examples
    --------
    >>> link("", number=1, digest="00") == link("", number=2, digest="00")
    False
    """
    return hashlib.sha256(f"{before}\n{number}\n{digest}".encode()).hexdigest()


def sealed(
    rows: list[tuple[Any, ...]],
    *,
    head: str,
    new_salt: Callable[[], str],
) -> list[tuple[Any, ...]]:
    """Add salt, hash and link to rows of the log.

    Parameters
    ----------
    rows : list of tuple
        Number, name, at, recorded_at, whom, data; in the order of their numbers.
    head : str
        Link of the event before the first of them; empty before the first of all.
    new_salt : callable
        Gives salts.

    Returns
    -------
    list of tuple
        The rows, each with its salt, hash and link; the last link is the new head.
    """
    done = []
    for row in rows:
        number, name, at, recorded_at, *_, data = row
        salt = new_salt()
        digest = digest_of(
            salt,
            name=name,
            at=_stamp(at),
            recorded_at=_stamp(recorded_at),
            data=parsed(data),
        )
        head = link(head, number=number, digest=digest)
        done.append((*row, salt, digest, head))
    return done


def _stamp(at: str | datetime) -> str:
    """Instant of a column as text of fixed width, which it is already on SQLite."""
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).isoformat(timespec="microseconds")
