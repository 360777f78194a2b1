"""This file knows that a case follows what happens to its order, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from recourse import disruption, recovery
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.release import release
from recourse.model.assignments import Custodian
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
from recourse.model.orders import ORDER_ENDS, ORDER_MOVES, Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.routes import Route
from recourse.orders import move_order
from recourse.recovery.replacement import replaces
from recourse.recovery.signals import ReplacementEnded

__all__ = ["conclude_replaced", "record", "unfetched_replacements"]

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
    conclude_replaced(tx, platform, kept)
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


def conclude_replaced(tx: Transaction, platform: Platform, together: Sequence[Record]) -> None:
    """End what an end in this transaction makes needless, and follow it in the cases.

    An order ends with its replacement; and a replacement that nobody has fetched ends with its
    order, whichever way that ended.
    """
    for order in together:
        if isinstance(order, Order) and order.ended_at is not None:
            _conclude_replaced(tx, platform, order, together)
            _call_off_replacements(tx, platform, order, together)


def _call_off_replacements(
    tx: Transaction, platform: Platform, ended: Order, together: Sequence[Record]
) -> None:
    """Cancel the replacements of an order that are still to be fetched."""
    done = {one.id for one in together if isinstance(one, Order)}
    for again in unfetched_replacements(tx, ended):
        if again.id in done:
            continue
        over, told = move_order(
            again, OrderStatus.CANCELED, now=platform.now(), code=ReasonCode.DUPLICATE
        )
        reason = disruption.reason_for(ReasonCode.DUPLICATE, actor=Actor.PLATFORM)
        routes = {one.courier_id: one for one in together if isinstance(one, Route)}
        values, more = release(tx, platform, again.id, reason, why="not needed", routes=routes)
        events = [*told, *more]
        tx.record([over, *values], events=events)
        for case in tx.open_cases(order_ids=[again.id]):
            _follow(tx, platform, case, events)


def unfetched_replacements(tx: Transaction, order: Order) -> list[Order]:
    """Return the replacements of an order that nobody needs once it has ended."""
    found: list[Order] = []
    for number in count(1):
        again = tx.order_by_external(order.merchant_id, f"{order.external_id}#r{number}")
        if again is None:
            break
        is_fetched = tx.custody([again.id])[again.id].custodian is Custodian.COURIER
        if again.status not in ORDER_ENDS and not is_fetched:
            found.append(again)
    return found


def _conclude_replaced(
    tx: Transaction, platform: Platform, ended: Order, together: Sequence[Record]
) -> None:
    """End an order with its replacement; the first parcel stays with whoever holds it.

    A first parcel that somebody carries after all goes on unless the customer has the other one.
    """
    name = replaces(ended.external_id)
    first = tx.order_by_external(ended.merchant_id, name) if name else None
    if first is None or first.ended_at is not None:
        return
    if any(isinstance(one, Order) and one.id == first.id for one in together):
        return
    is_delivered = ended.status is OrderStatus.DELIVERED
    if not is_delivered and tx.live_assignments(order_ids=[first.id]):
        return
    now = platform.now()
    events: tuple[Event, ...] = ()
    if OrderStatus.CANCELED not in ORDER_MOVES[first.status]:
        first, events = move_order(first, OrderStatus.RECOVERING, now=now)
    over, told = move_order(first, OrderStatus.CANCELED, now=now, code=ReasonCode.DUPLICATE)
    reason = disruption.reason_for(ReasonCode.DUPLICATE, actor=Actor.PLATFORM)
    routes = {one.courier_id: one for one in together if isinstance(one, Route)}
    values, more = release(
        tx, platform, first.id, reason, why="replacement delivered", routes=routes
    )
    tx.record([over, *values], events=[*events, *told, *more])
    for case in tx.open_cases(order_ids=[first.id]):
        replaced = ReplacementEnded(at=now, case_id=case.id, status=ended.status)
        _follow(tx, platform, case, [replaced])


def _follow(tx: Transaction, platform: Platform, case: Case, events: Sequence[Event]) -> None:
    """Take a case through events and record where it came to, if it moved at all."""
    after = case
    news: list[Event] = []
    commands: list[Command] = []
    dropped: list[str] = []
    params = rules_of(tx, platform, case).recovery
    for event in events:
        step = recovery.advance(after, event, now=platform.now(), params=params)
        after = step.case
        news += step.events
        commands += step.commands
        dropped += step.dropped
    if after is not case:
        tx.record([after], events=news, commands=commands, dropped=dropped)
