"""Every door has its key: who may come in, for what, and for whom."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from typer.testing import CliRunner

from recourse.adapters.clock import ManualClock
from recourse.app import build
from recourse.cli import app as command_line
from recourse.flow import keys
from recourse.model.errors import Invalid
from recourse.model.keys import Role, Scope
from recourse.settings import Settings
from recourse.web.access import ACCESS, PUBLIC
from tests.doors import MORNING, Caller, little_town, meal, open_platform
from tests.e2e.locked.house import NAMES, PASSWORD, House


def _filled(house: House, path: str, *, merchant_id: str = "m-1", name: str = "bo") -> str:
    """A path with things of one merchant and one courier in it."""
    wanted = {
        "order_id": house.order_ids[merchant_id],
        "endpoint_id": house.hook_ids[merchant_id],
        "courier_id": name,
        "offer_id": house.offer_id,
        "number": "1",
        "z": "1",
        "x": "0",
        "y": "0",
    }
    for part in path.split("/"):
        if part.startswith("{"):
            kind = part.strip("{}").removesuffix("}.mvt")
            path = path.replace(f"{{{kind}}}", wanted.get(kind, "none"))
    return path


def test_every_door_there_is_has_its_line_in_the_table(house: House) -> None:
    doors = {
        (method, route.path)
        for route in house.application.asgi.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert doors == set(ACCESS)


def test_the_matrix_of_roles_and_doors_holds(house: House) -> None:
    """Every role at every door: 401 without a key, 403 with another's, in with its own."""
    n_asked = 0
    people = {"m-1": Role.MERCHANT, "bo": Role.COURIER, **NAMES}
    for (method, path), roles in ACCESS.items():
        if path in {"/v1/live", "/v1/sessions/current"}:
            continue  # a stream has no end; a log-out would end the matrix
        for who, role in {"": None, **people}.items():
            answer = house.call(who, method, _filled(house, path))
            n_asked += 1
            door = (method, path, who, answer.status)
            if roles is PUBLIC:
                assert answer.status not in {403}, door
                assert answer.status != 401 or "sessions" in path, door
            elif role is None:
                assert (answer.status, answer.json["code"]) == (401, "unauthorized"), door
                assert answer.headers["www-authenticate"] == "Bearer"
            elif role not in roles:
                assert (answer.status, answer.json["code"]) in {
                    (403, "forbidden"),
                    (404, "not_found"),
                }, door
            else:
                assert answer.status not in {401, 403}, door
    assert n_asked > 300


def test_a_merchant_is_told_that_anothers_thing_is_not_there(house: House) -> None:
    n_asked = 0
    for (method, path), roles in ACCESS.items():
        if Role.MERCHANT not in roles or not ("{order_id}" in path or "{endpoint_id}" in path):
            continue
        theirs = _filled(house, path, merchant_id="m-1")
        answer = house.call("m-2", method, theirs)
        assert (answer.status, answer.json["code"]) == (404, "not_found"), (method, path)
        n_asked += 1
    assert n_asked >= 9


def test_a_courier_is_told_that_anothers_thing_is_not_there(house: House) -> None:
    n_asked = 0
    for (method, path), roles in ACCESS.items():
        named = ("{courier_id}", "{offer_id}", "{assignment_id}", "{order_id}")
        if Role.COURIER not in roles or not any(part in path for part in named):
            continue
        answer = house.call("mei", method, _filled(house, path, merchant_id="m-1"))
        assert (answer.status, answer.json["code"]) == (404, "not_found"), (method, path)
        n_asked += 1
    assert n_asked >= 12


def test_lists_hold_only_what_is_a_merchants_own(house: House) -> None:
    for mine, theirs in (("m-1", "m-2"), ("m-2", "m-1")):
        orders = house.call(mine, "GET", "/v1/orders").json["orders"]
        assert [one["id"] for one in orders] == [house.order_ids[mine]]
        hooks = house.call(mine, "GET", f"/v1/webhook_endpoints?merchant_id={theirs}").json
        assert [one["id"] for one in hooks["webhook_endpoints"]] == [house.hook_ids[mine]]
        events = house.call(mine, "GET", "/v1/events").json["events"]
        assert {one["data"]["order_id"] for one in events} == {house.order_ids[mine]}
        asked = house.call(mine, "GET", f"/v1/events?order_id={house.order_ids[theirs]}").json
        assert asked["events"] == []


