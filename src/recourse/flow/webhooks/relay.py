"""This file knows how messages to merchants are taken out of the log: each event once, in order.

The log is read from where the last step ended, and the new end is written in the transaction of the
messages: a crash between two steps loses nothing and doubles nothing, and while no merchant listens
an event costs nothing at all.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recourse.flow.platform import Platform
from recourse.flow.webhooks.told import is_told
from recourse.model.commands import WEBHOOK, Command
from recourse.model.events import Event, Recorded, RemedyGranted, WebhookSwitchedOff, dotted
from recourse.model.orders import Order
from recourse.model.ports import EventFilter, Transaction
from recourse.model.webhooks import (
    Cursor,
    EndpointState,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
)

__all__ = ["command_of", "order_id_of", "relay"]

_READER = "webhooks"
_PAGE = 500


def relay(tx: Transaction, platform: Platform) -> int:
    """Make messages of a page of the log, and say how many events were read.

    Returns
    -------
    int
        0 when there was nothing new, or nobody to tell.
    """
    endpoints = [
        one for one in tx.webhook_endpoints().values() if one.state is not EndpointState.REMOVED
    ]
    if not endpoints:
        return 0
    cursor = tx.cursor(_READER) or Cursor(name=_READER, number=0)
    after = max(cursor.number, min(one.from_number for one in endpoints))
    page = tx.events(EventFilter(after=after, limit=_PAGE))
    if not page:
        return 0
    told = [one for one in page if is_told(one.event)]
    about = {one.number: order_id_of(tx, one.event) for one in told}
    orders = tx.orders({order_id for order_id in about.values() if order_id})
    for endpoint in endpoints:
        wanted = [one for one in told if _wants(endpoint, one, orders.get(about[one.number]))]
        _make(tx, platform, endpoint, wanted=[(one, about[one.number]) for one in wanted])
    tx.record([replace(cursor, number=page[-1].number)])
    return len(page)


def order_id_of(tx: Transaction, event: Event) -> str:
    """Order an event is about; empty for none."""
    if isinstance(event, RemedyGranted):
        case = tx.cases([event.case_id]).get(event.case_id)
        return case.order_id if case else ""
    return str(getattr(event, "order_id", ""))


def _wants(endpoint: WebhookEndpoint, recorded: Recorded, order: Order | None) -> bool:
    """Whether an endpoint is told of an event."""
    event = recorded.event
    if recorded.number <= endpoint.from_number:
        return False
    if endpoint.kinds and dotted(type(event)) not in endpoint.kinds:
        return False
    if isinstance(event, WebhookSwitchedOff):
        return event.merchant_id == endpoint.merchant_id and event.endpoint_id != endpoint.id
    return order is not None and order.merchant_id == endpoint.merchant_id


def _make(
    tx: Transaction,
    platform: Platform,
    endpoint: WebhookEndpoint,
    *,
    wanted: Sequence[tuple[Recorded, str]],
) -> None:
    """Make the messages of one endpoint, numbered by order without gaps."""
    if not wanted:
        return
    now = platform.now()
    is_on = endpoint.state is EndpointState.ON
    last = tx.webhook_sequences(endpoint.id, {order_id for _, order_id in wanted})
    messages = []
    for recorded, order_id in wanted:
        last[order_id] = last.get(order_id, 0) + 1
        messages.append(
            WebhookMessage(
                id=f"{endpoint.id}.{recorded.number}",
                endpoint_id=endpoint.id,
                number=recorded.number,
                kind=dotted(type(recorded.event)),
                order_id=order_id,
                sequence=last[order_id],
                state=WebhookState.WAITING if is_on else WebhookState.HELD,
                made_at=now,
                wanted_at=now,
                ended_at=None if is_on else now,
            )
        )
    commands = [command_of(one, platform, turn=1) for one in messages] if is_on else []
    tx.record(messages, commands=commands)


def command_of(
    message: WebhookMessage, platform: Platform, *, turn: int, due_in_s: float = 0
) -> Command:
    """Make the command that tries to send a message; every turn has a key of its own.

    Parameters
    ----------
    message : WebhookMessage
        What is to be sent.
    platform : Platform
        Whose clock counts.
    turn : int
        1 for the first command since it was asked for.
    due_in_s : float, optional
        Seconds until it is due.

    Returns
    -------
    Command
        For the outgoing queue.
    """
    return Command(
        key=f"webhook/{message.id}/{message.n_sends}.{turn}",
        name=WEBHOOK,
        due_at=platform.now() + timedelta(seconds=due_in_s),
        payload={
            "message_id": message.id,
            "endpoint_id": message.endpoint_id,
            "send": message.n_sends,
            "turn": turn,
        },
        order_id=message.order_id,
    )
