"""What was given to make good, as its merchant and the dispatcher read it."""

from typing import cast

from recourse.flow.views.plain import Data, stamp
from recourse.model.events import RemedyGranted, dotted
from recourse.model.ports import EventFilter, Transaction

__all__ = ["remedies"]


def remedies(tx: Transaction, *, after: int, limit: int, merchant_id: str = "") -> Data:
    """A page of what was given, oldest first; of one merchant's orders if named.

    Returns
    -------
    dict
        A page may be short, or empty, before the end: go on while `next` rises.
    """
    wanted = EventFilter(after=after, kinds=(dotted(RemedyGranted),), limit=limit)
    found = [(one.number, cast("RemedyGranted", one.event)) for one in tx.events(wanted)]
    cases = tx.cases({event.case_id for _, event in found})
    orders = tx.orders({case.order_id for case in cases.values()})
    lines = [
        {
            "number": number,
            "at": stamp(event.at),
            "id": event.remedy_id,
            "case_id": event.case_id,
            "order_id": cases[event.case_id].order_id,
            "beneficiary_id": event.beneficiary_id,
            "kind": event.kind.value,
            "amount_cents": event.amount_cents,
            "currency": event.currency,
            "rule": event.rule,
        }
        for number, event in found
        if merchant_id in {"", orders[cases[event.case_id].order_id].merchant_id}
    ]
    return {"remedies": lines, "next": found[-1][0] if found else after}
