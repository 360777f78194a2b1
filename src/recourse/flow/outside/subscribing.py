"""This file knows how the browser of a customer takes messages about an order, and no more."""

from dataclasses import replace

from recourse.flow.addresses import checked_address
from recourse.flow.order import find
from recourse.flow.platform import Platform
from recourse.model.errands import PushSubscription
from recourse.model.errors import Forbidden
from recourse.model.ports import Transaction

__all__ = ["subscribe", "unsubscribe"]

_MOST = 8


def subscribe(
    tx: Transaction, platform: Platform, order_id: str, *, endpoint: str, p256dh: str, auth: str
) -> PushSubscription:
    """Take messages about an order to a browser from now on; the same browser again is the same.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    order_id : str
        About which order.
    endpoint, p256dh, auth : str
        As the browser gave them.

    Returns
    -------
    PushSubscription
        As it is kept.

    Raises
    ------
    Forbidden
        If too many browsers listen already.
    """
    order = find(tx, order_id)
    checked_address(endpoint, is_local=platform.params.webhooks.is_local, field="endpoint")
    known = tx.push_subscriptions(order_id)
    others = [one for one in known if one.ended_at is None and one.endpoint != endpoint]
    if len(others) >= _MOST:
        raise Forbidden(
            rule="an order is told to a few browsers only", way_out="take an older one back first"
        )
    for one in known:
        if one.endpoint == endpoint:
            again = replace(one, p256dh=p256dh, auth=auth, ended_at=None)
            if again != one:
                tx.record([again])
            return again
    made = PushSubscription(
        id=platform.ids.new("push"),
        order_id=order_id,
        customer_id=order.customer.id,
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        made_at=platform.now(),
    )
    tx.record([made])
    return made


def unsubscribe(tx: Transaction, platform: Platform, order_id: str, *, endpoint: str) -> None:
    """Take no more messages about an order to a browser; taking it back twice changes nothing."""
    for one in tx.push_subscriptions(order_id):
        if one.endpoint == endpoint and one.ended_at is None:
            tx.record([replace(one, ended_at=platform.now())])
