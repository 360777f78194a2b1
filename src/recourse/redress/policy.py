"""This file knows the policy of remedies: rules, bounds and budgets, as values.

Where the conditions were written does not matter here: each is something that can be asked about
the facts of a case.
"""

from dataclasses import dataclass, field
from typing import Protocol

from recourse.model.redress import Remedy, RemedyKind
from recourse.redress.abuse import AbuseLimit
from recourse.redress.facts import Facts

__all__ = [
    "OWED",
    "Condition",
    "Limits",
    "RemedyPolicy",
    "Rule",
    "Stock",
    "as_shipped",
    "is_goodwill",
]

OWED = frozenset({RemedyKind.REFUND, RemedyKind.COURIER_PAY})
"""What is owed whatever the budget says; every other kind is goodwill."""


def is_goodwill(remedy: Remedy) -> bool:
    """Whether a remedy is a gift and not owed.

    Parameters
    ----------
    remedy : Remedy
        What is given.

    Returns
    -------
    bool
        True of everything that budgets, stocks and limits hold back.
    """
    return remedy.kind not in OWED


class Condition(Protocol):
    """Something that can be asked about the facts of a case."""

    def __call__(self, facts: Facts, /) -> bool:
        """Whether it holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is given when a condition holds.

    Attributes
    ----------
    name : str
        Kept with every remedy it gives; ``{cause}`` in it becomes the cause of the case.
    when : Condition
        When it applies.
    text : str
        The condition as it was written.
    give : RemedyKind or None
        What is given; None for nothing.
    cents : int
        Fixed worth, minor units.
    percent_of_value : int
        Per cent of the value of the goods on top, rounded down.
    at_most_cents : int or None
        Bound of the two together; None for none.
    days : int
        For how long what is no money may be claimed.
    item : str
        What is given, where the kind does not say it.
    stock : str
        The stock it is taken from; where that is used up, the rule is passed over.
    """

    name: str
    when: Condition = field(compare=False)
    text: str
    give: RemedyKind | None
    cents: int = 0
    percent_of_value: int = 0
    at_most_cents: int | None = None
    days: int = 0
    item: str = ""
    stock: str = ""

    def worth_cents(self, value_cents: int) -> int:
        """Worth for goods of this value, before the limits of the policy."""
        worth_cents = self.cents + value_cents * self.percent_of_value // 100
        return worth_cents if self.at_most_cents is None else min(worth_cents, self.at_most_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of goodwill; what is owed (a refund, a courier's pay) has none.

    Attributes
    ----------
    case_cents : int
        Most that one case may give.
    day_cents : int
        Most that may be given in a local day, in each currency.
    percent_of_value : int or None
        Most that one case may give, in per cent of the value of the goods; None for no such bound.
    four_eyes_from_cents : int or None
        Remedies of at least so much wait for a second person.
    tenant_day_cents : int or None
        Most that may be given for the orders of one merchant in a local day; None for no such
        bound.
    """

    case_cents: int = 2_000
    day_cents: int = 200_000
    tenant_day_cents: int | None = None
    percent_of_value: int | None = None
    four_eyes_from_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Something there is only so much of.

    Attributes
    ----------
    name : str
        As rules name it.
    most : int
        Pieces, or minor units.
    is_money : bool
        Whether a remedy takes its worth; otherwise it takes one piece.
    """

    name: str
    most: int
    is_money: bool = False

    def needs(self, amount_cents: int) -> int:
        """What a remedy of this worth takes of it."""
        return amount_cents if self.is_money else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyPolicy:
    """How generous a platform is.

    Attributes
    ----------
    name : str
        What people call it.
    customer, courier : tuple of Rule
        In this order; the first whose condition holds decides, and no other is asked.
    limits : Limits
        Bounds of goodwill.
    never_less_for_more : tuple of str
        Numbers among the facts of which more must never give the customer less.
    stocks : tuple of Stock
        What there is only so much of.
    abuse : tuple of AbuseLimit
        How often goodwill is given before it is held back; the first that is reached says so.
    """

    name: str
    customer: tuple[Rule, ...]
    courier: tuple[Rule, ...]
    limits: Limits = Limits()
    never_less_for_more: tuple[str, ...] = ()
    stocks: tuple[Stock, ...] = ()
    abuse: tuple[AbuseLimit, ...] = ()

    def stock(self, name: str) -> Stock | None:
        """The stock of a name; None for no name."""
        return next((one for one in self.stocks if one.name == name), None)


def as_shipped() -> RemedyPolicy:
    """Make the policy that holds where none is set; its figures are assumed.

    Returns
    -------
    RemedyPolicy
        The money back for what never came, coupons rising with lateness, pay for couriers whom
        nobody can blame. The file ``remedies.toml`` that comes with the platform says the same.

    Examples
    --------
    >>> [rule.name for rule in as_shipped().customer][:2]
    ['refund:not_delivered', 'nothing:ended_by_choice']
    """
    coupon = RemedyKind.COUPON
    return RemedyPolicy(
        name="as shipped",
        never_less_for_more=("late_s",),
        customer=(
            Rule(
                name="refund:not_delivered",
                when=lambda facts: facts["outcome"] == "refunded",
                text='outcome == "refunded"',
                give=RemedyKind.REFUND,
                percent_of_value=100,
            ),
            Rule(
                name="nothing:ended_by_choice",
                when=lambda facts: facts["outcome"] in {"canceled", "returned"},
                text='outcome in ["canceled", "returned"]',
                give=None,
            ),
            Rule(
                name="coupon:pickup_point",
                when=lambda facts: facts["outcome"] == "point",
                text='outcome == "point"',
                give=coupon,
                cents=300,
            ),
            Rule(
                name="nothing:kept",
                when=lambda facts: bool(facts["kept"]),
                text="kept",
                give=None,
            ),
            _late(7_200, cents=1_000),
            _late(1_800, cents=500),
            _late(300, cents=200),
        ),
        courier=(
            Rule(
                name="no_fault:{cause}",
                when=lambda facts: bool(facts["no_fault"]),
                text="no_fault",
                give=RemedyKind.COURIER_PAY,
                cents=450,
            ),
        ),
    )


def _late(from_s: int, *, cents: int) -> Rule:
    """Make the rule that gives a coupon for being late by so many seconds or more."""
    return Rule(
        name=f"coupon:late_{from_s}_s",
        when=lambda facts: int(facts["late_s"]) >= from_s,
        text=f"late_s >= {from_s}",
        give=RemedyKind.COUPON,
        cents=cents,
    )
