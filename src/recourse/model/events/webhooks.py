"""This file knows what can happen to those we tell."""

from dataclasses import dataclass

from recourse.model.events.base import Event

__all__ = ["WebhookSwitchedOff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSwitchedOff(Event):
    """An endpoint of a merchant was switched off because nothing reached it for too long."""

    endpoint_id: str
    merchant_id: str
    url: str
    why: str
