"""Return: what a customer sends back is fetched on the next passing route, and paid at the scan."""

from datetime import datetime
from itertools import count

from recourse import orders
from recourse.flow import outside
from recourse.flow.links import link_of
from recourse.flow.order import find
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.refunds import return_key
from recourse.flow.watch import watch_timer
from recourse.model.assignments import Custodian, Custody
from recourse.model.commands import Command
from recourse.model.errors import Forbidden
from recourse.model.events import LedgerPosted, OrderAdmitted
from recourse.model.orders import Order, OrderKind, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.redress import Entry, Posting, RemedyKind

__all__ = ["ask_return", "refund", "refund_at_scan"]

_MARK = "#return"


def ask_return(
    tx: Transaction, platform: Platform, order_id: str, *, ready_at: datetime, until_at: datetime
) -> Order:
    """Take on the way back of a delivered order, as an order of its own; once while one is open.

    Returns
    -------
    Order
        From the customer's door to where the first order was fetched.

    Raises
    ------
    Forbidden
        If there is nothing to bring back, or it would spoil.
    """
    first = find(tx, order_id)
    if first.kind is OrderKind.RETURN or first.status is not OrderStatus.DELIVERED:
        raise Forbidden(
            rule="only what was delivered can be returned", way_out="cancel the order instead"
        )
    if first.is_perishable:
        raise Forbidden(rule="what spoils is not brought back", way_out="refund it directly")
    name = _free_name(tx, first)
    if isinstance(name, Order):
        return name
    wanted = orders.Wanted(
        external_id=name,
        merchant_id=first.merchant_id,
        kind=OrderKind.RETURN,
        pickup=first.dropoff,
        dropoff=first.pickup,
        pickup_ready_at=ready_at,
        dropoff_ready_at=ready_at,
        dropoff_deadline_at=until_at,
        customer=first.customer,
        weight_g=first.weight_g,
        volume_ml=first.volume_ml,
        service_s=first.service_s,
        currency=first.currency,
    )
    now = platform.now()
    order = orders.admit(
        wanted, order_id=platform.ids.new("order"), now=now, params=platform.params.orders
    )
    custody = Custody(
        order_id=order.id,
        number=1,
        custodian=Custodian.CUSTOMER,
        holder_id=first.customer.id,
        from_at=now,
        place=order.pickup,
    )
    admitted = OrderAdmitted(
        at=now,
        order_id=order.id,
        merchant_id=order.merchant_id,
        kind=order.kind,
        station_id="",
        promise=order.promise,
        custodian=custody.custodian,
        holder_id=custody.holder_id,
        value_cents=0,
        is_perishable=False,
    )
    values: list[Record] = [order, custody, link_of(platform, order.id)]
    record(tx, platform, values, events=[admitted], commands=[watch_timer(order)])
    return order


def _free_name(tx: Transaction, first: Order) -> str | Order:
    """Name for a new way back; the one that is open, or that has arrived, if there is one."""
    for number in count(1):
        name = f"{first.external_id}{_MARK}{number}"
        known = tx.order_by_external(first.merchant_id, name)
        if known is None:
            return name
        if known.ended_at is None or known.status is OrderStatus.DELIVERED:
            return known
    raise AssertionError


def refund_at_scan(order: Order, *, now: datetime) -> list[Command]:
    """Return the command that pays for what is sent back, now that a courier has scanned it.

    Parameters
    ----------
    order : Order
        What was scanned at its pickup.
    now : datetime
        The present instant.

    Returns
    -------
    list of Command
        Empty for an order that is no return.
    """
    if order.kind is not OrderKind.RETURN:
        return []
    key = return_key(order.merchant_id, order.external_id.partition(_MARK)[0])
    return [Command(key=key, name="refund", due_at=now, order_id=order.id)]


def refund(tx: Transaction, platform: Platform, command: Command) -> None:
    """Pay a customer back what an order was worth, less what was refunded already; once."""
    back = tx.orders([command.order_id])[command.order_id]
    name = back.external_id.partition(_MARK)[0]
    first = tx.order_by_external(back.merchant_id, name)
    if first is None:
        return
    refunded_cents = sum(
        remedy.amount_cents
        for case in tx.cases_of(first.id)
        for remedy in tx.remedies(case.id)
        if remedy.kind is RemedyKind.REFUND
    )
    amount_cents = first.value_cents - refunded_cents
    if amount_cents <= 0:
        return
    entry = Entry(
        key=command.key,
        at=platform.now(),
        currency=first.currency,
        postings=(
            Posting(account=f"merchant:{first.merchant_id}", amount_cents=amount_cents),
            Posting(account=f"customer:{first.customer.id}", amount_cents=-amount_cents),
        ),
        memo=f"return of {first.id}, scanned as {back.id}",
    )
    posted = LedgerPosted(
        at=entry.at, key=entry.key, currency=entry.currency, postings=entry.postings
    )
    payouts = platform.params.errands.payouts
    made = outside.pay_out(
        platform,
        entry,
        person_id=f"customer:{first.customer.id}",
        what=RemedyKind.REFUND,
        rank=next(outside.ranks(tx, first.id, payouts.name if payouts else "")),
        order_id=first.id,
    )
    # The order is written too: a refund that is given at this instant meets the return there.
    record(tx, platform, [first, entry, *made[0]], events=[posted, *made[1]], commands=made[2])
