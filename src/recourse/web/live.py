"""This file knows the live stream: one tick for everybody, and nobody waits for the slow.

Every client begins with a full tick (every courier, and the news since its ``Last-Event-ID``) and
then gets the shared ticks, which hold only the couriers that changed. A client that falls behind
loses the ticks it could not take and gets a full one instead: the latest wins, and nothing that was
news is lost.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from recourse.flow import views
from recourse.web.access import let_in
from recourse.web.doors import Doors, doors_of
from recourse.web.problems import Refusal
from recourse.web.wire import MAX_NUMBER, write

__all__ = ["Hub", "router"]

_log = logging.getLogger(__name__)

_EVERY_S = 0.5
_HEARTBEAT_S = 15.0
_MAX_WAITING = 8
_MAX_CLIENTS = 500
_STILL_HERE = b": still here\n\n"

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Dispatcher"])


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick as it goes out.

    Attributes
    ----------
    after, next : int
        It tells the news with numbers above `after`, up to `next`.
    text : bytes
        The whole event, ready to send.
    """

    after: int
    next: int
    text: bytes


class Client:
    """One listener: a short queue, and whether it fell behind."""

    def __init__(self) -> None:
        self.waiting: deque[Tick] = deque()
        self.is_behind = True
        self.is_over = False
        self._rung = asyncio.Event()

    def offer(self, tick: Tick) -> None:
        """Queue a tick; a full queue is dropped, and a full tick will take its place."""
        if len(self.waiting) >= _MAX_WAITING:
            self.waiting.clear()
            self.is_behind = True
        elif not self.is_behind:
            self.waiting.append(tick)
        self._rung.set()

    def end(self) -> None:
        """Let the listener go."""
        self.is_over = True
        self._rung.set()

    async def wait(self) -> bool:
        """Wait for something to send; False when only a sign of life is due."""
        if not (self.waiting or self.is_behind or self.is_over):
            self._rung.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HEARTBEAT_S):
                    await self._rung.wait()
        return bool(self.waiting or self.is_behind or self.is_over)


class Hub:
    """Who listens, and the feed they listen to.

    Parameters
    ----------
    doors : Doors
        Where the state is read.
    every_s : float, optional
        Seconds between two ticks.
    """

    def __init__(self, doors: Doors, *, every_s: float = _EVERY_S) -> None:
        self._doors, self._every_s = doors, every_s
        self._rows: dict[str, list[Any]] = {}
        self.clients: set[Client] = set()

    @contextlib.contextmanager
    def join(self) -> Iterator[Client]:
        """Listen until the block is left.

        Yields
        ------
        Client
            The listener.

        Raises
        ------
        Refusal
            If too many listen already.
        """
        if len(self.clients) >= _MAX_CLIENTS:
            raise Refusal(code="not_ready", detail=f"{_MAX_CLIENTS} listen already")
        client = Client()
        self.clients.add(client)
        try:
            yield client
        finally:
            self.clients.discard(client)

    async def run(self) -> None:
        """Send ticks for as long as somebody listens; never ends by itself."""
        number: int | None = None
        while True:
            await asyncio.sleep(self._every_s)
            if not self.clients:
                number = None
                continue
            try:
                if number is None:
                    number = self.now()
                tick = await self.tick(number, is_full=False)
            except Exception:  # noqa: BLE001 - the state could not be read this time; the next tick tries again
                _log.exception("a tick failed")
                continue
            number = tick.next
            for client in self.clients:
                client.offer(tick)

    def now(self) -> int:
        """Highest number of the log."""
        return self._doors.platform.store.last_number()

    async def tick(self, after: int, *, is_full: bool) -> Tick:
        """Read the state and write one tick."""
        platform = self._doors.platform

        def work() -> Tick:
            with platform.store.begin() as tx:
                data = dict(views.tick(tx, platform, after=after))
            if not is_full:
                data["couriers"] = self._changed(data["couriers"])
            number = int(data["next"])
            text = b"id: %d\nevent: tick\ndata: %b\n\n" % (number, write(data))
            return Tick(after=after, next=number, text=text)

        return await self._doors.runner.read(work)

    def _changed(self, rows: list[list[Any]]) -> list[list[Any]]:
        """Rows that differ from those of the shared tick before."""
        before, self._rows = self._rows, {row[0]: row for row in rows}
        return [row for row in rows if before.get(row[0]) != row]

    def close(self) -> None:
        """Let everybody go."""
        for client in self.clients:
            client.end()


class _Stream(Response):
    """The answer that goes on: sends ticks until the client leaves."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, *, after: int) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._after = hub, after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client leaves; it is forgotten at once when it does."""
        with self._hub.join() as client:
            left = asyncio.create_task(_watch(receive, client.end))
            try:
                await send(
                    {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                )
                async for text in self._texts(client):
                    await send({"type": "http.response.body", "body": text, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                left.cancel()

    async def _texts(self, client: Client) -> Any:  # noqa: ANN401 - an async iterator of bytes
        """Yield what is to be sent."""
        yield b"retry: 2000\n\n"
        number = self._after
        while True:
            is_due = await client.wait()
            if client.is_over:
                return
            if not is_due:
                yield _STILL_HERE
                continue
            tick = client.waiting.popleft() if client.waiting and not client.is_behind else None
            has_news = tick is not None and tick.next != tick.after
            if tick is None or (has_news and tick.after != number):
                client.is_behind = False
                client.waiting.clear()
                tick = await self._hub.tick(number, is_full=True)
                has_news = True
            if has_news:
                number = tick.next
            yield tick.text


async def _watch(receive: Receive, leave: Callable[[], None]) -> None:
    """Notice that the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    leave()


@router.get(
    "/live",
    summary="Listen to what happens",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events named `tick`.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def listen(
    request: Request,
    after: Annotated[
        int | None, Query(ge=0, le=MAX_NUMBER, description="As Last-Event-ID.")
    ] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_NUMBER)] = None,
) -> Response:
    """Listen to two ticks a second; after the first, they hold only the couriers that changed."""
    hub: Hub = request.app.state.hub
    number = last_event_id if last_event_id is not None else after
    if number is None:
        number = await doors_of(request).runner.read(hub.now)
    return _Stream(hub, after=number)
