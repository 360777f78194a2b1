"""Signing in with an identity provider: whoever it vouches for, and nobody else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from typer.testing import CliRunner

from recourse.adapters.clock import ManualClock
from recourse.adapters.passwords import digest_password
from recourse.app import Application
from recourse.cli import app as command_line
from recourse.flow import keys
from recourse.flow.identities import sign_in
from recourse.model.errors import Conflict, Invalid
from recourse.model.identities import Identified
from recourse.model.keys import Role
from tests.doors import MORNING, Answer, Caller, open_platform
from tests.provider import (
    ADDRESS,
    CLIENT,
    IdentityServer,
    ec_key,
    forged,
    identity_server,
    rsa_key,
    write_oidc,
)

PASSWORD = "a long enough password"
MEI = {"sub": "248289761001", "preferred_username": "mei.lin", "groups": ["staff", "dispatch"]}
KEY, OTHER = rsa_key("k-1"), rsa_key("k-2")


def visit(address: str) -> str:
    """Go to the provider, whose person is always there and agrees; where one is sent then."""
    parts = urlsplit(address)
    line = HTTPConnection(parts.netloc, timeout=10)
    line.request("GET", f"{parts.path}?{parts.query}")
    sent = line.getresponse()
    sent.read()
    line.close()
    assert sent.status == 302
    return sent.headers["location"]


@dataclass
class Browser:
    """Keeps cookies, and goes where it is sent: to us in process, to the provider over HTTP."""

    caller: Caller
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        if self.cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.caller.call("GET", path, **headers)
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    def leave(self) -> str:
        """Begin, and say where the provider sends us back to."""
        away = self.get("/login/oidc")
        assert away.status == 303, away
        back = urlsplit(visit(away.headers["location"]))
        assert f"{back.scheme}://{back.netloc}" == ADDRESS
        return f"{back.path}?{back.query}"

    def sign_in(self) -> Answer:
        return self.get(self.leave())


@dataclass
class House:
    """A platform with locked doors, beside a provider that knows Mei."""

    application: Application
    clock: ManualClock
    provider: IdentityServer
    caller: Caller

    def browser(self) -> Browser:
        return Browser(self.caller)

    def sees(self, answer: Answer) -> int:
        """What the answer's session opens: the status of a door of the office."""
        token = session_in(answer)
        return self.caller.call("GET", "/v1/state", cookie=f"recourse_session={token}").status

    def accounts(self) -> dict[str, Role]:
        with self.application.platform.store.begin() as tx:
            return {name: one.role for name, one in tx.accounts().items()}


def callback(**said: str) -> str:
    return f"/login/oidc/callback?{urlencode(said)}"


def session_in(answer: Answer) -> str:
    found = [one for one in answer.cookies if one.startswith("recourse_session=")]
    return found[0].partition(";")[0].partition("=")[2] if found else ""


@pytest.fixture
def provider() -> Iterator[IdentityServer]:
    with identity_server(signs_with=KEY, person=dict(MEI)) as running:
        yield running


@pytest.fixture
def house(store_url: str, tmp_path: Path, provider: IdentityServer) -> Iterator[House]:
    file = write_oidc(tmp_path, provider)
    application, clock = open_platform(tmp_path, store_url, has_open_doors=False, oidc_file=file)
    provider.now = lambda: clock.now().timestamp()
    caller = Caller(application.asgi)
    yield House(application, clock, provider, caller)
    caller.close()
    application.close()


def refused(answer: Answer, status: int, words: str) -> None:
    """Nobody was signed in, and the page says why in both languages, with the way back."""
    page = answer.content.decode()
    assert (answer.status, session_in(answer)) == (status, ""), page
    assert words in page
    assert 'lang="zh"' in page
    assert 'href="/login"' in page
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_whoever_the_provider_vouches_for_is_signed_in(house: House) -> None:
    browser = house.browser()
    answer = browser.sign_in()
    assert answer.status == 200
    assert "sso:mei.lin" in answer.content.decode()
    assert 'content="0;url=/"' in answer.content.decode()
    assert house.sees(answer) == 200
    assert house.accounts() == {"sso:mei.lin": Role.DISPATCHER}
    with house.application.platform.store.begin() as tx:
        known = tx.identity(house.provider.url, MEI["sub"])  # type: ignore[arg-type]
    assert known is not None
    assert (known.account_id, known.began_at) == ("sso:mei.lin", MORNING)
    # The next time it is the same account, under whatever name.
    house.provider.person["preferred_username"] = "mei.wang"
    assert "sso:mei.lin" in house.browser().sign_in().content.decode()
    assert len(house.accounts()) == 1


