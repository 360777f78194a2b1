"""This file knows how often somebody may guess before they have to wait.

Counted in the store by the address they come from, so that a second process counts on: behind a
proxy that is the proxy. What is guessed is long enough without it; it keeps noise down.
"""

from typing import TYPE_CHECKING

from fastapi import Request

from recourse.flow.counting import guess_wait_s, guessed
from recourse.web.once import again
from recourse.web.problems import Refusal

if TYPE_CHECKING:
    from recourse.web.doors import Doors

__all__ = ["check", "wrong"]


async def check(request: Request) -> None:
    """Let somebody try, or refuse who was wrong too often.

    Raises
    ------
    Refusal
        With the seconds to wait.
    """
    doors, address = _doors(request), _address(request)

    def look() -> int:
        with doors.platform.store.begin() as tx:
            return guess_wait_s(tx, doors.platform, address)

    wait_s = await doors.runner.read(look)
    if wait_s:
        detail = f"too many wrong tries; try again in {wait_s} s"
        raise Refusal(code="too_many", detail=detail, retry_after_s=wait_s)


async def wrong(request: Request) -> None:
    """Count a wrong try."""
    doors, address = _doors(request), _address(request)

    def count() -> None:
        with doors.platform.store.begin() as tx:
            guessed(tx, doors.platform, address)

    await doors.runner.write(lambda: again(count))


def _doors(request: Request) -> "Doors":
    """Doors of the application a request came to."""
    doors: Doors = request.app.state.doors
    return doors


def _address(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""
