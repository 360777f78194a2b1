"""This file knows the doors by which a customer's browser asks for messages about an order."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from recourse.flow import outside
from recourse.flow.platform import Platform
from recourse.model.ports import Transaction
from recourse.web.access import let_in
from recourse.web.doors import Answer, perform
from recourse.web.wire import Body, IdPath

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Customer"])


class PushEndIn(Body):
    """Which browser takes no more messages."""

    endpoint: Annotated[str, Field(min_length=1, max_length=2_048)] = Field(
        description="As the browser gave it."
    )


class PushIn(PushEndIn):
    """Where a browser takes messages about an order, as it says itself."""

    p256dh: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86,88}={0,2}$")] = Field(
        description="Its public key, base64url."
    )
    auth: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,24}={0,2}$")] = Field(
        description="Its secret, base64url."
    )


@router.post("/track/{order_id}/push", status_code=204, summary="Take messages to a browser")
async def subscribe(request: Request, order_id: IdPath, body: PushIn) -> Response:
    """Push what is told about an order to this browser too; the same browser again is the same."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        outside.subscribe(
            tx, platform, order_id, endpoint=body.endpoint, p256dh=body.p256dh, auth=body.auth
        )
        return Answer(204, b"")

    return await perform(request, operation)


@router.post("/track/{order_id}/push/end", status_code=204, summary="Take no more messages")
async def unsubscribe(request: Request, order_id: IdPath, body: PushEndIn) -> Response:
    """Push nothing more to this browser; saying so twice changes nothing."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        outside.unsubscribe(tx, platform, order_id, endpoint=body.endpoint)
        return Answer(204, b"")

    return await perform(request, operation)