def test_nobody_speaks_for_another_in_a_body(house: House) -> None:
    order = {**meal("x"), "merchant_id": "m-1"}
    assert house.call("m-2", "POST", "/v1/orders", order).status == 403
    hook = {"merchant_id": "m-1", "url": "https://shop.example/"}
    assert house.call("m-2", "POST", "/v1/webhook_endpoints", hook).status == 403
    ping = {
        "courier_ids": ["mei", "bo"],
        "lons": [-123.1, -123.1],
        "lats": [49.26, 49.26],
        "pinged_ats": ["2026-03-02T16:00:00Z"] * 2,
    }
    assert house.call("mei", "POST", "/v1/pings", ping).status == 403


def test_two_callers_may_choose_the_same_idempotency_key(house: House) -> None:
    for merchant_id in ("m-1", "m-2"):
        order = {**meal("same"), "merchant_id": merchant_id}
        made = house.call(merchant_id, "POST", "/v1/orders", order, idempotency_key="k")
        assert (made.status, made.json["merchant_id"]) == (201, merchant_id)


def test_a_key_opens_only_what_it_was_made_for(house: House) -> None:
    house.credentials["reader"] = house.key("m-1", Scope.READ)
    assert house.call("reader", "GET", "/v1/orders").status == 200
    refused = house.call("reader", "POST", "/v1/orders", meal("x"))
    assert (refused.status, "write" in refused.json["detail"]) == (403, True)
    assert house.call("reader", "GET", "/v1/webhook_endpoints").status == 403


def test_a_key_that_ends_opens_until_then_and_not_after(house: House) -> None:
    with house.application.platform.store.begin() as tx:
        keys.end_key(tx, "m-1-0", at=house.clock.now() + timedelta(hours=1))
    assert house.call("m-1", "GET", "/v1/orders").status == 200
    house.clock.set(house.clock.now() + timedelta(hours=1))
    assert house.call("m-1", "GET", "/v1/orders").status == 401


@pytest.mark.parametrize("credential", ["", "rk_", "rk_m-1-0_", "rk_m-1-0_wrong", "rs_x", "x" * 99])
def test_what_is_no_key_opens_nothing(house: House, credential: str) -> None:
    house.credentials["nobody"] = credential
    assert house.call("nobody", "GET", "/v1/orders").status == 401


def test_no_secret_lies_in_the_database(house: House) -> None:
    with house.application.platform.store.begin() as tx:
        kept = repr((tx.api_keys(), tx.accounts(), tx.login_codes(["bo", "mei"])))
    assert "secret-of" not in kept
    assert PASSWORD not in kept


def test_wrong_passwords_block_an_account_for_a_while(house: House) -> None:
    for _ in range(5):
        assert house.login("dora", "wrong").status == 401
    assert house.login("dora").status == 401
    house.clock.set(house.clock.now() + timedelta(minutes=1))
    assert house.login("dora").status == 201
    assert house.login("nobody").status == 401


def test_a_session_ends_by_time_by_leaving_and_with_its_account(house: House) -> None:
    token = house.login("vera").json["token"]
    house.credentials["again"] = token
    assert house.call("again", "DELETE", "/v1/sessions/current").status == 204
    assert house.call("again", "GET", "/v1/state").status == 401
    assert house.call("vera", "GET", "/v1/state").status == 200
    with house.application.platform.store.begin() as tx:
        keys.switch_off(tx, "vera")
    assert house.call("vera", "GET", "/v1/state").status == 401
    house.clock.set(house.clock.now() + timedelta(hours=12))
    assert house.call("dora", "GET", "/v1/state").status == 401


def test_a_browser_keeps_the_session_where_no_script_reads_it(house: House) -> None:
    answer = house.login("dora")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    pair = cookie.partition(";")[0]
    assert house.caller.call("GET", "/v1/state", cookie=pair).status == 200
    assert house.caller.call("GET", "/", cookie=pair).status in {200, 503}
    sent_away = house.caller.call("GET", "/")
    assert (sent_away.status, sent_away.headers["location"]) == (303, "/login")
    assert house.caller.call("GET", "/login").status == 200


