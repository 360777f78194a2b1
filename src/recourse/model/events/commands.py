"""This file knows what people do to commands of the platform."""

from dataclasses import dataclass

from recourse.model.events.base import Event

__all__ = ["CommandUnparked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandUnparked(Event):
    """Somebody had a command tried anew that had failed too often.

    Attributes
    ----------
    command_key, what : str
        Which command, and of which name.
    actor, why : str
        Who said so, and what was mended.
    order_id, courier_id, case_id : str
        What it is about; empty where nothing.
    """

    command_key: str
    what: str
    actor: str
    why: str
    order_id: str = ""
    courier_id: str = ""
    case_id: str = ""
