"""Rights and budgets: what is no money is claimed once, and nothing is given that is not there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.entitlements import ENTITLING, Budget, Entitlement, EntitlementState
from recourse.model.errors import Conflict, NotFound
from recourse.model.events import EntitlementEnded, Event, LedgerPosted
from recourse.model.orders import Order
from recourse.model.ports import Record, Transaction
from recourse.model.redress import Remedy, RemedyKind
from recourse.redress import RemedyPolicy
from recourse.redress.facts import History
from recourse.redress.ledger import claim
from recourse.redress.policy import is_goodwill

__all__ = ["ended", "entitling", "guarantees", "redeem", "run_out", "stock_left", "taking"]

Written = tuple[list[Record], list[Event], list[Command]]


def stock_left(tx: Transaction, policy: RemedyPolicy) -> Mapping[str, int]:
    """How much is left of each stock of a policy; nothing is read for a policy without any."""
    ids = {f"stock/{stock.name}": stock for stock in policy.stocks}
    used = {id_: budget.used for id_, budget in tx.budgets(list(ids)).items()} if ids else {}
    return {stock.name: stock.most - used.get(id_, 0) for id_, stock in ids.items()}


def guarantees(tx: Transaction, order: Order, *, now: datetime) -> list[Entitlement]:
    """Full-refund guarantees that the customer of an order may still claim, oldest first."""
    found = tx.entitlements_of(order.merchant_id, customer_id=order.customer.id)
    return [
        one
        for one in found
        if one.kind is RemedyKind.REFUND_GUARANTEE
        and one.state is EntitlementState.OPEN
        and now < one.until_at
    ]


def taking(
    tx: Transaction,
    platform: Platform,
    order: Order,
    remedy: Remedy,
    *,
    policy: RemedyPolicy,
    history: History,
) -> list[Record]:
    """Return the budgets and the stock a remedy takes from, as they are afterwards.

    They are rows that are written by compare-and-set: of two who take the last, one is second, and
    decides again on what is left.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        For the day it is.
    order : Order
        Whose remedy.
    remedy : Remedy
        What is given.
    policy : RemedyPolicy
        The one that decided it, whatever is in force by now.
    history : History
        What was given before this.

    Returns
    -------
    list of record
        Empty for what is owed.

    Raises
    ------
    Conflict
        If there is not enough left.
    """
    if not is_goodwill(remedy):
        return []
    day = remedy.granted_at.astimezone(platform.zone).date().isoformat()
    name = f"day/{day}/{remedy.currency}"
    limits, cents = policy.limits, remedy.amount_cents
    wanted = {name: (limits.day_cents, cents, history.spent_today_cents)}
    if limits.tenant_day_cents is not None:
        tenant = f"{name}/{order.merchant_id}"
        wanted[tenant] = (limits.tenant_day_cents, cents, history.tenant_today_cents)
    if (stock := policy.stock(remedy.stock)) is not None:
        wanted[f"stock/{stock.name}"] = (stock.most, stock.needs(cents), 0)
    known = tx.budgets(list(wanted))
    taken: list[Record] = []
    for id_, (most, needed, before) in wanted.items():
        was = known.get(id_) or Budget(id=id_, most=most, used=before)
        if was.used + needed > most:
            left = max(most - was.used, 0)
            raise Conflict(rule="budget_is_used_up", detail=f"of {id_} {left} are left")
        taken.append(replace(was, most=most, used=was.used + needed))
    return taken


def entitling(order: Order, remedy: Remedy) -> Written:
    """Return what gives a right: the right itself, and the timer at which it is over.

    Returns
    -------
    tuple of list of record, list of Event and list of Command
        Empty lists for money.
    """
    if remedy.kind not in ENTITLING:
        return [], [], []
    until_at = remedy.granted_at + timedelta(days=remedy.days)
    right = Entitlement(
        id=remedy.id,
        case_id=remedy.case_id,
        order_id=order.id,
        merchant_id=order.merchant_id,
        customer_id=order.customer.id,
        kind=remedy.kind,
        item=remedy.item,
        worth_cents=remedy.amount_cents,
        currency=remedy.currency,
        from_at=remedy.granted_at,
        until_at=until_at,
    )
    over = Command(
        key=f"{remedy.id}/over",
        name="entitlement_over",
        due_at=until_at,
        payload={"entitlement_id": right.id},
        order_id=order.id,
    )
    return [right], [], [over]


def redeem(
    tx: Transaction, platform: Platform, entitlement_id: str, *, merchant_id: str = ""
) -> Entitlement:
    """Use a right, once.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    entitlement_id : str
        Which right.
    merchant_id : str
        Who asks; empty for who may see all.

    Returns
    -------
    Entitlement
        Used.

    Raises
    ------
    NotFound
        If there is no such right of this merchant.
    Conflict
        If it is over, or was used before.
    """
    right = tx.entitlements([entitlement_id]).get(entitlement_id)
    if right is None or merchant_id not in {"", right.merchant_id}:
        raise NotFound(kind="entitlement", id=entitlement_id)
    if right.state is EntitlementState.USED:
        raise Conflict(rule="entitlement_is_used", detail=f"it was used at {right.ended_at}")
    now = platform.now()
    if right.state is EntitlementState.OVER or now >= right.until_at:
        raise Conflict(rule="entitlement_is_over", detail=f"it held until {right.until_at}")
    values, events = ended(right, EntitlementState.USED, now=now)
    tx.record(values, events=events)
    used = values[0]
    assert isinstance(used, Entitlement)  # noqa: S101 - the first is the right
    return used


def run_out(tx: Transaction, platform: Platform, command: Command) -> None:
    """End a right whose time is over; one that was used stays used."""
    id_ = str(command.payload["entitlement_id"])
    right = tx.entitlements([id_])[id_]
    if right.state is EntitlementState.OPEN:
        values, events = ended(right, EntitlementState.OVER, now=platform.now())
        tx.record(values, events=events)


def ended(
    right: Entitlement, state: EntitlementState, *, now: datetime
) -> tuple[list[Record], list[Event]]:
    """Return a right as it ended, with its entry of the ledger and the events that say so."""
    entry = claim(right, is_used=state is EntitlementState.USED, at=now)
    told = EntitlementEnded(at=now, entitlement_id=right.id, order_id=right.order_id, state=state)
    posted = LedgerPosted(at=now, key=entry.key, currency=entry.currency, postings=entry.postings)
    return [replace(right, state=state, ended_at=now), entry], [told, posted]
