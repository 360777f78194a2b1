"""This file knows who may come in at all, how much they may bring, and what every answer wears.

One plain ASGI layer around the application: it is passed by every request, so it is kept small.
Only names of this machine and those that were set are served: a page of another site that makes a
browser call us (DNS rebinding, a form in a foreign page) is stopped by Host and Origin.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recourse.web.metrics import Metrics
from recourse.web.problems import Refusal, problem_of, respond

__all__ = ["LOOPBACK", "Gate"]

_log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_MAX_BODY_BYTES = 1_048_576
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# MapLibre starts its worker from a blob and sets styles inline; nothing else is let in.
_CSP = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; child-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_WORN = [
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_NO_STORE = (b"cache-control", b"no-store")


class Gate:
    """Checks who asks, bounds what they send, and catches what nobody else caught.

    Parameters
    ----------
    app : ASGI application
        What lies behind.
    allowed_hosts : iterable of str
        Host names served besides the loopback ones, without port.
    metrics : Metrics
        Counts every request.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: Iterable[str], metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._hosts = LOOPBACK | {host.lower() for host in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        answer = _Answer(send)
        try:
            length = self._check(scope)
            bounded = receive if length is not None else _bounded(receive)
            await self._app(scope, bounded, answer.send)
        except Refusal as refusal:
            body = problem_of(refusal.code, refusal.detail, param=refusal.param)
            await _refuse(body, scope, receive, answer)
        except Exception:
            _log.exception("%s %r failed", scope["method"], scope["path"])
            if answer.status:  # half an answer is out: only breaking the line tells the caller
                raise
            await _refuse(problem_of("error", "the server failed"), scope, receive, answer)
        finally:
            self._metrics.count(scope, answer.status, time.perf_counter() - began_s)

    def _check(self, scope: Scope) -> int | None:
        """Refuse a foreign host or origin, a body too large or of another type; give its length."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name == b"host" and name in headers:
                raise Refusal(code="bad_request", detail="more than one Host", param="Host")
            headers[name] = value
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if _without_port(host) not in self._hosts:
            raise Refusal(
                code="foreign_host", detail="this host name is not served here", param="Host"
            )
        origin = headers.get(b"origin")
        if origin is not None and not _is_same(origin.decode("latin-1").lower(), host):
            raise Refusal(
                code="foreign_origin", detail="the Origin is not this host", param="Origin"
            )
        if scope["method"] not in _WITH_BODY:
            return 0
        return _check_body(headers)


def _check_body(headers: Mapping[bytes, bytes]) -> int | None:
    """Length a request says its body has; None when it does not say."""
    has_length, is_chunked = b"content-length" in headers, b"transfer-encoding" in headers
    length: int | None = 0
    if has_length and not is_chunked:
        stated = headers[b"content-length"]
        if not stated.isdigit() or len(stated) > len(str(_MAX_BODY_BYTES)) + 3:
            code = "too_large" if stated.isdigit() else "bad_request"
            raise Refusal(
                code=code, detail="the Content-Length is out of bounds", param="Content-Length"
            )
        length = int(stated)
        if length > _MAX_BODY_BYTES:
            raise Refusal(
                code="too_large", detail=f"{length} bytes; at most {_MAX_BODY_BYTES} are read"
            )
    elif is_chunked or b"content-type" in headers:
        length = None
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if length != 0 and media_type != b"application/json":
        raise Refusal(code="unsupported_media", detail="the body must be application/json")
    return length


def _without_port(host: str) -> str:
    """Host name of a Host header; IPv6 keeps its brackets."""
    if host.startswith("["):
        name, bracket, rest = host.partition("]")
        return name + bracket if not rest or rest.startswith(":") else ""
    return host.partition(":")[0]


def _is_same(origin: str, host: str) -> bool:
    """Whether a page of this origin was served by this host."""
    scheme, separator, rest = origin.partition("://")
    return bool(separator) and scheme in {"http", "https"} and rest == host


def _bounded(receive: Receive) -> Receive:
    """Stop reading a body that does not say its length once it is too large."""
    n_bytes = 0

    async def counted() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > _MAX_BODY_BYTES:
            raise HTTPException(413, f"more than {_MAX_BODY_BYTES} bytes")
        return message

    return counted


class _Answer:
    """What goes out: dressed with the headers every answer wears, its status kept for counting."""

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *_WORN]
            message["headers"] = headers
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append(_NO_STORE)
        await self._send(message)


async def _refuse(body: Mapping[str, Any], scope: Scope, receive: Receive, answer: _Answer) -> None:
    """Answer here, without going in."""
    await respond(body)(scope, receive, answer.send)
