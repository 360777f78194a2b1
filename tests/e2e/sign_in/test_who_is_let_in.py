"""Signing in with an identity provider: whoever it vouches for, in the role of today."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from recourse.adapters.passwords import digest_password
from recourse.cli import app as command_line
from recourse.flow import keys
from recourse.flow.identities import sign_in
from recourse.model.errors import Conflict, Invalid
from recourse.model.identities import Identified
from recourse.model.keys import Role
from tests.doors import MORNING, Caller, open_platform
from tests.e2e.sign_in.house import MEI, PASSWORD, Browser, House, refused, session_in
from tests.provider import (
    IdentityServer,
    write_oidc,
)


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
