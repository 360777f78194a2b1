"""The pages as people use them: a served platform, a real browser, no request to anybody else."""

import itertools
import json
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    ViewportSize,
    expect,
)

from recourse.web.city import STATIC
from tests.doors import courier, meal, open_platform, site
from tests.e2e.conftest import PATIENCE_MS

DESKTOP: ViewportSize = {"width": 1000, "height": 700}
PHONE: ViewportSize = {"width": 390, "height": 844}
NUMBERS = itertools.count(1)
REGISTRATION = "navigator.serviceWorker.getRegistration(location.pathname)"
CHINESE = re.compile("[\u4e00-\u9fff]")


class Served:
    """A platform behind a real socket, with one kitchen, two points and two couriers on duty."""

    def __init__(self, base: str, close: Callable[[], None]) -> None:
        self.base, self.close = base, close
        self.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
        self.call("POST", "/v1/sites", site("point-1", "point", 4, 4))
        for name, column in (("bo", 1), ("mei", 6)):
            self.call("POST", "/v1/couriers", courier(name, column, column))
            self.call("POST", f"/v1/couriers/{name}/duty", {"on": True})

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call the API; a refusal is an error."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        if data:
            request.add_header("Content-Type", "application/json")
            request.add_header("Idempotency-Key", f"call-{next(NUMBERS)}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def until(self, holds: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever was waited for
        """Wait until something is true, and return it."""
        ends = time.monotonic() + PATIENCE_MS / 1000
        while not (found := holds()):
            assert time.monotonic() < ends, "it did not come true in time"
            time.sleep(0.1)
        return found

    def order(self, name: str = "a", **facts: object) -> dict[str, str]:
        """Admit an order; return it with whom it is offered to."""
        order = self.call("POST", "/v1/orders", {**meal(name), **facts})

        def offered() -> dict[str, str]:
            for message in self.call("GET", "/v1/messages")["messages"]:
                if message["kind"] == "offer" and order["id"] in message["data"]["order_ids"]:
                    who = message["to"].removeprefix("courier:")
                    return {"offer_id": message["data"]["offer_id"], "courier_id": who}
            return {}

        found: dict[str, str] = self.until(offered)
        return {"id": order["id"], "token": order["track_token"], **found}

    def carried(self, name: str = "a", **facts: object) -> dict[str, str]:
        """Admit an order and let the courier who is asked accept it."""
        order = self.order(name, **facts)
        self.call("POST", f"/v1/offers/{order['offer_id']}/accept")
        return order

    def drop(self, order: dict[str, str], code: str = "vehicle_breakdown") -> None:
        """Let the courier of an order drop out."""
        self.call("POST", f"/v1/couriers/{order['courier_id']}/withdraw", {"code": code})

    def names(self) -> list[str]:
        """Names of everything that happened."""
        return [line["name"] for line in self.call("GET", "/v1/events?limit=1000")["events"]]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    assert (STATIC / "index.html").is_file(), "the pages are built by python3 dev.py test"
    application, _ = open_platform(
        tmp_path, has_neighbours=True, n_slots=3, express_price_cents=1_500
    )
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            application.asgi, log_level="warning", ws="none", timeout_graceful_shutdown=1
        )
    )
    serving = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    serving.start()
    while not server.started:
        time.sleep(0.02)
    application.attendant.start()

    def close() -> None:
        server.should_exit = True
        serving.join()

    yield Served(f"http://127.0.0.1:{door.getsockname()[1]}", close)
    application.attendant.stop()
    close()
    door.close()
    application.lanes.close()
    application.close()


@pytest.fixture
def room(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages whose every error and every foreign request is a failure."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def enter(address: str, size: ViewportSize = DESKTOP, locale: str = "en-GB") -> Page:
        context = browser.new_context(viewport=size, locale=locale, has_touch=size is PHONE)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        base = "/".join(address.split("/")[:3])

        def watch(request: Request) -> None:
            if not request.url.startswith((base, "blob:", "data:")):
                faults.append(f"asked {request.url}")

        page.on("request", watch)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def test_the_console_draws_the_city_from_this_machine_alone(
    served: Served, room: Callable[..., Page]
) -> None:
    page = room(served.base)
    page.wait_for_selector("[data-ready]")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        served.call("GET", "/v1/city")["name"]
    )
    expect(page.get_by_role("status").first).to_have_text("live")
    expect(page.get_by_text("Nothing is broken.")).to_be_visible()
    page.get_by_role("tab", name="Couriers").click()
    expect(page.get_by_role("button", name="Mei Test")).to_be_visible()


def test_a_cancel_becomes_a_case_that_tells_why_the_others_lost(
    served: Served, room: Callable[..., Page]
) -> None:
    page = room(served.base)
    order = served.carried()
    served.drop(order)
    page.get_by_role("tabpanel").get_by_role("button", name="vehicle broke down").click()
    expect(page.get_by_role("heading", name="vehicle broke down")).to_be_visible()
    expect(page.get_by_text("Why not another way")).to_be_visible()
    case_id = served.call("GET", "/v1/cases")["cases"][0]["id"]
    reason = served.call("GET", f"/v1/cases/{case_id}")["reasons"][0]
    expect(page.get_by_text(reason["en"]).first).to_be_visible()
    page.get_by_role("button", name="Switch to Chinese").click()
    expect(page.get_by_text(reason["zh"]).first).to_be_visible()


