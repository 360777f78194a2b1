"""This file knows the courier's doors: positions, stops, answers to offers, and dropping out."""

from fastapi import APIRouter, Depends, Request, Response

from recourse.flow import attempts, disrupt, late, offers, roster, stops, views
from recourse.flow import track as track_flow
from recourse.flow.platform import Platform
from recourse.model.assignments import ASSIGNMENT_LIVE, Assignment
from recourse.model.errors import NotFound
from recourse.model.keys import Role
from recourse.model.ports import Transaction
from recourse.model.reasons import ReasonCode
from recourse.model.routes import Route
from recourse.web.access import courier_of, let_in, must_be
from recourse.web.bodies import (
    AssignmentWithdrawIn,
    CourierIn,
    DeclineIn,
    DeliveredIn,
    DutyIn,
    PingsIn,
    ReachOutIn,
    ScanIn,
    SosIn,
    StopFailIn,
    WithdrawIn,
)
from recourse.web.doors import Answer, perform, read, written
from recourse.web.replies import (
    AcceptedOut,
    CourierOut,
    CouriersOut,
    OfferOut,
    PingsOut,
    PlainOut,
    RouteOut,
    RouteReply,
    WithdrawnOut,
)
from recourse.web.wire import IdPath, Limit, OptionalIdQuery, page_of, write

__all__ = ["router"]

# The order of the endpoints is the order in which they are tried: the busiest come first.
router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Courier"])


def _fresh(tx: Transaction, route: Route) -> Answer:
    """Answer with the route as the flow left it."""
    return Answer(200, write({"route": views.route_view(written(tx, route))}))


def _live(tx: Transaction, assignment_id: str) -> Assignment:
    """Find a live assignment."""
    found = tx.assignments([assignment_id]).get(assignment_id)
    if found is None or found.status not in ASSIGNMENT_LIVE:
        raise NotFound(kind="assignment", id=assignment_id)
    return found


@router.post(
    "/pings", status_code=202, summary="Send positions", responses={202: {"model": PingsOut}}
)
async def send_pings(request: Request, pings: PingsIn) -> Response:
    """Take a batch of positions in, as columns; at most 2,000 rows at once."""
    must_be(request, Role.COURIER, *pings.courier_ids)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        accepted, refused = track_flow.track(tx, platform, pings.value())
        return Answer(202, write({"accepted": accepted, "refused": refused}))

    return await perform(request, operation)


@router.post(
    "/couriers/{courier_id}/stops/{stop_id}/arrive",
    summary="Arrive at a stop",
    responses={200: {"model": RouteReply}},
)
async def arrive(request: Request, courier_id: IdPath, stop_id: IdPath) -> Response:
    """Record that a courier is at the next stop; it is frozen from now on."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return _fresh(tx, stops.reach(tx, platform, courier_id, stop_id))

    return await perform(request, operation)


@router.post(
    "/couriers/{courier_id}/stops/{stop_id}/complete",
    summary="Complete a stop",
    responses={200: {"model": RouteReply}},
)
async def complete(
    request: Request, courier_id: IdPath, stop_id: IdPath, body: ScanIn | None = None
) -> Response:
    """Record that the stop is done; custody passes by what was scanned."""
    scanned = tuple(body.scanned) if body and body.scanned is not None else None
    neighbour_id = body.neighbour_id if body else ""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        route = stops.complete(
            tx, platform, courier_id, stop_id, scanned=scanned, neighbour_id=neighbour_id
        )
        return _fresh(tx, route)

    return await perform(request, operation)


@router.post(
    "/offers/{offer_id}/accept", summary="Accept an offer", responses={200: {"model": AcceptedOut}}
)
async def accept(request: Request, offer_id: IdPath) -> Response:
    """Say yes: the orders join the route, and the courier is accountable for them."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        offer, route = offers.accept(tx, platform, offer_id)
        shown = views.route_view(written(tx, route))
        return Answer(200, write({"offer": written(tx, offer), "route": shown}))

    return await perform(request, operation)


@router.post(
    "/offers/{offer_id}/decline", summary="Decline an offer", responses={200: {"model": OfferOut}}
)
async def decline(request: Request, offer_id: IdPath, body: DeclineIn | None = None) -> Response:
    """Say no, with a reason; it never counts against the courier."""
    code = (body or DeclineIn()).code

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return Answer(200, write(written(tx, offers.decline(tx, platform, offer_id, code=code))))

    return await perform(request, operation)


@router.get(
    "/couriers/{courier_id}/route", summary="Show a route", responses={200: {"model": RouteOut}}
)
async def show_route(request: Request, courier_id: IdPath) -> Response:
    """Show the stops a courier still has to make, in order."""

    def look(tx: Transaction, platform: Platform) -> object:
        route = tx.routes([courier_id]).get(courier_id)
        if route is None:
            raise NotFound(kind="courier", id=courier_id)
        return views.route_view(route)

    return await read(request, look)


