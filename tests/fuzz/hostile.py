"""Requests nobody in their right mind sends, drawn from the description of the API.

A valid request is drawn for an operation and then spoiled in one way. Equal seeds give equal
requests. This file knows the ways.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Hostile", "Operation", "operations", "spoil"]

Schema = dict[str, Any]

_TEXTS = (
    "", " ", "\x00", "a\x00b", "\ud800", "\u202e", "é" * 40, "x" * 5_000, "../../etc/passwd", "%00",
    "%ff%fe", "'; drop table orders; --", "<script>", "null", "-1", "1e309", "NaN", "a b", "..",
    "☃", "${jndi:ldap://x}", "\n", "\x1b[2J", "{}", "[]",
)  # fmt: skip
_NUMBERS = (
    -1, 0, 1.5, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, -0.0, float("nan"), float("inf"),
)  # fmt: skip
_ODD: tuple[Any, ...] = (None, True, [], {}, [[]], {"": 0}, *_TEXTS, *_NUMBERS)
_BYTES = (
    b"", b"{", b"[" * 20_000, b"\xff\xfe{}", b'{"a":', b"null", b"0", b'"x"', b"[]", b"{}{}",
    b'{"on":tru', b"\x00", b'{"a":1,"a":2}', b'{"\xed\xa0\x80":1}', b"1" * 6_000, b"\xef\xbb\xbf{}",
    b'{"id":"\\ud800"}', b"NaN", b"-", b"'{}'",
)  # fmt: skip
_TYPES = (
    "text/plain", "application/xml", "", "application/json; charset=utf-16", "multipart/form-data",
    "application/x-www-form-urlencoded", "\x00", "json", "application/jsonp",
)  # fmt: skip
_HOSTS = ("evil.example", "", "localhost.evil.example", "127.0.0.1.nip.io", "[::1", "a" * 300, "@")
_ORIGINS = ("null", "http://evil.example", "", "file://", "http://localhost:1", "javascript:")
_METHODS = ("PATCH", "PUT", "DELETE", "OPTIONS", "TRACE", "POST", "GET", "BREW", "")


@dataclass(frozen=True)
class Operation:
    """One endpoint as the description has it."""

    method: str
    path: str
    parameters: tuple[Schema, ...]
    body: Schema | None
    schemas: Schema = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Hostile:
    """One request, ready to send."""

    method: str
    path: str
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def operations(document: Schema) -> list[Operation]:
    """Every endpoint of an OpenAPI document, but the live stream, which does not end."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            found.append(
                Operation(
                    method=method.upper(),
                    path=path,
                    parameters=tuple(operation.get("parameters", ())),
                    body=content.get("application/json", {}).get("schema"),
                    schemas=document["components"]["schemas"],
                )
            )
    return [one for one in found if one.path != "/v1/live"]


def spoil(operation: Operation, rng: random.Random, n: int) -> Iterator[Hostile]:
    """Draw n requests to one endpoint, each spoiled in one way."""
    ways = [_bad_path, _bad_query, _bad_header, _bad_method]
    if operation.body is not None:
        ways += [_bad_field] * 6 + [_bad_bytes] * 2 + [_bad_type]
    elif operation.method in {"POST", "PUT"}:
        ways += [_bad_bytes]
    for _ in range(n):
        request = _valid(operation, rng)
        rng.choice(ways)(operation, request, rng)
        yield request


def _valid(operation: Operation, rng: random.Random) -> Hostile:
    """A request that is well-formed, though it may name what does not exist."""
    path = operation.path
    for one in operation.parameters:
        if one["in"] == "path":
            value = sample(one["schema"], operation.schemas, rng)
            path = path.replace(f"{{{one['name']}}}", str(value))
    request = Hostile(operation.method, path)
    if operation.body is not None:
        body = sample(operation.body, operation.schemas, rng)
        _carry(request, json.dumps(body).encode())
    return request


def _carry(request: Hostile, content: bytes) -> None:
    request.content = content
    request.headers["content-type"] = "application/json"


