"""This file knows one try to send a message: what is written before it, and what after.

Before anything leaves, the try is written down with the outcome *unknown*; whoever dies meanwhile
leaves exactly that. What became known is written afterwards together with the end of the command,
or with the next one. The message keeps its id at every try, so a receiver drops what it has.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from pydantic_core import to_json

from recourse import durable
from recourse.flow.platform import Platform
from recourse.flow.webhooks.relay import command_of
from recourse.flow.webhooks.signing import headers_of, secret_of
from recourse.flow.webhooks.told import data_of
from recourse.model.commands import Command
from recourse.model.events import Recorded, WebhookSwitchedOff
from recourse.model.ports import EventFilter, Record, Transaction
from recourse.model.webhooks import (
    EndpointState,
    Post,
    Reached,
    TryOutcome,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
    WebhookTry,
)

__all__ = ["conclude", "prepare"]

_GONE = 410
_LONGEST_WISH_S = 86_400


def prepare(tx: Transaction, platform: Platform, command: Command) -> Post | None:
    """Write down that a message is tried now, and return what to post.

    Returns
    -------
    Post or None
        None when there is nothing to send now: it was sent, it is too early, or it is switched off.
    """
    message, endpoint = _find(tx, command)
    now = platform.now()
    is_current = command.payload["send"] == message.n_sends
    if message.state is not WebhookState.WAITING or not is_current:
        return None
    if endpoint.state is not EndpointState.ON:
        tx.record([replace(message, state=WebhookState.HELD, ended_at=now)])
        return None
    if endpoint.quiet_until_at is not None and now < endpoint.quiet_until_at:
        # Its last try failed: others wait as long, or they would hold up those who do answer.
        tx.record(commands=[_next(message, command, platform, not_before=endpoint.quiet_until_at)])
        return None
    n_tries = message.n_tries + 1
    tried = WebhookTry(message_id=message.id, number=n_tries, began_at=now)
    tx.record([replace(message, n_tries=n_tries), tried])
    (recorded,) = tx.events(EventFilter(after=message.number - 1, limit=1))
    body = _body(tx, message, recorded)
    secrets = _secrets(platform, endpoint, now)
    headers = headers_of(message.id, body, at=now, secrets=secrets)
    return Post(url=endpoint.url, body=body, headers=headers)


def conclude(tx: Transaction, platform: Platform, command: Command, reached: Reached) -> None:
    """Write down what came of a try, and what follows: an end, or the next try."""
    message, endpoint = _find(tx, command)
    now = platform.now()
    tries = {one.number: one for one in tx.webhook_tries(message.id)}
    tried = replace(
        tries[message.n_tries],
        outcome=reached.outcome,
        status=reached.status,
        detail=reached.detail[:200],
        ended_at=now,
    )
    if message.state is not WebhookState.WAITING:
        tx.record([tried])
        return
    if reached.outcome is TryOutcome.TAKEN:
        values: list[Record] = [
            tried,
            replace(message, state=WebhookState.TAKEN, ended_at=now),
        ]
        if endpoint.failing_since_at is not None:
            values.append(
                replace(endpoint, failing_since_at=None, n_failures=0, quiet_until_at=None)
            )
        tx.record(values)
        return
    _fail(tx, platform, command, tried=tried, reached=reached, found=(message, endpoint))


def _fail(
    tx: Transaction,
    platform: Platform,
    command: Command,
    *,
    tried: WebhookTry,
    reached: Reached,
    found: tuple[WebhookMessage, WebhookEndpoint],
) -> None:
    """Try again later, or give the message up, or the endpoint."""
    message, endpoint = found
    now, params = platform.now(), platform.params.webhooks
    patience = timedelta(seconds=params.give_up_s)
    endpoint = replace(
        endpoint,
        n_failures=endpoint.n_failures + 1,
        failing_since_at=endpoint.failing_since_at or now,
    )
    began_at = cast("datetime", endpoint.failing_since_at)
    later_at = durable.retry_at(
        endpoint.n_failures, key=endpoint.id, now=now, params=params.pauses(began_at, now)
    )
    wished_at = now + timedelta(seconds=min(reached.retry_after_s, _LONGEST_WISH_S))
    endpoint = replace(endpoint, quiet_until_at=max(later_at, wished_at))
    is_dead = now - began_at >= patience
    is_dead = is_dead or reached.status == _GONE
    events = []
    if is_dead and endpoint.state is EndpointState.ON:
        why = _why_off(reached, params.give_up_s)
        endpoint = replace(endpoint, state=EndpointState.OFF, why=why)
        events.append(
            WebhookSwitchedOff(
                at=now,
                endpoint_id=endpoint.id,
                merchant_id=endpoint.merchant_id,
                url=endpoint.url,
                why=why,
            )
        )
    commands = []
    if is_dead or now - message.wanted_at >= patience:
        message = replace(message, state=WebhookState.GIVEN_UP, ended_at=now)
    else:
        wait_until = max(
            durable.retry_at(
                tried.number,
                key=message.id,
                now=now,
                params=params.pauses(message.wanted_at, now),
            ),
            endpoint.quiet_until_at or now,
        )
        commands.append(_next(message, command, platform, not_before=wait_until))
    tx.record([tried, message, endpoint], events=events, commands=commands)


def _why_off(reached: Reached, give_up_s: int) -> str:
    """What is said of an endpoint that is switched off."""
    if reached.status == _GONE:
        return "it answered 410 Gone"
    days = give_up_s / 86_400
    return f"nothing was taken for {days:g} days; the last answer: {reached.detail}"


def _next(
    message: WebhookMessage, command: Command, platform: Platform, *, not_before: datetime
) -> Command:
    """The next command of a message, a little after an instant: not all of them at once."""
    turn = cast("int", command.payload["turn"]) + 1
    spread = durable.RetryParams(first_s=2, cap_s=2)
    due_at = durable.retry_at(turn, key=message.id, now=not_before, params=spread)
    due_in_s = (due_at - platform.now()).total_seconds()
    return command_of(message, platform, turn=turn, due_in_s=due_in_s)


def _find(tx: Transaction, command: Command) -> tuple[WebhookMessage, WebhookEndpoint]:
    """Message and endpoint of a command."""
    message_id = str(command.payload["message_id"])
    endpoint_id = str(command.payload["endpoint_id"])
    message = tx.webhook_messages([message_id])[message_id]
    return message, tx.webhook_endpoints([endpoint_id])[endpoint_id]


def _secrets(platform: Platform, endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secret in force, and the one before for a while after it was changed."""
    numbers = [endpoint.secret_number]
    overlap = timedelta(seconds=platform.params.webhooks.overlap_s)
    if endpoint.secret_changed_at is not None and now - endpoint.secret_changed_at < overlap:
        numbers.append(endpoint.secret_number - 1)
    return [secret_of(platform.secret, endpoint.id, number) for number in numbers]


def _body(tx: Transaction, message: WebhookMessage, recorded: Recorded) -> bytes:
    """What is posted: the same bytes at every try."""
    order = tx.orders([message.order_id]).get(message.order_id) if message.order_id else None
    return to_json(
        {
            "type": message.kind,
            "timestamp": recorded.event.at,
            "number": message.number,
            "sequence": message.sequence,
            "order_id": message.order_id,
            "external_id": order.external_id if order else "",
            "data": data_of(recorded.event),
        },
        inf_nan_mode="null",
    )
