"""Idempotency keys: once under a key, whatever the callers do."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from recourse.adapters.clock import ManualClock
from tests.doors import Answer, Caller, meal, open_platform, site


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


def test_a_refusal_leaves_the_key_free(opened: tuple[Caller, ManualClock]) -> None:
    caller, _ = opened
    early = meal("a", site_id="new-kitchen")
    assert caller.call("POST", "/v1/orders", early, idempotency_key="k-1").status == 422
    caller.call("POST", "/v1/sites", site("new-kitchen", "merchant", 1, 1))
    assert caller.call("POST", "/v1/orders", early, idempotency_key="k-1").status == 201


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
    assert sum("idempotency-replayed" in a.headers for a in answers if a.status == 201) >= 1
