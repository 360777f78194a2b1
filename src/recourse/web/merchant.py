"""This file knows the merchant's doors: sites and orders."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from recourse.flow import order as order_flow
from recourse.flow import roster, views
from recourse.flow.amend import amend
from recourse.flow.platform import Platform
from recourse.flow.quote import quote
from recourse.flow.returns import ask_return
from recourse.flow.views.epcis import epcis
from recourse.flow.views.story import customer_story, dispatcher_story
from recourse.model.errors import NotFound
from recourse.model.keys import Role
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Transaction
from recourse.web.access import courier_of, let_in, merchant_of, must_be
from recourse.web.bodies import CancelIn, OrderIn, SiteIn
from recourse.web.doors import Answer, Doors, doors_of, perform, read, written
from recourse.web.merchant_bodies import OrderChangeIn, QuoteIn, ReturnIn
from recourse.web.replies import (
    LogOut,
    OrderOut,
    OrdersOut,
    PlainOut,
    QuoteOut,
    RemediesOut,
    SiteOut,
)
from recourse.web.wire import After, IdPath, Limit, OptionalIdQuery, write

__all__ = ["order_json", "router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Merchant"])


def order_json(doors: Doors, order: Order) -> bytes:
    """Write an order with the token of its customer's link.

    Parameters
    ----------
    doors : Doors
        Who signs links.
    order : Order
        Which order.

    Returns
    -------
    bytes
        JSON.
    """
    token = doors.token(order.id)
    # The token is hex after an id: it needs no escaping, and the order is written only once.
    return write(order)[:-1] + f',"track_token":"{token}"}}'.encode()


@router.post(
    "/orders",
    status_code=201,
    summary="Admit an order",
    responses={
        201: {"model": OrderOut},
        200: {"model": OrderOut, "description": "The order was known already."},
    },
)
async def admit_order(request: Request, wanted: OrderIn) -> Response:
    """Take an order on with a promise; the same name from the same merchant is the same order."""
    must_be(request, Role.MERCHANT, wanted.merchant_id)
    doors = doors_of(request)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        order = order_flow.admit(tx, platform, wanted.value())
        return Answer(200 if order.version else 201, order_json(doors, written(tx, order)))

    return await perform(request, operation)


@router.get("/orders/{order_id}", summary="Show an order", responses={200: {"model": OrderOut}})
async def show_order(request: Request, order_id: IdPath) -> Response:
    """Show one order as it stands; to a courier without its customer's link."""
    doors, is_courier = doors_of(request), bool(courier_of(request))

    def look(tx: Transaction, platform: Platform) -> bytes:
        order = order_flow.find(tx, order_id)
        return write(order) if is_courier else order_json(doors, order)

    return await read(request, look)


@router.get("/orders", summary="List orders", responses={200: {"model": OrdersOut}})
async def list_orders(
    request: Request,
    status: Annotated[OrderStatus | None, Query(description="Only in this status.")] = None,
    after: OptionalIdQuery = "",
    limit: Limit = 100,
) -> Response:
    """List orders, oldest first, a page at a time; `after` is the last id of the page before."""
    doors, merchant_id = doors_of(request), merchant_of(request)

    def look(tx: Transaction, platform: Platform) -> bytes:
        orders = [
            order
            for order in tx.orders_in([status] if status else list(OrderStatus))
            if merchant_id in {"", order.merchant_id}
        ]
        start = 0
        if after:
            ids = [order.id for order in orders]
            if after not in ids:
                raise NotFound(kind="order", id=after)
            start = ids.index(after) + 1
        page = orders[start : start + limit]
        is_end = start + limit >= len(orders)
        body = b",".join(order_json(doors, order) for order in page)
        last = "" if is_end else page[-1].id
        return b'{"orders":[' + body + f'],"next":"{last}"}}'.encode()

    return await read(request, look)


