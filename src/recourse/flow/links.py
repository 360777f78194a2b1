"""Links: what a customer is sent opens one order, until a while after it has ended.

The token of a link is derived from the secret of the installation, so that a later notice can carry
it too; what is kept is a digest, which opens nothing.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from recourse.flow.platform import Platform
from recourse.model.keys import Link
from recourse.model.orders import ORDER_ENDS, OrderStatus
from recourse.model.ports import Transaction

__all__ = ["LINK", "give_links", "is_open", "link_of", "link_token", "opened_by"]

LINK = "rt_"
_N_BYTES = 16
_USABLE = timedelta(days=7)


def link_token(platform: Platform, order_id: str) -> str:
    """Derive the token of an order's link: 128 bits that nobody can guess.

    Parameters
    ----------
    platform : Platform
        Whose secret it is derived from.
    order_id : str
        Which order; the token does not tell it.

    Returns
    -------
    str
        ``rt_`` and 22 characters that need no escaping.
    """
    digest = hmac.new(platform.secret, f"link/{order_id}".encode(), hashlib.sha256).digest()
    return LINK + base64.urlsafe_b64encode(digest[:_N_BYTES]).decode().rstrip("=")


def link_of(platform: Platform, order_id: str) -> Link:
    """Make what is kept of an order's link, to be recorded with the order.

    Parameters
    ----------
    platform : Platform
        Whose secret it is derived from.
    order_id : str
        Which order.

    Returns
    -------
    Link
        Under the digest of its token.
    """
    token = link_token(platform, order_id)
    return Link(digest=_digest(token), order_id=order_id, made_at=platform.now())


def give_links(tx: Transaction, platform: Platform) -> int:
    """Make the links that orders lack which were admitted before links were kept.

    Their tokens can be derived, but opened nothing: the row was missing.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        Whose secret the tokens are derived from.

    Returns
    -------
    int
        How many were made, for orders that have not ended.
    """
    wanted = [order.id for order in tx.orders_in(sorted(set(OrderStatus) - ORDER_ENDS))]
    # Whoever has one made from an older secret keeps it: an order has one link.
    known = {link.order_id for link in tx.links_of(wanted)}
    missing = [link_of(platform, order_id) for order_id in wanted if order_id not in known]
    if missing:
        tx.record(missing)
    return len(missing)


def opened_by(tx: Transaction, token: str, *, now: datetime) -> str:
    """Find the order that a link opens.

    Parameters
    ----------
    tx : Transaction
        To read in.
    token : str
        As it came.
    now : datetime
        The present instant.

    Returns
    -------
    str
        Order id; empty if the link is not ours, or its order ended long ago.
    """
    if not token.startswith(LINK):
        return ""
    digest = _digest(token)
    link = tx.links([digest]).get(digest)
    return link.order_id if link is not None and is_open(tx, link.order_id, now=now) else ""


def is_open(tx: Transaction, order_id: str, *, now: datetime) -> bool:
    """Whether a link still opens its order: until a week after it has ended.

    Parameters
    ----------
    tx : Transaction
        To read in.
    order_id : str
        Which order.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Who finds it later has no business with it.
    """
    order = tx.orders([order_id]).get(order_id)
    return order is not None and (order.ended_at is None or now - order.ended_at <= _USABLE)


def _digest(token: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
