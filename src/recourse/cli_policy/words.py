"""This file knows how a policy is said in plain words."""

import re
from collections.abc import Iterator

from recourse.model.redress import RemedyKind
from recourse.redress import FACTS, RemedyPolicy
from recourse.redress.policy import OWED, Rule
from recourse.redress.proving import Proof

__all__ = ["said"]

_GIFTS = {
    "points": "points",
    "coupon": "a coupon",
    "refund": "the money back",
    "courier_pay": "their pay",
    "free_upgrade": "a free upgrade",
    "refund_guarantee": "a full-refund guarantee",
    "free_storage": "free storage",
    "vip_trial": "a VIP trial",
    "extended_warranty": "an extended warranty",
    "gift": "a gift",
}


def said(policy: RemedyPolicy, proof: Proof) -> Iterator[str]:
    """Say a policy in plain words, a line at a time.

    Parameters
    ----------
    policy : RemedyPolicy
        The policy.
    proof : Proof
        What made-up cases showed of it.

    Yields
    ------
    str
        A line; amounts are in minor units.
    """
    yield f"{policy.name or 'A policy without a name'}, amounts in minor units of the order"
    yield ""
    yield "A customer is given, by the first of these that holds:"
    yield from _rules(policy.customer)
    yield ""
    yield "The courier who was lost is given:"
    yield from _rules(policy.courier)
    yield ""
    yield from _limits(policy)
    yield ""
    yield from _facts(policy)
    yield ""
    yield f"Asked about {proof.n_cases} made-up cases on every edge the conditions name."
    for fact in policy.never_less_for_more:
        yield f"In none of them did more {fact} give less."
    for name in proof.unreached:
        yield f"warning: {name} decided none of them; is a rule before it too wide?"
    for rules, kind, who in (
        (policy.customer, RemedyKind.REFUND, "a customer whose order never comes"),
        (policy.courier, RemedyKind.COURIER_PAY, "a courier whom nobody can blame"),
    ):
        if all(rule.give is not kind for rule in rules):
            yield f"warning: no rule gives {_GIFTS[kind.value]}; {who} is owed it"
    if (least_cents := policy.limits.four_eyes_from_cents) is not None:
        yield f"From {least_cents:,} on, a dispatcher must say yes first (`recourse remedy list`)."


def _rules(rules: tuple[Rule, ...]) -> Iterator[str]:
    """Say rules in their order."""
    for number, rule in enumerate(rules, start=1):
        yield f"  {number}. {_gift(rule)}, if {rule.text}  [{rule.name}]"
    yield f"  {len(rules) + 1}. otherwise nothing"


def _gift(rule: Rule) -> str:
    """Say what a rule gives."""
    if rule.give is None:
        return "nothing"
    worth = [f"{rule.cents:,}"] if rule.cents or not rule.percent_of_value else []
    if rule.percent_of_value:
        worth.append(f"{rule.percent_of_value} % of the value of the goods")
    most = "" if rule.at_most_cents is None else f", at most {rule.at_most_cents:,}"
    item = f" ({rule.item})" if rule.item else ""
    span = f" for {rule.days} days" if rule.days else ""
    stock = f", while {rule.stock} lasts" if rule.stock else ""
    return f"{_GIFTS[rule.give.value]}{item}{span} worth {' and '.join(worth)}{most}{stock}"


def _limits(policy: RemedyPolicy) -> Iterator[str]:
    """Say the bounds."""
    limits = policy.limits
    yield f"Goodwill ends at {limits.case_cents:,} for one case"
    if limits.percent_of_value is not None:
        yield f"  and at {limits.percent_of_value} % of the value of the goods,"
    yield f"  and at {limits.day_cents:,} for one local day in each currency."
    if limits.tenant_day_cents is not None:
        yield f"  and at {limits.tenant_day_cents:,} for the orders of one merchant on such a day."
    for stock in policy.stocks:
        unit = "minor units" if stock.is_money else "pieces"
        yield f"There are {stock.most:,} {unit} of {stock.name}; then its rules are passed over."
    for limit in policy.abuse:
        unit = " % of the orders" if limit.by == "share" else " remedies"
        then = "a dispatcher is asked" if limit.asks else "nothing is given"
        yield f"By {limit.by}, past {limit.most}{unit} in {limit.days} days {then}."
    owed = " and ".join(_GIFTS[kind.value] for kind in sorted(OWED))
    yield f"What is owed ({owed}) has no such bound."


def _facts(policy: RemedyPolicy) -> Iterator[str]:
    """Say what the conditions ask about."""
    text = " ".join(rule.text for rule in (*policy.customer, *policy.courier))
    for name, fact in FACTS.items():
        if re.search(rf"\b{name}\b", text):
            yield f"{name}: {fact.says}"