def test_the_language_is_remembered(served: Served, room: Callable[..., Page]) -> None:
    page = room(served.base, locale="zh-CN")
    expect(page.get_by_role("tab").first).to_have_text(CHINESE)
    page.get_by_role("button", name="切换到英文").click()
    expect(page.get_by_role("tab").first).to_have_text("Cases")
    page.reload()
    expect(page.get_by_role("tab").first).to_have_text("Cases")


def test_a_picked_couriers_stops_are_listed_in_order(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.carried()
    page = room(served.base)
    page.get_by_role("tab", name="Couriers").click()
    page.get_by_role("button", name=f"{order['courier_id'].title()} Test").click()
    stops = page.get_by_role("complementary").get_by_role("listitem")
    expect(stops).to_have_count(2)
    expect(stops.nth(0)).to_contain_text("collect")
    expect(stops.nth(1)).to_contain_text("deliver")
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_have_count(0)


def test_old_news_is_shown_as_old(served: Served, room: Callable[..., Page]) -> None:
    page = room(served.base)
    expect(page.get_by_role("status").first).to_have_text("live")
    served.close()
    expect(page.get_by_role("status").first).to_have_text("reconnecting")
    expect(page.get_by_role("alert")).to_contain_text("No news for")


def test_a_courier_takes_an_offer_and_confirms_a_stop_on_the_phone(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.order()
    page = room(f"{served.base}/courier?id={order['courier_id']}", PHONE)
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="I am here").click()
    page.get_by_role("button", name="Collected").click()
    served.until(lambda: "stop.completed" in served.names())
    expect(page.get_by_text("deliver", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="I am here")).to_be_visible()


def test_an_offer_that_runs_past_the_shift_says_by_how_much(
    served: Served, room: Callable[..., Page]
) -> None:
    for name in ("bo", "mei"):
        served.call("POST", f"/v1/couriers/{name}/duty", {"on": False})
    short = courier("wu", 3, 3, shift_end_at="2026-03-02T16:12:00Z")
    served.call("POST", "/v1/couriers", short)
    served.call("POST", "/v1/couriers/wu/duty", {"on": True})
    order = served.order()
    assert order["courier_id"] == "wu"
    page = room(f"{served.base}/courier?id=wu", PHONE)
    expect(
        page.get_by_text(re.compile(r"Takes you \d+ min past the end of your shift"))
    ).to_be_visible()


def test_what_is_confirmed_in_a_dead_spot_is_kept_and_sent_once(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.carried()
    page = room(f"{served.base}/courier?id={order['courier_id']}", PHONE)
    here = page.get_by_role("button", name="I am here")
    expect(here).to_be_visible()
    page.context.set_offline(True)
    here.click()
    expect(page.get_by_text("1 confirmation not sent yet")).to_be_visible()
    expect(page.get_by_text("No connection.")).to_be_visible()
    assert "stop.reached" not in served.names()
    page.context.set_offline(False)
    expect(page.get_by_text("1 confirmation not sent yet")).to_have_count(0)
    served.until(lambda: "stop.reached" in served.names())
    assert served.names().count("stop.reached") == 1


def test_a_courier_hands_everything_over_in_two_taps(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.carried()
    page = room(f"{served.base}/courier?id={order['courier_id']}", PHONE)
    expect(page.get_by_role("button", name="I am here")).to_be_visible()
    page.get_by_role("button", name="I cannot continue").click()
    page.get_by_text("vehicle broke down").click()
    expect(page.get_by_text("This never counts against you.")).to_be_visible()
    page.get_by_role("button", name="Hand it over").click()
    served.until(lambda: "case.opened" in served.names())
    assert served.call("GET", f"/v1/orders/{order['id']}")["status"] != "canceled"


def test_sos_goes_out_unless_it_is_taken_back(served: Served, room: Callable[..., Page]) -> None:
    page = room(f"{served.base}/courier?id=bo", PHONE)
    page.get_by_role("button", name="SOS").click()
    page.get_by_role("button", name="take back").click()
    page.wait_for_timeout(4_000)
    assert "courier.withdrew" not in served.names()
    page.get_by_role("button", name="SOS").click()
    served.until(lambda: "courier.withdrew" in served.names())
    assert served.call("GET", "/v1/couriers/bo")["state"] == "sos"
    expect(page.get_by_text("Help is called.")).to_be_visible()


def test_a_customer_sees_what_happened_and_chooses_a_refund(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.carried()
    page = room(f"{served.base}/track/{order['token']}", PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\d\d:\d\d–\d\d:\d\d"))
    other = "mei" if order["courier_id"] == "bo" else "bo"
    served.call("POST", f"/v1/couriers/{other}/duty", {"on": False})
    served.drop(order, "courier_illness")
    expect(page.get_by_text("We are already finding another courier")).to_be_visible()
    expect(page.get_by_text("illness")).to_have_count(0)
    page.get_by_role("button", name="Cancel and refund").click()
    page.get_by_role("button", name="Yes: Cancel and refund").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This order was canceled.")
    assert served.call("GET", f"/v1/orders/{order['id']}")["status"] == "canceled"


def test_a_customer_picks_another_slot_and_then_a_direct_courier(
    served: Served, room: Callable[..., Page]
) -> None:
    served.call("POST", "/v1/couriers", courier("zo", shift_start_at="2026-03-02T17:00:00Z"))
    order = served.carried(kind="grocery", is_perishable=False)
    other = "mei" if order["courier_id"] == "bo" else "bo"
    served.call("POST", f"/v1/couriers/{other}/duty", {"on": False})
    served.drop(order)
    page = room(f"{served.base}/track/{order['token']}", PHONE)
    expect(page.get_by_text("nobody is free at the moment")).to_be_visible()
    for slot in ("10:00–12:00", "12:00–14:00", "14:00–16:00"):
        expect(page.get_by_role("button", name=f"Bring it {slot}")).to_be_enabled()
    page.get_by_role("button", name="Bring it 12:00–14:00").click()
    page.get_by_role("button", name="Yes: Bring it 12:00–14:00").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("12:00–14:00")
    expect(page.get_by_text("your order comes between 12:00 and 14:00")).to_be_visible()
    served.call("POST", f"/v1/couriers/{other}/duty", {"on": True})
    page.get_by_role("button", name="A courier brings it straight").click()
    expect(page.get_by_text("You pay CN¥15.00 more for it")).to_be_visible()
    page.get_by_role("button", name="Yes: A courier brings it straight").click()
    phone = room(f"{served.base}/courier?id={other}", PHONE)
    phone.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("brings your order straight to you")).to_be_visible()


def test_a_customer_names_a_neighbour_and_the_courier_leaves_it_there(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.carried()
    who = f"/v1/couriers/{order['courier_id']}"
    pickup, dropoff = served.call("GET", f"{who}/route")["stops"]
    for step in (f"{pickup['id']}/arrive", f"{pickup['id']}/complete", f"{dropoff['id']}/arrive"):
        served.call("POST", f"{who}/stops/{step}")
    page = room(f"{served.base}/track/{order['token']}", PHONE)
    page.get_by_role("button", name="Name a neighbour").click()
    page.get_by_label("Whom to ask for").fill("Li Hua")
    page.get_by_label("Which door").fill("302")
    page.get_by_role("button", name="Yes, they may take it").click()
    expect(page.get_by_text("Li Hua (302) may take it.")).to_be_visible()
    phone = room(f"{served.base}/courier?id={order['courier_id']}", PHONE)
    expect(phone.get_by_text("Li Hua, 302, may take it.")).to_be_visible()
    phone.get_by_role("button", name="Handed to the neighbour").click()
    expect(page.get_by_text("Li Hua (302) has it for you.")).to_be_visible()
    assert served.call("GET", f"/v1/orders/{order['id']}")["status"] == "delivered"


def test_the_worker_of_the_page_shows_a_pushed_notice_once(
    served: Served, room: Callable[..., Page]
) -> None:
    order = served.carried()
    page = room(f"{served.base}/track/{order['token']}", PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\d\d:\d\d–\d\d:\d\d"))
    page.context.grant_permissions(["notifications"], origin=served.base)
    page.evaluate(
        "navigator.serviceWorker.register('/track/worker.js', { scope: location.pathname })"
        ".then(() => undefined)"
    )
    served.until(lambda: page.evaluate(f"{REGISTRATION}.then((one) => !!one?.active)"))
    chrome = page.context.new_cdp_session(page)
    known: list[str] = []
    chrome.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda found: known.extend(one["registrationId"] for one in found["registrations"]),
    )
    chrome.send("ServiceWorker.enable")
    served.until(lambda: page.evaluate("1") and known)
    said = {"tag": "case-1/notice:1@push", "title": "About your order", "body": "It is late."}
    shown = (
        f"{REGISTRATION}.then((one) => one.getNotifications())"
        ".then((all) => all.map((one) => [one.tag, one.title, one.body]))"
    )
    push = {"origin": served.base, "registrationId": known[0], "data": json.dumps(said)}
    chrome.send("ServiceWorker.deliverPushMessage", push)
    found = served.until(lambda: page.evaluate(shown))
    assert found == [[said["tag"], said["title"], said["body"]]]
    chrome.send("ServiceWorker.deliverPushMessage", push)
    page.wait_for_timeout(300)
    assert page.evaluate(shown) == found


def test_a_wrong_link_says_so(served: Served, room: Callable[..., Page]) -> None:
    page = room(f"{served.base}/track/rt_nobody", PHONE)
    expect(page.get_by_role("alert")).to_contain_text("We do not know this link.")


def test_every_page_fits_a_phone(served: Served, room: Callable[..., Page]) -> None:
    order = served.carried()
    served.drop(order)
    for path in ("/", f"/courier?id={order['courier_id']}", "/courier", f"/track/{order['token']}"):
        page = room(served.base + path, PHONE)
        expect(page.get_by_role("button").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