def test_the_session_is_kept_where_no_script_and_no_other_site_has_it(house: House) -> None:
    browser = house.browser()
    back = browser.leave()
    answer = browser.get(back)
    session = next(one for one in answer.cookies if one.startswith("recourse_session="))
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    gone = next(one for one in answer.cookies if one.startswith("recourse_sign_in="))
    assert "Max-Age=0" in gone
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_signing_out_ends_our_session(house: House) -> None:
    answer = house.browser().sign_in()
    cookie = f"recourse_session={session_in(answer)}"
    assert house.caller.call("DELETE", "/v1/sessions/current", cookie=cookie).status == 204
    assert house.sees(answer) == 401


def test_the_role_is_that_of_today_and_of_several_the_highest(house: House) -> None:
    first = house.browser().sign_in()
    house.provider.person["groups"] = ["look", "leads", "dispatch"]
    house.browser().sign_in()
    assert house.accounts() == {"sso:mei.lin": Role.ADMIN}
    house.provider.person["groups"] = "look"
    house.browser().sign_in()
    assert house.accounts() == {"sso:mei.lin": Role.VIEWER}
    # Also in the session that began when it was another.
    cookie = f"recourse_session={session_in(first)}"
    changed = house.caller.call("POST", "/v1/sites", {}, cookie=cookie)
    assert changed.status == 403


@pytest.mark.parametrize(
    "groups", [["staff"], [], None, "Dispatch", [["dispatch"]], {"dispatch": 1}]
)
def test_who_has_no_role_here_is_told_so_and_the_way_out(house: House, groups: object) -> None:
    house.provider.person["groups"] = groups
    refused(house.browser().sign_in(), 403, "map one of your groups to a role")
    assert house.accounts() == {}


def test_a_mapping_that_was_taken_back_ends_at_the_next_sign_in(house: House) -> None:
    assert house.browser().sign_in().status == 200
    house.provider.person["groups"] = ["staff"]
    refused(house.browser().sign_in(), 403, "map one of your groups to a role")


def test_an_account_that_was_switched_off_stays_off_until_it_is_on_again(house: House) -> None:
    answer = house.browser().sign_in()
    with house.application.platform.store.begin() as tx:
        keys.switch_off(tx, "sso:mei.lin")
    assert house.sees(answer) == 401
    refused(house.browser().sign_in(), 403, "switched off")
    with house.application.platform.store.begin() as tx:
        keys.switch_on(tx, "sso:mei.lin")
    assert house.browser().sign_in().status == 200


