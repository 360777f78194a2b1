"""What tests of the doors share: a town of eight by eight streets, a caller without a socket."""

import asyncio
import functools
import itertools
import json
import re
import tempfile
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import osmium
from fastapi import FastAPI

from recourse.adapters.cities import City, import_city
from recourse.adapters.clock import ManualClock
from recourse.app import Application, build
from recourse.settings import Settings
from recourse.web.access import KEYED

_KEYED = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", path) for _, path in KEYED))
_NUMBERS = itertools.count(1)
MORNING = datetime(2026, 3, 2, 16, tzinfo=UTC)  # eight in the morning in Vancouver
WEST, SOUTH, STEP, SIDE = -123.12, 49.26, 0.0015, 8


def corner(column: int, row: int) -> dict[str, Any]:
    """The place at a crossing, as the API takes it."""
    return {"lon": round(WEST + STEP * column, 6), "lat": round(SOUTH + STEP * row, 6)}


@functools.cache
def little_town() -> City:
    """Import the town, once a process; its streets are 110 to 170 m apart."""
    folder = Path(tempfile.mkdtemp(prefix="recourse-town-"))
    pbf = folder / "corners.osm.pbf"
    with osmium.SimpleWriter(str(pbf)) as out:
        for row in range(SIDE):
            for column in range(SIDE):
                at = corner(column, row)
                number = row * SIDE + column + 1
                tags = {"addr:housenumber": str(number), "addr:street": f"Street {row}"}
                node = osmium.osm.mutable.Node(
                    id=number, location=(at["lon"], at["lat"]), tags=tags
                )
                out.add_node(node)
        rows = [[y * SIDE + x + 1 for x in range(SIDE)] for y in range(SIDE)]
        columns = [[y * SIDE + x + 1 for y in range(SIDE)] for x in range(SIDE)]
        for number, nodes in enumerate([*rows, *columns], start=1):
            tags = {"highway": "residential", "name": f"Street {number}", "maxspeed": "30"}
            out.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
    return import_city(pbf, folder / "corners", zone="America/Vancouver")


def open_platform(
    folder: Path,
    url: str = "",
    **changes: Any,  # noqa: ANN401 - as the settings have them
) -> tuple[Application, ManualClock]:
    """Build a platform over the town, with a clock that is set by hand."""
    clock = ManualClock(MORNING)
    wanted = Settings(
        database_url=url,
        data_dir=folder,
        secret="a secret of the tests",
        has_counted_ids=True,
        **changes,
    )
    return build(wanted, clock=clock, town=little_town()), clock


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes
    cookies: tuple[str, ...] = ()

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test reads what it expects
        return json.loads(self.content)

    @property
    def is_problem(self) -> bool:
        """Whether it is a whole problem document that agrees with its status."""
        if self.headers.get("content-type") != "application/problem+json":
            return False
        body = self.json
        texts = ("type", "title", "detail", "code", "param", "docs")
        return body["status"] == self.status and all(isinstance(body[k], str) for k in texts)


@dataclass
class Caller:
    """Calls an application as its server would, in process.

    Where an idempotency key is needed and none is given, each call has a new one.
    """

    app: FastAPI
    gives_keys: bool = True
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        chunks: list[bytes] | None = None,
    ) -> Answer:
        """Send bytes; `chunks` are sent one after the other and no length is stated."""
        given = {"host": "localhost", **(headers or {})}
        if self.gives_keys and method == "POST" and _KEYED.fullmatch(path.partition("?")[0]):
            given.setdefault("idempotency-key", f"call-{next(_NUMBERS)}")
        if chunks is None:
            given.setdefault("content-length", str(len(content)))
        scope = _scope(method, path, given)
        return self.loop.run_until_complete(self._exchange(scope, chunks or [content]))

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send JSON; keyword `idempotency_key` becomes the header Idempotency-Key."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return self.send(method, path, b"", given)
        given.setdefault("content-type", "application/json")
        return self.send(method, path, json.dumps(body).encode(), given)

    async def _exchange(self, scope: dict[str, Any], chunks: list[bytes]) -> Answer:
        left = list(chunks)
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not left:
                return {"type": "http.disconnect"}
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        content = b"".join(message.get("body", b"") for message in sent[1:])
        cookies = [v.decode("latin-1") for name, v in sent[0]["headers"] if name == b"set-cookie"]
        return Answer(sent[0]["status"], headers, content, tuple(cookies))

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


def _scope(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    target, _, query = path.partition("?")
    raw = [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers.items()
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": target,
        "raw_path": target.encode("utf-8", "surrogatepass"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": raw,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
    }


def site(name: str, kind: str, column: int = 0, row: int = 0, **more: object) -> dict[str, Any]:
    """A site as the API takes it."""
    return {"id": name, "kind": kind, "name": name.title(), "place": corner(column, row), **more}


def courier(name: str, column: int = 0, row: int = 0, **more: object) -> dict[str, Any]:
    """A courier on demand, on a shift of nine hours that has just begun."""
    return {
        "id": name,
        "name": f"{name.title()} Test",
        "vehicle": "ebike",
        "contract": "asked",
        "start": corner(column, row),
        "shift_start_at": "2026-03-02T16:00:00Z",
        "shift_end_at": "2026-03-03T01:00:00Z",
        "capacity_g": 30_000,
        "capacity_ml": 80_000,
        **more,
    }


def meal(name: str, site_id: str = "kitchen", column: int = 5, row: int = 5) -> dict[str, Any]:
    """An order on demand, wanted within the hour."""
    return {
        "external_id": name,
        "merchant_id": "m-1",
        "kind": "meal",
        "pickup_site_id": site_id,
        "dropoff": corner(column, row),
        "pickup_ready_at": "2026-03-02T16:10:00Z",
        "dropoff_ready_at": "2026-03-02T16:10:00Z",
        "dropoff_deadline_at": "2026-03-02T17:00:00Z",
        "value_cents": 4_200,
        "customer": {"id": f"c-{name}", "name": "Ann", "locale": "en"},
    }
