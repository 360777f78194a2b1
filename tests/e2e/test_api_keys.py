"""Idempotency keys: once under a key, whatever the callers do."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recourse.adapters.clock import ManualClock
from recourse.flow import order as order_flow
from recourse.model.orders import Order
from recourse.web.access import KEYED
from tests.doors import Answer, Caller, courier, meal, open_platform, site


@pytest.fixture
def opened(store_url: str, tmp_path: Path) -> Iterator[tuple[Caller, ManualClock]]:
    application, clock = open_platform(tmp_path, store_url)
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    yield caller, clock
    caller.close()
    application.close()


def _n_orders(caller: Caller) -> int:
    return len(caller.call("GET", "/v1/orders").json["orders"])


def test_the_same_request_under_a_key_is_answered_again_and_done_once(
    opened: tuple[Caller, ManualClock],
) -> None:
    caller, _ = opened
    first = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    again = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    assert (first.status, first.content) == (again.status, again.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert _n_orders(caller) == 1


def test_another_request_under_a_used_key_is_refused(opened: tuple[Caller, ManualClock]) -> None:
    caller, _ = opened
    caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    other_body = caller.call("POST", "/v1/orders", meal("b"), idempotency_key="k-1")
    other_path = caller.call("POST", "/v1/sites", site("s", "point"), idempotency_key="k-1")
    for refused in (other_body, other_path):
        assert (refused.status, refused.json["code"]) == (422, "key_reused")
    assert _n_orders(caller) == 1


@pytest.mark.parametrize("key", ["k" * 256, "", " ", "a\tb", "é", "a\x00"])
def test_a_key_that_is_none_is_refused_as_unreadable(
    opened: tuple[Caller, ManualClock], key: str
) -> None:
    caller, _ = opened
    refused = caller.call("POST", "/v1/orders", meal("a"), idempotency_key=key)
    assert (refused.status, refused.json["param"]) == (400, "Idempotency-Key")
    assert _n_orders(caller) == 0


def test_a_key_of_255_characters_is_taken(opened: tuple[Caller, ManualClock]) -> None:
    caller, _ = opened
    assert caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k" * 255).status == 201


def test_a_key_is_free_again_after_a_day(opened: tuple[Caller, ManualClock]) -> None:
    caller, clock = opened
    caller.call("POST", "/v1/sites", site("one", "point"), idempotency_key="k-1")
    clock.set(clock.now() + timedelta(hours=24))
    for _ in range(2):
        later = caller.call("POST", "/v1/sites", site("two", "point"), idempotency_key="k-1")
        assert (later.status, later.json["id"]) == (201, "two")


def test_a_refusal_by_the_business_is_kept_like_any_first_answer(
    opened: tuple[Caller, ManualClock],
) -> None:
    caller, _ = opened
    early = meal("a", site_id="new-kitchen")
    first = caller.call("POST", "/v1/orders", early, idempotency_key="k-1")
    assert (first.status, first.is_problem) == (422, True)
    caller.call("POST", "/v1/sites", site("new-kitchen", "merchant", 1, 1))
    again = caller.call("POST", "/v1/orders", early, idempotency_key="k-1")
    assert (again.status, again.content, again.is_problem) == (422, first.content, True)
    assert again.headers["idempotency-replayed"] == "true"
    assert caller.call("POST", "/v1/orders", early, idempotency_key="k-2").status == 201


def test_what_was_refused_before_it_was_looked_at_leaves_the_key_free(
    opened: tuple[Caller, ManualClock],
) -> None:
    caller, _ = opened
    wrong = {**meal("a"), "value_cents": -1}
    assert caller.call("POST", "/v1/orders", wrong, idempotency_key="k-1").status == 422
    assert caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1").status == 201


def test_a_mistake_of_ours_is_kept_as_well(
    opened: tuple[Caller, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, _ = opened

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("recourse.flow.order.orders.admit", broken)
        first = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    again = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    assert (first.status, first.content) == (again.status, again.content)
    assert (again.status, again.headers.get("idempotency-replayed")) == (500, "true")
    assert _n_orders(caller) == 0


def test_what_was_shown_first_is_shown_again(store_url: str, tmp_path: Path) -> None:
    application, clock = open_platform(tmp_path, store_url)
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    caller.call("POST", "/v1/couriers", courier("bo"))
    caller.call("POST", "/v1/couriers/bo/duty", {"on": True})
    caller.call("POST", "/v1/orders", meal("a"))
    application.work()
    offer = next(o for o in caller.call("GET", "/v1/messages").json["messages"])["data"]
    caller.call("POST", f"/v1/offers/{offer['offer_id']}/accept")
    caller.call("POST", "/v1/couriers/bo/withdraw", {"code": "vehicle_breakdown"})
    application.work()
    case_id = caller.call("GET", "/v1/cases").json["cases"][0]["id"]
    path, body = f"/v1/cases/{case_id}/decide", {"way": "refund"}
    first = caller.call("POST", path, body, idempotency_key="k-1")
    clock.set(clock.now() + timedelta(minutes=5))
    application.work()
    now = caller.call("GET", f"/v1/cases/{case_id}").content
    again = caller.call("POST", path, body, idempotency_key="k-1")
    caller.close()
    application.close()
    assert (first.status, again.status, again.content) == (200, 200, first.content)
    assert now != first.content


def test_doors_that_make_or_change_something_need_a_key(
    opened: tuple[Caller, ManualClock],
) -> None:
    caller, _ = opened
    caller.gives_keys = False
    for method, path in KEYED:
        named = re.sub(r"\{(\w+)\}", lambda found: "1" if found[1] == "number" else "x-1", path)
        refused = caller.send(method, named, b"{}", {"content-type": "application/json"})
        assert (refused.status, refused.json["code"]) == (400, "key_missing"), path
        assert refused.json["param"] == "Idempotency-Key"


def test_the_description_says_which_doors_need_a_key(opened: tuple[Caller, ManualClock]) -> None:
    document = opened[0].call("GET", "/openapi.json").json
    told = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for one in operation.get("parameters", [])
        if one["name"] == "Idempotency-Key" and one["required"]
    }
    assert told == KEYED


@pytest.mark.parametrize("path", ["/v1/links", "/v1/sessions", "/v1/courier_sessions"])
def test_a_door_that_refuses_a_key_is_not_said_to_take_one(
    opened: tuple[Caller, ManualClock], path: str
) -> None:
    asks = opened[0].call("GET", "/openapi.json").json["paths"][path]["post"]
    assert "Idempotency-Key" not in [one["name"] for one in asks.get("parameters", [])]


def test_a_used_key_does_no_line_of_another_request(opened: tuple[Caller, ManualClock]) -> None:
    caller, _ = opened
    made = [caller.call("POST", "/v1/orders", meal(name), idempotency_key=name) for name in "abc"]
    lines = [
        {"order_id": one.json["id"], "cancel": {"actor": "merchant", "code": "merchant_canceled"}}
        for one in made
    ]
    path = "/v1/orders/changes"
    first = caller.call("POST", path, {"lines": lines[:1]}, idempotency_key="k-1")
    assert first.json["n_done"] == 1
    longer = caller.call("POST", path, {"lines": lines[:2]}, idempotency_key="k-1")
    of_an_order = caller.call("POST", path, {"lines": lines[1:]}, idempotency_key="a")
    of_lines = caller.call("POST", "/v1/orders", meal("d"), idempotency_key="k-1")
    for refused in (longer, of_an_order, of_lines):
        assert (refused.status, refused.json["code"]) == (422, "key_reused")
    told = [one["status"] for one in caller.call("GET", "/v1/orders").json["orders"]]
    assert (len(told), told.count("canceled")) == (3, 1)
    again = caller.call("POST", path, {"lines": lines[:1]}, idempotency_key="k-1")
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


def test_while_the_first_is_worked_on_the_second_is_told_so(
    opened: tuple[Caller, ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, _ = opened
    has_begun, may_end = threading.Event(), threading.Event()
    admit = order_flow.admit

    def slow(*given: Any, **named: Any) -> Order:  # noqa: ANN401 - as admit has it
        has_begun.set()
        assert may_end.wait(30)
        return admit(*given, **named)

    def first() -> Answer:
        mine = Caller(caller.app)
        try:
            return mine.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
        finally:
            mine.close()

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patched:
        patched.setattr(order_flow, "admit", slow)
        answer = pool.submit(first)
        assert has_begun.wait(30)
        same = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
        other = caller.call("POST", "/v1/orders", meal("b"), idempotency_key="k-1")
        may_end.set()
        assert answer.result().status == 201
    assert (same.status, same.json["code"]) == (409, "key_in_use")
    assert (other.status, other.json["code"]) == (422, "key_reused")
    again = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    assert (again.status, again.headers["idempotency-replayed"]) == (201, "true")
    assert _n_orders(caller) == 1


def test_sixteen_callers_at_once_with_one_key_have_one_effect(
    store_url: str, tmp_path: Path
) -> None:
    application, _ = open_platform(tmp_path, store_url)
    answers: list[Answer] = []

    def post() -> None:
        caller = Caller(application.asgi)
        answers.append(
            caller.call("POST", "/v1/sites", site("one", "point"), idempotency_key="k-1")
        )
        caller.close()

    threads = [threading.Thread(target=post) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    caller = Caller(application.asgi)
    events = caller.call("GET", "/v1/events?name=site.registered").json["events"]
    caller.close()
    application.close()
    assert len(events) == 1
    assert {answer.status for answer in answers} <= {201, 409}
    assert any(answer.status == 201 for answer in answers)
