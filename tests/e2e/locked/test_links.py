"""A customer's link opens one order, for as long as it is needed, and is kept nowhere."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.datastructures import URL

from recourse.adapters.store.engine import open_engine
from tests.doors import Answer, Caller, open_platform
from tests.e2e.locked.house import House


def _link(house: House, merchant_id: str = "m-1") -> tuple[str, str]:
    """The order of a merchant, and the token of its customer's link."""
    order_id = house.order_ids[merchant_id]
    shown = house.call(merchant_id, "GET", f"/v1/orders/{order_id}").json
    return order_id, str(shown["track_token"])


def _cookie(answer: Answer) -> str:
    """What a browser sends back."""
    return answer.headers["set-cookie"].partition(";")[0]


def test_a_customers_link_is_exchanged_for_a_cookie_of_this_one_order(house: House) -> None:
    order_id, token = _link(house)
    opened = house.call("", "POST", "/v1/links", {"token": token})
    assert (opened.status, opened.json["order_id"]) == (201, order_id)
    kept = opened.headers["set-cookie"]
    for wanted in ("HttpOnly", "SameSite=strict", f"Path=/v1/track/{order_id}"):
        assert wanted in kept
    assert "Secure" not in kept
    assert token not in kept
    mine = house.call("", "GET", f"/v1/track/{order_id}", cookie=_cookie(opened))
    assert (mine.status, mine.json["order_id"]) == (200, order_id)
    other = house.order_ids["m-2"]
    assert house.call("", "GET", f"/v1/track/{other}", cookie=_cookie(opened)).status == 401
    assert house.call("", "GET", f"/v1/orders/{order_id}", cookie=_cookie(opened)).status == 403


def test_over_https_the_cookie_is_secure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = _link(house)
    monkeypatch.setattr("starlette.requests.Request.url", URL("https://localhost/v1/links"))
    opened = house.call("", "POST", "/v1/links", {"token": token})
    assert "Secure" in opened.headers["set-cookie"]


def test_opening_a_link_any_number_of_times_changes_nothing_and_uses_it_up_never(
    house: House,
) -> None:
    order_id, token = _link(house)
    before = house.call("dora", "GET", "/v1/events?limit=1000").json["events"]
    for _ in range(30):
        assert house.call("", "GET", f"/track/{token}").status in {200, 503}
        assert house.call("", "POST", "/v1/links", {"token": token}).status == 201
    assert house.call("dora", "GET", "/v1/events?limit=1000").json["events"] == before
    opened = house.call("", "POST", "/v1/links", {"token": token})
    cookie = _cookie(opened)
    assert house.call("", "GET", f"/v1/track/{order_id}", cookie=cookie).status == 200


def test_a_link_opens_until_a_week_after_the_end_and_its_cookie_no_longer(house: House) -> None:
    order_id, token = _link(house)
    cookie = _cookie(house.call("", "POST", "/v1/links", {"token": token}))
    body = {"actor": "merchant", "code": "merchant_canceled"}
    house.call("m-1", "POST", f"/v1/orders/{order_id}/cancel", body)
    house.clock.set(house.clock.now() + timedelta(days=7))
    assert house.call("", "GET", f"/v1/track/{order_id}", cookie=cookie).status == 200
    house.clock.set(house.clock.now() + timedelta(seconds=1))
    assert house.call("", "GET", f"/v1/track/{order_id}", cookie=cookie).status == 401
    assert house.call("", "POST", "/v1/links", {"token": token}).status == 404


def test_who_guesses_links_has_to_wait(house: House) -> None:
    order_id, token = _link(house)
    for n in range(20):
        assert house.call("", "POST", "/v1/links", {"token": f"rt_{n:022}"}).status == 404
    refused = house.call("", "POST", "/v1/links", {"token": token})
    assert (refused.status, refused.json["code"]) == (429, "too_many")
    assert refused.headers["retry-after"] == "60"
    bearer = f"Bearer {token}"
    path = f"/v1/track/{order_id}"
    assert house.call("", "GET", path, authorization=bearer).status == 429
    house.clock.set(house.clock.now() + timedelta(minutes=1))
    assert house.call("", "GET", path, authorization=bearer).status == 200


def test_who_has_to_wait_has_to_wait_at_a_second_process_too(
    house: House, store_url: str, tmp_path: Path
) -> None:
    _, token = _link(house)
    for n in range(20):
        assert house.call("", "POST", "/v1/links", {"token": f"rt_{n:022}"}).status == 404
    application, clock = open_platform(tmp_path, store_url, has_open_doors=False)
    clock.set(house.clock.now())
    caller = Caller(application.asgi)
    assert caller.call("POST", "/v1/links", {"token": token}).status == 429
    caller.close()
    application.close()


def test_an_order_from_before_links_were_kept_gets_its_own_at_the_next_start(
    house: House, store_url: str, tmp_path: Path
) -> None:
    (order_id, token), (_, other) = _link(house), _link(house, "m-2")
    engine = open_engine(store_url, n_connections=1)
    with engine.begin() as connection:
        gone = sa.text("DELETE FROM links WHERE order_id = :id")
        assert connection.execute(gone, {"id": order_id}).rowcount == 1
    engine.dispose()
    assert house.call("", "POST", "/v1/links", {"token": token}).status == 404
    for _ in range(2):
        application, _ = open_platform(tmp_path, store_url, has_open_doors=False)
        application.close()
    for one in (token, other):
        assert house.call("", "POST", "/v1/links", {"token": one}).status == 201


def test_of_a_link_only_a_digest_is_kept(house: House) -> None:
    order_id, token = _link(house)
    digest = hashlib.sha256(token.encode()).hexdigest()
    with house.application.platform.store.begin() as tx:
        kept = tx.links([digest])[digest]
    assert kept.order_id == order_id
    assert token.removeprefix("rt_") not in repr(kept)
    assert len(base64.urlsafe_b64decode(token.removeprefix("rt_") + "==")) * 8 == 128
    assert order_id not in token
