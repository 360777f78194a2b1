"""Refunds: what an order was worth is paid back once, whichever way it came to be owed."""

from dataclasses import replace

from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.redress import Remedy, RemedyKind

__all__ = ["meeting_at", "return_key", "still_owed"]


def return_key(merchant_id: str, external_id: str) -> str:
    """Key of what is paid when an order that is sent back is scanned."""
    return f"return/{merchant_id}/{external_id}"


def still_owed(tx: Transaction, order: Order, remedy: Remedy) -> Remedy | None:
    """Return a remedy less what was paid at the scan of a return.

    Parameters
    ----------
    tx : Transaction
        To read in.
    order : Order
        Whose remedy.
    remedy : Remedy
        As the policy gives it.

    Returns
    -------
    Remedy or None
        Unchanged unless it is a refund; None if nothing is left of it.
    """
    if remedy.kind is not RemedyKind.REFUND:
        return remedy
    key = return_key(order.merchant_id, order.external_id)
    entry = tx.entries([key]).get(key)
    if entry is None:
        return remedy
    paid_cents = sum(line.amount_cents for line in entry.postings if line.amount_cents > 0)
    left_cents = min(remedy.amount_cents, order.value_cents - paid_cents)
    return replace(remedy, amount_cents=left_cents) if left_cents > 0 else None


def meeting_at(order: Order, remedy: Remedy) -> list[Record]:
    """Return the order to be written beside a refund, where a return may be paid at that instant.

    The return writes it too: of the two one is second, and reads again what the first has paid.

    Returns
    -------
    list of Record
        Empty where nothing can come back.
    """
    is_delivered = order.status is OrderStatus.DELIVERED
    return [order] if remedy.kind is RemedyKind.REFUND and is_delivered else []
