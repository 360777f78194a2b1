"""This file knows how a bonus that was earned is written into the ledger."""

from datetime import datetime

from recourse.model.bonuses import Bonus
from recourse.model.redress import Entry, Posting

__all__ = ["earn"]


def earn(bonus: Bonus, *, at: datetime) -> Entry:
    """Make the ledger entry that owes a bonus to its courier: an expense of ours.

    Parameters
    ----------
    bonus : Bonus
        Promised; its assignment is the root of the key, so paying twice is paying once.
    at : datetime
        When the order was brought.

    Returns
    -------
    Entry
        Two postings that sum to zero.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> bonus = Bonus(
    ...     assignment_id="assignment-7",
    ...     order_id="o-1",
    ...     courier_id="c-1",
    ...     amount_cents=300,
    ...     currency="CNY",
    ...     budget_id="bonus/2026-03-01/CNY",
    ...     made_at=NOON,
    ... )
    >>> entry = earn(bonus, at=NOON)
    >>> entry.key, [(line.account, line.amount_cents) for line in entry.postings]
    ('assignment-7/bonus', [('expense:bonus', 300), ('courier:c-1', -300)])
    """
    return Entry(
        key=f"{bonus.assignment_id}/bonus",
        at=at,
        currency=bonus.currency,
        postings=(
            Posting(account="expense:bonus", amount_cents=bonus.amount_cents),
            Posting(account=f"courier:{bonus.courier_id}", amount_cents=-bonus.amount_cents),
        ),
        memo=f"bonus for {bonus.order_id}",
    )
