"""A merchant is told everything about its orders, in order, once, and nobody else is."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from recourse.adapters.clock import ManualClock
from recourse.app import Application
from recourse.model.webhooks import Reached
from tests.doors import Answer, Caller, courier, meal, open_platform, site
from tests.receivers import Receiver, receiver, say


@dataclass
class Shop:
    """A platform, a merchant's server that listens to it, and the endpoint between them."""

    application: Application
    clock: ManualClock
    caller: Caller
    server: Receiver
    id: str = ""
    secret: str = ""

    def call(self, method: str, path: str, body: object = None) -> Answer:
        return self.caller.call(method, path, body)

    def listen(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        asked = {"merchant_id": "m-1", "url": self.server.url, **changes}
        made = self.call("POST", "/v1/webhook_endpoints", asked)
        assert made.status == 201, made.json
        self.id, self.secret = made.json["id"], made.json["secret"]
        return dict(made.json)

    def order(self, name: str) -> str:
        now, body = self.clock.now(), meal(name)
        body["pickup_ready_at"] = body["dropoff_ready_at"] = now.isoformat()
        body["dropoff_deadline_at"] = (now + timedelta(hours=1)).isoformat()
        return str(self.call("POST", "/v1/orders", body).json["id"])

    def tell(self) -> None:
        """Do what is due now, inside and outside."""
        self.application.work()
        while self.application.messenger.work():
            pass

    def wait(self, span: timedelta) -> None:
        """Let time pass, trying whenever a try falls due."""
        end = self.clock.now() + span
        store = self.application.platform.store
        while (due_at := store.next_due_at(outgoing=True)) is not None and due_at <= end:
            self.clock.set(max(due_at, self.clock.now()))
            while self.application.messenger.work():
                pass
        self.clock.set(end)

    def messages(self) -> list[dict[str, Any]]:
        path = f"/v1/webhook_endpoints/{self.id}/messages?limit=200"
        return list(self.call("GET", path).json["messages"])


@pytest.fixture
def shop(store_url: str, tmp_path: Path) -> Iterator[Shop]:
    application, clock = open_platform(tmp_path, store_url, has_local_webhooks=True)
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    with receiver() as server:
        yield Shop(application, clock, caller, server)
    caller.close()
    application.close()


def test_an_independent_library_verifies_what_is_sent(shop: Shop) -> None:
    shop.listen()
    order_id = shop.order("a")
    shop.tell()
    first = shop.server.heard[0]
    body = first.verified(shop.secret)
    assert (body["type"], body["order_id"]) == ("order.admitted", order_id)
    assert (body["external_id"], body["sequence"]) == ("a", 1)
    with pytest.raises(Exception, match=r"[Nn]o matching signature"):
        type(first)(first.headers, first.body + b" ").verified(shop.secret)


def test_a_courier_who_withdraws_is_told_by_an_event_without_their_private_reason(
    shop: Shop,
) -> None:
    shop.listen(kinds=["assignment.ended", "case.opened"])
    for name in ("bo", "mei"):
        shop.call("POST", "/v1/couriers", courier(name))
        shop.call("POST", f"/v1/couriers/{name}/duty", {"on": True})
    shop.order("a")
    shop.tell()
    messages = shop.call("GET", "/v1/messages").json["messages"]
    offer = next(one for one in messages if one["kind"] == "offer")
    shop.call("POST", f"/v1/offers/{offer['data']['offer_id']}/accept")
    who = offer["to"].removeprefix("courier:")
    shop.call("POST", f"/v1/couriers/{who}/withdraw", {"code": "courier_illness"})
    shop.tell()
    told = {one.json["type"]: one.json["data"] for one in shop.server.heard}
    assert told["assignment.ended"]["courier_id"] == who
    assert told["assignment.ended"]["group"] == "courier_cannot_continue"
    assert told["case.opened"]["group"] == "courier_cannot_continue"
    assert not any(b"illness" in one.body for one in shop.server.heard)


def test_webhooks_are_not_gone_after_three_tries_but_tried_for_three_days(shop: Shop) -> None:
    shop.listen(kinds=["order.admitted"])
    shop.server.answer = say(500)
    shop.order("a")
    shop.tell()
    shop.wait(timedelta(days=2, hours=20))
    assert len(shop.server.heard) > 12
    assert len({one.headers["webhook-id"] for one in shop.server.heard}) == 1
    assert len({one.body for one in shop.server.heard}) == 1
    shop.server.answer = say(200)
    shop.wait(timedelta(hours=4))
    (line,) = shop.messages()
    assert line["message"]["state"] == "taken"
    assert [one["outcome"] for one in line["tries"]][-2:] == ["refused", "taken"]
    n_heard = len(shop.server.heard)
    shop.wait(timedelta(days=4))
    assert len(shop.server.heard) == n_heard


def test_messages_out_of_order_are_put_in_order_by_their_sequence(shop: Shop) -> None:
    shop.listen()
    dice = random.Random(7)

    def sometimes(handler: BaseHTTPRequestHandler, _: int) -> None:
        say(200 if dice.random() < 0.4 else 503)(handler, 0)

    shop.server.answer = sometimes
    for name in ("a", "b"):
        order_id = shop.order(name)
        shop.tell()
        body = {"actor": "merchant", "code": "merchant_canceled"}
        shop.call("POST", f"/v1/orders/{order_id}/cancel", body)
        shop.tell()
    shop.wait(timedelta(days=2))
    lines = shop.messages()
    assert all(one["message"]["state"] == "taken" for one in lines)
    by_order: dict[str, dict[int, tuple[int, str]]] = {}
    for one in shop.server.heard:
        body = one.verified(shop.secret)
        seen = by_order.setdefault(body["order_id"], {})
        # The same sequence is the same message, however often it came.
        told = (body["number"], one.headers["webhook-id"])
        assert seen.setdefault(body["sequence"], told) == told
    assert len(by_order) == 2
    for seen in by_order.values():
        assert sorted(seen) == list(range(1, len(seen) + 1))
        numbers = [seen[sequence][0] for sequence in sorted(seen)]
        assert numbers == sorted(numbers)


def test_a_dead_endpoint_is_switched_off_and_the_merchants_other_one_is_told(shop: Shop) -> None:
    with receiver() as other:
        shop.listen(url=other.url, kinds=["webhook.switched_off"])
        dead = shop.listen(kinds=["order.admitted"])
        shop.server.answer = say(503)
        shop.order("a")
        shop.tell()
        shop.wait(timedelta(days=3, hours=5))
        shown = shop.call("GET", f"/v1/webhook_endpoints/{dead['id']}").json
        assert (shown["state"], "503" in shown["why"]) == ("off", True)
        assert [one["message"]["state"] for one in shop.messages()] == ["given_up"]
        shop.tell()
        assert [one.json["data"]["endpoint_id"] for one in other.heard] == [dead["id"]]
        n_heard = len(shop.server.heard)
        shop.order("b")
        shop.tell()
        assert len(shop.server.heard) == n_heard
        assert shop.messages()[-1]["message"]["state"] == "held"


def test_what_was_held_is_sent_by_a_replay_of_the_range(shop: Shop) -> None:
    shop.listen(kinds=["order.admitted"])
    shop.server.answer = say(410)
    shop.order("a")
    shop.tell()
    path = f"/v1/webhook_endpoints/{shop.id}"
    assert shop.call("GET", path).json["state"] == "off"
    shop.order("b")
    shop.tell()
    assert shop.call("POST", f"{path}/replay", {}).json["code"] == "conflict"
    shop.server.answer = say(200)
    assert shop.call("PATCH", path, {"is_on": True}).json["state"] == "on"
    assert shop.call("POST", f"{path}/replay?limit=1", {}).json["n_again"] == 1
    assert shop.call("POST", f"{path}/replay", {}).json == {"n_again": 1, "next": 0}
    shop.tell()
    assert [one.json["external_id"] for one in shop.server.heard] == ["a", "a", "b"]


def test_one_event_is_sent_again_under_its_old_id(shop: Shop) -> None:
    shop.listen(kinds=["order.admitted"])
    shop.order("a")
    shop.tell()
    number = shop.server.heard[0].json["number"]
    assert shop.call("POST", f"/v1/events/{number}/replay").json["n_again"] == 1
    shop.tell()
    first, second = shop.server.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert shop.call("POST", "/v1/events/999999/replay").status == 404


def test_an_answer_that_is_lost_is_recorded_as_unknown_and_tried_again(shop: Shop) -> None:
    shop.listen(kinds=["order.admitted"])

    def vanish(handler: BaseHTTPRequestHandler, n_heard: int) -> None:
        if n_heard > 1:
            say(200)(handler, n_heard)
        handler.close_connection = True

    shop.server.answer = vanish
    shop.order("a")
    shop.tell()
    (line,) = shop.messages()
    assert [one["outcome"] for one in line["tries"]] == ["unknown"]
    shop.wait(timedelta(minutes=1))
    (line,) = shop.messages()
    assert [one["outcome"] for one in line["tries"]] == ["unknown", "taken"]


def test_a_worker_that_dies_while_sending_leaves_an_unknown_try_and_no_lost_message(
    shop: Shop,
) -> None:
    shop.listen(kinds=["order.admitted"])
    shop.order("a")
    shop.application.work()
    messenger = shop.application.messenger

    class Killed(BaseException):
        """As if the process had been killed."""

    async def die(_: object) -> Reached:
        raise Killed

    trades = messenger._trades
    messenger._trades = {"webhook": replace(trades["webhook"], perform=die)}
    with pytest.raises(Killed):
        messenger.work()
    messenger._trades = trades
    shop.wait(timedelta(minutes=2))
    (line,) = shop.messages()
    assert line["message"]["state"] == "taken"
    assert [one["outcome"] for one in line["tries"]] == ["unknown", "taken"]
    assert line["tries"][0]["ended_at"] is None


def test_a_receiver_that_is_slow_holds_up_no_other(shop: Shop) -> None:
    shop.listen(kinds=["order.admitted"])
    is_told, is_answered = threading.Event(), threading.Event()

    def wait(handler: BaseHTTPRequestHandler, _: int) -> None:
        assert is_told.wait(9)
        say(204)(handler, 0)
        is_answered.set()

    def take(handler: BaseHTTPRequestHandler, _: int) -> None:
        say(204)(handler, 0)
        is_told.set()

    shop.server.answer = wait
    messenger = shop.application.messenger
    with receiver() as quick:
        quick.answer = take
        messenger.start()
        shop.order("a")
        while not shop.server.heard:
            threading.Event().wait(0.01)
        asked = {"merchant_id": "m-1", "url": quick.url, "kinds": ["order.admitted"]}
        shop.call("POST", "/v1/webhook_endpoints", asked)
        shop.order("b")
        # The slow one answers only once the quick one was told of what came after.
        assert is_answered.wait(9)
        messenger.stop()
        assert len(quick.heard) == 1


def test_a_redirect_is_not_followed(shop: Shop) -> None:
    with receiver() as inside:
        shop.listen(kinds=["order.admitted"])
        shop.server.answer = say(307, location=inside.url)
        shop.order("a")
        shop.tell()
        assert inside.heard == []
        assert shop.messages()[0]["tries"][0]["status"] == 307


def test_a_merchant_hears_nothing_of_the_orders_of_another(shop: Shop) -> None:
    shop.listen(merchant_id="m-2")
    shop.order("a")
    shop.tell()
    assert shop.server.heard == []


def test_a_new_secret_signs_beside_the_old_one_for_a_day(shop: Shop) -> None:
    shop.listen(kinds=["order.admitted"])
    old, path = shop.secret, f"/v1/webhook_endpoints/{shop.id}"
    new = shop.call("PATCH", path, {"new_secret": True}).json["secret"]
    assert new != old
    shop.order("a")
    shop.tell()
    for secret in (old, new):
        assert shop.server.heard[0].verified(secret)["external_id"] == "a"
    shop.clock.set(shop.clock.now() + timedelta(days=1, minutes=1))
    number = shop.server.heard[0].json["number"]
    shop.call("POST", f"/v1/events/{number}/replay")
    shop.tell()
    assert shop.server.heard[1].verified(new)["external_id"] == "a"
    with pytest.raises(Exception, match=r"[Nn]o matching signature"):
        shop.server.heard[1].verified(old)


def test_a_removed_endpoint_is_told_nothing_more(shop: Shop) -> None:
    shop.listen()
    shop.order("a")
    shop.application.work()
    assert shop.call("DELETE", f"/v1/webhook_endpoints/{shop.id}").status == 204
    shop.tell()
    assert shop.server.heard == []
    assert shop.call("GET", f"/v1/webhook_endpoints/{shop.id}").status == 404


def test_no_secret_lies_in_the_database_or_is_shown_twice(shop: Shop, tmp_path: Path) -> None:
    made = shop.listen()
    shown = shop.call("GET", f"/v1/webhook_endpoints/{shop.id}").json
    listed = shop.call("GET", "/v1/webhook_endpoints?merchant_id=m-1").json
    assert "secret" not in shown
    assert listed["webhook_endpoints"] == [shown]
    with shop.application.platform.store.begin() as tx:
        assert made["secret"] not in repr(tx.webhook_endpoints())
