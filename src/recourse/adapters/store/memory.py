"""This file knows which values were read lately, so that an unchanged row is not made anew."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from recourse.adapters.store.kinds import Kind, Row

__all__ = ["Memory"]


class Memory:
    """Makes values of rows, and gives the same value again for a row that is the same.

    A row is only ever written together with its version, and never deleted, so its key and its
    version say what is in it. Kinds without a version are made anew each time.

    Parameters
    ----------
    kinds : mapping of type to Kind
        Of one database.
    most : int, optional
        Values kept of a kind; when there are more, all of that kind are forgotten.
    """

    def __init__(self, kinds: Mapping[type, Kind], *, most: int = 4_096) -> None:
        self._most = most
        self.decode: Mapping[type, Callable[[Row], Any]] = {
            cls: partial(self._recall, kind, {}) if kind.is_versioned else kind.decode
            for cls, kind in kinds.items()
        }

    def _recall(self, kind: Kind, known: dict[Any, Any], row: Row) -> Any:  # noqa: ANN401
        """Value of a row: the one that is kept, or a new one to be kept."""
        key = kind.key_in(row)
        found = known.get(key)
        if found is not None and found.version == kind.version_in(row):
            return found
        if len(known) >= self._most:
            known.clear()
        found = known[key] = kind.decode(row)
        return found
