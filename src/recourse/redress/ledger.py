"""This file knows how a remedy is written into the ledger."""

from datetime import datetime

from recourse.model.entitlements import Entitlement
from recourse.model.redress import Entry, Posting, Remedy

__all__ = ["claim", "post", "settle"]

_PAID_FROM = "asset:payouts"


def post(remedy: Remedy) -> Entry:
    """Make the ledger entry that pays a remedy: an expense of ours, owed to its beneficiary.

    Parameters
    ----------
    remedy : Remedy
        What is given; its id is the key of the entry, so paying twice is paying once.

    Returns
    -------
    Entry
        Two postings that sum to zero.

    Raises
    ------
    ValueError
        If the amount is not positive.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> from recourse.model.redress import RemedyKind
    >>> coupon = Remedy(
    ...     id="case-7/remedy:customer",
    ...     case_id="case-7",
    ...     beneficiary_id="customer:c-7",
    ...     kind=RemedyKind.COUPON,
    ...     amount_cents=500,
    ...     currency="CNY",
    ...     rule="late",
    ...     granted_at=NOON,
    ... )
    >>> [(line.account, line.amount_cents) for line in post(coupon).postings]
    [('expense:remedy', 500), ('customer:c-7', -500)]
    """
    if remedy.amount_cents <= 0:
        message = f"a remedy must be worth something, got {remedy.amount_cents}"
        raise ValueError(message)
    return Entry(
        key=remedy.id,
        at=remedy.granted_at,
        currency=remedy.currency,
        postings=(
            Posting(account="expense:remedy", amount_cents=remedy.amount_cents),
            Posting(account=remedy.beneficiary_id, amount_cents=-remedy.amount_cents),
        ),
        memo=f"{remedy.kind.value} by rule {remedy.rule}",
    )


def settle(owed: Entry, *, person_id: str, at: datetime) -> Entry:
    """Make the ledger entry that says that a debt was paid out.

    Parameters
    ----------
    owed : Entry
        Credits the person; its key is the root of ours, so paying twice is booking once.
    person_id : str
        Whose account it is, e.g. ``"customer:c-7"``.
    at : datetime
        When it was known to be paid.

    Returns
    -------
    Entry
        Two postings that sum to zero: owed to the person becomes paid from our means.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> owed = Entry(
    ...     key="case-7/remedy:customer",
    ...     at=NOON,
    ...     currency="CNY",
    ...     postings=(
    ...         Posting(account="expense:remedy", amount_cents=500),
    ...         Posting(account="customer:c-7", amount_cents=-500),
    ...     ),
    ... )
    >>> entry = settle(owed, person_id="customer:c-7", at=NOON)
    >>> entry.key, [(line.account, line.amount_cents) for line in entry.postings]
    ('case-7/remedy:customer/paid', [('customer:c-7', 500), ('asset:payouts', -500)])
    """
    cents = -sum(line.amount_cents for line in owed.postings if line.account == person_id)
    return Entry(
        key=f"{owed.key}/paid",
        at=at,
        currency=owed.currency,
        postings=(
            Posting(account=person_id, amount_cents=cents),
            Posting(account=_PAID_FROM, amount_cents=-cents),
        ),
        memo=f"paid out: {owed.memo}",
    )


def claim(right: Entitlement, *, is_used: bool, at: datetime) -> Entry:
    """Make the ledger entry that ends a right: nothing is owed any more.

    Parameters
    ----------
    right : Entitlement
        Its worth was booked as owed when it was given.
    is_used : bool
        Whether it was used; one that is over takes the expense back.
    at : datetime
        When.

    Returns
    -------
    Entry
        Two postings that sum to zero; the key follows from the right, so it ends once.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> from recourse.model.redress import RemedyKind
    >>> right = Entitlement(
    ...     id="case-7/remedy:customer",
    ...     case_id="case-7",
    ...     order_id="o-1",
    ...     merchant_id="m-1",
    ...     customer_id="c-7",
    ...     kind=RemedyKind.VIP_TRIAL,
    ...     worth_cents=900,
    ...     currency="CNY",
    ...     from_at=NOON,
    ...     until_at=NOON,
    ... )
    >>> [(p.account, p.amount_cents) for p in claim(right, is_used=True, at=NOON).postings]
    [('customer:c-7', 900), ('provided:vip_trial', -900)]
    """
    to = f"provided:{right.kind.value}" if is_used else "expense:remedy"
    return Entry(
        key=f"{right.id}/{'used' if is_used else 'over'}",
        at=at,
        currency=right.currency,
        postings=(
            Posting(account=f"customer:{right.customer_id}", amount_cents=right.worth_cents),
            Posting(account=to, amount_cents=-right.worth_cents),
        ),
        memo=f"{right.kind.value} {'used' if is_used else 'not used in time'}",
    )
