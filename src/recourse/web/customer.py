"""This file knows the customer's doors: the link, the page behind it, and the choice.

Opening a link changes nothing, however often and by whomever: scanners of mail open links too. It
is exchanged for a session that a browser keeps for this one order.
"""

import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from recourse.flow import neighbours, recover, sessions, views
from recourse.flow.platform import Platform
from recourse.model.cases import Way
from recourse.model.ports import Transaction
from recourse.web import guesses
from recourse.web.access import let_in, link_cookie
from recourse.web.customer_bodies import ChoiceIn, NextDoorIn
from recourse.web.doors import Answer, perform, read
from recourse.web.problems import Refusal
from recourse.web.replies import PlainOut
from recourse.web.wire import Body, IdPath, write

if TYPE_CHECKING:
    from recourse.model.keys import Session

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Customer"])

_N_TOKEN_BYTES = 32
LinkToken = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]


class LinkIn(Body):
    """The link a customer was sent."""

    token: LinkToken = Field(description="The `track_token` of the order.")


class LinkOut(BaseModel):
    """The order that a link opens."""

    order_id: str
    expires_at: str = Field(description="When the browser must open the link again.")


@router.post("/links", status_code=201, summary="Open a link", responses={201: {"model": LinkOut}})
async def open_link(request: Request, body: LinkIn) -> Response:
    """Exchange a customer's link for a cookie; the link stays as it was, for whoever opens it next.

    Returns
    -------
    Response
        The order, and the cookie that opens it.

    Raises
    ------
    Refusal
        If the link opens nothing, or too many were tried that do not.
    """
    token = secrets.token_urlsafe(_N_TOKEN_BYTES)
    await guesses.check(request)
    begun: list[Session] = []

    def operation(tx: Transaction, platform: Platform) -> Answer:
        begun.clear()
        proof = sessions.prove_link(tx, token=body.token, now=platform.now())
        session = sessions.begin_session(tx, platform, proof, token=token)
        if session is None:
            return Answer(404, b"")
        begun.append(session)
        said = {"order_id": session.subject_id, "expires_at": session.expires_at}
        return Answer(201, write(said))

    if request.headers.get("idempotency-key"):
        raise Refusal(code="bad_request", detail="a link takes no key", param="Idempotency-Key")
    response = await perform(request, operation)
    if not begun:
        await guesses.wrong(request)
        raise Refusal(code="not_found", detail="there is no such link", param="token")
    order_id = begun[0].subject_id
    response.set_cookie(
        link_cookie(order_id),
        sessions.token_text(token),
        max_age=int((begun[0].expires_at - begun[0].began_at).total_seconds()),
        # One for each order, sent to the doors of that order alone.
        path=f"/v1/track/{order_id}",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/track/{order_id}", summary="Follow an order", responses={200: {"model": PlainOut}})
async def follow(request: Request, order_id: IdPath) -> Response:
    """Show an order as its customer may see it: no other stops, no private reasons."""

    def look(tx: Transaction, platform: Platform) -> object:
        return views.tracked(tx, platform, order_id)

    return await read(request, look)


@router.post(
    "/track/{order_id}/choice", summary="Choose a way out", responses={200: {"model": PlainOut}}
)
async def choose(request: Request, order_id: IdPath, body: ChoiceIn) -> Response:
    """Choose what happens with an order that lost its courier; a pickup point only with consent."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        recover.choose(
            tx,
            platform,
            order_id,
            way=Way(body.way),
            site_id=body.site_id,
            slot_at=body.slot_at,
            price_cents=body.price_cents,
        )
        return Answer(200, b"")

    def show(tx: Transaction, platform: Platform) -> object:
        return views.tracked(tx, platform, order_id)

    return await perform(request, operation, show=show)


@router.post(
    "/track/{order_id}/neighbour", summary="Name a neighbour", responses={200: {"model": PlainOut}}
)
async def name_neighbour(request: Request, order_id: IdPath, body: NextDoorIn) -> Response:
    """Let somebody next door take the parcel; the yes is kept, and the last one named counts."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        neighbours.name_neighbour(tx, platform, order_id, name=body.name, door=body.door)
        return Answer(200, b"")

    def show(tx: Transaction, platform: Platform) -> object:
        return views.tracked(tx, platform, order_id)

    return await perform(request, operation, show=show)


@router.post(
    "/track/{order_id}/neighbour/end",
    summary="Take a neighbour back",
    responses={200: {"model": PlainOut}},
)
async def unname_neighbour(request: Request, order_id: IdPath) -> Response:
    """Let nobody next door take the parcel; saying so twice changes nothing."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        neighbours.unname(tx, platform, order_id)
        return Answer(200, b"")

    def show(tx: Transaction, platform: Platform) -> object:
        return views.tracked(tx, platform, order_id)

    return await perform(request, operation, show=show)
