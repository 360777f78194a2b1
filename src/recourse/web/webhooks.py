"""This file knows the doors to webhooks: where a merchant is told, and what came of it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from recourse.flow import webhooks
from recourse.flow.platform import Platform
from recourse.model.keys import Role
from recourse.model.ports import Transaction
from recourse.model.webhooks import WebhookEndpoint
from recourse.web.access import let_in, merchant_of, must_be
from recourse.web.doors import Answer, perform, read
from recourse.web.merchant_bodies import EndpointChangeIn, EndpointIn, ReplayIn
from recourse.web.replies import (
    EndpointOut,
    EndpointSecretOut,
    EndpointsOut,
    ReplayedOut,
    WebhooksOut,
)
from recourse.web.wire import After, IdPath, Limit, NumberPath, OptionalIdQuery, page_of, write

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Webhooks"])


def _shown(endpoint: WebhookEndpoint) -> Mapping[str, object]:
    """An endpoint as its merchant sees it; the secret is not among it."""
    return {
        "id": endpoint.id,
        "merchant_id": endpoint.merchant_id,
        "url": endpoint.url,
        "kinds": endpoint.kinds,
        "state": endpoint.state,
        "why": endpoint.why,
        "created_at": endpoint.created_at,
        "failing_since_at": endpoint.failing_since_at,
    }


def _with_secret(platform: Platform, endpoint: WebhookEndpoint) -> Mapping[str, object]:
    """An endpoint with the secret in force, which is shown this once."""
    secret = webhooks.secret_of(platform.secret, endpoint.id, endpoint.secret_number)
    return {**_shown(endpoint), "secret": secret}


@router.post(
    "/webhook_endpoints",
    status_code=201,
    summary="Register a webhook endpoint",
    responses={201: {"model": EndpointSecretOut}},
)
async def register_endpoint(request: Request, body: EndpointIn) -> Response:
    """Tell a merchant's orders to an address from now on; the secret is shown only here."""
    must_be(request, Role.MERCHANT, body.merchant_id)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        endpoint = webhooks.register(
            tx, platform, merchant_id=body.merchant_id, url=body.url, kinds=body.kinds
        )
        return Answer(201, write(_with_secret(platform, endpoint)))

    return await perform(request, operation)


@router.get(
    "/webhook_endpoints",
    summary="List webhook endpoints",
    responses={200: {"model": EndpointsOut}},
)
async def list_endpoints(
    request: Request,
    merchant_id: OptionalIdQuery = "",
    after: OptionalIdQuery = "",
    limit: Limit = 100,
) -> Response:
    """List the endpoints of a merchant, oldest first, with why one is off, a page at a time."""

    def look(tx: Transaction, _: Platform) -> object:
        found = webhooks.of_merchant(tx, merchant_of(request) or merchant_id)
        ids = [one.id for one in found]
        page, following = page_of(found, ids, after=after, limit=limit)
        return {"webhook_endpoints": [_shown(one) for one in page], "next": following}

    return await read(request, look)


@router.get(
    "/webhook_endpoints/{endpoint_id}",
    summary="Show a webhook endpoint",
    responses={200: {"model": EndpointOut}},
)
async def show_endpoint(request: Request, endpoint_id: IdPath) -> Response:
    """Show one endpoint; its secret is not shown again."""

    def look(tx: Transaction, _: Platform) -> object:
        return _shown(webhooks.find(tx, endpoint_id))

    return await read(request, look)


@router.patch(
    "/webhook_endpoints/{endpoint_id}",
    summary="Change a webhook endpoint",
    responses={200: {"model": EndpointSecretOut}},
)
async def change_endpoint(
    request: Request, endpoint_id: IdPath, body: EndpointChangeIn
) -> Response:
    """Change the address, the events, on or off, or the secret; only a new secret is shown."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        endpoint = webhooks.change(
            tx,
            platform,
            endpoint_id,
            url=body.url,
            kinds=body.kinds,
            is_on=body.is_on,
            new_secret=body.new_secret,
        )
        shown = _with_secret(platform, endpoint) if body.new_secret else _shown(endpoint)
        return Answer(200, write(shown))

    return await perform(request, operation)


@router.delete(
    "/webhook_endpoints/{endpoint_id}", status_code=204, summary="Remove a webhook endpoint"
)
async def remove_endpoint(request: Request, endpoint_id: IdPath) -> Response:
    """Tell nothing more there; what waits is not sent."""

    def operation(tx: Transaction, _: Platform) -> Answer:
        webhooks.remove(tx, endpoint_id)
        return Answer(204, b"")

    return await perform(request, operation)


@router.get(
    "/webhook_endpoints/{endpoint_id}/messages",
    summary="List messages to an endpoint",
    responses={200: {"model": WebhooksOut}},
)
async def list_webhooks(
    request: Request,
    endpoint_id: IdPath,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
) -> Response:
    """List what was told there, oldest first, with every try and what came of it."""

    def look(tx: Transaction, _: Platform) -> object:
        webhooks.find(tx, endpoint_id)
        found = tx.webhook_messages_to(endpoint_id, after=after, limit=limit)
        lines = [{"message": one, "tries": tx.webhook_tries(one.id)} for one in found]
        return {"messages": lines, "next": found[-1].number if found else after}

    return await read(request, look)


@router.post(
    "/webhook_endpoints/{endpoint_id}/replay",
    summary="Send a range again",
    responses={200: {"model": ReplayedOut}},
)
async def replay_range(
    request: Request, endpoint_id: IdPath, body: ReplayIn, limit: Limit = 500
) -> Response:
    """Send what was told of a range of the log again, in order; `next` is where to go on."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        n_again, following = webhooks.replay_range(
            tx, platform, endpoint_id, after=body.after, until=body.until, limit=limit
        )
        return Answer(200, write({"n_again": n_again, "next": following}))

    return await perform(request, operation)


@router.post(
    "/events/{number}/replay",
    summary="Send an event again",
    responses={200: {"model": ReplayedOut}},
)
async def replay_event(request: Request, number: NumberPath) -> Response:
    """Send one event again to every endpoint that was told of it, under its old `webhook-id`."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        n_again = webhooks.replay(tx, platform, number, merchant_id=merchant_of(request))
        return Answer(200, write({"n_again": n_again, "next": 0}))

    return await perform(request, operation)