def test_a_code_opens_once_within_ten_minutes_and_not_after_five_wrong_ones(house: House) -> None:
    path = "/v1/couriers/bo/login_code"
    first = house.call("dora", "POST", path).json["code"]
    second = house.call("dora", "POST", path).json["code"]

    def enter(code: str) -> int:
        body = {"courier_id": "bo", "code": code}
        return house.call("", "POST", "/v1/courier_sessions", body).status

    if first != second:
        assert enter(first) == 401
    assert enter(second) == 201
    assert enter(second) == 401
    third = house.call("dora", "POST", path).json["code"]
    house.clock.set(house.clock.now() + timedelta(minutes=10))
    assert enter(third) == 401
    fourth = house.call("dora", "POST", path).json["code"]
    for n in range(5):
        assert enter(str((int(fourth) + n + 1) % 10**8).zfill(8)) == 401
    assert enter(fourth) == 401


def test_a_courier_reads_only_their_own_messages_and_no_customers_link(house: House) -> None:
    for name in ("bo", "mei"):
        messages = house.call(name, "GET", "/v1/messages").json["messages"]
        assert {one["to"] for one in messages} <= {f"courier:{name}"}
        assert set(house.call(name, "GET", "/v1/state").json) == {"next"}
        couriers = house.call(name, "GET", "/v1/couriers").json["couriers"]
        assert [one["id"] for one in couriers] == [name]
    (order_id,) = [
        one["data"]["order_ids"][0]
        for one in house.call("bo", "GET", "/v1/messages").json["messages"]
        if one["kind"] == "offer"
    ]
    assert "track_token" not in house.call("bo", "GET", f"/v1/orders/{order_id}").json
    assert house.call("mei", "GET", f"/v1/orders/{order_id}").status == 404


def test_nobody_outside_is_served_before_there_is_an_account(tmp_path: Path) -> None:
    outside = Settings(data_dir=tmp_path, host="192.0.2.1", secret="s")
    with pytest.raises(Invalid, match="accounts add"):
        build(outside, clock=ManualClock(MORNING), town=little_town())
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    words = ["accounts", "add", "ada", "--role", "admin", "--password-file", str(password)]
    done = CliRunner().invoke(command_line, [*words, "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    application = build(outside, clock=ManualClock(MORNING), town=little_town())
    caller = Caller(application.asgi)
    assert caller.call("GET", "/v1/state").status == 401
    caller.close()
    application.close()


def test_doors_are_never_open_where_others_can_reach_them(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="open only on"):
        build(Settings(data_dir=tmp_path, host="0.0.0.0", has_open_doors=True))


def test_a_key_is_made_listed_rotated_and_revoked_on_the_command_line(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(command_line, [*words, "--data", str(tmp_path)])
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    first = run("keys", "create", "m-1", "--scope", "read", "--note", "till").strip()
    key_id = first.split("_")[1]
    listed = run("keys", "list")
    assert key_id in listed
    assert first not in listed
    second = run("keys", "rotate", key_id).strip()
    assert second.split("_")[1] != key_id
    application, clock = open_platform(tmp_path, has_open_doors=False)
    caller = Caller(application.asgi)
    for key in (first, second):
        assert caller.call("GET", "/v1/orders", authorization=f"Bearer {key}").status == 200
    run("keys", "revoke", second.split("_")[1])
    clock.set(clock.now() + timedelta(days=365 * 10))
    for key in (first, second):
        assert caller.call("GET", "/v1/orders", authorization=f"Bearer {key}").status == 401
    caller.close()
    application.close()


def test_nobody_approves_a_remedy_in_another_dispatchers_name(house: House) -> None:
    for door in ("approve", "refuse"):
        body = {"remedy_id": "case-7/remedy:customer", "actor": "ada"}
        sent = {**body, "why": "a double claim"} if door == "refuse" else body
        path = f"/v1/remedies/{door}"
        assert house.call("dora", "POST", path, sent).json["code"] == "forbidden"
        assert house.call("ada", "POST", path, sent).json["code"] == "not_found"
