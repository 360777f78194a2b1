"""This file knows how a refusal looks: one shape, RFC 9457, for whatever went wrong."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from recourse.model.errors import Conflict, Invalid, NotFound, RecourseError, Stale

__all__ = [
    "PROBLEMS",
    "Problem",
    "ProblemKind",
    "Refusal",
    "body_of",
    "content_of",
    "install",
    "media_type_of",
    "problem_of",
    "respond",
]

_log = logging.getLogger(__name__)
_MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One way to be refused.

    Attributes
    ----------
    status : int
        HTTP status.
    title : str
        What it is, the same every time.
    way_out : str
        What the caller can do.
    """

    status: int
    title: str
    way_out: str


PROBLEMS: Mapping[str, ProblemKind] = MappingProxyType(
    {
        "bad_request": ProblemKind(
            400, "The request cannot be read", "Send well-formed JSON in UTF-8 and valid headers."
        ),
        "unauthorized": ProblemKind(
            401,
            "This door needs a key",
            "Send Authorization: Bearer KEY, or log in; docs/keys.md says how.",
        ),
        "forbidden": ProblemKind(
            403, "The rules do not allow it", "The detail names the rule and the way out."
        ),
        "foreign_host": ProblemKind(
            403,
            "This host name is not served",
            "Use 127.0.0.1, localhost or a name from the settings.",
        ),
        "foreign_origin": ProblemKind(
            403, "This page may not speak for its visitor", "Call from a page of this very host."
        ),
        "not_found": ProblemKind(404, "There is no such thing", "Check the path and the id."),
        "method_not_allowed": ProblemKind(
            405, "This path knows other methods", "The header Allow lists them."
        ),
        "conflict": ProblemKind(
            409, "Somebody else was first", "Read again and decide on what you find."
        ),
        "stale": ProblemKind(
            409, "The value has changed since it was read", "Read again and send it again."
        ),
        "illegal_move": ProblemKind(
            409, "It cannot go to that state from here", "Read the present state first."
        ),
        "cannot_plan": ProblemKind(
            409, "No plan can be made", "The detail names the constraint that stands in the way."
        ),
        "lease_lost": ProblemKind(
            409, "Another worker holds it", "Nothing: the other worker finishes it."
        ),
        "key_in_use": ProblemKind(
            409,
            "The first request under this idempotency key is still being worked on",
            "Wait a moment and send the same request again under the same key.",
        ),
        "key_missing": ProblemKind(
            400,
            "This door needs an idempotency key",
            "Send Idempotency-Key with a new value for every new request, the same for a retry.",
        ),
        "too_many": ProblemKind(
            429, "Too many wrong tries", "Wait for as many seconds as Retry-After says."
        ),
        "too_large": ProblemKind(413, "The body is too large", "Send at most 1 MiB at once."),
        "unsupported_media": ProblemKind(
            415, "This content type is not read", "Send application/json."
        ),
        "invalid": ProblemKind(
            422, "A field is wrong", "The param names the field and the detail says why."
        ),
        "key_reused": ProblemKind(
            422,
            "The idempotency key belongs to another request",
            "Take a new key for a new request; repeat a request to the byte under its old key.",
        ),
        "error": ProblemKind(500, "We made a mistake", "Try again; the log of the server has it."),
        "not_ready": ProblemKind(503, "Not ready yet", "Try again in a moment."),
    }
)
_BY_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media",
    422: "invalid",
    429: "too_many",
    503: "not_ready",
}