@router.get(
    "/orders/{order_id}/log",
    summary="Tell the story of an order",
    responses={200: {"model": LogOut}},
)
async def show_order_log(request: Request, order_id: IdPath) -> Response:
    """Tell what happened to an order, from its admission on."""

    def look(tx: Transaction, platform: Platform) -> object:
        return {"log": views.order_log(tx, order_id)}

    return await read(request, look)


@router.get(
    "/orders/{order_id}/story",
    summary="Tell an order in one of two voices",
    responses={200: {"model": PlainOut}},
)
async def show_story(
    request: Request,
    order_id: IdPath,
    voice: Annotated[Literal["customer", "dispatcher"], Query(description="For whom.")],
) -> Response:
    """Tell an order plainly for its customer, or with every option, price and reason."""

    def look(tx: Transaction, _: Platform) -> object:
        if voice == "customer":
            return {"story": customer_story(tx, order_id)}
        return {"story": dispatcher_story(tx, order_id)}

    return await read(request, look)


@router.get(
    "/orders/{order_id}/epcis",
    summary="Export who had the parcel",
    responses={200: {"model": PlainOut}},
)
async def export_epcis(request: Request, order_id: IdPath) -> Response:
    """Export the custody history as GS1 EPCIS 2.0 (JSON-LD)."""

    def look(tx: Transaction, platform: Platform) -> object:
        return epcis(tx, platform, order_id)

    return await read(request, look)


@router.post(
    "/orders/{order_id}/cancel", summary="Cancel an order", responses={200: {"model": OrderOut}}
)
async def cancel_order(request: Request, order_id: IdPath, body: CancelIn) -> Response:
    """End an order because the customer or the merchant asks; a courier's cancel never does."""
    doors = doors_of(request)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        order = order_flow.cancel(tx, platform, order_id, actor=body.actor, code=body.code)
        return Answer(200, order_json(doors, written(tx, order)))

    return await perform(request, operation)


@router.patch("/orders/{order_id}", summary="Change an order", responses={200: {"model": OrderOut}})
async def change_order(request: Request, order_id: IdPath, body: OrderChangeIn) -> Response:
    """Change the door, the window or the note of an order that was not fetched yet."""
    doors = doors_of(request)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        order = amend(tx, platform, order_id, **body.fields())
        return Answer(200, order_json(doors, written(tx, order)))

    return await perform(request, operation)


@router.post(
    "/orders/{order_id}/return",
    status_code=201,
    summary="Return an order",
    responses={
        201: {"model": OrderOut},
        200: {"model": OrderOut, "description": "Its way back was known already."},
    },
)
async def return_order(request: Request, order_id: IdPath, body: ReturnIn) -> Response:
    """Fetch a delivered order at its customer's door; it is refunded when a courier scans it."""
    doors = doors_of(request)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        order = ask_return(tx, platform, order_id, ready_at=body.ready_at, until_at=body.until_at)
        return Answer(200 if order.version else 201, order_json(doors, written(tx, order)))

    return await perform(request, operation)


@router.post("/quotes", summary="Quote a promise", responses={200: {"model": QuoteOut}})
async def quote_promise(request: Request, body: QuoteIn) -> Response:
    """Say which window could be promised now; nothing is reserved and nothing is kept."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return Answer(200, write(quote(tx, platform, body.value())))

    return await perform(request, operation)


@router.get("/remedies", summary="List remedies", responses={200: {"model": RemediesOut}})
async def list_remedies(
    request: Request,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """List what was given to make good, oldest first; `after` is the `next` of the page before."""
    merchant_id = merchant_of(request)

    def look(tx: Transaction, _: Platform) -> object:
        return views.remedies(tx, after=after, limit=limit, merchant_id=merchant_id)

    return await read(request, look)


@router.post(
    "/sites", status_code=201, summary="Register a site", responses={201: {"model": SiteOut}}
)
async def register_site(request: Request, body: SiteIn) -> Response:
    """Make a station, a merchant's door or a pickup point known; the same id changes nothing."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return Answer(201, write(written(tx, roster.register_site(tx, platform, body.value()))))

    return await perform(request, operation)
