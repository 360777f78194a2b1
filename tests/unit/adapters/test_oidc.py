"""What a provider and its file may say, and what is made of it."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from recourse.adapters.oidc import Provider, read_provider
from recourse.adapters.oidc.claims import name_of, role_of
from recourse.adapters.oidc.reading import ProviderFile, is_callable
from recourse.adapters.webhooks import Poster
from recourse.model.errors import Invalid, NotFound, Unproven, Unreachable
from recourse.model.identities import Attempt
from recourse.model.keys import Role
from tests.provider import IdentityServer, Key, identity_server, rsa_key

NOW = datetime(2026, 3, 2, 16, tzinfo=UTC)
TRY = Attempt(state="s" * 43, nonce="n" * 43, verifier="v" * 43)
KEY = rsa_key("k-1")
SAID = {
    "issuer": "https://login.example",
    "client_id": "recourse",
    "address": "https://dispatch.example",
    "roles": {"a": "viewer", "b": "admin"},
}


def said(**changes: object) -> ProviderFile:
    return ProviderFile.model_validate(SAID | changes)


def provider_at(issuer: str, **changes: object) -> Provider:
    return Provider(said(issuer=issuer, is_internal=True, **changes), now=lambda: NOW)


@pytest.fixture
def server() -> Iterator[IdentityServer]:
    with identity_server(signs_with=KEY, now=NOW.timestamp, person={"sub": "1"}) as running:
        yield running


def begin(provider: Provider) -> str:
    return asyncio.run(provider.begin(TRY))


def test_a_file_says_who_the_provider_is_and_who_is_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OIDC_SECRET", "of the environment")
    file = tmp_path / "oidc.toml"
    file.write_text(
        'issuer = "https://login.example/realms/shop"\nclient_id = "recourse"\n'
        'client_secret = "${OIDC_SECRET}"\naddress = "https://dispatch.example/"\n'
        '[roles]\nleads = "admin"\n'
    )
    found = read_provider(file)
    assert found.client_secret == "of the environment"
    assert found.address == "https://dispatch.example"
    assert found.roles == {"leads": Role.ADMIN}
    assert (found.claim, found.scopes, found.is_internal) == (
        "groups",
        ("openid", "profile"),
        False,
    )
    monkeypatch.delenv("OIDC_SECRET")
    with pytest.raises(Invalid, match="OIDC_SECRET is not in the environment"):
        read_provider(file)
    with pytest.raises(NotFound):
        read_provider(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('issuer = ""', "issuer"),
        ('address = "http://dispatch.example"', "https://HOST"),
        ('address = "https://dispatch.example/console"', "https://HOST"),
        ('address = "https://a:b@dispatch.example"', "https://HOST"),
        ('address = "https://dispatch.example:port"', "https://HOST"),
        ('address = "//dispatch.example"', "https://HOST"),
        ('scopes = ["open id"]', "scopes"),
        ('colour = "red"', "colour"),
        ("roles = {}", "roles"),
        ('roles = {a = "courier"}', "roles.a"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_the_place(
    tmp_path: Path, line: str, words: str
) -> None:
    lines = {
        "issuer": 'issuer = "https://login.example"',
        "client_id": 'client_id = "recourse"',
        "address": 'address = "https://dispatch.example"',
        "roles": 'roles = {a = "viewer"}',
    }
    lines[line.partition(" ")[0]] = line
    file = tmp_path / "oidc.toml"
    file.write_text("\n".join(lines.values()))
    with pytest.raises(Invalid, match=words) as caught:
        read_provider(file)
    assert caught.value.field == "oidc"


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": ["a"]}, Role.VIEWER),
        ("groups", {"groups": ["a", "b", "c"]}, Role.ADMIN),
        ("groups", {"groups": "b"}, Role.ADMIN),
        ("groups", {"groups": "a b"}, None),
        ("groups", {}, None),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, Role.VIEWER),
        ("realm_access.roles", {"realm_access": ["a"]}, None),
        ("https://shop.example/roles", {"https://shop.example/roles": ["b"]}, Role.ADMIN),
    ],
)
def test_a_role_comes_of_a_claim(claim: str, claims: dict[str, Any], role: Role | None) -> None:
    assert role_of(claims, said(claim=claim)) is role


def test_a_name_is_what_people_say() -> None:
    assert name_of({"email": "mei@shop.example", "name": "Mei Lin"}) == "mei"
    assert name_of({"preferred_username": 7, "name": "Mei Lin"}) == "Mei Lin"
    assert name_of({}) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/", "ftp://login.example/", "https://", "https://a@b.example/",
        "https://login.example/#x", "https://login.example:0/", "https://[::1",
        "javascript:alert(1)",
        "http://localhost.evil.example/", "http://127.0.0.1@evil.example/", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_called(url: str) -> None:
    assert not is_callable(url, is_internal=True)


def test_on_this_network_only_a_provider_that_is_said_to_be_there_is_called(
    server: IdentityServer,
) -> None:
    outside = Provider(said(issuer=server.url), now=lambda: NOW)
    with pytest.raises(Unreachable, match="only https is called"):
        begin(outside)
    hidden = Provider(said(issuer=server.url.replace("http:", "https:")), now=lambda: NOW)
    with pytest.raises(Unreachable, match=r"leads to 127\.0\.0\.1"):
        begin(hidden)
    assert server.heard == []
    assert begin(provider_at(server.url)).startswith(f"{server.url}/authorize?response_type=code")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"issuer": "https://another.example"}, "calls itself"),
        ({"authorization_endpoint": "http://evil.example/"}, "is not called"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "is not called"),
        ({"token_endpoint": "http://evil.example/"}, "is not called"),
        ({"jwks_uri": "file:///etc/passwd"}, "is not called"),
        ({"token_endpoint": 7}, "something else"),
        ({"token_endpoint": None}, "something else"),
    ],
)
def test_a_provider_that_says_odd_things_of_itself_is_not_followed(
    server: IdentityServer, told: dict[str, object], words: str
) -> None:
    server.discovery = told
    with pytest.raises(Unreachable, match=words):
        begin(provider_at(server.url))


def test_what_a_provider_says_of_itself_is_asked_once(server: IdentityServer) -> None:
    provider = provider_at(server.url)

    async def many() -> None:
        await asyncio.gather(*(provider.begin(TRY) for _ in range(20)))

    asyncio.run(many())
    assert server.heard == ["/.well-known/openid-configuration"]


def test_one_that_failed_is_not_asked_again_at_once(server: IdentityServer) -> None:
    server.discovery = {"issuer": "https://another.example"}
    provider = provider_at(server.url)
    for _ in range(3):
        with pytest.raises(Unreachable):
            begin(provider)
    assert len(server.heard) == 1


def test_a_silent_provider_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = said(issuer=f"http://127.0.0.1:{silent.getsockname()[1]}", is_internal=True)
        poster = Poster(is_local=True, deadline_s=0.2)
        with pytest.raises(Unreachable, match=r"no answer within 0\.2 s"):
            begin(Provider(file, now=lambda: NOW, poster=poster))


@pytest.mark.parametrize("secret", ["", "s", "a:b c%+é"])
@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_we_say_who_we_are_as_the_provider_wants_it(
    server: IdentityServer, secret: str, way: str
) -> None:
    server.client_secret, server.auth_way = secret, way
    server.discovery = {"token_endpoint_auth_methods_supported": [way]}
    provider = provider_at(server.url, client_secret=secret)
    code = server.code_for(begin(provider))
    found = asyncio.run(provider.identify(TRY, code=code, issuer=""))
    assert (found.issuer, found.subject, found.role) == (server.url, "1", None)


def test_a_wrong_secret_is_no_code_taken(server: IdentityServer) -> None:
    provider = provider_at(server.url, client_secret="wrong")
    code = server.code_for(begin(provider))
    with pytest.raises(Unproven, match="did not take the code: it answered 401"):
        asyncio.run(provider.identify(TRY, code=code, issuer=""))


def test_keys_nobody_can_read_do_not_hide_the_one_that_counts(server: IdentityServer) -> None:
    server.more_keys = [
        {"kty": "ML-DSA", "kid": "k-1"},
        {"kty": "RSA", "kid": "k-1"},
        {"kty": "oct", "kid": "k-1", "k": "AAAA"},
        RSAKey.generate_key(2048, {"kid": "k-1", "use": "enc"}).as_dict(private=False),
        {},
    ]
    provider = provider_at(server.url, client_secret=server.client_secret)
    code = server.code_for(begin(provider))
    assert asyncio.run(provider.identify(TRY, code=code, issuer=server.url)).subject == "1"


def test_a_word_that_names_no_key_is_held_against_the_only_one_there_is(
    server: IdentityServer,
) -> None:
    server.has_kid = False
    sealing = RSAKey.generate_key(2048, {"kid": "s-1", "use": "enc"})
    server.more_keys = [sealing.as_dict(private=False)]
    provider = provider_at(server.url, client_secret=server.client_secret)
    code = server.code_for(begin(provider))
    assert asyncio.run(provider.identify(TRY, code=code, issuer="")).subject == "1"
    server.shown = [KEY, rsa_key("k-2")]
    code = server.code_for(begin(provider))
    with pytest.raises(Unproven, match="does not hold"):
        asyncio.run(provider.identify(TRY, code=code, issuer=""))


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", KEY),
        ("PS256", KEY),
        ("ES256", ECKey.generate_key("P-256", {"kid": "e-1"})),
        ("ES384", ECKey.generate_key("P-384", {"kid": "e-2"})),
    ],
)
def test_every_way_of_signing_we_say_we_take_is_taken(
    server: IdentityServer, algorithm: str, key: Key
) -> None:
    server.algorithm, server.signs_with, server.shown = algorithm, key, [key]
    provider = provider_at(server.url, client_secret=server.client_secret)
    code = server.code_for(begin(provider))
    assert asyncio.run(provider.identify(TRY, code=code, issuer="")).subject == "1"


@pytest.mark.parametrize(
    "word", ["", "x", "a.b.c", "." * 9, "e30.e30.", "é", "[" * 9, f"e30.{'W1tb' * 9_000}.x"]
)
def test_what_is_no_word_does_not_hold(server: IdentityServer, word: str) -> None:
    server.gives = lambda _given: word
    provider = provider_at(server.url, client_secret=server.client_secret)
    code = server.code_for(begin(provider))
    with pytest.raises(Unproven, match="does not hold"):
        asyncio.run(provider.identify(TRY, code=code, issuer=""))
