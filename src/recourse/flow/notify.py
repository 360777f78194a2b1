"""Tell the customer: one notice under its key, and the new promise it makes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from recourse import recovery
from recourse.flow import outside
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.model.cases import Way
from recourse.model.commands import Command
from recourse.model.events import Event, NoticeSent, PromiseMade
from recourse.model.orders import ORDER_ENDS, Order, Promise
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import PublicGroup
from recourse.model.redress import Notice, NoticeKind, RemedyKind

__all__ = ["notify"]

_AFTER_THE_END = frozenset({NoticeKind.REFUNDED, NoticeKind.REMEDY})
_PROMISES = frozenset({NoticeKind.NEW_TIME, NoticeKind.NEXT_DAY})


def notify(tx: Transaction, platform: Platform, command: Command) -> None:
    """Send one notice; what has been overtaken by the end of the order is dropped."""
    order = tx.orders([command.order_id])[command.order_id]
    kind = NoticeKind(str(command.payload["kind"]))
    if order.status in ORDER_ENDS and kind not in _AFTER_THE_END:
        return
    now = platform.now()
    latest_at, promised_by = _named_end(platform, command), order.promise.latest_at
    values: list[Record] = []
    events: list[Event] = []
    if latest_at is not None and _is_promise(kind, latest_at, order):
        order = replace(order, promise=_promise(platform, order, latest_at))
        values.append(order)
        events.append(
            PromiseMade(at=now, order_id=order.id, promise=order.promise, case_id=command.case_id)
        )
    ends_at = _told_end(kind, latest_at, order)
    # A time that is past is none: the customer reads what happened and what they may do.
    told = replace(order.promise, latest_at=ends_at) if ends_at > now else None
    text = _text(tx, platform, command, order, kind, told)
    notice = Notice(
        key=command.key,
        order_id=order.id,
        case_id=command.case_id,
        kind=kind,
        locale=order.customer.locale,
        text=text,
        sent_at=now,
        latest_at=ends_at,
    )
    sent = NoticeSent(
        at=now,
        key=notice.key,
        order_id=order.id,
        kind=kind,
        latest_at=notice.latest_at,
        text=text,
        case_id=command.case_id,
    )
    made = outside.hand_on(tx, platform, notice, order, promised_by=promised_by)
    record(
        tx,
        platform,
        [*values, notice, *made[0]],
        events=[*events, sent, *made[1]],
        commands=made[2],
    )


def _is_promise(kind: NoticeKind, latest_at: datetime, order: Order) -> bool:
    """Whether a notice makes a promise: a later one, or the earlier one that was paid for."""
    if kind is NoticeKind.DIRECT:
        return latest_at != order.promise.latest_at
    return kind in _PROMISES and latest_at > order.promise.latest_at


def _told_end(kind: NoticeKind, named_at: datetime | None, order: Order) -> datetime:
    """End of the window a notice speaks of: a warning names its own, the rest the promise."""
    if kind is NoticeKind.MAY_BE_LATE and named_at is not None:
        return named_at
    return order.promise.latest_at


def _named_end(platform: Platform, command: Command) -> datetime | None:
    """End of the window a notice names: expected arrival and some slack; None for none."""
    named = command.payload.get("latest_at") or command.payload.get("expected_at")
    if not named:
        return None
    slack = timedelta(seconds=platform.params.dispatch.promise_slack_s)
    return datetime.fromisoformat(str(named)) + slack


def _promise(platform: Platform, order: Order, latest_at: datetime) -> Promise:
    """The next promise of an order: a window that ends then."""
    width = timedelta(seconds=2 * platform.params.dispatch.promise_slack_s)
    return Promise(
        earliest_at=max(platform.now(), latest_at - width),
        latest_at=latest_at,
        told_at=platform.now(),
        number=order.promise.number + 1,
    )


def _text(
    tx: Transaction,
    platform: Platform,
    command: Command,
    order: Order,
    kind: NoticeKind,
    told: Promise | None,
) -> str:
    """What the customer reads, in their language and local time."""
    courier_id = str(command.payload.get("courier_id") or "")
    site_id = str(command.payload.get("site_id") or "")
    couriers = tx.couriers([courier_id]) if courier_id else {}
    sites = tx.sites([site_id]) if site_id else {}
    group, until = command.payload.get("group"), command.payload.get("until_at")
    return recovery.notice_text(
        kind,
        group=PublicGroup(str(group)) if group else PublicGroup.DEMAND,
        order=order,
        promise=told,
        zone=platform.zone.key,
        courier_name=couriers[courier_id].name if courier_id in couriers else "",
        site_name=sites[site_id].name if site_id in sites else "",
        amount_cents=cast("int", command.payload.get("amount_cents") or 0),
        item=str(command.payload.get("item") or ""),
        until_at=datetime.fromisoformat(str(until)) if until else None,
        remedy=RemedyKind(str(command.payload.get("remedy") or RemedyKind.COUPON.value)),
        choices=[Way(str(way)) for way in cast("list[str]", command.payload.get("choices") or [])],
    )
