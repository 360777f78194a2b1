"""This file knows who is owed what when a case closes, and by which rule."""

from datetime import datetime

from recourse.model.cases import Case
from recourse.model.orders import Order
from recourse.model.reasons import REASONS, Attribution, ReasonCode
from recourse.model.redress import Remedy, RemedyKind
from recourse.redress.policy import RedressParams

__all__ = ["assess", "is_no_fault"]


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


def assess(
    case: Case,
    order: Order,
    *,
    kept: bool,
    late_s: int,
    now: datetime,
    params: RedressParams,
    spent_today_cents: int = 0,
) -> tuple[Remedy, ...]:
    """Say what a closed case gives to the customer and to the courier who was lost.

    A kept promise gives the customer nothing. Goodwill ends with the day's budget; a refund is owed
    and does not. The remedies of a case have fixed ids, so that granting twice is granting once.

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
    params : RedressParams
        The policy.
    spent_today_cents : int
        Goodwill given today before this.

    Returns
    -------
    tuple of Remedy
        At most one for the customer and one for the courier; ids ``<case>/remedy:customer`` and
        ``<case>/remedy:courier``.

    Examples
    --------
    >>> from recourse.model.examples import NOON, case_of, order_of
    >>> remedies = assess(
    ...     case_of(outcome="late"),
    ...     order_of(),
    ...     kept=False,
    ...     late_s=2_400,
    ...     now=NOON,
    ...     params=RedressParams(),
    ... )
    >>> [(one.beneficiary_id, one.kind.value, one.amount_cents) for one in remedies]
    [('customer:c-7', 'coupon', 500), ('courier:k-1', 'courier_pay', 450)]
    """
    given: list[Remedy] = []
    owed = _owed_to_customer(case, order, kept=kept, late_s=late_s, params=params)
    if owed is not None:
        kind, amount_cents, rule = owed
        if kind is not RemedyKind.REFUND:
            left_cents = max(0, params.day_budget_cents - spent_today_cents)
            amount_cents = min(amount_cents, params.case_limit_cents, left_cents)
        if amount_cents > 0:
            given.append(
                Remedy(
                    id=f"{case.id}/remedy:customer",
                    case_id=case.id,
                    beneficiary_id=f"customer:{order.customer.id}",
                    kind=kind,
                    amount_cents=amount_cents,
                    currency=order.currency,
                    rule=rule,
                    granted_at=now,
                )
            )
    if is_no_fault(case.cause) and params.courier_pay_cents > 0:
        given.append(
            Remedy(
                id=f"{case.id}/remedy:courier",
                case_id=case.id,
                beneficiary_id=f"courier:{case.from_courier_id}",
                kind=RemedyKind.COURIER_PAY,
                amount_cents=params.courier_pay_cents,
                currency=order.currency,
                rule=f"no_fault:{case.cause.value}",
                granted_at=now,
            )
        )
    return tuple(given)


def _owed_to_customer(
    case: Case, order: Order, *, kept: bool, late_s: int, params: RedressParams
) -> tuple[RemedyKind, int, str] | None:
    """Kind, amount and rule of what the customer is owed; None for nothing."""
    if case.outcome == "refunded":
        return RemedyKind.REFUND, order.value_cents, "refund:not_delivered"
    if case.outcome in {"canceled", "returned"}:
        # Whoever canceled settles the price with the merchant; we broke no promise by it.
        return None
    if case.outcome == "point":
        return RemedyKind.COUPON, params.point_cents, "coupon:pickup_point"
    if kept:
        return None
    reached = [tier for tier in params.tiers if late_s >= tier.from_late_s]
    if not reached:
        return None
    tier = reached[-1]
    return RemedyKind.COUPON, tier.coupon_cents, f"coupon:late_{tier.from_late_s}_s"
