"""This file knows what a policy would have given on cases that are over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from recourse.model.cases import Case
from recourse.model.orders import Order
from recourse.model.redress import Remedy, RemedyKind
from recourse.redress.assess import assess
from recourse.redress.facts import ASKED_OUTCOMES, is_no_fault, lateness
from recourse.redress.given import Given
from recourse.redress.policy import RemedyPolicy

__all__ = ["Past", "Tried", "try_policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A case that is over.

    Attributes
    ----------
    case : Case
        The case, closed.
    order : Order
        Its order.
    closed_at : datetime
        When it closed, last if more than once.
    paid : tuple of Remedy
        What was given for it.
    """

    case: Case
    order: Order
    closed_at: datetime
    paid: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One past case under another policy.

    Attributes
    ----------
    past : Past
        The case, with what was given.
    given : tuple of Remedy
        What the policy would have given.
    """

    past: Past
    given: tuple[Remedy, ...]


def try_policy(past: Iterable[Past], *, policy: RemedyPolicy, zone: tzinfo) -> list[Tried]:
    """Ask a policy about past cases, in the order in which they closed.

    Budgets and histories are those that the policy itself would have made: nothing that was really
    paid counts.

    Parameters
    ----------
    past : iterable of Past
        Closed cases.
    policy : RemedyPolicy
        The policy to try.
    zone : tzinfo
        Where a day begins and ends.

    Returns
    -------
    list of Tried
        One for each case, oldest first.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> from recourse.model.examples import NOON, case_of, order_of
    >>> from recourse.model.orders import OrderStatus
    >>> from recourse.redress import as_shipped
    >>> order = order_of(status=OrderStatus.DELIVERED, ended_at=NOON + timedelta(hours=2))
    >>> one = Past(case=case_of(outcome="late"), order=order, closed_at=NOON, paid=())
    >>> [tried] = try_policy([one], policy=as_shipped(), zone=UTC)
    >>> [(remedy.rule, remedy.amount_cents) for remedy in tried.given]
    [('coupon:late_1800_s', 500), ('no_fault:vehicle_breakdown', 450)]
    """
    account = Given(zone)
    tried = []
    for one in sorted(past, key=lambda one: (one.closed_at, one.case.id)):
        kept, late_s = lateness(one.order)
        history = account.history(
            one.order.customer.id, currency=one.order.currency, now=one.closed_at
        )
        remedies = assess(
            one.case,
            one.order,
            kept=kept,
            late_s=late_s,
            now=one.closed_at,
            policy=policy,
            history=history,
        )
        given = tuple(remedy for remedy in remedies if _is_asked_for(remedy, one.case))
        account.add(
            (r.granted_at, r.beneficiary_id, r.kind, r.amount_cents, r.currency) for r in given
        )
        tried.append(Tried(past=one, given=given))
    return tried


def _is_asked_for(remedy: Remedy, case: Case) -> bool:
    """Whether the platform would have asked what this beneficiary is owed."""
    if remedy.kind is RemedyKind.COURIER_PAY:
        return is_no_fault(case.cause)
    return case.outcome in ASKED_OUTCOMES
