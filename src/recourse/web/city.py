"""This file knows the doors to the city: what it is, its map tiles, and the pages."""

import os
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from recourse.web.access import is_known, let_in
from recourse.web.doors import doors_of
from recourse.web.replies import PlainOut
from recourse.web.wire import write

__all__ = ["STATIC", "Assets", "pages", "router"]

STATIC = File(__file__).parent / "static"

router = APIRouter(dependencies=[Depends(let_in)], tags=["City"])
pages = APIRouter(dependencies=[Depends(let_in)], include_in_schema=False)

_MAX_ZOOM = 22
_TILE_HEADERS = {"Content-Encoding": "gzip", "Cache-Control": "public, max-age=86400"}
_EMPTY_HEADERS = {"Cache-Control": "public, max-age=86400"}
_MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Recourse</title>
<h1>The pages are not built yet</h1>
<p>The platform runs; its API is described at <a href="/docs">/docs</a>.</p>
<p>In a checkout, <code>python3 dev.py run</code> builds and opens them; an installed package
brings them along.</p></html>"""


@router.get("/v1/city", summary="Describe the city", responses={200: {"model": PlainOut}})
async def show_city(request: Request) -> Response:
    """Describe the city: its name, zone, bounds, the time there, and whom the map is owed to."""
    platform = doors_of(request).platform
    # A phone's own clock says nothing about a simulated city, so the city tells the time.
    there = {"at": platform.now(), "is_simulated": platform.is_simulated}
    return Response(write({**platform.city, **there}), media_type="application/json")


@router.get(
    "/tiles/{z}/{x}/{y}.mvt",
    summary="Fetch a map tile",
    response_class=Response,
    responses={
        200: {
            "description": "A Mapbox vector tile, gzipped.",
            "content": {
                "application/vnd.mapbox-vector-tile": {
                    "schema": {"type": "string", "format": "binary"}
                }
            },
        },
        204: {"description": "Nothing is there."},
    },
)
async def fetch_tile(
    request: Request,
    z: Annotated[int, Path(ge=0, le=_MAX_ZOOM, description="Zoom.")],
    x: Annotated[int, Path(ge=0, lt=2**_MAX_ZOOM, description="Column, from the west.")],
    y: Annotated[int, Path(ge=0, lt=2**_MAX_ZOOM, description="Row, from the north.")],
) -> Response:
    """Fetch one tile of the map."""
    doors = doors_of(request)
    tile: bytes | None = None
    if x < 2**z and y < 2**z:
        tile = await doors.runner.read(lambda: doors.platform.tile(z, x, y))
    if not tile:
        return Response(status_code=204, headers=_EMPTY_HEADERS)
    return Response(tile, headers=_TILE_HEADERS, media_type="application/vnd.mapbox-vector-tile")


class Assets(StaticFiles):
    """The built files; a hashed name never changes, so it may be kept for ever."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with a file and how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_hashed = File(full_path).parent.name == "assets"
        kept = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


def _page(name: str) -> Response:
    """One of the built pages, or how to build them."""
    file = STATIC / name
    if not file.is_file():
        return HTMLResponse(_MISSING, status_code=503)
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


async def _behind_login(request: Request, name: str) -> Response:
    """A page for whoever has logged in; where to do that, for everybody else."""
    doors = doors_of(request)
    if doors.is_open or await is_known(request):
        return _page(name)
    return RedirectResponse("/login", 303, headers={"Cache-Control": "no-store"})


@pages.get("/")
async def show_console(request: Request) -> Response:
    """Show the dispatcher's console."""
    return await _behind_login(request, "index.html")


@pages.get("/courier")
async def show_courier_page(request: Request) -> Response:
    """Show the courier's page."""
    return await _behind_login(request, "courier.html")


@pages.get("/track/worker.js")
async def show_track_worker() -> Response:
    """Show the worker of the customer's page, which may only serve pages beside it."""
    return _page("worker.js")


@pages.get("/track/{token}")
async def show_track_page(token: str) -> Response:
    """Show the customer's page; it asks for the order itself."""
    return _page("track.html")
