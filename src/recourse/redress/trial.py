"""This file knows what a policy would have given on cases that are over."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from recourse.model.cases import Case
from recourse.model.orders import Order
from recourse.model.redress import Remedy, RemedyKind
from recourse.redress.abuse import held_back, keys_of
from recourse.redress.assess import assess
from recourse.redress.facts import ASKED_OUTCOMES, History, is_no_fault, lateness
from recourse.redress.given import Given, days_back
from recourse.redress.policy import RemedyPolicy, is_goodwill

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
    held_back : str
        Why the customer would have been given nothing although a rule holds; empty otherwise.
    """

    past: Past
    given: tuple[Remedy, ...]
    held_back: str = ""


def try_policy(
    past: Iterable[Past],
    *,
    policy: RemedyPolicy,
    zone: tzinfo,
    ordered: Iterable[Order] = (),
) -> list[Tried]:
    """Ask a policy about past cases, in the order in which they closed.

    Budgets, stocks, histories and limits are those that the policy itself would have made: nothing
    that was really paid counts.

    Parameters
    ----------
    past : iterable of Past
        Closed cases.
    policy : RemedyPolicy
        The policy to try.
    zone : tzinfo
        Where a day begins and ends.
    ordered : iterable of Order
        Every order there was, for limits by share.

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
    trial = _Trial(policy, zone, sorted(ordered, key=lambda order: order.created_at))
    return [trial.ask(one) for one in sorted(past, key=lambda one: (one.closed_at, one.case.id))]


class _Trial:
    """One run of a policy over past cases: what it would have spent, and on whom, so far."""

    def __init__(self, policy: RemedyPolicy, zone: tzinfo, ordered: Sequence[Order]) -> None:
        self._policy, self._ordered = policy, deque(ordered)
        self._account = Given(zone, days=days_back(policy))
        self._left = {stock.name: stock.most for stock in policy.stocks}
        self._guarantees: dict[str, datetime] = {}

    def ask(self, one: Past) -> Tried:
        """Ask about one case, and keep what it would have been given."""
        case, order, now = one.case, one.order, one.closed_at
        while self._ordered and self._ordered[0].created_at <= now:
            early = self._ordered.popleft()
            self._account.note({"orders": keys_of(case, early)["orders"]}, at=early.created_at)
        kept, late_s = lateness(order)
        remedies = assess(
            case,
            order,
            kept=kept,
            late_s=late_s,
            now=now,
            policy=self._policy,
            history=self._history(order, now),
        )
        asked = [remedy for remedy in remedies if _is_asked_for(remedy, case)]
        why, _ = held_back(
            self._policy.abuse, keys_of(case, order), count=self._account.count, now=now
        )
        given = tuple(one for one in asked if not (why and is_goodwill(one)))
        for remedy in given:
            self._keep(remedy, case, order)
        return Tried(past=one, given=given, held_back=why if len(given) < len(asked) else "")

    def _history(self, order: Order, now: datetime) -> History:
        known = self._account.history(
            order.customer.id, currency=order.currency, now=now, merchant_id=order.merchant_id
        )
        until_at = self._guarantees.get(f"{order.merchant_id}/{order.customer.id}")
        return replace(
            known,
            has_guarantee=until_at is not None and now < until_at,
            stock_left=dict(self._left),
        )

    def _keep(self, remedy: Remedy, case: Case, order: Order) -> None:
        """Count one remedy everywhere it counts."""
        person = f"{order.merchant_id}/{order.customer.id}"
        self._account.add(
            [
                (
                    remedy.granted_at,
                    remedy.beneficiary_id,
                    remedy.kind,
                    remedy.amount_cents,
                    remedy.currency,
                )
            ],
            merchant_id=order.merchant_id,
        )
        if is_goodwill(remedy):
            keys = {by: key for by, key in keys_of(case, order).items() if by != "orders"}
            self._account.note(keys, at=remedy.granted_at)
        stock = self._policy.stock(remedy.stock)
        if stock is not None:
            self._left[stock.name] -= stock.needs(remedy.amount_cents)
        if remedy.kind is RemedyKind.REFUND_GUARANTEE:
            self._guarantees[person] = remedy.granted_at + timedelta(days=remedy.days)
        elif remedy.kind is RemedyKind.REFUND:
            self._guarantees.pop(person, None)


def _is_asked_for(remedy: Remedy, case: Case) -> bool:
    """Whether the platform would have asked what this beneficiary is owed."""
    if remedy.kind is RemedyKind.COURIER_PAY:
        return is_no_fault(case.cause)
    return case.outcome in ASKED_OUTCOMES
