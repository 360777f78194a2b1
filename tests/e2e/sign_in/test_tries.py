"""A try to sign in belongs to one browser, ends, and begins one session at most."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from recourse.adapters.passwords import digest_password
from recourse.flow import keys
from recourse.model.keys import Role
from tests.doors import MORNING, Caller, open_platform
from tests.e2e.sign_in.house import (
    KEY,
    MEI,
    PASSWORD,
    Browser,
    House,
    callback,
    refused,
    session_in,
)
from tests.provider import (
    ADDRESS,
    identity_server,
    write_oidc,
)


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
