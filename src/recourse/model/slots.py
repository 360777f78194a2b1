"""This file knows the places of a slot that customers have taken."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["SlotPlace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPlace:
    """One place in a slot, taken for one order.

    Attributes
    ----------
    id : str
        Of this taking.
    slot : str
        Which slot: where it begins, a station or the whole city, and when.
    number : int
        Which of its places, from 1; nobody else has it at the same time.
    order_id : str
        Whose it is; an order has one place at a time.
    station_id : str
        The station it leaves from; empty for what is fetched from its merchant.
    earliest_at, latest_at : datetime
        Begin and end of the slot.
    taken_at : datetime
        When it was picked.
    ended_at : datetime or None
        When it was left for another way, or given on because its order was over.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    slot: str
    number: int
    order_id: str
    station_id: str
    earliest_at: datetime
    latest_at: datetime
    taken_at: datetime
    ended_at: datetime | None = None
    version: int = 0
