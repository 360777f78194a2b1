"""This file knows how somebody signs in with an identity provider, and where they are sent.

Nobody is ever sent to an address that a request names: out it goes to the provider of the settings,
back to our own first page.
"""

import logging
import secrets

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from recourse.flow.identities import (
    ATTEMPT,
    attempt_of,
    begin_attempt,
    derived_token,
    is_under_way,
    sign_in,
)
from recourse.flow.platform import Platform
from recourse.model.errors import Forbidden, RecourseError, Unproven, Unreachable
from recourse.model.identities import Identified, IdentityProvider
from recourse.model.keys import Session
from recourse.model.ports import Transaction
from recourse.web import guesses
from recourse.web.access import let_in
from recourse.web.doors import Answer, doors_of, perform
from recourse.web.login_pages import SAID, said_page, signed_in_page
from recourse.web.problems import Refusal
from recourse.web.sessions import keep_session

__all__ = ["pages"]

pages = APIRouter(dependencies=[Depends(let_in)], include_in_schema=False)

_log = logging.getLogger(__name__)
_N_TOKEN_BYTES = 32
_MAX_CODE = 4_096


@pages.get("/login/oidc")
async def leave(request: Request) -> Response:
    """Send a browser to the provider, and let it keep which try this is."""
    provider, platform = _provider(request), doors_of(request).platform
    kept = begin_attempt(platform, token=secrets.token_urlsafe(_N_TOKEN_BYTES))
    try:
        address = await provider.begin(attempt_of(platform, kept))
    except Unreachable as error:
        return _said(provider, error)
    response = RedirectResponse(address, 303)
    response.set_cookie(
        _cookie(provider),
        kept,
        max_age=int(ATTEMPT.total_seconds()),
        httponly=True,
        # Not strict: the browser comes back from another site, and must bring it along.
        samesite="lax",
        secure=provider.is_secure,
    )
    return response


@pages.get("/login/oidc/callback")
async def come_back(request: Request) -> Response:
    """Begin the session of whom the provider has sent back."""
    provider, platform = _provider(request), doors_of(request).platform
    await guesses.check(request)
    kept = request.cookies.get(_cookie(provider), "")
    if not is_under_way(platform, kept, state=_one(request, "state")):
        await guesses.wrong(request)
        return _page(provider, "begun_elsewhere")
    code = _one(request, "code")
    if not code or "error" in request.query_params:
        _log.warning("a sign-in was declined: %r", _one(request, "error")[:80])
        return _over(provider, _page(provider, "declined"))
    try:
        attempt = attempt_of(platform, kept)
        found = await provider.identify(attempt, code=code, issuer=_one(request, "iss"))
        session = await _begin(request, found, token=derived_token(platform, kept))
    except Unproven as error:
        await guesses.wrong(request)
        return _over(provider, _said(provider, error))
    except (Forbidden, Unreachable) as error:
        return _over(provider, _said(provider, error))
    response = HTMLResponse(signed_in_page(session.subject_id))
    token = derived_token(platform, kept)
    keep_session(response, token, session, is_secure=provider.is_secure)
    return _over(provider, response)


async def _begin(request: Request, found: Identified, *, token: str) -> Session:
    """Begin the session of whom we were told of, in one transaction."""
    if "idempotency-key" in request.headers:
        raise Refusal(code="bad_request", detail="a log-in takes no key", param="Idempotency-Key")
    begun: list[Session] = []

    def operation(tx: Transaction, platform: Platform) -> Answer:
        begun[:] = [sign_in(tx, platform, found, token=token)]
        return Answer(201, b"")

    await perform(request, operation)
    return begun[0]


def _provider(request: Request) -> IdentityProvider:
    """Whom people sign in with, or a refusal where that is nobody."""
    provider = doors_of(request).provider
    if provider is None:
        raise Refusal(code="not_found", detail="no identity provider is set: recourse serve --oidc")
    return provider


def _one(request: Request, name: str) -> str:
    """A parameter that comes once and is not too long; empty for any other."""
    given = request.query_params.getlist(name)
    return given[0] if len(given) == 1 and len(given[0]) <= _MAX_CODE else ""


def _cookie(provider: IdentityProvider) -> str:
    """Name of the cookie of a try; over https one that no other host can have set."""
    return "__Host-recourse_sign_in" if provider.is_secure else "recourse_sign_in"


def _said(provider: IdentityProvider, error: RecourseError) -> Response:
    """The page for what went wrong; the facts are for the log."""
    _log.warning("nobody was signed in: %s", error)
    name = "unreachable" if isinstance(error, Unreachable) else "unproven"
    return _page(provider, error.rule if isinstance(error, Forbidden) else name)


def _page(provider: IdentityProvider, name: str) -> Response:
    """One of the pages that say why nobody was signed in."""
    said = SAID[name]
    return HTMLResponse(said_page(said, provider=provider.name), said.status)


def _over(provider: IdentityProvider, response: Response) -> Response:
    """Let the browser forget the try: it is over."""
    response.delete_cookie(
        _cookie(provider), secure=provider.is_secure, httponly=True, samesite="lax"
    )
    return response
