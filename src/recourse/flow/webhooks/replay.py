"""This file knows how a merchant has messages sent again."""

from collections.abc import Sequence
from dataclasses import replace

from recourse.flow.platform import Platform
from recourse.flow.webhooks.endpoints import find, of_merchant
from recourse.flow.webhooks.relay import command_of
from recourse.model.errors import Conflict, NotFound
from recourse.model.ports import Transaction
from recourse.model.webhooks import EndpointState, WebhookMessage, WebhookState

__all__ = ["replay", "replay_range"]


def replay(tx: Transaction, platform: Platform, number: int, *, merchant_id: str = "") -> int:
    """Send one event again to every endpoint that was told of it and is on.

    Returns
    -------
    int
        How many messages are sent again.

    Raises
    ------
    NotFound
        If no endpoint of the merchant was told of it.
    """
    endpoints = of_merchant(tx, merchant_id)
    found = tx.webhook_messages([f"{one.id}.{number}" for one in endpoints])
    if not found:
        raise NotFound(kind="event", id=str(number))
    is_on = {one.id for one in endpoints if one.state is EndpointState.ON}
    return _again(tx, platform, [one for one in found.values() if one.endpoint_id in is_on])


def replay_range(
    tx: Transaction, platform: Platform, endpoint_id: str, *, after: int, until: int, limit: int
) -> tuple[int, int]:
    """Send the messages of one endpoint about a range of the log again, in their order.

    Returns
    -------
    tuple of int
        How many are sent again, and the number to go on after; 0 when the range is done.

    Raises
    ------
    Conflict
        If the endpoint is off.
    """
    if find(tx, endpoint_id).state is not EndpointState.ON:
        raise Conflict(rule="endpoint_is_off", detail="switch it on first")
    page = tx.webhook_messages_to(endpoint_id, after=after, limit=limit)
    inside = [one for one in page if one.number <= until]
    more = inside[-1].number if len(inside) == limit and inside[-1].number < until else 0
    return _again(tx, platform, inside), more


def _again(tx: Transaction, platform: Platform, messages: Sequence[WebhookMessage]) -> int:
    """Ask for messages afresh, under their old ids; what still waits is left alone."""
    now = platform.now()
    again = [
        replace(
            one, state=WebhookState.WAITING, wanted_at=now, ended_at=None, n_sends=one.n_sends + 1
        )
        for one in messages
        if one.state is not WebhookState.WAITING
    ]
    if again:
        tx.record(again, commands=[command_of(one, platform, turn=1) for one in again])
    return len(again)
