"""A merchant's server as tests need it: it answers as told, and remembers what it was sent."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from standardwebhooks import Webhook

from tests.listening import listening


@dataclass
class Heard:
    """One request as it came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test reads what it expects
        return json.loads(self.body)

    def verified(self, secret: str) -> Any:  # noqa: ANN401
        """The body, if the independent library takes its signature; clocks are the tests' own."""
        webhook = Webhook(secret)
        webhook._Webhook__verify_timestamp = _read  # type: ignore[attr-defined]
        return webhook.verify(self.body, dict(self.headers))


def _read(header: str) -> Any:  # noqa: ANN401
    return datetime.fromtimestamp(int(header), tz=UTC)


Answerer = Callable[[BaseHTTPRequestHandler, int], None]


def say(status: int, **headers: str) -> Answerer:
    """Answer with a status."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", "0")
        handler.end_headers()

    return answer


@dataclass
class Receiver:
    """What was heard, and how the next request is answered."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Answerer = field(default_factory=lambda: say(204))


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Serve on a free port of this machine."""
    mine = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            mine.heard.append(Heard({k.lower(): v for k, v in self.headers.items()}, body))
            mine.answer(self, len(mine.heard))

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as url:
        mine.url = f"{url}/hooks?shop=1"
        yield mine
