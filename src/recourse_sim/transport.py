"""This file knows how requests reach the platform: in process without a socket, or over HTTP.

In process the application is called as its server would call it (ASGI), with nothing in between:
one request costs tens of microseconds of ours. It is the same front door that everybody else uses.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
from pydantic_core import from_json, to_json

__all__ = ["Answer", "HttpTransport", "InProcess", "Json", "Transport"]

_Asgi = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
Json = Any
"""What a body may be: anything that JSON can say."""


@dataclass(slots=True)
class Answer:
    """What the platform answered.

    Attributes
    ----------
    status : int
        HTTP status.
    body : object
        Decoded JSON; None when the body is empty.
    messages : int
        Highest number of a message so far, as the platform says; 0 if it says nothing.
    """

    status: int
    body: Json
    messages: int


class Transport(Protocol):
    """A way to the front door."""

    n_calls: int

    def call(
        self, method: str, path: str, body: Json = None, *, key: str = "", bearer: str = ""
    ) -> Answer:
        """Send one request and return the answer."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class InProcess:
    """Calls an ASGI application directly.

    Nothing has to be waited for: in process the platform does its work where it is called. So a
    request is one step, and there is no event loop.

    Parameters
    ----------
    application : callable
        ASGI application of the platform, its lifespan not begun.
    host : str, optional
        What the request says it wants; the platform checks it.
    """

    def __init__(self, application: _Asgi, *, host: str = "127.0.0.1") -> None:
        self._application = application
        self._host = host.encode()
        self.n_calls = 0

    def call(
        self, method: str, path: str, body: Json = None, *, key: str = "", bearer: str = ""
    ) -> Answer:
        """Send one request and return the answer.

        Returns
        -------
        Answer
            What came of it.

        Raises
        ------
        RuntimeError
            If the application waits for something.
        """
        self.n_calls += 1
        content = b"" if body is None else to_json(body)
        path_part, _, query = path.partition("?")
        headers = [(b"host", self._host), (b"content-length", b"%d" % len(content))]
        if content:
            headers.append((b"content-type", b"application/json"))
        if key:
            headers.append((b"idempotency-key", key.encode()))
        if bearer:
            headers.append((b"authorization", b"Bearer " + bearer.encode()))
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path_part,
            "raw_path": path_part.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        exchange = _Exchange(content)
        answering = self._answer(scope, exchange)
        try:
            answering.send(None)
        except StopIteration:
            return exchange.answer()
        answering.close()
        message = f"{method} {path} waits for something, which nothing in process may"
        raise RuntimeError(message)

    async def _answer(self, scope: dict[str, Any], exchange: "_Exchange") -> None:
        await self._application(scope, exchange.receive, exchange.send)

    def close(self) -> None:
        """Do nothing: nothing is open."""


class _Exchange:
    """One request and its answer as ASGI messages."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._is_sent = False
        self._status = 500
        self._messages = 0
        self._parts: list[bytes] = []

    async def receive(self) -> MutableMapping[str, Any]:
        """Body of the request; afterwards that the caller is gone."""
        if self._is_sent:
            return {"type": "http.disconnect"}
        self._is_sent = True
        return {"type": "http.request", "body": self._content, "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Part of the answer."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            for name, value in message.get("headers", ()):
                if name.lower() == b"recourse-messages":
                    self._messages = int(value)
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))

    def answer(self) -> Answer:
        """Return the whole answer."""
        content = b"".join(self._parts)
        return Answer(self._status, from_json(content) if content else None, self._messages)


class HttpTransport:
    """Calls a served platform.

    Parameters
    ----------
    base_url : str
        Where it is served, e.g. ``"http://127.0.0.1:8000"``.
    timeout_s : float, optional
        How long one request may take.
    """

    def __init__(self, base_url: str, *, timeout_s: float = 30.0) -> None:
        self._client = httpx2.Client(base_url=base_url, timeout=timeout_s)
        self.n_calls = 0

    def call(
        self, method: str, path: str, body: Json = None, *, key: str = "", bearer: str = ""
    ) -> Answer:
        """Send one request and return the answer."""
        self.n_calls += 1
        headers = {"Idempotency-Key": key} if key else {}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        got = self._client.request(method, path, json=body, headers=headers)
        messages = int(got.headers.get("Recourse-Messages", "0"))
        return Answer(got.status_code, got.json() if got.content else None, messages)

    def close(self) -> None:
        """Close connections."""
        self._client.close()
