"""This file knows the dispatcher's doors: the state, the cases, the log, the roads."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from recourse.flow import recover, roads, roster, views
from recourse.flow.platform import Platform
from recourse.flow.reopen import reopen as reopen_flow
from recourse.flow.what_if import what_if as what_if_flow
from recourse.model.cases import CaseStatus
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.events import EVENT_TYPES, CaseClosed, dotted
from recourse.model.ports import EventFilter, Transaction
from recourse.web.access import courier_of, let_in, merchant_of
from recourse.web.bodies import ReferenceIn, ReopenIn, RoadEventIn, SettleIn, WhatIfIn
from recourse.web.doors import Answer, doors_of, perform, read, written
from recourse.web.replies import CasesOut, EventsOut, MessagesOut, PlainOut, RoadEventOut
from recourse.web.wire import After, IdPath, Limit, OptionalIdQuery, write

__all__ = ["feed", "router"]

# By itself because it is asked more often than anything else and is to be tried first.
feed = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])
router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])

_MAX_REFERENCES = 16
_Name = Annotated[str, Field(max_length=64)]


@feed.get("/messages", summary="Read messages", responses={200: {"model": MessagesOut}})
async def list_messages(request: Request, after: After = 0, limit: Limit = 500) -> Response:
    """Read what phones and customers receive, oldest first: one feed for a gateway to pass on."""
    courier_id = courier_of(request)

    def look(tx: Transaction, _: Platform) -> object:
        return views.messages(tx, after=after, limit=limit, courier_id=courier_id)

    return await read(request, look)


@router.get("/state", summary="Show the day at a glance", responses={200: {"model": PlainOut}})
async def show_state(request: Request) -> Response:
    """Show everything a console needs when it opens; go on with `GET /v1/live`."""
    if courier_of(request):
        # A phone asks only where to begin to read; the rest is nobody's on the road.
        return await read(request, lambda _, platform: {"next": platform.store.last_number()})
    return await read(request, views.snapshot)


@router.get(
    "/couriers/{courier_id}/path",
    summary="Draw the way still to drive",
    responses={200: {"model": PlainOut}},
)
async def show_path(request: Request, courier_id: IdPath) -> Response:
    """Draw a courier's remaining way as a GeoJSON feature."""

    def look(tx: Transaction, platform: Platform) -> object:
        courier = roster.find_courier(tx, courier_id)
        route = tx.routes([courier_id])[courier_id]
        return views.path(platform, courier, route, tx.progress([courier_id]).get(courier_id))

    return await read(request, look)


@router.get("/cases", summary="List cases", responses={200: {"model": CasesOut}})
async def list_cases(
    request: Request,
    status: Annotated[
        CaseStatus | Literal["open"], Query(description="Only these; `open` is all but closed.")
    ] = "open",
    after: OptionalIdQuery = "",
    limit: Limit = 1_000,
) -> Response:
    """List cases, oldest first, a page at a time; `after` is the last id of the page before."""

    def look(tx: Transaction, _: Platform) -> object:
        if status == CaseStatus.CLOSED:
            ended = tx.events(EventFilter(kinds=(dotted(CaseClosed),), limit=10_000))
            ids = {one.event.case_id for one in ended if isinstance(one.event, CaseClosed)}
            found = sorted(tx.cases(ids).values(), key=lambda case: (case.opened_at, case.id))
            closed = [case for case in found if case.status is CaseStatus.CLOSED]
            return _page(closed, [case.id for case in closed], after=after, limit=limit)
        lines = views.cases_view(tx)
        wanted = [line for line in lines if status in {"open", line["status"]}]
        names = [str(line["id"]) for line in wanted]
        return _page(wanted, names, after=after, limit=limit)

    return await read(request, look)


def _page(
    cases: Sequence[object], ids: Sequence[str], *, after: str, limit: int
) -> Mapping[str, object]:
    """A page of cases, and where the next one begins; a case that left the list ends the pages."""
    if after and after not in ids:
        raise NotFound(kind="case", id=after)
    start = ids.index(after) + 1 if after else 0
    is_end = start + limit >= len(ids)
    following = "" if is_end else ids[start + limit - 1]
    return {"cases": cases[start : start + limit], "next": following}


@router.get("/cases/{case_id}", summary="Show a case", responses={200: {"model": PlainOut}})
async def show_case(request: Request, case_id: IdPath) -> Response:
    """Show a case whole: the decision, why every other way lost, and what happened."""

    def look(tx: Transaction, platform: Platform) -> object:
        return views.case_view(tx, platform, case_id)

    return await read(request, look)


