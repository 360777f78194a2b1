"""This file knows the customer's doors: the page behind the link, and the choice."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from recourse.flow import recover, views
from recourse.flow.platform import Platform
from recourse.model.cases import Way
from recourse.model.ports import Transaction
from recourse.web.access import let_in
from recourse.web.bodies import ChoiceIn
from recourse.web.doors import Answer, doors_of, perform, read
from recourse.web.problems import Refusal
from recourse.web.replies import PlainOut

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Customer"])

_USABLE = timedelta(days=7)
Token = Annotated[str, Path(max_length=128, description="The `track_token` of the order.")]


def _check_age(tx: Transaction, platform: Platform, order_id: str) -> None:
    """Refuse a link whose order ended long ago: who finds it later has no business with it."""
    order = tx.orders([order_id]).get(order_id)
    ended_at = order.ended_at if order else None
    if ended_at is not None and platform.now() - ended_at > _USABLE:
        raise Refusal(code="not_found", detail="this link has expired", param="token")


@router.get("/track/{token}", summary="Follow an order", responses={200: {"model": PlainOut}})
async def follow(request: Request, token: Token) -> Response:
    """Show an order as its customer may see it: no other stops, no private reasons."""
    order_id = doors_of(request).order_id(token)

    def look(tx: Transaction, platform: Platform) -> object:
        _check_age(tx, platform, order_id)
        return views.tracked(tx, platform, order_id)

    return await read(request, look)


@router.post(
    "/track/{token}/choice", summary="Choose a way out", responses={200: {"model": PlainOut}}
)
async def choose(request: Request, token: Token, body: ChoiceIn) -> Response:
    """Choose what happens with an order that lost its courier; a pickup point only with consent."""
    order_id = doors_of(request).order_id(token)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        _check_age(tx, platform, order_id)
        recover.choose(tx, platform, order_id, way=Way(body.way), site_id=body.site_id)
        return Answer(200, b"")

    def show(tx: Transaction, platform: Platform) -> object:
        return views.tracked(tx, platform, order_id)

    return await perform(request, operation, show=show)
