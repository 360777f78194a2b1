"""This file knows that a case follows what happens to its order, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence

from recourse import recovery
from recourse.flow.platform import Platform
from recourse.model.cases import Case
from recourse.model.commands import Command
from recourse.model.events import (
    AssignmentBegan,
    CourierCameToLight,
    CustodyPassed,
    CustomerChose,
    Event,
    NoticeSent,
    OfferAnswered,
    OrderEnded,
    OrderMoved,
    StopCompleted,
)
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import ReasonCode
from recourse.orders import move_order
from recourse.recovery.replacement import replaces
from recourse.recovery.signals import ReplacementEnded

__all__ = ["record"]

_OF_AN_ORDER = (AssignmentBegan, CustodyPassed, CustomerChose, NoticeSent, OrderEnded, OrderMoved)
_OF_ORDERS = (OfferAnswered, StopCompleted)


def record(
    tx: Transaction,
    platform: Platform,
    values: Iterable[Record] = (),
    *,
    events: Sequence[Event] = (),
    commands: Sequence[Command] = (),
    dropped: Sequence[str] = (),
) -> None:
    """Record what a stage decided, and the step it means for every open case it concerns."""
    kept = list(values)
    tx.record(kept, events=events, commands=commands, dropped=dropped)
    ended = {v.id: v for v in kept if isinstance(v, Order) and v.ended_at is not None}
    for order in ended.values():
        _conclude_replaced(tx, platform, order, ended)
    for case in _concerned(tx, events).values():
        _follow(tx, platform, case, events)


def _concerned(tx: Transaction, events: Sequence[Event]) -> Mapping[str, Case]:
    """Open cases of the orders, and of the silent couriers, that these events are about."""
    order_ids: set[str] = set()
    for event in events:
        if isinstance(event, _OF_AN_ORDER):
            order_ids.add(event.order_id)
        elif isinstance(event, _OF_ORDERS):
            order_ids.update(event.order_ids)
    found = {case.id: case for case in tx.open_cases(order_ids=order_ids)} if order_ids else {}
    lit = {event.courier_id for event in events if isinstance(event, CourierCameToLight)}
    if lit:
        found |= {case.id: case for case in tx.open_cases() if case.held_by in lit}
    return found


def _conclude_replaced(
    tx: Transaction, platform: Platform, ended: Order, together: Mapping[str, Order]
) -> None:
    """End an order with its replacement; the first parcel stays with whoever holds it."""
    name = replaces(ended.external_id)
    first = tx.order_by_external(ended.merchant_id, name) if name else None
    if first is None or first.ended_at is not None or first.id in together:
        return
    now = platform.now()
    over, events = move_order(first, OrderStatus.CANCELED, now=now, code=ReasonCode.DUPLICATE)
    tx.record([over], events=events)
    for case in tx.open_cases(order_ids=[first.id]):
        replaced = ReplacementEnded(at=now, case_id=case.id, status=ended.status)
        _follow(tx, platform, case, [replaced])


def _follow(tx: Transaction, platform: Platform, case: Case, events: Sequence[Event]) -> None:
    """Take a case through events and record where it came to, if it moved at all."""
    after = case
    news: list[Event] = []
    commands: list[Command] = []
    dropped: list[str] = []
    for event in events:
        step = recovery.advance(after, event, now=platform.now(), params=platform.params.recovery)
        after = step.case
        news += step.events
        commands += step.commands
        dropped += step.dropped
    if after is not case:
        tx.record([after], events=news, commands=commands, dropped=dropped)
