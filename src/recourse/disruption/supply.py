"""This file knows when looking for a first courier has failed, and what break that is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from recourse.disruption.reasons import reason_for
from recourse.model.cases import Disruption
from recourse.model.orders import Order
from recourse.model.reasons import Actor, ReasonCode

__all__ = ["is_beyond_help", "without_supply"]


def is_beyond_help(order: Order, *, now: datetime, max_late_s: int) -> bool:
    """Whether an order that nobody carries is so late that no courier would be asked any more.

    Parameters
    ----------
    order : Order
        Without a courier.
    now : datetime
        The present instant.
    max_late_s : int
        Lateness beyond which no first plan takes an order, in seconds.

    Returns
    -------
    bool
        True once going on to look as before can change nothing.

    Examples
    --------
    >>> from recourse.model.examples import order_of
    >>> order = order_of()
    >>> is_beyond_help(order, now=order.promise.latest_at, max_late_s=5_400)
    False
    >>> later = order.promise.latest_at + timedelta(seconds=5_400)
    >>> is_beyond_help(order, now=later, max_late_s=5_400)
    True
    """
    return now >= order.promise.latest_at + timedelta(seconds=max_late_s)


def without_supply(orders: Sequence[Order], *, disruption_id: str, now: datetime) -> Disruption:
    """Return the break that is nobody's dropping out: the platform found no courier at all.

    Parameters
    ----------
    orders : sequence of Order
        For which nobody could be found; at least one.
    disruption_id : str
        Id for the break.
    now : datetime
        The present instant.

    Returns
    -------
    Disruption
        Of no courier; it counts against the platform.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> broken = without_supply([order_of()], disruption_id="d-7", now=NOON)
    >>> broken.courier_id, broken.cause.value, broken.reason.attribution.value, broken.orphaned
    ('', 'no_supply', 'platform', ('o-1',))
    """
    return Disruption(
        id=disruption_id,
        courier_id="",
        cause=ReasonCode.NO_SUPPLY,
        reason=reason_for(
            ReasonCode.NO_SUPPLY, actor=Actor.PLATFORM, order_status=orders[0].status
        ),
        at=now,
        place=None,
        orphaned=tuple(order.id for order in orders),
        held=(),
        ends_duty=False,
        can_hand_over=False,
    )
