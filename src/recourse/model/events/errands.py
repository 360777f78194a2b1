"""This file knows what can happen to what is done outside."""

from dataclasses import dataclass

from recourse.model.errands import ErrandKind, ErrandState
from recourse.model.events.base import Event

__all__ = ["ErrandEnded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandEnded(Event):
    """A notice was handed to its channel, a remedy was paid out; or it is known that it was not."""

    errand_id: str
    kind: ErrandKind
    peer: str
    what: str
    state: ErrandState
    order_id: str
    case_id: str = ""
    detail: str = ""
