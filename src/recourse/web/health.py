"""This file knows the operator's doors: alive, ready, and the figures."""

import logging
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Depends, Request, Response

from recourse.web.access import let_in
from recourse.web.doors import doors_of
from recourse.web.problems import Refusal
from recourse.web.replies import ChecksOut, HealthOut
from recourse.web.wire import write

__all__ = ["Check", "router"]

_log = logging.getLogger(__name__)

Check = Callable[[], bool]

router = APIRouter(dependencies=[Depends(let_in)], tags=["Operator"])


@router.get(
    "/healthz", summary="Say whether the process is alive", responses={200: {"model": HealthOut}}
)
async def show_health() -> Response:
    """Answer as long as the process does; asks nothing else."""
    return Response(b'{"status":"alive"}', media_type="application/json")


@router.get(
    "/readyz", summary="Say whether requests can be served", responses={200: {"model": ChecksOut}}
)
async def show_readiness(request: Request) -> Response:
    """Answer 200 when the database answers and every check holds; else 503."""
    doors = doors_of(request)
    checks: Mapping[str, Check] = request.app.state.checks

    def work() -> dict[str, bool]:
        def database() -> bool:
            with doors.platform.store.begin() as tx:
                return tx.counts() is not None

        return {
            name: _holds(name, check) for name, check in {"database": database, **checks}.items()
        }

    found = await doors.runner.read(work)
    failed = sorted(name for name, holds in found.items() if not holds)
    if failed:
        raise Refusal(code="not_ready", detail=f"not ready: {', '.join(failed)}")
    return Response(write({"status": "ready", "checks": found}), media_type="application/json")


def _holds(name: str, check: Check) -> bool:
    """Whether a check holds; one that fails in any way does not."""
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever it is, it is not ready
        _log.exception("the check %r failed", name)
        return False


@router.get(
    "/metrics",
    summary="Write the figures",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def show_metrics(request: Request) -> Response:
    """Write requests, times, the log, cases and waiting commands in the Prometheus text format."""
    doors = doors_of(request)
    text = await doors.runner.read(request.app.state.metrics.text)
    return Response(text, media_type="text/plain; version=0.0.4")
