"""This file knows what is to be done later and once: commands and timers are one kind of row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["ERRAND", "OUTGOING", "WEBHOOK", "Command", "Json", "Lease"]

# Commands of these names wait for somebody outside; they have a queue and a thread of their own.
WEBHOOK, ERRAND = "webhook", "errand"
OUTGOING = (ERRAND, WEBHOOK)

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A keyed effect to perform at or after a time.

    A timer is a command that is due later; an event to be heard is a command that is due now.

    Attributes
    ----------
    key : str
        Unique for ever, e.g. ``"case-7/offer:1"``: storing it twice is storing it once.
    name : str
        Which performer takes it, e.g. ``"hear"``, ``"offer"``, ``"notice"``, ``"decide"``.
    due_at : datetime
        Not before this instant.
    payload : mapping of str to JSON value
        What the performer needs.
    order_id, courier_id, case_id : str
        Whom it concerns, for cancelling timers and for people who look; empty otherwise.
    """

    key: str
    name: str
    due_at: datetime
    payload: Mapping[str, Json] = field(default_factory=dict)
    order_id: str = ""
    courier_id: str = ""
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A command that one worker holds for a while.

    Attributes
    ----------
    command : Command
        What is to be done.
    token : int
        Fencing token: rises with every lease of this command; an older one is refused.
    attempt : int
        1 for the first try.
    until_at : datetime
        When it runs out and another worker may take it.
    """

    command: Command
    token: int
    attempt: int
    until_at: datetime