class FieldError(BaseModel):
    """One field that is wrong."""

    param: str = Field(description="Path of the field, dots between levels.")
    detail: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Every refusal, as RFC 9457 has it, with a stable code."""

    type: str = Field(description="Where this kind is explained; relative to this host.")
    title: str = Field(description="What it is; the same for every problem of the kind.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="What happened this time.")
    code: str = Field(description="Stable name of the kind, for programs.")
    param: str = Field(description="Field or parameter that is wrong; empty where none is.")
    docs: str = Field(description="The same place as `type`.")
    errors: list[FieldError] = Field(
        default=[], description="Every field that is wrong, where more than one was checked."
    )


class Refusal(Exception):
    """A request is refused by the doors themselves, not by the business."""

    def __init__(self, *, code: str, detail: str, param: str = "", retry_after_s: int = 0) -> None:
        self.code, self.detail, self.param = code, detail, param
        self.retry_after_s = retry_after_s
        super().__init__(detail)


def problem_of(
    code: str, detail: str, *, param: str = "", errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """Build the body of a refusal.

    Parameters
    ----------
    code : str
        Key of `PROBLEMS`.
    detail : str
        What happened this time.
    param : str, optional
        Field that is wrong.
    errors : sequence of mapping, optional
        ``param`` and ``detail`` of every wrong field.

    Returns
    -------
    dict
        Fields of `Problem`.

    Examples
    --------
    >>> problem_of("not_found", "there is no order 'o-1'")["type"]
    '/docs/errors#not_found'
    """
    kind = PROBLEMS[code]
    where = f"/docs/errors#{code}"
    body: dict[str, Any] = {
        "type": where,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "param": param,
        "docs": where,
    }
    if errors:
        body["errors"] = list(errors)
    return body


def content_of(body: Mapping[str, Any]) -> bytes:
    """Write the body of a refusal.

    Parameters
    ----------
    body : mapping
        What `problem_of` built.

    Returns
    -------
    bytes
        JSON in ASCII: a detail may quote what the caller sent, lone surrogates included.
    """
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def respond(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Give a refusal the media type and status it needs.

    Parameters
    ----------
    body : mapping
        What `problem_of` built.
    headers : mapping of str to str, optional
        Further headers, such as ``Allow``.

    Returns
    -------
    Response
        Ready to send.
    """
    return Response(content_of(body), body["status"], headers=headers, media_type=_MEDIA_TYPE)


def body_of(error: Exception) -> dict[str, Any]:
    """Build the body of whatever refused a request, or went wrong in it.

    Parameters
    ----------
    error : Exception
        A refusal by the business or by the doors; anything else is a mistake of ours.

    Returns
    -------
    dict
        Fields of `Problem`.

    Examples
    --------
    >>> body_of(NotFound(kind="order", id="o-1"))["status"], body_of(ValueError())["status"]
    (404, 500)
    """
    if isinstance(error, RecourseError):
        return of_error(error)
    if isinstance(error, Refusal):
        return problem_of(error.code, error.detail, param=error.param)
    return problem_of("error", "the server failed")


def media_type_of(status: int) -> str:
    """Media type of an answer: JSON, or a problem document.

    Parameters
    ----------
    status : int
        HTTP status.

    Returns
    -------
    str
        For the header Content-Type.
    """
    return _MEDIA_TYPE if status >= HTTPStatus.BAD_REQUEST else "application/json"


def of_error(error: RecourseError) -> dict[str, Any]:
    """Body of a refusal by the business."""
    code = error.code if error.code in PROBLEMS else "error"
    detail, param = str(error), ""
    if isinstance(error, Invalid):
        detail, param = error.why, error.field
    elif isinstance(error, NotFound):
        param = f"{error.kind}_id"
    elif isinstance(error, Conflict) and not isinstance(error, Stale):
        param = error.rule
    return problem_of(code, detail, param=param)


def install(app: FastAPI) -> None:
    """Let every refusal leave the application in the one shape.

    Parameters
    ----------
    app : FastAPI
        Gets its handlers.
    """
    app.add_exception_handler(RecourseError, _on_recourse_error)
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_recourse_error(_: Request, error: Exception) -> Response:
    """Answer what the business refused."""
    assert isinstance(error, RecourseError)  # noqa: S101 - registered for this type
    return respond(of_error(error))


async def _on_refusal(_: Request, error: Exception) -> Response:
    """Answer what the doors refused."""
    assert isinstance(error, Refusal)  # noqa: S101
    headers = {"WWW-Authenticate": "Bearer"} if error.code == "unauthorized" else {}
    if error.retry_after_s:
        headers["Retry-After"] = str(error.retry_after_s)
    return respond(problem_of(error.code, error.detail, param=error.param), headers)


async def _on_http(_: Request, error: Exception) -> Response:
    """Answer what the framework refused."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _BY_STATUS.get(error.status_code)
    if code is None:
        code = "bad_request" if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else "error"
    return respond(problem_of(code, str(error.detail)), error.headers)


async def _on_validation(_: Request, error: Exception) -> Response:
    """Name the fields that are wrong; never send back what was in them."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        return respond(problem_of("bad_request", "the body is no JSON"))
    errors = [
        {"param": _path(one["loc"]), "detail": str(one["msg"])}
        for one in found[:_MOST_ERRORS_SHOWN]
    ]
    first = errors[0] if errors else {"param": "", "detail": "the request is wrong"}
    body = problem_of("invalid", first["detail"], param=first["param"], errors=errors)
    return respond(body)


def _path(loc: Sequence[int | str]) -> str:
    """Dotted path of a field without the part of the request it was in."""
    return ".".join(str(part) for part in loc[1:])[:200]
