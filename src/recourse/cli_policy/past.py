"""This file knows how the cases that are over are read from a database."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from recourse.adapters.clock import WallClock
from recourse.adapters.store import open_store
from recourse.model.cases import CaseStatus
from recourse.model.events import CaseClosed
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import EventFilter, Transaction
from recourse.redress.trial import Past

__all__ = ["read_orders", "read_past"]


def read_past(address: str) -> list[Past]:
    """Read every case that is closed, with what was given for it.

    Parameters
    ----------
    address : str
        Of the database; nothing is written to it.

    Returns
    -------
    list of Past
        In the order in which they closed.
    """
    with closing(open_store(address, clock=WallClock(), hears={})) as store, store.begin() as tx:
        return [one for page in _pages(tx) for one in _past(tx, page)]


def read_orders(address: str) -> list[Order]:
    """Read every order, for limits by the share of a customer's orders.

    Parameters
    ----------
    address : str
        Of the database; nothing is written to it.

    Returns
    -------
    list of Order
        Whatever became of them.
    """
    with closing(open_store(address, clock=WallClock(), hears={})) as store, store.begin() as tx:
        return tx.orders_in(list(OrderStatus))


def _pages(tx: Transaction) -> Iterator[dict[str, datetime]]:
    """When cases closed, some hundreds at a time; of a case closed twice, the last time."""
    wanted = EventFilter(kinds=("case.closed",))
    closed: dict[str, datetime] = {}
    while found := tx.events(wanted):
        for one in found:
            if isinstance(one.event, CaseClosed):
                closed.pop(one.event.case_id, None)
                closed[one.event.case_id] = one.event.at
        wanted = replace(wanted, after=found[-1].number)
    ids = list(closed)
    for start in range(0, len(ids), wanted.limit):
        yield {id_: closed[id_] for id_ in ids[start : start + wanted.limit]}


def _past(tx: Transaction, closed: dict[str, datetime]) -> Iterator[Past]:
    """Cases of one page that are still closed."""
    cases = tx.cases(list(closed))
    orders = tx.orders([case.order_id for case in cases.values()])
    for id_, closed_at in closed.items():
        case = cases[id_]
        if case.status is CaseStatus.CLOSED:
            yield Past(
                case=case,
                order=orders[case.order_id],
                closed_at=closed_at,
                paid=tuple(tx.remedies(id_)),
            )
