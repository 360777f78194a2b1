"""This file knows the doors to what is done outside: notices handed on, remedies paid out."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from recourse.flow import outside, views
from recourse.flow.platform import Platform
from recourse.model.errands import ErrandState
from recourse.model.ports import Transaction
from recourse.web.access import let_in, must_sign
from recourse.web.doors import Answer, perform, read
from recourse.web.replies import PlainOut
from recourse.web.wire import Body, IdPath, Limit, Text, write

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])
State = Annotated[
    ErrandState | None, Query(description="Only errands in this state; all by default.")
]


class FoundOutIn(Body):
    """What somebody found out about an errand whose outcome was unknown."""

    errand_id: Text = Field(min_length=1, examples=["case-7/notice:1@sms"])
    outcome: Literal["done", "not_done"]
    actor: Text = Field(min_length=1, description="Who says so; kept in the log.")
    why: Text = Field(min_length=1, description="How they know; kept in the log.")


@router.get("/errands", summary="List errands", responses={200: {"model": PlainOut}})
async def list_errands(request: Request, state: State = None, limit: Limit = 100) -> Response:
    """List what is done outside, newest first: `unknown` is what somebody should look into."""
    states = [state] if state else list(ErrandState)

    def look(tx: Transaction, _: Platform) -> object:
        return {"errands": views.errands_in(tx, states, limit=limit)}

    return await read(request, look)


@router.get(
    "/orders/{order_id}/errands",
    summary="List the errands of an order",
    responses={200: {"model": PlainOut}},
)
async def list_of_order(request: Request, order_id: IdPath) -> Response:
    """List every errand of an order, with every call about it and what came of it."""

    def look(tx: Transaction, _: Platform) -> object:
        return {"errands": views.errands_of(tx, order_id)}

    return await read(request, look)


@router.post("/errands/settle", summary="Settle an errand", responses={200: {"model": PlainOut}})
async def settle(request: Request, body: FoundOutIn) -> Response:
    """Say what came of an errand whose outcome is unknown; a payout that was done is booked."""
    must_sign(request, body.actor)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        settled = outside.settle(
            tx,
            platform,
            body.errand_id,
            is_done=body.outcome == "done",
            actor=body.actor,
            why=body.why,
        )
        return Answer(200, write({"id": settled.id, "state": settled.state}))

    return await perform(request, operation)
