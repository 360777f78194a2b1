"""A merchant changes, cancels and returns orders, and is quoted a promise."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recourse.adapters.clock import ManualClock
from recourse.app import Application
from recourse.audit import audit
from tests.doors import Answer, Caller, corner, courier, meal, open_platform, site


@dataclass
class Shop:
    """A platform with one kitchen and one courier, called by its merchant."""

    application: Application
    clock: ManualClock
    caller: Caller
    url: str

    def call(self, method: str, path: str, body: object = None) -> Answer:
        return self.caller.call(method, path, body)

    def go_on(self, **span: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**span))
        self.application.work()

    def order(self, name: str, **changes: Any) -> str:  # noqa: ANN401
        made = self.call("POST", "/v1/orders", {**meal(name), **changes})
        assert made.status == 201, made.json
        self.application.work()
        return str(made.json["id"])

    def order_of(self, order_id: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/v1/orders/{order_id}").json)

    def route(self, who: str = "bo") -> list[dict[str, Any]]:
        return list(self.call("GET", f"/v1/couriers/{who}/route").json["stops"])

    def accept(self) -> None:
        offers = [
            one
            for one in self.call("GET", "/v1/messages?limit=1000").json["messages"]
            if one["kind"] == "offer"
        ]
        offer_id = offers[-1]["data"]["offer_id"]
        assert self.call("POST", f"/v1/offers/{offer_id}/accept").status == 200
        self.application.work()

    def make_stop(self, who: str = "bo") -> Answer:
        stop = self.route(who)[0]
        at = datetime.fromisoformat(stop["arrival_at"])
        self.clock.set(max(at, self.clock.now()))
        path = f"/v1/couriers/{who}/stops/{stop['id']}"
        self.call("POST", f"{path}/arrive")
        done = self.call("POST", f"{path}/complete")
        self.application.work()
        return done


@pytest.fixture
def shop(store_url: str, tmp_path: Path) -> Iterator[Shop]:
    application, clock = open_platform(tmp_path, store_url)
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    caller.call("POST", "/v1/couriers", courier("bo"))
    caller.call("POST", "/v1/couriers/bo/duty", {"on": True})
    yield Shop(application, clock, caller, store_url)
    caller.close()
    application.close()


def test_a_new_door_changes_the_route_of_the_courier_who_has_the_order(shop: Shop) -> None:
    order_id = shop.order("a")
    shop.accept()
    changed = shop.call(
        "PATCH", f"/v1/orders/{order_id}", {"dropoff": corner(6, 6), "note": "blue door"}
    )
    assert changed.status == 200, changed.json
    assert changed.json["customer"]["note"] == "blue door"
    last = shop.route()[-1]
    assert (last["place"]["lon"], last["place"]["lat"]) == tuple(corner(6, 6).values())
    log = shop.call("GET", f"/v1/events?order_id={order_id}&name=order.changed").json["events"]
    assert log[0]["data"]["fields"] == ["dropoff", "note"]
    assert audit(shop.url).is_clean


def test_a_window_that_the_courier_cannot_keep_is_refused_and_nothing_changes(shop: Shop) -> None:
    order_id = shop.order("a")
    shop.accept()
    before = shop.order_of(order_id)
    soon = shop.clock.now() + timedelta(seconds=30)
    body = {
        "dropoff_ready_at": shop.clock.now().isoformat(),
        "dropoff_deadline_at": soon.isoformat(),
    }
    refused = shop.call("PATCH", f"/v1/orders/{order_id}", body)
    assert (refused.status, refused.json["code"]) == (409, "cannot_plan")
    assert shop.order_of(order_id) == before


def test_a_new_window_is_a_new_promise_beside_the_first(shop: Shop) -> None:
    order_id = shop.order("a")
    body = {
        "dropoff_ready_at": "2026-03-02T17:00:00Z",
        "dropoff_deadline_at": "2026-03-02T18:00:00Z",
    }
    changed = shop.call("PATCH", f"/v1/orders/{order_id}", body).json
    assert (changed["promise"]["number"], changed["promise"]["latest_at"]) == (
        2,
        "2026-03-02T18:00:00Z",
    )
    assert changed["first_promise"]["latest_at"] == "2026-03-02T17:00:00Z"
    body.popitem()
    half = shop.call("PATCH", f"/v1/orders/{order_id}", body)
    assert (half.status, half.json["code"]) == (422, "invalid")
    assert audit(shop.url).is_clean


def test_a_question_about_what_is_no_longer_so_is_asked_afresh(shop: Shop) -> None:
    shop.call("POST", "/v1/couriers", courier("mei", 1, 1))
    shop.call("POST", "/v1/couriers/mei/duty", {"on": True})
    order_id = shop.order("a")
    shop.call("PATCH", f"/v1/orders/{order_id}", {"dropoff": corner(0, 7)})
    shop.application.work()
    messages = shop.call("GET", "/v1/messages?limit=1000").json["messages"]
    offers = [one for one in messages if one["kind"] == "offer"]
    assert len(offers) == 2
    stale = offers[0]["data"]["offer_id"]
    assert shop.call("POST", f"/v1/offers/{stale}/accept").status == 409
    shop.accept()
    assert shop.order_of(order_id)["status"] in {"assigned", "pickup_enroute"}


def test_what_was_fetched_is_not_changed(shop: Shop) -> None:
    order_id = shop.order("a")
    shop.accept()
    shop.make_stop()
    refused = shop.call("PATCH", f"/v1/orders/{order_id}", {"note": "late"})
    assert (refused.status, refused.json["code"]) == (403, "forbidden")


def _send(
    shop: Shop,
    both: threading.Barrier,
    answers: dict[str, Answer],
    asked: tuple[str, str, object],
) -> None:
    """Ask at the instant at which somebody else asks too."""
    caller = Caller(shop.application.asgi)
    both.wait()
    name, path, body = asked
    answers[name] = caller.call("POST", path, body)
    caller.close()


def test_a_cancel_and_a_scan_at_the_same_instant_have_one_outcome(shop: Shop) -> None:
    ends = []
    for round_ in range(12):
        deadline = shop.clock.now() + timedelta(hours=1)
        order_id = shop.order(
            f"race-{round_}",
            pickup_ready_at=shop.clock.now().isoformat(),
            dropoff_ready_at=shop.clock.now().isoformat(),
            dropoff_deadline_at=deadline.isoformat(),
        )
        shop.accept()
        stop = shop.route()[0]
        path = f"/v1/couriers/bo/stops/{stop['id']}"
        shop.call("POST", f"{path}/arrive")
        answers: dict[str, Answer] = {}
        both = threading.Barrier(2)

        cancel = {"actor": "customer", "code": "customer_canceled"}
        asked: list[tuple[str, str, object]] = [("scan", f"{path}/complete", None)]
        asked.append(("cancel", f"/v1/orders/{order_id}/cancel", cancel))
        threads = [threading.Thread(target=_send, args=(shop, both, answers, one)) for one in asked]
        for thread in threads if round_ % 2 else reversed(threads):
            thread.start()
        for thread in threads:
            thread.join()
        won = sorted(name for name, answer in answers.items() if answer.status == 200)
        assert len(won) == 1, {name: answer.content for name, answer in answers.items()}
        ends += won
        status = shop.order_of(order_id)["status"]
        assert (status == "canceled") == (won == ["cancel"])
        while shop.route():
            assert shop.make_stop().status == 200
    assert audit(shop.url).is_clean


def test_a_return_is_fetched_by_a_courier_and_refunded_once_at_the_scan(shop: Shop) -> None:
    order_id = shop.order("a", kind="grocery")
    now = shop.clock.now()
    window = {
        "ready_at": now.isoformat(),
        "until_at": (now + timedelta(hours=3)).isoformat(),
    }
    early = shop.call("POST", f"/v1/orders/{order_id}/return", window)
    assert (early.status, early.json["code"]) == (403, "forbidden")
    shop.accept()
    shop.make_stop()
    shop.make_stop()
    asked = shop.call("POST", f"/v1/orders/{order_id}/return", window)
    assert asked.status == 201, asked.json
    again = shop.call("POST", f"/v1/orders/{order_id}/return", window)
    assert (again.status, again.json["id"]) == (200, asked.json["id"])
    shop.application.work()
    shop.accept()
    assert [one["kind"] for one in shop.route()] == ["pickup", "dropoff"]
    assert _refunds(shop) == []
    shop.make_stop()
    assert _refunds(shop) == [
        [
            {"account": "merchant:m-1", "amount_cents": 4_200},
            {"account": "customer:c-a", "amount_cents": -4_200},
        ]
    ]
    shop.make_stop()
    assert shop.order_of(asked.json["id"])["status"] == "delivered"
    assert len(_refunds(shop)) == 1
    held = shop.call("GET", f"/v1/events?order_id={asked.json['id']}&name=custody.passed").json[
        "events"
    ]
    assert held[-1]["data"]["to_custodian"] == "merchant"
    report = audit(shop.url)
    assert report.is_clean, report.lines()


def test_what_spoils_is_not_fetched_back(shop: Shop) -> None:
    order_id = shop.order("a", is_perishable=True)
    shop.accept()
    shop.make_stop()
    shop.make_stop()
    now = shop.clock.now()
    window = {
        "ready_at": now.isoformat(),
        "until_at": (now + timedelta(hours=3)).isoformat(),
    }
    assert shop.call("POST", f"/v1/orders/{order_id}/return", window).status == 403


def _refunds(shop: Shop) -> list[Any]:
    events = shop.call("GET", "/v1/events?name=ledger.posted").json["events"]
    return [one["data"]["postings"] for one in events if one["data"]["key"].startswith("return/")]


def test_a_quote_is_a_window_that_the_order_then_keeps(shop: Shop) -> None:
    asked = {"site_id": "kitchen", "dropoff": corner(5, 5)}
    quote = shop.call("POST", "/v1/quotes", asked).json
    assert quote["earliest_at"] <= quote["expected_at"] <= quote["latest_at"]
    assert quote["n_couriers"] == 1
    assert shop.call("GET", "/v1/orders").json["orders"] == []
    order_id = shop.order(
        "a",
        pickup_ready_at=shop.clock.now().isoformat(),
        dropoff_ready_at=quote["earliest_at"],
        dropoff_deadline_at=quote["latest_at"],
    )
    shop.accept()
    shop.make_stop()
    shop.make_stop()
    assert shop.order_of(order_id)["status"] == "delivered"
    assert shop.order_of(order_id)["ended_at"] <= quote["latest_at"]


def test_nobody_on_duty_is_quoted_nothing(shop: Shop) -> None:
    shop.call("POST", "/v1/couriers/bo/duty", {"on": False})
    refused = shop.call("POST", "/v1/quotes", {"site_id": "kitchen", "dropoff": corner(5, 5)})
    assert (refused.status, refused.json["code"]) == (409, "cannot_plan")


def test_cases_and_remedies_come_in_pages(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        shop.order(name)
        shop.accept()
    shop.call("POST", "/v1/couriers/bo/withdraw", {"code": "vehicle_breakdown"})
    shop.application.work()
    seen, after = [], ""
    while True:
        page = shop.call("GET", f"/v1/cases?limit=2&after={after}").json
        seen += [one["id"] for one in page["cases"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 3
    assert shop.call("GET", "/v1/cases?after=case-none").status == 404
    for case_id in seen:
        shop.call("POST", f"/v1/cases/{case_id}/decide", {"way": "refund"})
        shop.application.work()
    first = shop.call("GET", "/v1/remedies?limit=1").json
    assert len(first["remedies"]) == 1
    rest = shop.call("GET", f"/v1/remedies?after={first['next']}").json["remedies"]
    assert first["remedies"][0]["number"] < rest[0]["number"]


def test_couriers_and_endpoints_come_in_pages_that_join_without_a_gap(shop: Shop) -> None:
    for name in ("k-1", "k-2", "k-3"):
        shop.call("POST", "/v1/couriers", courier(name))
    for number in range(3):
        hook = {"merchant_id": "m-1", "url": f"https://shop.example/{number}"}
        assert shop.call("POST", "/v1/webhook_endpoints", hook).status == 201
    for path, kind in (("/v1/couriers?", "couriers"), _ENDPOINTS):
        whole = [one["id"] for one in shop.call("GET", path).json[kind]]
        joined: list[str] = []
        after = ""
        while True:
            page = shop.call("GET", f"{path}limit=2&after={after}").json
            joined += [one["id"] for one in page[kind]]
            if not (after := page["next"]):
                break
        assert joined == whole
        assert len(whole) >= 3
        assert shop.call("GET", f"{path}after=nobody").status == 404


_ENDPOINTS = ("/v1/webhook_endpoints?merchant_id=m-1&", "webhook_endpoints")
