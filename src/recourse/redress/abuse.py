"""This file knows when what a customer is given would be one time too many, and says why.

Counted is what was given as goodwill; what is owed (a refund, a courier's pay) is neither counted
nor held back. A share is counted over the orders of the person: who orders much may be given more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recourse.model.cases import Case
from recourse.model.orders import Order

__all__ = ["BY", "AbuseLimit", "Count", "held_back", "keys_of"]

BY = ("person", "device", "address", "pair", "share")
"""Whose remedies are counted: of a person, of who shares a device or a door, of a courier with a
customer, and of a person in per cent of their orders."""

Count = Callable[[str, str, datetime], int]
"""How many remedies (or orders, for ``"orders"``) a key had since an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbuseLimit:
    """How often goodwill is given before it is held back.

    Attributes
    ----------
    by : str
        One of `BY`.
    days : int
        Days that are looked back.
    most : int
        Remedies within them; for a share, per cent of the orders.
    at_least : int
        Orders below which a share is not looked at.
    asks : bool
        Whether a dispatcher is asked; otherwise nothing is given.
    """

    by: str
    days: int
    most: int
    at_least: int = 0
    asks: bool = False


def keys_of(case: Case, order: Order) -> Mapping[str, str]:
    """Say under which names a remedy of a case is counted; empty ones are not counted.

    Parameters
    ----------
    case : Case
        The case.
    order : Order
        Its order.

    Returns
    -------
    mapping of str to str
        By the words of `BY`, and ``"orders"``.

    Examples
    --------
    >>> from recourse.model.examples import case_of, order_of
    >>> keys = keys_of(case_of(), order_of())
    >>> keys["person"], keys["pair"], keys["device"]
    ('m-1/c-7', 'k-1/m-1/c-7', '')
    """
    person = f"{order.merchant_id}/{order.customer.id}"
    door = " ".join(order.dropoff.address.lower().split())
    return {
        "person": person,
        "share": person,
        "orders": person,
        "device": order.customer.device,
        # A door without an address is its crossing of a grid of some ten metres.
        "address": door or f"{order.dropoff.lon:.4f} {order.dropoff.lat:.4f}",
        "pair": f"{case.from_courier_id}/{person}" if case.from_courier_id else "",
    }


def held_back(
    limits: Sequence[AbuseLimit], keys: Mapping[str, str], *, count: Count, now: datetime
) -> tuple[str, bool]:
    """Say why goodwill is held back, if it is; the first limit that is reached says so.

    Parameters
    ----------
    limits : sequence of AbuseLimit
        In the order of the policy.
    keys : mapping of str to str
        Whom it is about, from `keys_of`.
    count : callable
        What each of them had.
    now : datetime
        The present instant.

    Returns
    -------
    tuple of str and bool
        The reason, empty for none; whether a dispatcher is asked.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> limit = AbuseLimit(by="device", days=30, most=2)
    >>> held_back([limit], {"device": "d-1"}, count=lambda *_: 2, now=NOON)
    ('device: 2 remedies in 30 days, at most 2', False)
    >>> held_back([limit], {"device": ""}, count=lambda *_: 2, now=NOON)
    ('', False)
    """
    for limit in limits:
        key = keys.get(limit.by, "")
        if not key:
            continue
        since_at = now - timedelta(days=limit.days)
        n = count("person" if limit.by == "share" else limit.by, key, since_at)
        if limit.by != "share":
            if n >= limit.most:
                found = f"{limit.by}: {n} remedies in {limit.days} days, at most {limit.most}"
                return found, limit.asks
            continue
        n_orders = count("orders", key, since_at)
        if n_orders >= limit.at_least and (n + 1) * 100 > limit.most * n_orders:
            found = f"share: {n + 1} remedies for {n_orders} orders in {limit.days} days"
            return f"{found}, at most {limit.most} %", limit.asks
    return "", False
