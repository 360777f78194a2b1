"""This file knows how a remedy is written into the ledger."""

from recourse.model.redress import Entry, Posting, Remedy

__all__ = ["post"]


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