@router.post(
    "/cases/{case_id}/decide", summary="Decide a case", responses={200: {"model": PlainOut}}
)
async def decide(request: Request, case_id: IdPath, body: SettleIn) -> Response:
    """Decide by hand what becomes of an order."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        recover.settle(tx, platform, case_id, way=body.way, courier_id=body.courier_id)
        return Answer(200, b"")

    def show(tx: Transaction, platform: Platform) -> object:
        return views.case_view(tx, platform, case_id)

    return await perform(request, operation, show=show)


@router.post(
    "/cases/{case_id}/what-if",
    summary="Look at every way out of a case",
    responses={200: {"model": PlainOut}},
)
async def what_if(request: Request, case_id: IdPath, body: WhatIfIn) -> Response:
    """Price every way out of a case as it stands, or one that is named; nothing is changed."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        found = what_if_flow(
            tx, platform, case_id, way=body.way, courier_id=body.courier_id, site_id=body.site_id
        )
        return Answer(200, write(found))

    return await perform(request, operation)


@router.post(
    "/cases/{case_id}/reopen",
    summary="Reopen a case that was closed by mistake",
    responses={200: {"model": PlainOut}},
)
async def reopen(request: Request, case_id: IdPath, body: ReopenIn) -> Response:
    """Take back the end of a case and its order; what somebody received stays received."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        reopen_flow(tx, platform, case_id, why=body.why)
        return Answer(200, b"")

    def show(tx: Transaction, platform: Platform) -> object:
        return views.case_view(tx, platform, case_id)

    return await perform(request, operation, show=show)


@router.get("/events", summary="Read the log", responses={200: {"model": EventsOut}})
async def list_events(
    request: Request,
    after: After = 0,
    limit: Limit = 500,
    name: Annotated[
        tuple[_Name, ...],
        Query(max_length=len(EVENT_TYPES), description="Only this dotted name; may be repeated."),
    ] = (),
    order_id: OptionalIdQuery = "",
) -> Response:
    """Read what happened, oldest first; facts are only ever added."""
    kinds = tuple(one for one in name if one)
    if not EVENT_TYPES.keys() >= set(kinds):
        raise Invalid(field="name", why="there is no event of that name")
    merchant_id = merchant_of(request)

    def look(tx: Transaction, _: Platform) -> object:
        wanted = EventFilter(after=after, limit=limit, kinds=kinds, order_id=order_id)
        found = tx.events(wanted)
        following = found[-1].number if found else after
        if merchant_id:
            return {"events": views.told(tx, found, merchant_id), "next": following}
        lines = [
            {
                "number": one.number,
                "name": dotted(type(one.event)),
                "at": one.event.at,
                "recorded_at": one.recorded_at,
                "data": one.event,
            }
            for one in found
        ]
        return {"events": lines, "next": following}

    return await read(request, look)


@router.post(
    "/roads/events",
    status_code=201,
    summary="Close or slow down roads",
    responses={201: {"model": RoadEventOut}},
)
async def begin_road_event(request: Request, body: RoadEventIn) -> Response:
    """Report a closure or slow-down; every route is timed afresh at once."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        event = body.value(id=platform.ids.new("road"), now=platform.now())
        return Answer(201, write(written(tx, roads.begin_road_event(tx, platform, event))))

    return await perform(request, operation)


@router.delete("/roads/events/{road_event_id}", status_code=204, summary="Open roads again")
async def end_road_event(request: Request, road_event_id: IdPath) -> Response:
    """End a closure or slow-down before its time."""

    def operation(tx: Transaction, platform: Platform) -> Answer:
        roads.end_road_event(tx, platform, road_event_id)
        return Answer(204, b"")

    return await perform(request, operation)


@router.put("/references/{name}", status_code=204, summary="Set a reference day")
async def set_reference(request: Request, name: IdPath, body: ReferenceIn) -> Response:
    """Keep series of a reference day, shown beside the live counters until the next start."""
    references = doors_of(request).platform.references
    if name not in references and len(references) >= _MAX_REFERENCES:
        raise Conflict(rule="too_many_references", detail=f"{_MAX_REFERENCES} are kept at most")
    references[name] = body.model_dump(mode="json")
    return Response(status_code=204)
