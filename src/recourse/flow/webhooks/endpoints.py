"""This file knows the addresses at which merchants want to be told, and what they may be."""

from collections.abc import Collection
from dataclasses import replace

from recourse.flow.addresses import checked_address
from recourse.flow.platform import Platform
from recourse.flow.webhooks.told import KINDS
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.ports import Transaction
from recourse.model.webhooks import EndpointState, WebhookEndpoint

__all__ = ["change", "find", "of_merchant", "register", "remove"]

_MAX_PER_MERCHANT = 16


def register(
    tx: Transaction, platform: Platform, *, merchant_id: str, url: str, kinds: Collection[str]
) -> WebhookEndpoint:
    """Make an address known; events from now on are told there.

    Returns
    -------
    WebhookEndpoint
        The endpoint, on.

    Raises
    ------
    Conflict
        If the merchant has too many already.
    """
    if len(of_merchant(tx, merchant_id)) >= _MAX_PER_MERCHANT:
        raise Conflict(rule="too_many_endpoints", detail=f"at most {_MAX_PER_MERCHANT} a merchant")
    endpoint = WebhookEndpoint(
        id=platform.ids.new("hook"),
        merchant_id=merchant_id,
        url=checked_address(url, is_local=platform.params.webhooks.is_local),
        kinds=_known(kinds),
        state=EndpointState.ON,
        from_number=platform.store.last_number(),
        created_at=platform.now(),
    )
    tx.record([endpoint])
    return endpoint


def find(tx: Transaction, endpoint_id: str) -> WebhookEndpoint:
    """Return an endpoint that must exist.

    Returns
    -------
    WebhookEndpoint
        On or off.

    Raises
    ------
    NotFound
        If there is none of that id, or it was removed.
    """
    endpoint = tx.webhook_endpoints([endpoint_id]).get(endpoint_id)
    if endpoint is None or endpoint.state is EndpointState.REMOVED:
        raise NotFound(kind="webhook_endpoint", id=endpoint_id)
    return endpoint


def of_merchant(tx: Transaction, merchant_id: str) -> list[WebhookEndpoint]:
    """Return the endpoints of a merchant, oldest first; of all for an empty name."""
    found = [
        one
        for one in tx.webhook_endpoints().values()
        if one.state is not EndpointState.REMOVED and merchant_id in {"", one.merchant_id}
    ]
    return sorted(found, key=lambda one: (one.created_at, one.id))


def change(
    tx: Transaction,
    platform: Platform,
    endpoint_id: str,
    *,
    url: str | None = None,
    kinds: Collection[str] | None = None,
    is_on: bool | None = None,
    new_secret: bool = False,
) -> WebhookEndpoint:
    """Change where or of what is told, switch on or off, or take a new secret.

    What was held while it was off is not sent by switching it on; ask for it with a replay.

    Returns
    -------
    WebhookEndpoint
        As it is now.
    """
    endpoint = find(tx, endpoint_id)
    after = endpoint
    if url is not None:
        after = replace(after, url=checked_address(url, is_local=platform.params.webhooks.is_local))
    if kinds is not None:
        after = replace(after, kinds=_known(kinds))
    if is_on is not None and is_on != (endpoint.state is EndpointState.ON):
        after = replace(
            after,
            state=EndpointState.ON if is_on else EndpointState.OFF,
            why="" if is_on else "switched off by the merchant",
        )
    if url is not None or is_on:
        after = replace(after, failing_since_at=None, n_failures=0, quiet_until_at=None)
    if new_secret:
        number, now = endpoint.secret_number + 1, platform.now()
        after = replace(after, secret_number=number, secret_changed_at=now)
    if after != endpoint:
        tx.record([after])
    return after


def remove(tx: Transaction, endpoint_id: str) -> None:
    """Forget an address; nothing more is sent there."""
    gone = replace(find(tx, endpoint_id), state=EndpointState.REMOVED, why="removed")
    tx.record([gone])


def _known(kinds: Collection[str]) -> tuple[str, ...]:
    """Names of events that a merchant may read."""
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        why = f"{unknown[0]!r} is not told to merchants; told are {', '.join(KINDS)}"
        raise Invalid(field="kinds", why=why)
    return tuple(kind for kind in KINDS if kind in kinds)