def test_an_account_of_the_provider_is_looked_after_on_the_command_line(
    tmp_path: Path, provider: IdentityServer
) -> None:
    def run(*words: str) -> str:
        words = ("accounts", *words, "--data", str(tmp_path))
        done = CliRunner().invoke(command_line, words, env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    file = write_oidc(tmp_path, provider)
    application, clock = open_platform(tmp_path, has_open_doors=False, oidc_file=file)
    provider.now = lambda: clock.now().timestamp()
    caller = Caller(application.asgi)
    assert Browser(caller).sign_in().status == 200
    listed = next(line for line in run("list").splitlines() if "sso:mei.lin" in line)
    assert [word in listed for word in ("dispatcher", "on", provider.url)] == [True] * 3
    run("off", "sso:mei.lin")
    assert " off " in run("list")
    refused(Browser(caller).sign_in(), 403, "switched off")
    assert run("on", "sso:mei.lin") == "sso:mei.lin may log in as dispatcher\n"
    assert Browser(caller).sign_in().status == 200
    caller.close()
    application.close()


def test_a_namesake_is_somebody_else(house: House) -> None:
    """Neither another person of the provider nor a local account is taken over by a name."""
    store = house.application.platform.store
    with store.begin() as tx:
        keys.make_account(
            tx,
            name="mei.lin",
            role=Role.ADMIN,
            password_digest=digest_password(PASSWORD),
            now=MORNING,
        )
    house.browser().sign_in()
    house.provider.person["sub"] = "another"
    assert "sso:mei.lin-2" in house.browser().sign_in().content.decode()
    house.provider.person |= {"sub": "third", "preferred_username": "林美"}
    house.browser().sign_in()
    names = set(house.accounts())
    assert {"mei.lin", "sso:mei.lin", "sso:mei.lin-2"} < names
    assert len(names) == 4
    assert house.accounts()["mei.lin"] is Role.ADMIN


def test_the_same_subject_of_another_provider_is_somebody_else(house: House) -> None:
    platform = house.application.platform
    names = []
    for number, issuer in enumerate(
        ("https://a.example", "https://b.example", "https://a.example")
    ):
        found = Identified(issuer=issuer, subject="1", name="mei", role=Role.VIEWER)
        with platform.store.begin() as tx:
            names.append(sign_in(tx, platform, found, token=f"{number}").subject_id)
    assert names == ["sso:mei", "sso:mei-2", "sso:mei"]


def test_an_account_of_the_provider_has_no_password_and_gets_none(house: House) -> None:
    house.browser().sign_in()
    for password in ("", "nobody", "$argon2id$"):
        body = {"account": "sso:mei.lin", "password": password}
        assert house.caller.call("POST", "/v1/sessions", body).status in {401, 422}
    with (
        pytest.raises(Invalid, match="signs in with an identity provider"),
        house.application.platform.store.begin() as tx,
    ):
        keys.make_account(
            tx, name="sso:mei.lin", role=Role.ADMIN, password_digest="$argon2id$x", now=MORNING
        )


Spoil = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda claims: claims | {"nonce": "of another try"},
        lambda claims: {k: v for k, v in claims.items() if k != "nonce"},
        lambda claims: claims | {"aud": "another client"},
        lambda claims: claims | {"aud": "another client", "azp": CLIENT},
        lambda claims: claims | {"aud": [CLIENT, "another client"]},
        lambda claims: claims | {"aud": []},
        lambda claims: {k: v for k, v in claims.items() if k != "aud"},
        lambda claims: claims | {"azp": "another client"},
        lambda claims: claims | {"iss": "https://another.example"},
        lambda claims: {k: v for k, v in claims.items() if k != "iss"},
        lambda claims: claims | {"exp": claims["iat"] - 61},
        lambda claims: claims | {"exp": float("nan")},
        lambda claims: {k: v for k, v in claims.items() if k != "exp"},
        lambda claims: {k: v for k, v in claims.items() if k != "iat"},
        lambda claims: claims | {"iat": claims["iat"] + 120},
        lambda claims: claims | {"nbf": claims["iat"] + 120},
        lambda claims: {k: v for k, v in claims.items() if k != "sub"},
        lambda claims: claims | {"sub": ""},
        lambda claims: claims | {"sub": "x" * 256},
        lambda claims: claims | {"sub": "a\x00b"},
        lambda claims: claims | {"sub": 7},
    ],
)
def test_a_word_that_is_not_for_us_now_and_for_this_try_does_not_hold(
    house: House, spoil: Spoil
) -> None:
    house.provider.spoil = spoil
    refused(house.browser().sign_in(), 401, "does not hold")
    assert house.accounts() == {}


def test_clocks_may_differ_by_a_little(house: House) -> None:
    house.provider.spoil = lambda claims: claims | {"exp": claims["iat"] - 30}
    assert house.browser().sign_in().status == 200
    house.provider.spoil = lambda claims: claims | {"iat": claims["iat"] + 30}
    assert house.browser().sign_in().status == 200


def test_several_audiences_hold_if_it_was_given_to_us(house: House) -> None:
    house.provider.spoil = lambda claims: claims | {"aud": [CLIENT, "other"], "azp": CLIENT}
    assert house.browser().sign_in().status == 200


def test_a_word_signed_by_a_foreign_key_does_not_hold(house: House) -> None:
    house.provider.signs_with = rsa_key("k-1")  # the same name, another key
    refused(house.browser().sign_in(), 401, "does not hold")
    house.provider.signs_with = rsa_key("k-9")
    refused(house.browser().sign_in(), 401, "does not hold")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_word_that_anybody_could_have_signed_does_not_hold(house: House, algorithm: str) -> None:
    """No signature, or one with what the provider shows to everybody as the secret."""
    house.provider.gives = lambda given: forged(house.provider, given, algorithm)
    refused(house.browser().sign_in(), 401, "does not hold")


def test_a_key_that_was_changed_counts_at_once_and_the_old_one_no_more(house: House) -> None:
    assert house.browser().sign_in().status == 200
    house.provider.shown = [OTHER, KEY]
    house.provider.signs_with = OTHER
    assert house.browser().sign_in().status == 200
    house.provider.shown = [OTHER]
    house.provider.signs_with = KEY
    refused(house.browser().sign_in(), 401, "does not hold")


def test_elliptic_keys_hold_as_well(house: House) -> None:
    key = ec_key("e-1")
    house.provider.shown, house.provider.signs_with = [KEY, key], key
    house.provider.algorithm = "ES256"
    assert house.browser().sign_in().status == 200


