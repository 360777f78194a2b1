"""This file knows how events lie in the log, and whom each is about."""

from dataclasses import fields
from datetime import datetime
from typing import Any, cast

from recourse.adapters.store.codec import from_record, to_text
from recourse.adapters.store.kinds import Flavour
from recourse.adapters.store.reads import Reads
from recourse.adapters.store.statements import Statement
from recourse.model.events import EVENT_TYPES, Event, Recorded

__all__ = ["LogCodec"]

_WHOM = ("order_id", "courier_id", "case_id")


class LogCodec:
    """How events become rows and rows events, for one database.

    Parameters
    ----------
    flavour : Flavour
        Which database.
    """

    def __init__(self, flavour: Flavour) -> None:
        self._flavour = flavour
        self._names = {cls: name for name, cls in EVENT_TYPES.items()}
        self._dumps = {cls: to_text(cast("Any", cls)) for cls in self._names}
        self._loads = {name: from_record(cls) for name, cls in EVENT_TYPES.items()}
        self._reads: dict[tuple[bool, tuple[str, ...]], Statement] = {}
        self._present = {
            cls: tuple(name for name in _WHOM if name in {field.name for field in fields(cls)})
            for cls in EVENT_TYPES.values()
        }

    def read(self, reads: Reads, *, kinds: bool, whom: tuple[str, ...]) -> Statement:
        """The statement for a filter, compiled when it is first asked for."""
        key = (kinds, whom)
        if key not in self._reads:
            self._reads[key] = reads.events(kinds=kinds, whom=whom)
        return self._reads[key]

    def name_of(self, event: Event) -> str:
        """Dotted name of an event."""
        return self._names[type(event)]

    def encode(self, event: Event, *, number: int, recorded_at: datetime) -> tuple[Any, ...]:
        """Row of an event: number, name, at, recorded_at, order, courier, case, data."""
        cls = type(event)
        order_id, courier_id, case_id = _about(event, self._present[cls])
        instant = self._flavour.instant_in
        return (
            number,
            self._names[cls],
            instant(event.at),
            instant(recorded_at),
            order_id,
            courier_id,
            case_id,
            self._dumps[cls](event),
        )

    def decode(self, row: Any) -> Recorded:  # noqa: ANN401 - a row of the driver
        """Event of a row: number, name, recorded_at, data."""
        number, name, recorded_at, data = row
        flavour = self._flavour
        return Recorded(
            number=number,
            event=self._loads[name](flavour.json_out(data) if flavour.json_out else data),
            recorded_at=flavour.instant_out(recorded_at),
        )


def _about(event: Event, present: tuple[str, ...]) -> tuple[str, str, str]:
    """Whom an event is about; a list of one counts as that one."""
    found = {name: getattr(event, name) for name in present}
    for name, many in (("order_id", "order_ids"), ("case_id", "case_ids")):
        if name not in found:
            listed: tuple[str, ...] = getattr(event, many, ())
            found[name] = listed[0] if len(listed) == 1 else ""
    if "courier_id" not in found:
        disruption = getattr(event, "disruption", None)
        found["courier_id"] = disruption.courier_id if disruption else ""
    return found["order_id"], found["courier_id"], found["case_id"]
