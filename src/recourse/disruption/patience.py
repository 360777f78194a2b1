"""This file knows how long an order stays with a courier who has fallen silent."""

from datetime import datetime, timedelta

from recourse.disruption.recognise import DisruptParams
from recourse.model.orders import Order, OrderKind

__all__ = ["stays_until"]


def stays_until(
    order: Order, *, is_in_hand: bool, pinged_at: datetime, params: DisruptParams
) -> datetime:
    """Until when a silent courier keeps an order: a phone without signal is no courier lost.

    What is in hand cannot be had by anybody else, so there it stays until shortly before its
    promise ends; only what can be made again is looked after at once. What is still to be fetched
    stays for a while, unless its promise leaves no time for that.

    Parameters
    ----------
    order : Order
        Which order.
    is_in_hand : bool
        Whether the silent courier holds its parcel.
    pinged_at : datetime
        The last sign of life.
    params : DisruptParams
        How patient the platform is.

    Returns
    -------
    datetime
        From then on the order looks for another way; an instant that is past means at once.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> parcel = order_of()
    >>> until_at = stays_until(parcel, is_in_hand=True, pinged_at=NOON, params=DisruptParams())
    >>> (parcel.promise.latest_at - until_at) / timedelta(minutes=1)
    10.0
    """
    if is_in_hand and order.kind is OrderKind.PARCEL:
        return order.promise.latest_at - timedelta(seconds=params.silent_lead_s)
    if is_in_hand:
        return pinged_at
    return min(
        pinged_at + timedelta(seconds=params.silent_patience_s),
        order.promise.latest_at - timedelta(seconds=params.rematch_lead_s),
    )
