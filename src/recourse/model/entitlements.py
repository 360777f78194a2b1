"""This file knows what a customer may still claim, and how much of anything may be given."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recourse.model.redress import RemedyKind

__all__ = ["ENTITLING", "Budget", "Counter", "Entitlement", "EntitlementState", "RedressRow"]

ENTITLING: frozenset[RemedyKind] = frozenset(
    {
        RemedyKind.FREE_UPGRADE,
        RemedyKind.REFUND_GUARANTEE,
        RemedyKind.FREE_STORAGE,
        RemedyKind.VIP_TRIAL,
        RemedyKind.EXTENDED_WARRANTY,
        RemedyKind.GIFT,
    }
)
"""Kinds that are no money: a right that is used once, within a time."""


class EntitlementState(StrEnum):
    """Where a right stands."""

    OPEN = "open"
    USED = "used"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """A right that a customer was given, used once or over.

    Attributes
    ----------
    id : str
        That of the remedy that gave it, so it is given once.
    case_id, order_id, merchant_id, customer_id : str
        What it makes good, and for whom it holds with which merchant.
    kind : RemedyKind
        One of `ENTITLING`.
    item : str
        What is given, where the kind does not say it: the name of a gift.
    worth_cents : int
        What it is booked at, minor units of `currency`.
    currency : str
        ISO 4217.
    from_at, until_at : datetime
        Its span.
    state : EntitlementState
        Whether it may still be used.
    ended_at : datetime or None
        When it was used or over.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    case_id: str
    order_id: str
    merchant_id: str
    customer_id: str
    kind: RemedyKind
    worth_cents: int
    currency: str
    from_at: datetime
    until_at: datetime
    item: str = ""
    state: EntitlementState = EntitlementState.OPEN
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of something may be given, and was; never more than that.

    Attributes
    ----------
    id : str
        ``stock/<name>``, ``day/<date>/<currency>`` or ``day/<date>/<currency>/<merchant>``.
    most, used : int
        Pieces of a gift, or minor units.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    most: int
    used: int
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """When something last happened under one name, kept where every process sees it.

    Attributes
    ----------
    id : str
        What is counted and a keyed digest of whose: nobody is found by it.
    times : tuple of datetime
        The last ones, oldest first.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    times: tuple[datetime, ...]
    version: int = 0


RedressRow = Entitlement | Budget | Counter
"""What the store keeps of rights and budgets, and of what is counted."""