def test_an_answer_belongs_to_the_browser_that_asked(house: House) -> None:
    mine, theirs = house.browser(), house.browser()
    back = mine.leave()
    refused(house.browser().get(back), 400, "not begun in this browser")
    theirs.leave()
    refused(theirs.get(back), 400, "not begun in this browser")
    for state in ("", "x", "\u2603", "x" * 5_000):
        refused(mine.get(callback(code="c", state=state)), 400, "not begun in this browser")
    assert not any(path == "/token" for path in house.provider.heard)
    assert mine.get(back).status == 200


def test_a_try_is_over_after_ten_minutes(house: House) -> None:
    browser = house.browser()
    back = browser.leave()
    began_s, _, token = browser.cookies["recourse_sign_in"].partition(".")
    house.clock.set(house.clock.now() + timedelta(minutes=10))
    refused(browser.get(back), 400, "more than ten")
    # Nor does it become younger by being told so.
    browser.cookies["recourse_sign_in"] = f"{int(began_s) + 600}.{token}"
    refused(browser.get(back), 400, "more than ten")


def test_a_code_opens_once(house: House) -> None:
    browser = house.browser()
    back = browser.leave()
    kept = dict(browser.cookies)
    assert browser.get(back).status == 200
    browser.cookies = dict(kept)
    refused(browser.get(back), 401, "does not hold")


def test_a_try_begins_one_session_even_if_the_provider_takes_its_code_twice(house: House) -> None:
    house.provider.takes_codes_once = False
    browser = house.browser()
    back = browser.leave()
    kept = dict(browser.cookies)
    assert browser.get(back).status == 200
    browser.cookies = kept
    refused(browser.get(back), 401, "does not hold")


def test_a_code_of_another_try_is_not_taken(house: House) -> None:
    """A stolen code, brought with a state that is right: the verifier is another one."""
    stolen = parse_qs(house.browser().leave().partition("?")[2])["code"][0]
    browser = house.browser()
    state = parse_qs(browser.leave().partition("?")[2])["state"][0]
    answer = browser.get(callback(code=stolen, state=state))
    refused(answer, 401, "does not hold")
    assert house.provider.n_not_taken == 1


def test_another_providers_answer_is_refused_before_the_code_is_shown(house: House) -> None:
    browser = house.browser()
    back = browser.leave().partition("&iss=")[0]
    refused(browser.get(f"{back}&iss=https%3A%2F%2Fevil.example"), 401, "does not hold")
    assert "/token" not in house.provider.heard


def test_a_provider_that_always_says_who_it_is_must_do_so(house: House) -> None:
    house.provider.discovery = {"authorization_response_iss_parameter_supported": True}
    browser = house.browser()
    refused(browser.get(browser.leave().partition("&iss=")[0]), 401, "does not hold")


def test_who_was_declined_by_the_provider_is_told_so_in_our_words(house: House) -> None:
    browser = house.browser()
    state = parse_qs(browser.leave().partition("?")[2])["state"][0]
    said = callback(error="access_denied", error_description="<b>call 555</b>", state=state)
    answer = browser.get(said)
    refused(answer, 403, "Shop &lt;login&gt; did not sign you in")
    assert b"555" not in answer.content


@pytest.mark.parametrize(
    "named",
    ["next=https://evil.example", "redirect_uri=//evil.example", "return_to=%2F%2Fevil.example"],
)
def test_nobody_is_sent_to_where_a_request_says(house: House, named: str) -> None:
    browser = house.browser()
    away = browser.get(f"/login/oidc?{named}")
    sent = urlsplit(away.headers["location"])
    assert f"{sent.scheme}://{sent.netloc}" == house.provider.url
    assert parse_qs(sent.query)["redirect_uri"] == [f"{ADDRESS}/login/oidc/callback"]
    assert b"evil" not in browser.get(f"{browser.leave()}&{named}").content
    hosted = house.caller.call("GET", "/login/oidc", host="evil.example")
    assert (hosted.status, "location" in hosted.headers) == (403, False)


def test_what_is_asked_twice_is_not_guessed_at(house: House) -> None:
    browser = house.browser()
    back = browser.leave()
    refused(browser.get(f"{back}&state=x"), 400, "not begun")
    refused(browser.get(f"{back}&code=x"), 403, "did not sign you in")


