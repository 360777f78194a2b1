"""This file knows what every event has, and how the log holds it."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Event", "Recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes
    ----------
    at : datetime
        When it happened; aware UTC instant.
    """

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as the log holds it.

    Attributes
    ----------
    number : int
        Place in the log; rises by at least one.
    event : Event
        What happened.
    recorded_at : datetime
        When the platform wrote it down.
    """

    number: int
    event: Event
    recorded_at: datetime
