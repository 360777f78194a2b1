"""This file knows, once more and on its own, how the log is sealed."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from recourse.audit.reading import Row

__all__ = ["Chain"]


class Chain:
    """Follows the links of the log, and asks whether each event still says what was sealed.

    Attributes
    ----------
    head : str
        Link of the newest event; empty before the first.
    n_erased : int
        Events whose personal fields were erased: their link holds, their words are gone.
    """

    def __init__(self) -> None:
        self.head = ""
        self.n_erased = 0
        self._saltless: dict[int, str] = {}
        self._erased: set[int] = set()

    def faults(self, row: Row) -> list[tuple[str, str]]:
        """Take one event, in the order of the log.

        Parameters
        ----------
        row : Row
            The event.

        Returns
        -------
        list of tuple
            Rule and detail of whatever is wrong with it.
        """
        found = []
        link = _sha256(f"{self.head}\n{row.number}\n{row.digest}")
        if link != row.chain:
            found.append(("log_chain_holds", f"the link is {row.chain[:12]}, not {link[:12]}"))
        if row.salt is None:
            self._saltless[row.number] = row.name
            self.n_erased += 1
        elif _digest(row) != row.digest:
            found.append(("event_is_as_it_was_written", "it says something else than was sealed"))
        if row.name == "person.erased":
            self._erased.update(row.data["numbers"])
        self.head = row.chain
        return found

    def unspoken(self) -> list[int]:
        """Events whose salt is gone though nobody recorded that they were erased."""
        return sorted(self._saltless.keys() - self._erased)


def _digest(row: Row) -> str:
    """Salted hash of an event."""
    said = [row.name, _stamp(row.at), _stamp(row.recorded_at), _one_form(row.data)]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _sha256(f"{row.salt}\n{text}")


def _one_form(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    """Numbers that are whole as whole numbers, however a database writes them."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case dict():
            return {name: _one_form(item) for name, item in value.items()}
        case list():
            return [_one_form(item) for item in value]
    return value


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
