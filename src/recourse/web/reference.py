"""This file knows how the API explains itself: OpenAPI, and two plain pages."""

from html import escape
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from recourse.web.access import KEYED, let_in
from recourse.web.door_table import KEYLESS
from recourse.web.problems import PROBLEMS, Problem

__all__ = ["describe", "router"]

router = APIRouter(dependencies=[Depends(let_in)], include_in_schema=False)

_HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
    "<style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}"
    "code{{background:#8882;padding:.1em .3em}}</style><title>{title}</title><h1>{title}</h1>"
)
_ABOUT = """Keeps delivery promises when couriers cancel.

Times are RFC 3339 with an offset, positions WGS-84 degrees, money minor units of an ISO 4217
currency. A refusal is a problem document (RFC 9457) with a stable `code`. A POST or DELETE may
carry an `Idempotency-Key`, and where it says so must: sent again within a day it is answered
again, refusals included, and done once. Every answer to a write carries `Recourse-Messages`, the
number of the newest message, so that a gateway knows whether there is something new to read."""
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any 1 to 255 printable ASCII characters, new for every new request.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_PROBLEM = {
    "description": "A refusal; its `code` is explained at /docs/errors.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_NUMBER = {
    "Recourse-Messages": {
        "description": "Number of the newest message after this write.",
        "schema": {"type": "integer"},
    }
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Describe the API as OpenAPI 3.1, every refusal included.

    Parameters
    ----------
    app : FastAPI
        Whose endpoints are described.

    Returns
    -------
    dict
        The document; built once and kept.
    """
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=_ABOUT, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, door=(method.upper(), path))
    app.openapi_schema = document
    return document


def _complete(operation: dict[str, Any], method: str, *, door: tuple[str, str]) -> None:
    """Add what every operation has: the refusals, and the key and number of a write."""
    responses = operation["responses"]
    for status in [s for s in responses if s == "422"]:
        del responses[status]
    responses["default"] = _PROBLEM
    if method in {"post", "delete"}:
        if door not in KEYLESS:
            key = _KEY | {"required": door in KEYED}
            operation.setdefault("parameters", []).append(key)
        for status, response in responses.items():
            if status.startswith("2"):
                response["headers"] = _NUMBER


@router.get("/docs")
async def show_api(request: Request) -> HTMLResponse:
    """List every endpoint on a page that needs nothing from elsewhere."""
    document = describe(request.app)
    rows = [
        f"<dt><code>{method.upper()} {escape(path)}</code> {escape(operation['summary'])}</dt>"
        f"<dd>{escape(operation.get('description', ''))}</dd>"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    lead = (
        '<p><a href="/openapi.json">OpenAPI 3.1</a> · <a href="/docs/errors">Refusals</a></p>'
        f"<p>{escape(_ABOUT)}</p>"
    )
    return HTMLResponse(_HEAD.format(title="Recourse API") + lead + f"<dl>{''.join(rows)}</dl>")


@router.get("/docs/errors")
async def show_errors() -> HTMLResponse:
    """Explain every code a refusal may have."""
    rows = [
        f'<dt id="{code}"><code>{code}</code> {kind.status} {escape(kind.title)}</dt>'
        f"<dd>{escape(kind.way_out)}</dd>"
        for code, kind in PROBLEMS.items()
    ]
    return HTMLResponse(_HEAD.format(title="Refusals") + f"<dl>{''.join(rows)}</dl>")
