"""This file knows the doors of remedies that wait for a second pair of eyes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from recourse.flow import entitlements, four_eyes
from recourse.flow.platform import Platform
from recourse.model.ports import Transaction
from recourse.web.access import let_in, merchant_of, must_sign
from recourse.web.doors import Answer, perform, read, written
from recourse.web.replies import PlainOut
from recourse.web.wire import TEXT_PATTERN, Body, Limit, OptionalIdQuery, Text, write

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])


class RightIn(Body):
    """Which right of a customer is used."""

    entitlement_id: Text = Field(min_length=1, examples=["case-7/remedy:customer"])


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


@router.get(
    "/entitlements", summary="List rights of customers", responses={200: {"model": PlainOut}}
)
async def list_entitlements(
    request: Request,
    customer_id: OptionalIdQuery = "",
    after: Annotated[
        str, Query(max_length=200, pattern=TEXT_PATTERN, description="`next` of the page before.")
    ] = "",
    limit: Limit = 100,
) -> Response:
    """List what customers may claim that is no money, by id, a page at a time."""
    merchant_id = merchant_of(request)

    def look(tx: Transaction, _: Platform) -> object:
        found = tx.entitlements_of(merchant_id, customer_id=customer_id, after=after, limit=limit)
        return {"entitlements": found, "next": found[-1].id if len(found) == limit else ""}

    return await read(request, look)


@router.post("/entitlements/redeem", summary="Use a right", responses={200: {"model": PlainOut}})
async def redeem(request: Request, body: RightIn) -> Response:
    """Use a right of a customer, once; who asks again under another key is refused."""
    merchant_id = merchant_of(request)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        used = entitlements.redeem(tx, platform, body.entitlement_id, merchant_id=merchant_id)
        return Answer(200, write(written(tx, used)))

    return await perform(request, operation)


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
