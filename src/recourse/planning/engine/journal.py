"""This file knows how a day is written down as it happens, and lived again from what was written.

The same facts and the same events give the same world, or the same city: the same routes, the same
answers, to the byte. So whoever takes over from an owner that died needs nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from recourse.planning.engine.events import Events
from recourse.planning.engine.facts import Couriers, Visits
from recourse.planning.engine.ways import Ways

__all__ = ["Entry", "Journal", "play"]

Entry = Mapping[str, Any]
"""One event as JSON has it: its name, the version of the plan after it, and what was said."""

_KINDS = {kind.__name__: kind for kind in (Couriers, Visits, Ways)}


class Journal:
    """Writes down everything that happens from now on.

    Parameters
    ----------
    world : Events
        To whom: a `World` or a `Metropolis`.

    Attributes
    ----------
    entries : list of Entry
        What has happened, the first first; whoever keeps them elsewhere may take them out.
    """

    def __init__(self, world: Events) -> None:
        self.entries: list[Entry] = []
        self._world = world
        world.listener = self._hear

    def _hear(self, name: str, said: Mapping[str, Any]) -> None:
        """Write down one event."""
        written = {key: _written(value) for key, value in said.items()}
        self.entries.append({"event": name, "version": self._world.version, "said": written})


def play(world: Events, entries: Iterable[Entry]) -> None:
    """Let everything happen again that was written down.

    Parameters
    ----------
    world : Events
        As it was before the first of them.
    entries : iterable of Entry
        From a `Journal`, perhaps by way of JSON.

    Examples
    --------
    >>> import json
    >>> from recourse.planning.engine.examples import street_world
    >>> first, second = street_world(), street_world()
    >>> journal = Journal(first)
    >>> first.adopt(first.answer(iterations=50))
    >>> orphans = first.drop_courier(0)
    >>> play(second, json.loads(json.dumps(journal.entries)))
    >>> second.version, second.answer().price == first.answer().price
    (2, True)
    """
    for entry in entries:
        said = {key: _read(value) for key, value in entry["said"].items()}
        getattr(world, entry["event"])(**said)


def _written(value: Any) -> Any:  # noqa: ANN401 - anything an event says
    """A value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        columns = {one.name: _written(getattr(value, one.name)) for one in fields(value)}
        return {type(value).__name__: columns}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    return value


def _read(value: Any) -> Any:  # noqa: ANN401 - anything an event says
    """The value again."""
    if isinstance(value, dict):
        ((kind, columns),) = value.items()
        return _KINDS[kind](**{name: np.array(column) for name, column in columns.items()})
    return value
