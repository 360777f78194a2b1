"""This file knows the doors of remedies that wait for a second pair of eyes."""

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from recourse.flow import four_eyes
from recourse.flow.platform import Platform
from recourse.model.ports import Transaction
from recourse.web.access import let_in, must_sign
from recourse.web.doors import Answer, perform, read
from recourse.web.replies import PlainOut
from recourse.web.wire import Body, Text, write

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])


class ApproveIn(Body):
    """A dispatcher's yes to a remedy that waits."""

    remedy_id: Text = Field(min_length=1, examples=["case-7/remedy:customer"])
    actor: Text = Field(min_length=1, description="Who decides; kept in the log.")


class RefuseIn(ApproveIn):
    """A dispatcher's no to a remedy that waits."""

    why: Text = Field(min_length=1, description="The reason; kept in the log.")


@router.get(
    "/remedies/waiting", summary="List remedies that wait", responses={200: {"model": PlainOut}}
)
async def list_waiting(request: Request) -> Response:
    """List the remedies above the amount of the policy that wait for a dispatcher."""

    def look(tx: Transaction, _: Platform) -> object:
        return {"remedies": four_eyes.waiting(tx)}

    return await read(request, look)


@router.post("/remedies/approve", summary="Approve a remedy", responses={200: {"model": PlainOut}})
async def approve(request: Request, body: ApproveIn) -> Response:
    """Give a remedy that waits; approving it again gives nothing more."""
    must_sign(request, body.actor)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        given = four_eyes.approve(tx, platform, body.remedy_id, actor=body.actor)
        return Answer(200, write(given))

    return await perform(request, operation)


@router.post("/remedies/refuse", status_code=204, summary="Refuse a remedy")
async def refuse(request: Request, body: RefuseIn) -> Response:
    """Do not give a remedy that waits, for a reason that is kept."""
    must_sign(request, body.actor)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        four_eyes.refuse(tx, platform, body.remedy_id, actor=body.actor, why=body.why)
        return Answer(204, b"")

    return await perform(request, operation)
