"""Order: admit a request, make a promise, and let the merchant or the customer take it back."""

import re

from recourse import disruption, orders
from recourse.flow.links import link_of
from recourse.flow.platform import Platform
from recourse.flow.pressure import judge
from recourse.flow.recording import record
from recourse.flow.release import release
from recourse.flow.watch import watch_timer
from recourse.model.assignments import Custodian
from recourse.model.errors import Forbidden, Invalid, NotFound
from recourse.model.events import OrderAdmitted
from recourse.model.orders import IN_HANDS, ORDER_ENDS, Order, OrderStatus
from recourse.model.places import Site, SiteKind
from recourse.model.ports import Transaction
from recourse.model.reasons import Actor, ReasonCode
from recourse.orders import move_order

__all__ = ["admit", "cancel", "find"]

_KEPT = re.compile(r"#(r|return)\d+$")
"""Names of orders that the platform makes itself: replacements and returns."""


def find(tx: Transaction, order_id: str) -> Order:
    """Return an order that must exist.

    Returns
    -------
    Order
        The order.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    order = tx.orders([order_id]).get(order_id)
    if order is None:
        raise NotFound(kind="order", id=order_id)
    return order


def admit(tx: Transaction, platform: Platform, wanted: orders.Wanted) -> Order:
    """Take an order on; the same name from the same merchant is the same order.

    Returns
    -------
    Order
        The new order, or the known one of that name.

    Raises
    ------
    Invalid
        If a field cannot be: a window in the past, an unknown station, a name that is kept for
        replacements and returns.
    """
    if _KEPT.search(wanted.external_id):
        why = "names that end in #r or #return and a number are kept for replacements and returns"
        raise Invalid(field="external_id", why=why)
    known = tx.order_by_external(wanted.merchant_id, wanted.external_id)
    if known is not None:
        return known
    now = platform.now()
    order = orders.admit(
        wanted,
        order_id=platform.ids.new("order"),
        now=now,
        params=platform.params.orders,
        site=_site(tx, wanted),
    )
    custody = orders.first_custody(order, pickup_site_id=wanted.pickup_site_id, now=now)
    admitted = OrderAdmitted(
        at=now,
        order_id=order.id,
        merchant_id=order.merchant_id,
        kind=order.kind,
        station_id=order.station_id,
        promise=order.promise,
        custodian=custody.custodian,
        holder_id=custody.holder_id,
        value_cents=order.value_cents,
        is_perishable=order.is_perishable,
    )
    link = link_of(platform, order.id)
    tx.record([order, custody, link], events=[admitted], commands=[watch_timer(order)])
    return order


def _site(tx: Transaction, wanted: orders.Wanted) -> Site | None:
    """Return the station or merchant's door that a request names, which must exist."""
    site_id = wanted.station_id or wanted.pickup_site_id
    if not site_id:
        return None
    field = "station_id" if wanted.station_id else "pickup_site_id"
    site = tx.sites([site_id]).get(site_id)
    if site is None:
        raise Invalid(field=field, why=f"there is no site {site_id!r}; register it first")
    if (site.kind is SiteKind.STATION) != bool(wanted.station_id):
        raise Invalid(field=field, why=f"site {site_id!r} is a {site.kind.value}")
    return site


def cancel(
    tx: Transaction, platform: Platform, order_id: str, *, actor: str, code: ReasonCode
) -> Order:
    """End an order because the customer or the merchant asked; a courier cannot.

    Returns
    -------
    Order
        The order as it ended.

    Raises
    ------
    Forbidden
        If a courier holds the parcel, or if a courier asks: their cancel ends an assignment.
    """
    if actor not in {Actor.CUSTOMER.value, Actor.MERCHANT.value, Actor.PLATFORM.value}:
        raise Forbidden(
            rule=f"a {actor} cannot cancel an order",
            way_out="a courier withdraws: POST /v1/couriers/{id}/withdraw",
        )
    order = find(tx, order_id)
    if order.status in IN_HANDS or tx.custody([order_id])[order_id].custodian is Custodian.COURIER:
        raise Forbidden(
            rule="the parcel is in a courier's hands", way_out="ask for a return instead"
        )
    if order.status in ORDER_ENDS:
        return order
    now = platform.now()
    canceled, events = move_order(order, OrderStatus.CANCELED, now=now, actor=actor, code=code)
    reason = disruption.reason_for(code, actor=Actor(actor), order_status=order.status)
    if reason.actor is Actor.MERCHANT:
        reason, judged = judge(tx, platform, order, reason)
        events = (*events, judged)
    values, more = release(tx, platform, order.id, reason, why="order canceled")
    record(tx, platform, [canceled, *values], events=[*events, *more])
    return canceled
