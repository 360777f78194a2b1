"""This file knows which channels reach a customer, and which notice goes before which."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from recourse.model.errands import Channel, Errand, ErrandKind, ErrandState, Reach
from recourse.model.orders import Order
from recourse.model.redress import NoticeKind

__all__ = ["channels_for", "is_overtaken", "must_wait"]

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_MAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+\.[^@\s<>,;:\".]+")


def channels_for(
    order: Order, kind: NoticeKind, *, channels: Sequence[Channel], has_push: bool
) -> list[Channel]:
    """Find the channels that can carry a notice to the customer of an order.

    Parameters
    ----------
    order : Order
        About which order; its customer's contact is a phone in E.164, a mail address, or neither.
    kind : NoticeKind
        What is told.
    channels : sequence of Channel
        Those of the installation, the preferred first.
    has_push : bool
        Whether a browser takes messages about this order.

    Returns
    -------
    list of Channel
        In the order given; empty when only the page tells them.

    Examples
    --------
    >>> from recourse.model.examples import order_of
    >>> from recourse.model.orders import Customer
    >>> sms = Channel(name="sms", reach=Reach.PHONE)
    >>> mail = Channel(name="mail", reach=Reach.MAIL)
    >>> order = order_of(customer=Customer(id="c-1", contact="+16045550123"))
    >>> found = channels_for(order, NoticeKind.NEW_TIME, channels=[mail, sms], has_push=False)
    >>> [channel.name for channel in found]
    ['sms']
    """
    contact = order.customer.contact
    open_to = {
        Reach.PHONE: bool(_PHONE.fullmatch(contact)),
        Reach.MAIL: bool(_MAIL.fullmatch(contact)),
        Reach.PUSH: has_push,
    }
    return [
        one
        for one in channels
        if open_to[one.reach]
        and (not one.merchants or order.merchant_id in one.merchants)
        and (not one.kinds or kind.value in one.kinds)
    ]


def _is_status(errand: Errand) -> bool:
    """Whether a notice says where an order stands, so that only the newest one matters."""
    return errand.kind is ErrandKind.NOTICE and errand.what != NoticeKind.REMEDY.value


def is_overtaken(errand: Errand, *, line: Iterable[Errand], now: datetime) -> bool:
    """Whether a newer notice about the same order makes this one pointless.

    A notice of where the order stands is overtaken by any later one that was told or is due; what
    was given to make good is told in any case.

    Parameters
    ----------
    errand : Errand
        Not yet begun.
    line : iterable of Errand
        Every errand of its order.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        True if it is to be dropped.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from recourse.model.examples import NOON, errand_of
    >>> first, second = errand_of(rank=1), errand_of(rank=2)
    >>> is_overtaken(first, line=[first, second], now=NOON)
    True
    >>> is_overtaken(second, line=[first, second], now=NOON)
    False
    >>> gift = replace(first, what="remedy")
    >>> is_overtaken(gift, line=[gift, second], now=NOON)
    False
    """
    if not _is_status(errand):
        return False
    return any(
        other.peer == errand.peer
        and other.rank > errand.rank
        and _is_status(other)
        and (
            other.state is ErrandState.DONE
            or (other.state is ErrandState.WAITING and other.due_at <= max(now, errand.due_at))
        )
        for other in line
    )


def must_wait(errand: Errand, *, line: Iterable[Errand], now: datetime) -> bool:
    """Whether an earlier notice about the same order is still under way at the same peer.

    Parameters
    ----------
    errand : Errand
        To be begun.
    line : iterable of Errand
        Every errand of its order.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        True if this one would overtake it.

    Examples
    --------
    >>> from recourse.model.examples import NOON, errand_of
    >>> first, second = errand_of(rank=1), errand_of(rank=2)
    >>> must_wait(second, line=[first, second], now=NOON)
    True
    >>> must_wait(first, line=[first, second], now=NOON)
    False
    """
    return errand.kind is ErrandKind.NOTICE and any(
        other.peer == errand.peer
        and other.rank < errand.rank
        and other.state is ErrandState.WAITING
        and (other.n_tries > 0 or other.due_at <= now)
        for other in line
    )
