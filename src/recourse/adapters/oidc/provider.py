"""This file knows how an identity provider is asked who somebody is.

What it says of itself (its discovery document) is kept for a while, so that nobody makes us call it
by opening our page. Its keys are read anew for each sign-in, after it took the code: a key that was
changed or withdrawn counts from then on.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from recourse.adapters.oidc.claims import name_of, role_of, subject_of
from recourse.adapters.oidc.reading import ProviderFile, is_callable
from recourse.adapters.webhooks import Poster
from recourse.model.errors import Unproven, Unreachable
from recourse.model.identities import Attempt, Identified
from recourse.model.webhooks import Post, TryOutcome

__all__ = ["Provider"]

T = TypeVar("T", bound=BaseModel)

_CALLBACK = "/login/oidc/callback"
_WELL_KNOWN = "/.well-known/openid-configuration"
_KEPT_S, _KEPT_FAILED_S = 600.0, 2.0
_SKEW_S = 60
_NOT_TAKEN = frozenset({400, 401, 403})
# Of pairs of keys alone: with a shared secret everybody who can check a word can also give it.
_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384")
_GET = {"accept": "application/json", "user-agent": "Recourse-Login/1"}
_FORM = {**_GET, "content-type": "application/x-www-form-urlencoded"}


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Discovery(_Answer):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(_Answer):
    """What a code was exchanged for, as far as we want it."""

    id_token: str


class _Keys(_Answer):
    """The keys a provider signs with."""

    keys: tuple[dict[str, Any], ...]


class Provider:
    """One provider, and who we are there.

    Parameters
    ----------
    said : ProviderFile
        What the file says.
    now : callable
        The present instant.
    poster : Poster, optional
        Does the calling; by default to public addresses only, unless the provider is internal.
    """

    def __init__(
        self, said: ProviderFile, *, now: Callable[[], datetime], poster: Poster | None = None
    ) -> None:
        self._said, self._now = said, now
        self._poster = poster or Poster(is_local=said.is_internal, deadline_s=5.0)
        self._lock = asyncio.Lock()
        self._known: _Discovery | None = None
        self._failed: Unreachable | None = None
        self._until_s = 0.0
        self.name, self.is_secure = said.name, said.address.startswith("https:")
        self.host = urlsplit(said.address).hostname or ""

    async def begin(self, attempt: Attempt) -> str:
        """Say where to send the browser.

        Parameters
        ----------
        attempt : Attempt
            What must come back.

        Returns
        -------
        str
            An address of the provider.
        """
        known = await self._discover()
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._said.client_id,
            "redirect_uri": self._said.address + _CALLBACK,
            "scope": " ".join(dict.fromkeys(("openid", *self._said.scopes))),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(known.authorization_endpoint).query else "?"
        return f"{known.authorization_endpoint}{joint}{urlencode(asked)}"

    async def identify(self, attempt: Attempt, *, code: str, issuer: str) -> Identified:
        """Exchange a code for the provider's word, and see whether it holds.

        Parameters
        ----------
        attempt : Attempt
            In which the code was given.
        code : str
            As the browser brought it.
        issuer : str
            Who is said to have sent the browser back; empty where nobody is.

        Returns
        -------
        Identified
            Whom it is for.

        Raises
        ------
        Unproven
            If another provider answered, the code is not taken, or the word does not hold.
        """
        known = await self._discover()
        is_said = bool(issuer) or known.authorization_response_iss_parameter_supported
        if is_said and issuer != known.issuer:
            raise Unproven(why="another provider than the one that was asked has answered")
        tokens = await self._exchange(known, attempt, code)
        keys = await self._read(known.jwks_uri, _Keys)
        claims = self._check(tokens.id_token, _signing(keys), attempt.nonce)
        return Identified(
            issuer=known.issuer,
            subject=subject_of(claims),
            name=name_of(claims),
            role=role_of(claims, self._said),
        )

    def _check(self, token: str, keys: KeySet, nonce: str) -> Mapping[str, Any]:
        """What a signed word says, if it holds."""
        wanted = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=_SKEW_S,
            iss={"essential": True, "value": self._said.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self._said.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            wanted.validate(claims)
        except (JoseError, ValueError, RecursionError) as error:
            raise Unproven(why=f"the provider's word does not hold: {error}") from error
        is_ours_alone = claims["aud"] in (self._said.client_id, [self._said.client_id])
        if claims.get("azp", self._said.client_id if is_ours_alone else "") != self._said.client_id:
            raise Unproven(why="the provider's word was given to somebody else")
        return claims

    async def _exchange(self, known: _Discovery, attempt: Attempt, code: str) -> _Tokens:
        """Show a code, and who we are."""
        said, headers = self._said, dict(_FORM)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": said.address + _CALLBACK,
            "code_verifier": attempt.verifier,
        }
        if not said.client_secret:
            form["client_id"] = said.client_id
        elif "client_secret_basic" in known.token_endpoint_auth_methods_supported:
            pair = f"{quote(said.client_id, safe='')}:{quote(said.client_secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": said.client_id, "client_secret": said.client_secret}
        wanted = Post(url=known.token_endpoint, body=urlencode(form).encode(), headers=headers)
        return await self._call(wanted, _Tokens)

    async def _discover(self) -> _Discovery:
        """What the provider says of itself; asked one at a time, and not again at once."""
        async with self._lock:
            if time.monotonic() < self._until_s:
                if self._failed is not None:
                    raise self._failed
                if self._known is not None:
                    return self._known
            try:
                self._known, self._failed = await self._ask(), None
            except Unreachable as error:
                self._known, self._failed = None, error
                self._until_s = time.monotonic() + _KEPT_FAILED_S
                raise
            self._until_s = time.monotonic() + _KEPT_S
            return self._known

    async def _ask(self) -> _Discovery:
        """Read what the provider says of itself, and whether it is the one we mean."""
        issuer = self._said.issuer
        known = await self._read(issuer.removesuffix("/") + _WELL_KNOWN, _Discovery)
        if known.issuer != issuer:
            raise Unreachable(whom=issuer, why=f"it calls itself {known.issuer}")
        addresses = (known.authorization_endpoint, known.token_endpoint, known.jwks_uri)
        for address in addresses:
            if not is_callable(address, is_internal=self._said.is_internal):
                raise Unreachable(whom=issuer, why=f"it names {address}, which is not called")
        return known

    async def _read(self, url: str, kind: type[T]) -> T:
        """Read something that the provider shows to everybody."""
        if not is_callable(url, is_internal=self._said.is_internal):
            raise Unreachable(whom=url, why="only https is called")
        return await self._call(Post(url=url, body=b"", headers=_GET, method="GET"), kind)

    async def _call(self, wanted: Post, kind: type[T]) -> T:
        """Call once; what does not answer as it should has not answered."""
        reached = await self._poster.post(wanted)
        if wanted.method == "POST" and reached.status in _NOT_TAKEN:
            raise Unproven(why=f"{wanted.url} did not take the code: {reached.detail}")
        if reached.outcome is not TryOutcome.TAKEN:
            raise Unreachable(whom=wanted.url, why=reached.detail)
        try:
            return kind.model_validate_json(reached.body)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            why = f"it answered something else: {place}: {first['msg']}"
            raise Unreachable(whom=wanted.url, why=why) from error


def _signing(said: _Keys) -> KeySet:
    """The keys that are for signing; one that nobody can read is left out."""
    found = []
    for one in said.keys:
        if one.get("use", "sig") != "sig" or one.get("kty") == "oct":
            continue
        try:
            found += KeySet.import_key_set({"keys": [one]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(found)
