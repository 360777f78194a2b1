"""This file knows who is owed what when a case closes, and by which rule."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from recourse.model.cases import Case
from recourse.model.entitlements import ENTITLING
from recourse.model.orders import Order
from recourse.model.redress import Remedy
from recourse.redress.facts import NO_HISTORY, Facts, History, facts_of
from recourse.redress.policy import OWED, Limits, RemedyPolicy, Rule

__all__ = ["assess", "rule_for", "worth_cents"]


def assess(
    case: Case,
    order: Order,
    *,
    kept: bool,
    late_s: int,
    now: datetime,
    policy: RemedyPolicy,
    history: History = NO_HISTORY,
) -> tuple[Remedy, ...]:
    """Say what a closed case gives to the customer and to the courier who was lost.

    The first rule that applies decides. Goodwill ends with the day's budget; a refund and a
    courier's pay are owed and do not. The remedies of a case have fixed ids, so that granting twice
    is granting once.

    Parameters
    ----------
    case : Case
        A closed case.
    order : Order
        Its order.
    kept : bool
        Whether the first promise was kept.
    late_s : int
        Seconds past the first promise; 0 when kept or never delivered.
    now : datetime
        The present instant.
    policy : RemedyPolicy
        The rules in force.
    history : History
        What was given before this.

    Returns
    -------
    tuple of Remedy
        At most one for the customer and one for the courier; ids ``<case>/remedy:customer`` and
        ``<case>/remedy:courier``.

    Examples
    --------
    >>> from recourse.model.examples import NOON, case_of, order_of
    >>> from recourse.redress import as_shipped
    >>> remedies = assess(
    ...     case_of(outcome="late"),
    ...     order_of(),
    ...     kept=False,
    ...     late_s=2_400,
    ...     now=NOON,
    ...     policy=as_shipped(),
    ... )
    >>> [(one.beneficiary_id, one.kind.value, one.amount_cents) for one in remedies]
    [('customer:c-7', 'coupon', 500), ('courier:k-1', 'courier_pay', 450)]
    """
    facts = facts_of(case, order, kept=kept, late_s=late_s, history=history)
    given: list[Remedy] = []
    for who, id_, rules in (
        ("customer", order.customer.id, policy.customer),
        ("courier", case.from_courier_id, policy.courier),
    ):
        if not id_:
            continue
        rule = rule_for(facts, rules, lacks=partial(_is_used_up, facts, policy, history))
        if rule is None or rule.give is None:
            continue
        amount_cents = worth_cents(
            rule,
            facts,
            limits=policy.limits,
            spent_today_cents=history.spent_today_cents,
            tenant_today_cents=history.tenant_today_cents,
        )
        if amount_cents <= 0:
            continue
        given.append(
            Remedy(
                id=f"{case.id}/remedy:{who}",
                case_id=case.id,
                beneficiary_id=f"{who}:{id_}",
                kind=rule.give,
                amount_cents=amount_cents,
                currency=order.currency,
                rule=rule.name.replace("{cause}", case.cause.value),
                granted_at=now,
                days=rule.days,
                item=rule.item,
                stock=rule.stock,
            )
        )
    return tuple(given)


def rule_for(
    facts: Facts, rules: Sequence[Rule], *, lacks: Callable[[Rule], bool] = lambda _: False
) -> Rule | None:
    """Return the first rule that applies and whose stock is not used up; None if none does."""
    return next((rule for rule in rules if rule.when(facts) and not lacks(rule)), None)


def _is_used_up(facts: Facts, policy: RemedyPolicy, history: History, rule: Rule) -> bool:
    """Whether what a rule gives is no longer there."""
    stock = policy.stock(rule.stock)
    if stock is None:
        return False
    needed = stock.needs(rule.worth_cents(int(facts["value_cents"])))
    return history.stock_left.get(stock.name, stock.most) < needed


def worth_cents(
    rule: Rule,
    facts: Facts,
    *,
    limits: Limits,
    spent_today_cents: int = 0,
    tenant_today_cents: int = 0,
) -> int:
    """Worth of what a rule gives, within the limits; 0 for nothing.

    Parameters
    ----------
    rule : Rule
        The rule that applies.
    facts : mapping of str to value
        Facts of the case.
    limits : Limits
        Bounds of goodwill.
    spent_today_cents, tenant_today_cents : int
        Goodwill given today before this, to anybody and for the merchant's orders.

    Returns
    -------
    int
        Minor units, never negative.
    """
    if rule.give is None:
        return 0
    value_cents = int(facts["value_cents"])
    amount_cents = rule.worth_cents(value_cents)
    if rule.give not in OWED:
        bounds = [limits.case_cents, limits.day_cents - spent_today_cents]
        if limits.tenant_day_cents is not None:
            bounds.append(limits.tenant_day_cents - tenant_today_cents)
        if limits.percent_of_value is not None:
            bounds.append(value_cents * limits.percent_of_value // 100)
        # A right or a gift is given whole or not at all.
        is_too_dear = rule.give in ENTITLING and min(bounds) < amount_cents
        amount_cents = 0 if is_too_dear else min(amount_cents, *bounds)
    return max(amount_cents, 0)
