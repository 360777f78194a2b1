"""An identity provider as tests need it: it gives codes and signed words, or spoils one of them."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.listening import listening

CLIENT, SECRET = "recourse", "a secret: of the tests"
ADDRESS = "http://localhost:8000"
FILE = """
issuer = "{issuer}"
client_id = "recourse"
client_secret = "{secret}"
address = "{address}"
name = "Shop <login>"
is_internal = true
{more}
[roles]
look = "viewer"
dispatch = "dispatcher"
leads = "admin"
"""
Key = RSAKey | ECKey
Json = dict[str, Any]


def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


@dataclass
class IdentityServer:
    """Who it knows, which keys it shows and signs with, and what it was asked."""

    url: str = ""
    person: Json = field(default_factory=dict)
    shown: list[Key] = field(default_factory=list)
    signs_with: Key = field(default_factory=lambda: rsa_key("k-1"))
    algorithm: str = "RS256"
    now: Callable[[], float] = time.time
    has_page: bool = False
    takes_codes_once: bool = True
    client_secret: str = SECRET
    auth_way: str = "client_secret_basic"
    more_keys: list[Json] = field(default_factory=list)
    discovery: Json = field(default_factory=dict)
    spoil: Callable[[Json], Json] = lambda claims: claims
    gives: Callable[[dict[str, str]], str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    has_kid: bool = True
    n_not_taken: int = 0

    def __post_init__(self) -> None:
        self.shown = self.shown or [self.signs_with]

    def describe(self) -> Json:
        known = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return known | self.discovery

    def authorize(self, asked: dict[str, str]) -> str:
        """Give a code for whoever sits there, and say where to send them."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def code_for(self, address: str) -> str:
        """Give a code for a browser that was sent here."""
        asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        return parse_qs(urlsplit(self.authorize(asked)).query)["code"][0]

    def exchange(self, asked: dict[str, str], authorization: str) -> tuple[int, Json]:
        """Take a code, if whoever shows it is who it was given for."""
        if self.client_secret and self.auth_way == "client_secret_post":
            if [asked.get("client_id"), asked.get("client_secret")] != [CLIENT, self.client_secret]:
                return 401, {"error": "invalid_client"}
        elif self.client_secret:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            if [unquote(part) for part in pair] != [CLIENT, self.client_secret]:
                return 401, {"error": "invalid_client"}
        elif asked.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        given = self.codes.get(asked["code"])
        if given is None or asked["redirect_uri"] != given["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != given["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if self.takes_codes_once:
            del self.codes[asked["code"]]
        word = self.gives(given) if self.gives else self.word(given)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": word}

    def word(self, given: dict[str, str]) -> str:
        """Sign who sits there."""
        header = {"alg": self.algorithm}
        if self.has_kid:
            header["kid"] = str(self.signs_with.kid)
        claims = self.spoil(self.claims(given))
        return jwt.encode(header, claims, self.signs_with, algorithms=[self.algorithm])

    def claims(self, given: dict[str, str]) -> Json:
        """What is said of who sits there."""
        now = int(self.now())
        plain = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300}
        return plain | {"nonce": given["nonce"]} | self.person


def forged(provider: IdentityServer, given: dict[str, str], algorithm: str) -> str:
    """A word that anybody could give: unsigned, or with what is shown to all as the secret."""

    def part(said: bytes) -> str:
        return base64.urlsafe_b64encode(said).decode().rstrip("=")

    header = {"alg": algorithm, "kid": provider.signs_with.kid}
    said = ".".join(part(json.dumps(one).encode()) for one in (header, provider.claims(given)))
    public = provider.signs_with.as_pem(private=False)
    mac = hmac.new(public, said.encode(), hashlib.sha256).digest()
    return f"{said}.{part(mac if algorithm == 'HS256' else b'')}"


def write_oidc(folder: Path, provider: IdentityServer, **changes: str) -> Path:
    said = {"issuer": provider.url, "secret": provider.client_secret, "address": ADDRESS}
    file = folder / "oidc.toml"
    file.write_text(FILE.format(**{"more": "", **said, **changes}))
    return file


@contextmanager
def identity_server(**facts: Any) -> Iterator[IdentityServer]:  # noqa: ANN401 - its fields
    """Serve on a free port of this machine."""
    mine = IdentityServer(**facts)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            mine.heard.append(parts.path)
            if parts.path == "/authorize":
                asked = {name: one[0] for name, one in parse_qs(parts.query).items()}
                back = mine.authorize(asked)
                if mine.has_page:
                    self.show(back)
                    return
                self.send_response(302)
                self.send_header("location", back)
                self.send_header("content-length", "0")
                self.end_headers()
            elif parts.path == "/keys":
                shown = [key.as_dict(private=False) for key in mine.shown]
                self.tell(200, {"keys": [*mine.more_keys, *shown]})
            elif parts.path == "/.well-known/openid-configuration":
                self.tell(200, mine.describe())
            else:
                self.tell(404, {})

        def do_POST(self) -> None:
            mine.heard.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            asked = {name: one[0] for name, one in parse_qs(body).items()}
            status, said = mine.exchange(asked, self.headers.get("authorization", ""))
            mine.n_not_taken += status != 200
            self.tell(status, said)

        def show(self, back: str) -> None:
            """Ask the person, as a provider does: they come back by a click on another site."""
            content = f'<h1>Provider</h1><a href="{escape(back)}">Agree</a>'.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def tell(self, status: int, said: Json) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as url:
        mine.url = url
        yield mine
