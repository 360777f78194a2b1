"""This file knows the extra pay that is promised with one question to a courier."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["BONUS_ENDS", "Bonus", "BonusState"]


class BonusState(StrEnum):
    """Where a bonus stands.

    From `RESERVED` to `PAID` its amount counts as used in its budgets; `RELEASED` gives it back.
    """

    RESERVED = "reserved"
    """Asked: it is theirs if they say yes."""
    PROMISED = "promised"
    """They said yes: it is theirs once the order is brought."""
    PAID = "paid"
    RELEASED = "released"


BONUS_ENDS: frozenset[BonusState] = frozenset({BonusState.PAID, BonusState.RELEASED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonus:
    """Extra pay for one order, offered to one courier from the budgets of one day.

    Attributes
    ----------
    assignment_id : str
        Of which question, and of which duty if it is said yes to; unique, so it is paid once.
    order_id, courier_id : str
        For what, and to whom.
    amount_cents : int
        Minor units of `currency`; positive.
    currency : str
        ISO 4217.
    budget_id, merchant_budget_id : str
        What it is taken from: the budget of the day, and of the merchant; the latter may be empty.
    stage : int
        How many had been asked for this order before, and had not said yes.
    state : BonusState
        Where it stands.
    made_at : datetime
        When it was offered.
    ended_at : datetime or None
        When it was paid or given back.
    version : int
        Row version; 0 before it is first recorded.
    """

    assignment_id: str
    order_id: str
    courier_id: str
    amount_cents: int
    currency: str
    budget_id: str
    made_at: datetime
    merchant_budget_id: str = ""
    stage: int = 0
    state: BonusState = BonusState.RESERVED
    ended_at: datetime | None = None
    version: int = 0