def _bad_field(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """One field holds what it cannot, is missing, or is one too many."""
    body = json.loads(request.content)
    places = list(_places(body))
    if not places or rng.random() < 0.1:
        body = {**body, "unknown": 1} if isinstance(body, dict) else rng.choice(_ODD)
    else:
        holder, key = rng.choice(places)
        if rng.random() < 0.2:
            del holder[key]
        else:
            holder[key] = rng.choice(_ODD)
    _carry(request, json.dumps(body).encode())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    """Every place of a JSON value that can be spoiled."""
    if isinstance(value, dict):
        keys: Any = value.keys()
    else:
        keys = range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _bad_bytes(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """The body is no JSON, or another one."""
    if rng.random() < 0.5:
        content = rng.choice(_BYTES)
    else:
        noise = bytearray(request.content or b'{"a":[1,2,3]}')
        for _ in range(rng.randint(1, 8)):
            noise[rng.randrange(len(noise))] = rng.randrange(256)
        content = bytes(noise[: rng.randint(1, len(noise))])
    _carry(request, content)


def _bad_type(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """The body says it is something else."""
    request.headers["content-type"] = rng.choice(_TYPES)


def _bad_path(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """A part of the path is what no id can be."""
    names = [one["name"] for one in operation.parameters if one["in"] == "path"]
    if not names:
        request.path += rng.choice(("/", "//", "/x", "/\x00", ";a", "/é", "%2f"))
        return
    path = operation.path
    for name in names:
        path = path.replace(f"{{{name}}}", str(rng.choice(_ODD)).replace("?", "_"))
    request.path = path


def _bad_query(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """A parameter holds what it cannot."""
    names = [one["name"] for one in operation.parameters if one["in"] == "query"] or ["unknown"]
    parts = [f"{rng.choice(names)}={rng.choice(_ODD)}" for _ in range(rng.randint(1, 3))]
    request.path += "?" + "&".join(parts).replace("\x00", "%00")


def _bad_header(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """A header is foreign, or holds what it cannot."""
    name, values = rng.choice(
        (
            ("host", _HOSTS),
            ("origin", _ORIGINS),
            ("content-length", ("-1", "x", "1e3", "9" * 30, "1048577", "")),
            ("idempotency-key", ("", " ", "k" * 256, "é", "a\x00b", "a\tb")),
            ("last-event-id", ("x", "-1", "9" * 40)),
        )
    )
    request.headers[name] = rng.choice(values)


def _bad_method(operation: Operation, request: Hostile, rng: random.Random) -> None:
    """The path is asked for in a way it does not know."""
    request.method = rng.choice([one for one in _METHODS if one != operation.method])


def sample(schema: Schema, schemas: Schema, rng: random.Random) -> Any:  # noqa: ANN401 - JSON
    """Draw a value that a JSON schema allows; enough of JSON schema for our own description."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas, rng)
    if "anyOf" in schema:
        return sample(rng.choice(schema["anyOf"]), schemas, rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    draw: Callable[[], Any] = {
        "object": lambda: _object(schema, schemas, rng),
        "array": lambda: [sample(schema["items"], schemas, rng) for _ in range(2)],
        "integer": lambda: rng.randint(_least(schema), min(_most(schema), _least(schema) + 9)),
        "number": lambda: round(rng.uniform(_least(schema), _most(schema)), 4),
        "boolean": lambda: rng.random() < 0.5,
        "null": lambda: None,
        "string": lambda: _text(schema, rng),
    }[schema.get("type", "null")]
    return draw()


def _object(schema: Schema, schemas: Schema, rng: random.Random) -> dict[str, Any]:
    """Draw every field of an object."""
    if "properties" not in schema:
        (values,) = schema["patternProperties"].values()
        return {"orders": sample(values, schemas, rng)}
    return {name: sample(one, schemas, rng) for name, one in schema["properties"].items()}


def _text(schema: Schema, rng: random.Random) -> str:
    """Draw a text: an instant, a currency, or a short id."""
    if schema.get("format") == "date-time":
        return f"2026-03-02T{rng.randrange(16, 24)}:00:00Z"
    if schema.get("pattern") == "^[A-Z]{3}$":
        return "CAD"
    return f"x-{rng.randrange(5)}"


def _least(schema: Schema) -> int:
    return int(schema.get("minimum", 0))


def _most(schema: Schema) -> int:
    most: Any = schema.get("maximum", schema.get("exclusiveMaximum", 10))
    return int(most)