def test_a_provider_that_is_down_is_said_to_be_and_passwords_still_open(
    store_url: str, tmp_path: Path
) -> None:
    with identity_server(signs_with=KEY, person=dict(MEI)) as provider:
        file = write_oidc(tmp_path, provider)
        application, _ = open_platform(tmp_path, store_url, has_open_doors=False, oidc_file=file)
        caller = Caller(application.asgi)
        browser = Browser(caller)
        back = browser.leave()
    refused(browser.get(back), 503, "does not answer")
    with application.platform.store.begin() as tx:
        digest = digest_password(PASSWORD)
        keys.make_account(
            tx, name="dora", role=Role.DISPATCHER, password_digest=digest, now=MORNING
        )
    body = {"account": "dora", "password": PASSWORD}
    assert caller.call("POST", "/v1/sessions", body).status == 201
    caller.close()
    application.close()
    # Also when it is down from the beginning: it is not asked before somebody wants to sign in.
    application, _ = open_platform(tmp_path, store_url, has_open_doors=False, oidc_file=file)
    caller = Caller(application.asgi)
    refused(Browser(caller).get("/login/oidc"), 503, "accounts with a password log in as always")
    assert caller.call("POST", "/v1/sessions", body).status == 201
    caller.close()
    application.close()


@pytest.mark.parametrize(
    "odd",
    ["", "&", "=", "%00", "%ff%fe", "é", "%ED%A0%80", "a=%", "x" * 20_000, "code[]=x", "&" * 2_000],
)
def test_whatever_is_sent_to_the_callback_begins_nothing(house: House, odd: str) -> None:
    browser = house.browser()
    state = parse_qs(browser.leave().partition("?")[2])["state"][0]
    cookie = browser.cookies["recourse_sign_in"]
    for query in (odd, f"code={odd}&state={odd}", f"state={state}&{odd}", f"iss={odd}&state={odd}"):
        for kept in ("", odd.replace("%", ""), cookie):
            answer = house.caller.call(
                "GET", f"/login/oidc/callback?{query}", cookie=f"recourse_sign_in={kept}"
            )
            assert answer.status in {400, 403, 429}, (query, kept, answer)
            assert session_in(answer) == ""
    assert house.caller.call("GET", f"/login/oidc?{odd}").status == 303
    assert house.accounts() == {}


def test_guessing_has_an_end(house: House) -> None:
    browser = house.browser()
    statuses = [browser.get("/login/oidc/callback?code=c&state=s").status for _ in range(25)]
    assert statuses[:20] == [400] * 20
    assert statuses[-1] == 429


def test_the_login_page_offers_the_provider_where_there_is_one(
    house: House, tmp_path: Path
) -> None:
    page = house.caller.call("GET", "/login").content.decode()
    assert "Sign in with Shop &lt;login&gt; · 用 Shop &lt;login&gt; 登录" in page
    (tmp_path / "other").mkdir()
    plain, _ = open_platform(tmp_path / "other", has_open_doors=False)
    caller = Caller(plain.asgi)
    assert b"oidc" not in caller.call("GET", "/login").content
    for path in ("/login/oidc", "/login/oidc/callback?code=c&state=s"):
        answer = caller.call("GET", path)
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    caller.close()
    plain.close()


def test_two_who_come_at_once_for_the_first_time_are_one_account(house: House) -> None:
    """The database decides: whoever loses the race finds what the winner made."""
    platform = house.application.platform
    found = Identified(issuer="https://i.example", subject="1", name="mei", role=Role.VIEWER)

    def together() -> None:
        with platform.store.begin() as late:
            sign_in(late, platform, found, token="a")
            with platform.store.begin() as early:
                sign_in(early, platform, found, token="b")

    with pytest.raises(Conflict):
        together()
    with platform.store.begin() as again:
        session = sign_in(again, platform, found, token="a")
    assert session.subject_id == "sso:mei"
    assert list(house.accounts()) == ["sso:mei"]


def test_beyond_this_machine_a_provider_is_enough_to_begin_with(
    tmp_path: Path, provider: IdentityServer
) -> None:
    file = write_oidc(tmp_path, provider)
    with pytest.raises(Invalid, match="nobody has an account"):
        open_platform(tmp_path, host="192.0.2.1")
    open_platform(tmp_path, host="192.0.2.1", oidc_file=file)[0].close()


def test_browsers_come_back_to_a_host_that_is_served_or_nothing_starts(
    tmp_path: Path, provider: IdentityServer
) -> None:
    file = write_oidc(tmp_path, provider, address="https://dispatch.example")
    with pytest.raises(Invalid, match=r"--name dispatch\.example"):
        open_platform(tmp_path, oidc_file=file)
    application, _ = open_platform(tmp_path, oidc_file=file, names=("dispatch.example",))
    caller = Caller(application.asgi)
    away = caller.call("GET", "/login/oidc", host="dispatch.example")
    kept = away.cookies[0]
    # Over https the cookie is bound to this host alone.
    assert kept.startswith("__Host-recourse_sign_in=")
    assert all(word in kept for word in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
    assert "Domain" not in kept
    caller.close()
    application.close()