@router.post(
    "/couriers/{courier_id}/stops/{stop_id}/fail",
    summary="Report that a stop failed",
    responses={200: {"model": RouteReply}},
)
async def fail(request: Request, courier_id: IdPath, stop_id: IdPath, body: StopFailIn) -> Response:
    """Say why a stop cannot be done; a reason that is the customer's needs an attempt on record."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        route = stops.fail(tx, platform, courier_id, stop_id, code=body.code)
        return _fresh(tx, route)

    return await perform(request, operation)


@router.get(
    "/couriers/{courier_id}/stops/{stop_id}/neighbours",
    summary="List who may take parcels",
    responses={200: {"model": PlainOut}},
)
async def list_neighbours(request: Request, courier_id: IdPath, stop_id: IdPath) -> Response:
    """List whom customers of the next stop named next door; of other stops nothing is told."""

    def look(tx: Transaction, platform: Platform) -> object:
        return {"neighbours": views.neighbours_at(tx, courier_id, stop_id)}

    return await read(request, look)


@router.post(
    "/couriers/{courier_id}/stops/{stop_id}/contact",
    summary="Reach out from a stop",
    responses={200: {"model": RouteReply}},
)
async def contact(
    request: Request, courier_id: IdPath, stop_id: IdPath, body: ReachOutIn
) -> Response:
    """Let the customer know, in their language, that somebody stands at the door; it is kept."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return _fresh(tx, attempts.contact(tx, platform, courier_id, stop_id, how=body.how))

    return await perform(request, operation)


@router.post(
    "/couriers/{courier_id}/deliveries",
    summary="Report a delivery late",
    responses={200: {"model": RouteReply}},
)
async def report_delivery(request: Request, courier_id: IdPath, body: DeliveredIn) -> Response:
    """Record that a parcel in this courier's hands was brought, though its stop is gone by now."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return _fresh(tx, late.deliver(tx, platform, courier_id, body.order_id))

    return await perform(request, operation)


@router.post(
    "/couriers/{courier_id}/duty",
    summary="Begin or end duty",
    responses={200: {"model": CourierOut}},
)
async def set_duty(request: Request, courier_id: IdPath, body: DutyIn) -> Response:
    """Come on duty or go off it."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        return Answer(200, write(written(tx, roster.duty(tx, platform, courier_id, on=body.on))))

    return await perform(request, operation)


@router.post(
    "/couriers/{courier_id}/withdraw", summary="Drop out", responses={200: {"model": WithdrawnOut}}
)
async def withdraw(request: Request, courier_id: IdPath, body: WithdrawIn) -> Response:
    """Drop everything, or the orders named; every order is put right as a case."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        courier = disrupt.withdraw(
            tx,
            platform,
            courier_id,
            code=body.code,
            order_ids=tuple(body.order_ids),
            note=body.note,
            place=body.place.value() if body.place else None,
        )
        return Answer(200, write({"courier": written(tx, courier)}))

    return await perform(request, operation)


@router.post(
    "/couriers/{courier_id}/sos", summary="Call for help", responses={200: {"model": WithdrawnOut}}
)
async def sos(request: Request, courier_id: IdPath, body: SosIn | None = None) -> Response:
    """Call for help: nothing more is asked of the courier, and nothing counts against them."""
    place = body.place.value() if body and body.place else None

    def operation(tx: Transaction, platform: Platform) -> Answer:
        courier = disrupt.withdraw(
            tx, platform, courier_id, code=ReasonCode.COURIER_EMERGENCY, place=place
        )
        return Answer(200, write({"courier": written(tx, courier)}))

    return await perform(request, operation)


@router.post(
    "/assignments/{assignment_id}/withdraw",
    summary="Drop one order",
    responses={200: {"model": WithdrawnOut}},
)
async def withdraw_one(
    request: Request, assignment_id: IdPath, body: AssignmentWithdrawIn
) -> Response:
    """Drop one order and keep the rest."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        duty = _live(tx, assignment_id)
        courier = disrupt.withdraw(
            tx, platform, duty.courier_id, code=body.code, order_ids=(duty.order_id,)
        )
        return Answer(200, write({"courier": written(tx, courier)}))

    return await perform(request, operation)


@router.post(
    "/couriers",
    status_code=201,
    summary="Register a courier",
    responses={201: {"model": CourierOut}},
)
async def register_courier(request: Request, body: CourierIn) -> Response:
    """Make a courier known, off duty; the same id again changes nothing."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        courier = roster.register_courier(tx, platform, body.value(platform.now()))
        return Answer(201, write(written(tx, courier)))

    return await perform(request, operation)


@router.get("/couriers", summary="List couriers", responses={200: {"model": CouriersOut}})
async def list_couriers(
    request: Request, after: OptionalIdQuery = "", limit: Limit = 1_000
) -> Response:
    """List couriers by id, a page at a time; a courier's device sees its own."""
    own = courier_of(request)

    def look(tx: Transaction, platform: Platform) -> object:
        found = sorted(tx.couriers([own] if own else None).items())
        ids = [id_ for id_, _ in found]
        page, following = page_of([one for _, one in found], ids, after=after, limit=limit)
        return {"couriers": page, "next": following}

    return await read(request, look)


@router.get(
    "/couriers/{courier_id}", summary="Show a courier", responses={200: {"model": CourierOut}}
)
async def show_courier(request: Request, courier_id: IdPath) -> Response:
    """Show one courier as they stand."""

    def look(tx: Transaction, platform: Platform) -> object:
        return roster.find_courier(tx, courier_id)

    return await read(request, look)
