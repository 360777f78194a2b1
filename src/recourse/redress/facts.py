"""This file knows which facts of a closed case a remedy may depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import get_args

from recourse.model.cases import Case
from recourse.model.orders import Order, OrderKind, OrderStatus
from recourse.model.reasons import REASONS, Attribution, ReasonCode

__all__ = [
    "ASKED_OUTCOMES",
    "FACTS",
    "NO_HISTORY",
    "OUTCOMES",
    "Fact",
    "FactValue",
    "Facts",
    "History",
    "facts_of",
    "is_no_fault",
    "lateness",
]

FactValue = str | int | bool
Facts = Mapping[str, FactValue]
"""Every name of `FACTS`, with what it is in one case."""

OUTCOMES = ("kept", "late", "point", "returned", "refunded", "canceled")
ASKED_OUTCOMES = ("late", "point", "refunded")
"""Outcomes after which a case asks what the customer is owed (`recourse.recovery.steps.close`)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a condition may ask about.

    Attributes
    ----------
    type : type
        ``bool``, ``int`` or ``str``.
    says : str
        What it means, with its unit.
    words : tuple of str
        Every word it can be; empty where it can be any.
    """

    type: type[FactValue]
    says: str
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in get_args(FactValue):
            message = f"a fact is a word, a number or a yes, not {self.type}"
            raise TypeError(message)


FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        "cause": Fact(str, "why the courier was lost", tuple(code.value for code in ReasonCode)),
        "fault": Fact(
            str, "whom that cause counts against by default", tuple(a.value for a in Attribution)
        ),
        "no_fault": Fact(bool, "the cause can never count against the courier"),
        "outcome": Fact(str, "how the case closed", OUTCOMES),
        "kept": Fact(bool, "the first promise was kept"),
        "late_s": Fact(int, "seconds past the first promise; 0 if kept or never delivered"),
        "n_offers": Fact(int, "couriers asked in this case"),
        "n_decisions": Fact(int, "times the case was decided"),
        "kind": Fact(str, "what was carried", tuple(kind.value for kind in OrderKind)),
        "is_perishable": Fact(bool, "waiting spoils it"),
        "value_cents": Fact(int, "value of the goods, minor units"),
        "currency": Fact(str, "ISO 4217 code of every amount of this order"),
        "merchant": Fact(str, "id of the merchant"),
        "locale": Fact(str, "language of the customer", ("en", "zh")),
        "n_given_30d": Fact(int, "remedies this customer had in the 30 days before"),
        "has_guarantee": Fact(bool, "they hold a full-refund guarantee of this merchant"),
        "given_30d_cents": Fact(int, "their worth, minor units of the same currency"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was given before the case at hand.

    Attributes
    ----------
    spent_today_cents : int
        Goodwill given to anybody this local day, in the currency of the order.
    n_given_30d : int
        Remedies this customer had in the 30 days before.
    given_30d_cents : int
        Their worth.
    tenant_today_cents : int
        Goodwill given for this merchant's orders this local day.
    has_guarantee : bool
        Whether they hold a full-refund guarantee of this merchant.
    stock_left : mapping of str to int
        What is left of each stock: pieces, or minor units.
    """

    spent_today_cents: int = 0
    n_given_30d: int = 0
    given_30d_cents: int = 0
    tenant_today_cents: int = 0
    has_guarantee: bool = field(default=False, repr=False)
    stock_left: Mapping[str, int] = field(default_factory=dict, repr=False)


NO_HISTORY = History()


def is_no_fault(cause: ReasonCode) -> bool:
    """Whether a cause can never count against the courier.

    Parameters
    ----------
    cause : ReasonCode
        Why the courier was lost.

    Returns
    -------
    bool
        True for SOS, illness, accident, the limit of hours, breakdown, weather and the road.

    Examples
    --------
    >>> is_no_fault(ReasonCode.COURIER_EMERGENCY), is_no_fault(ReasonCode.COURIER_NO_SHOW)
    (True, False)
    """
    return (
        REASONS[cause].attribution is Attribution.NONE or cause is ReasonCode.COURIER_FATIGUE_LIMIT
    )


def lateness(order: Order) -> tuple[bool, int]:
    """Hold an order that has ended against its first promise.

    Parameters
    ----------
    order : Order
        An order.

    Returns
    -------
    tuple of bool and int
        Whether the promise was kept; seconds past it, 0 when kept or never delivered.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> late_at = NOON + timedelta(hours=3)
    >>> lateness(order_of(status=OrderStatus.DELIVERED, ended_at=late_at))
    (False, 7200)
    """
    if order.status is not OrderStatus.DELIVERED or order.ended_at is None:
        return False, 0
    late = order.ended_at - order.first_promise.latest_at
    return late <= timedelta(), max(int(late.total_seconds()), 0)


def facts_of(case: Case, order: Order, *, kept: bool, late_s: int, history: History) -> Facts:
    """Lay out what conditions may ask about one closed case.

    Parameters
    ----------
    case : Case
        A closed case.
    order : Order
        Its order.
    kept : bool
        Whether the first promise was kept.
    late_s : int
        Seconds past the first promise.
    history : History
        What was given before.

    Returns
    -------
    mapping of str to value
        A value for every name of `FACTS`.
    """
    return {
        "cause": case.cause.value,
        "fault": REASONS[case.cause].attribution.value,
        "no_fault": is_no_fault(case.cause),
        "outcome": case.outcome,
        "kept": kept,
        "late_s": late_s,
        "n_offers": case.n_offers,
        "n_decisions": case.n_decisions,
        "kind": order.kind.value,
        "is_perishable": order.is_perishable,
        "value_cents": order.value_cents,
        "currency": order.currency,
        "merchant": order.merchant_id,
        "locale": order.customer.locale,
        "n_given_30d": history.n_given_30d,
        "has_guarantee": history.has_guarantee,
        "given_30d_cents": history.given_30d_cents,
    }
