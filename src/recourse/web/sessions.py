"""This file knows how people and devices log in, and how they leave."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from recourse.flow import keys
from recourse.flow.platform import Platform
from recourse.flow.sessions import (
    Proof,
    begin_session,
    end_session,
    is_blocked,
    prove_code,
    prove_password,
    token_text,
)
from recourse.model.keys import Session
from recourse.model.ports import Transaction
from recourse.web import guesses
from recourse.web.access import COOKIE, credential_of, is_known, let_in
from recourse.web.doors import Answer, doors_of, perform
from recourse.web.login_pages import LOGIN_SCRIPT, login_page
from recourse.web.problems import Refusal
from recourse.web.wire import Body, Id, IdPath, write

__all__ = ["keep_session", "pages", "router"]

router = APIRouter(dependencies=[Depends(let_in)], prefix="/v1", tags=["Sessions"])
pages = APIRouter(dependencies=[Depends(let_in)], include_in_schema=False)

_N_TOKEN_BYTES = 32
_N_CODE_DIGITS = 8
_WRONG = "the name, the password or the code is wrong, or it is too early to try again"


class AccountLoginIn(Body):
    """Who logs in at the console."""

    account: Id
    password: Annotated[str, Field(min_length=1, max_length=1_000)]


class CourierLoginIn(Body):
    """Whose device logs in."""

    courier_id: Id
    code: Annotated[str, Field(pattern=r"^[0-9]{8}$", description="From the dispatcher.")]


class SessionOut(BaseModel):
    """A session; browsers keep it as a cookie, devices send it as a bearer token."""

    token: str = Field(description="Shown this once.")
    role: str
    expires_at: str


class CodeOut(BaseModel):
    """A code with which one device of a courier logs in, once."""

    code: str
    expires_at: str


def _begun(session: Session, token: str) -> Answer:
    """What a new session is answered with."""
    text = token_text(token)
    said = {"token": text, "role": session.role, "expires_at": session.expires_at}
    return Answer(201, write(said))


def keep_session(response: Response, token: str, session: Session, *, is_secure: bool) -> None:
    """Let a browser keep a session where no script can read it.

    Parameters
    ----------
    response : Response
        Gets the cookie.
    token : str
        Of the session.
    session : Session
        Says how long.
    is_secure : bool
        Whether the browser came over https.
    """
    response.set_cookie(
        COOKIE,
        token_text(token),
        max_age=int((session.expires_at - session.began_at).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=is_secure,
    )


@router.post("/sessions", status_code=201, summary="Log in", responses={201: {"model": SessionOut}})
async def log_in(request: Request, body: AccountLoginIn) -> Response:
    """Begin a session of twelve hours with an account's password."""
    doors = doors_of(request)
    await guesses.check(request)

    def look() -> str:
        with doors.platform.store.begin() as tx:
            account = tx.accounts([body.account]).get(body.account)
            if account is None or is_blocked(account, doors.platform.now()):
                return ""
            return account.password_digest

    digest = await doors.runner.read(look)
    # Slow by design: it must not hold up who writes.
    is_right = await doors.runner.read(lambda: doors.is_password(digest, body.password))

    def prove(tx: Transaction, now: datetime) -> Proof:
        return prove_password(tx, body.account, is_right=is_right, now=now)

    return await _begin(request, prove)


@router.post(
    "/courier_sessions",
    status_code=201,
    summary="Log a courier's device in",
    responses={201: {"model": SessionOut}},
)
async def log_courier_in(request: Request, body: CourierLoginIn) -> Response:
    """Begin a session of thirty days with a code that opens once."""
    await guesses.check(request)

    def prove(tx: Transaction, now: datetime) -> Proof:
        return prove_code(tx, body.courier_id, code=body.code, now=now)

    return await _begin(request, prove)


async def _begin(request: Request, prove: Callable[[Transaction, datetime], Proof]) -> Response:
    """Begin a session; a wrong proof is counted in the store first and refused then."""
    if request.headers.get("idempotency-key"):
        raise Refusal(code="bad_request", detail="a log-in takes no key", param="Idempotency-Key")
    token = secrets.token_urlsafe(_N_TOKEN_BYTES)
    begun: list[Session] = []

    def operation(tx: Transaction, platform: Platform) -> Answer:
        begun.clear()
        session = begin_session(tx, platform, prove(tx, platform.now()), token=token)
        if session is None:
            return Answer(401, b"")
        begun.append(session)
        return _begun(session, token)

    response = await perform(request, operation)
    if not begun:
        await guesses.wrong(request)
        raise Refusal(code="unauthorized", detail=_WRONG)
    keep_session(response, token, begun[0], is_secure=request.url.scheme == "https")
    return response


@router.delete("/sessions/current", status_code=204, summary="Log out")
async def log_out(request: Request) -> Response:
    """End the session this request comes with."""
    credential = credential_of(request)

    def operation(tx: Transaction, platform: Platform) -> Answer:
        end_session(tx, platform, credential)
        return Answer(204, b"")

    response = await perform(request, operation)
    response.delete_cookie(COOKIE)
    return response


@router.post(
    "/couriers/{courier_id}/login_code",
    status_code=201,
    summary="Give a courier a login code",
    responses={201: {"model": CodeOut}},
)
async def give_code(request: Request, courier_id: IdPath) -> Response:
    """Make the code with which a courier's device logs in once, within ten minutes."""
    code = f"{secrets.randbelow(10**_N_CODE_DIGITS):0{_N_CODE_DIGITS}d}"

    def operation(tx: Transaction, platform: Platform) -> Answer:
        given = keys.give_code(tx, platform, courier_id, code=code)
        return Answer(201, write({"code": code, "expires_at": given.expires_at}))

    return await perform(request, operation)


@pages.get("/login")
async def show_login(request: Request) -> HTMLResponse:
    """Show where accounts and couriers log in, and out."""
    provider, is_inside = doors_of(request).provider, await is_known(request)
    return HTMLResponse(login_page(provider.name if provider else "", is_inside=is_inside))


@pages.get("/login.js")
async def show_login_script() -> Response:
    """Send what the page needs; no script lies in a page."""
    return Response(LOGIN_SCRIPT, media_type="text/javascript")
