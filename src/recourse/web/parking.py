"""This file knows the doors to what failed too often: look at it, and have it tried anew."""

from dataclasses import asdict

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from recourse.flow import parking
from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.ports import Transaction
from recourse.web.access import let_in, must_sign
from recourse.web.doors import Answer, perform, read
from recourse.web.replies import PlainOut
from recourse.web.wire import After, Body, Limit, Text, write

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])


class UnparkIn(Body):
    """Which command is to be tried anew."""

    key: Text = Field(min_length=1, examples=["case-7/offer:1"])
    actor: Text = Field(min_length=1, description="Who says so; kept in the log.")
    why: Text = Field(min_length=1, description="What was mended; kept in the log.")


@router.get(
    "/commands/parked", summary="List parked commands", responses={200: {"model": PlainOut}}
)
async def list_parked(request: Request) -> Response:
    """List what failed too often, or killed whoever began it, each with its last error."""

    def look(_: Transaction, platform: Platform) -> object:
        return {
            "commands": [{**_plain(one), "error": error} for one, error in parking.parked(platform)]
        }

    return await read(request, look)


@router.post(
    "/commands/unpark", summary="Try a parked command anew", responses={200: {"model": PlainOut}}
)
async def unpark(request: Request, body: UnparkIn) -> Response:
    """Have a parked command tried anew, as if it never had been; do so once its cause is mended."""
    must_sign(request, body.actor)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        found = parking.unpark(tx, platform, body.key, actor=body.actor, why=body.why)
        return Answer(200, write(_plain(found)))

    return await perform(request, operation)


@router.get(
    "/commands/unparked",
    summary="List what was tried anew",
    responses={200: {"model": PlainOut}},
)
async def list_unparked(request: Request, after: After = 0, limit: Limit = 100) -> Response:
    """List who had which command tried anew, when and why, oldest first."""

    def look(tx: Transaction, _: Platform) -> object:
        found = parking.unparked(tx, after=after, limit=limit)
        lines = [{"number": number, **asdict(event)} for number, event in found]
        return {"unparked": lines, "next": found[-1][0] if found else after}

    return await read(request, look)


def _plain(command: Command) -> dict[str, object]:
    """What a person needs to know of a command; what it carries stays inside."""
    return {
        "key": command.key,
        "name": command.name,
        "due_at": command.due_at,
        "order_id": command.order_id,
        "case_id": command.case_id,
        "courier_id": command.courier_id,
    }
