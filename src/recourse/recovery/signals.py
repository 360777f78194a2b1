"""This file knows what moves a case besides the log: timers, and a dispatcher's word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recourse.model.cases import Case, Way
from recourse.model.commands import Command, Json
from recourse.model.events import Event
from recourse.model.orders import OrderStatus

__all__ = ["DispatcherChose", "ReplacementEnded", "Step", "TimerRang", "Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRang(Event):
    """A timer of a case fell due; never written to the log.

    Attributes
    ----------
    case_id : str
        Whose.
    name : str
        ``promise``, ``fallback``, ``answer``, ``choice``, ``retry``, ``waiting``, ``new_time`` or
        ``point``.
    number : int
        Which decision it was set for; a timer of an earlier one is passed over.
    """

    case_id: str
    name: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherChose(Event):
    """A dispatcher settled a case; never written to the log by itself.

    Attributes
    ----------
    case_id : str
        Which case.
    way : Way
        What is to be done.
    courier_id : str
        By whom; empty for whoever is best.
    site_id : str
        Where to; empty otherwise.
    """

    case_id: str
    way: Way
    courier_id: str = ""
    site_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementEnded(Event):
    """The order that replaces the one of a case ended; the log holds it as that order's own end.

    Attributes
    ----------
    case_id : str
        Case of the replaced order.
    status : OrderStatus
        How the replacement ended.
    """

    case_id: str
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody entitled to it wants done, carried by the payload of a ``decide`` command.

    Attributes
    ----------
    way : Way
        Which way.
    courier_id, site_id : str
        By whom and where to; empty for whatever is best.
    by : str
        ``customer``, ``dispatcher`` or ``platform``.
    slot_at : datetime or None
        When the slot begins that was picked; None for the nearest.
    """

    way: Way
    courier_id: str = ""
    site_id: str = ""
    by: str = "customer"
    slot_at: datetime | None = None

    def payload(self) -> dict[str, Json]:
        """Plain form for the payload of a command.

        Returns
        -------
        dict
            Strings only.
        """
        said: dict[str, Json] = {
            "way": self.way.value,
            "courier_id": self.courier_id,
            "site_id": self.site_id,
            "by": self.by,
        }
        return said | ({"slot_at": self.slot_at.isoformat()} if self.slot_at else {})

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> "Wish | None":
        """Read a wish from the payload of a ``decide`` command.

        Parameters
        ----------
        payload : mapping
            Payload of the command.

        Returns
        -------
        Wish or None
            None if the command carries none.
        """
        if not payload.get("way"):
            return None
        slot_at = payload.get("slot_at")
        return cls(
            way=Way(str(payload["way"])),
            courier_id=str(payload.get("courier_id", "")),
            site_id=str(payload.get("site_id", "")),
            by=str(payload.get("by", "customer")),
            slot_at=datetime.fromisoformat(str(slot_at)) if slot_at else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of a case comes to.

    Attributes
    ----------
    case : Case
        The case after it.
    events : tuple of Event
        What happened.
    commands : tuple of Command
        Keyed effects and timers to be stored with it.
    dropped : tuple of str
        Keys of timers that are no longer needed.
    """

    case: Case
    events: tuple[Event, ...] = ()
    commands: tuple[Command, ...] = ()
    dropped: tuple[str, ...] = ()
