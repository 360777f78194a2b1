"""This file knows the rule of replacements: a new order, never a second parcel in the old one.

The first parcel stays in the custody of whoever holds it until it is brought back or declared lost.
What is sent instead is an order of its own, tied to the first by its external id with ``#r1`` at
the end, and it is told the window that can be kept. The case of the first order waits for the end
of the second, which decides whether the promise was kept; the first order ends as returned or lost.
"""

from datetime import datetime

from recourse.model.orders import Order
from recourse.orders import Wanted

__all__ = ["replacement", "replaces"]


def replacement(order: Order, *, number: int, ready_at: datetime, latest_at: datetime) -> Wanted:
    """Ask for the same thing again.

    Parameters
    ----------
    order : Order
        The order whose parcel cannot be had.
    number : int
        1 for the first replacement.
    ready_at : datetime
        When the merchant has made it again.
    latest_at : datetime
        End of the window the customer is told.

    Returns
    -------
    Wanted
        A request that can be admitted like any other.
    """
    return Wanted(
        external_id=f"{order.external_id}#r{number}",
        merchant_id=order.merchant_id,
        kind=order.kind,
        dropoff=order.dropoff,
        pickup=order.pickup,
        pickup_ready_at=ready_at,
        dropoff_ready_at=ready_at,
        dropoff_deadline_at=latest_at,
        customer=order.customer,
        station_id=order.station_id,
        weight_g=order.weight_g,
        volume_ml=order.volume_ml,
        service_s=order.service_s,
        is_perishable=order.is_perishable,
        value_cents=order.value_cents,
        currency=order.currency,
    )


def replaces(external_id: str) -> str:
    """External id of the order that this one replaces; empty if it replaces none.

    Parameters
    ----------
    external_id : str
        The merchant's name of an order.

    Returns
    -------
    str
        The name without its ``#r1``.

    Examples
    --------
    >>> replaces("A-17#r1"), replaces("A-17")
    ('A-17', '')
    """
    first, mark, number = external_id.rpartition("#r")
    return first if mark and number.isdigit() else ""
