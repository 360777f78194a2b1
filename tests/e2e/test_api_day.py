"""The doors from the first order to a courier who drops out, on both databases."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recourse.adapters.clock import ManualClock
from recourse.app import Application
from recourse.audit import audit
from recourse.bonuses import BonusParams
from recourse.model.commands import Command
from recourse.model.errors import Invalid
from tests.doors import Caller, corner, courier, meal, open_platform, site


class Town:
    """A platform with one kitchen, one point and two couriers on duty."""

    def __init__(self, application: Application, clock: ManualClock) -> None:
        self.application, self.clock = application, clock
        self.caller = Caller(application.asgi)
        self.caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
        self.caller.call("POST", "/v1/sites", site("point-1", "point", 4, 4))
        for name in ("bo", "mei"):
            self.caller.call("POST", "/v1/couriers", courier(name))
            self.caller.call("POST", f"/v1/couriers/{name}/duty", {"on": True})

    def ask(self, name: str = "a") -> dict[str, str]:
        """Admit an order and return the message with the offer it led to."""
        order = self.caller.call("POST", "/v1/orders", meal(name)).json
        self.application.work()
        offers = [
            message
            for message in self.caller.call("GET", "/v1/messages").json["messages"]
            if message["kind"] == "offer" and order["id"] in message["data"]["order_ids"]
        ]
        return {
            "order_id": order["id"],
            "token": order["track_token"],
            "offer_id": offers[-1]["data"]["offer_id"],
            "courier_id": offers[-1]["to"].removeprefix("courier:"),
        }


@pytest.fixture
def town(store_url: str, tmp_path: Path) -> Iterator[Town]:
    application, clock = open_platform(tmp_path, store_url)
    opened = Town(application, clock)
    yield opened
    opened.caller.close()
    application.close()


def test_an_order_goes_from_the_merchant_to_the_customers_door(town: Town) -> None:
    asked = town.ask()
    call = town.caller.call
    who = asked["courier_id"]

    accepted = call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    assert accepted.status == 200
    assert [stop["kind"] for stop in accepted.json["route"]["stops"]] == ["pickup", "dropoff"]
    for _ in range(2):
        stop_id = call("GET", f"/v1/couriers/{who}/route").json["stops"][0]["id"]
        arrived = call("POST", f"/v1/couriers/{who}/stops/{stop_id}/arrive")
        assert arrived.json["route"]["stops"][0]["status"] == "started"
        done = call("POST", f"/v1/couriers/{who}/stops/{stop_id}/complete")
        assert done.status == 200
    town.application.work()

    assert call("GET", f"/v1/orders/{asked['order_id']}").json["status"] == "delivered"
    log = call("GET", f"/v1/orders/{asked['order_id']}/log").json["log"]
    assert log[0]["name"] == "order.admitted"
    assert "order.ended" in {line["name"] for line in log}


def test_a_route_in_an_answer_has_the_version_that_is_read_afterwards(town: Town) -> None:
    asked = town.ask()
    answered = town.caller.call("POST", f"/v1/offers/{asked['offer_id']}/accept").json["route"]
    read = town.caller.call("GET", f"/v1/couriers/{asked['courier_id']}/route").json
    assert answered == read


def test_a_couriers_cancel_opens_a_case_and_never_ends_the_order(town: Town) -> None:
    asked = town.ask()
    call = town.caller.call
    call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    dropped = call(
        "POST", f"/v1/couriers/{asked['courier_id']}/withdraw", {"code": "vehicle_breakdown"}
    )
    assert dropped.status == 200
    town.application.work()

    case = call("GET", "/v1/cases").json["cases"][0]
    assert case["order_id"] == asked["order_id"]
    assert call("GET", f"/v1/orders/{asked['order_id']}").json["status"] == "recovering"
    whole = call("GET", f"/v1/cases/{case['id']}").json
    assert {one["loss"] for one in whole["reasons"]} >= {"dropped_it"}
    assert all(one["en"] and one["zh"] for one in whole["reasons"])


def test_one_order_can_be_dropped_by_its_assignment(town: Town) -> None:
    asked = town.ask()
    call = town.caller.call
    call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    began = call("GET", "/v1/events?name=assignment.began").json["events"][0]["data"]
    path = f"/v1/assignments/{began['assignment_id']}/withdraw"
    assert call("POST", path, {"code": "courier_too_far"}).status == 200
    assert call("POST", path, {"code": "courier_too_far"}).status == 404


def test_the_log_can_be_read_for_some_kinds_of_facts_only(town: Town) -> None:
    town.ask()
    call = town.caller.call
    wanted = {"offer.made", "assignment.offered"}
    whole = call("GET", "/v1/events?limit=1000").json["events"]
    some = call("GET", "/v1/events?name=offer.made&name=assignment.offered").json["events"]
    assert some == [event for event in whole if event["name"] in wanted]
    assert {event["name"] for event in some} == wanted
    refused = call("GET", "/v1/events?name=offer.made&name=offer.forged")
    assert (refused.status, refused.json["code"]) == (422, "invalid")


def test_a_staged_bonus_is_read_by_the_phone_and_the_dispatcher_and_not_by_the_customer(
    store_url: str, tmp_path: Path
) -> None:
    opened = Town(*open_platform(tmp_path, store_url, bonus_day_cents=1_000))
    call = opened.caller.call
    opened.application.platform.params = replace(
        opened.application.platform.params,
        bonuses=BonusParams(day_cents=1_000, n_stages=1, lost_cents=9_000),
    )
    asked = opened.ask()
    offer = next(
        one["data"]
        for one in call("GET", "/v1/messages?after=0").json["messages"]
        if one["kind"] == "offer"
    )
    assert offer["bonus_cents"] > 0
    taken = call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    assert taken.json["offer"]["bonus_cents"] == offer["bonus_cents"]
    story = f"/v1/orders/{asked['order_id']}/story"
    told = json.dumps(call("GET", f"{story}?voice=dispatcher").json)
    assert "bonus.weighed" in told
    assert "bonus" not in json.dumps(call("GET", f"{story}?voice=customer").json)
    opened.caller.close()
    opened.application.close()


@pytest.mark.parametrize(
    "wrong", [{"bonus_day_cents": -1}, {"bonus_merchant_day_cents": 500}], ids=["below", "alone"]
)
def test_a_budget_that_cannot_be_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid, match=next(iter(wrong))):
        open_platform(tmp_path, "", **wrong)


def test_only_the_link_shows_an_order_to_its_customer(town: Town) -> None:
    asked = town.ask()
    call, path = town.caller.call, f"/v1/track/{asked['order_id']}"
    shown = call("GET", path, authorization=f"Bearer {asked['token']}")
    assert shown.json["order_id"] == asked["order_id"]
    forged = asked["token"][:-1] + ("A" if asked["token"][-1] != "A" else "Q")
    for token in ("", forged, asked["order_id"], f"rt_{asked['order_id']}", "rt_"):
        assert call("GET", path, authorization=f"Bearer {token}").status == 401


def test_a_customer_chooses_a_pickup_point_only_with_consent(town: Town) -> None:
    call = town.caller.call
    call("POST", "/v1/couriers/mei/duty", {"on": False})
    asked = town.ask()
    call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    call("POST", f"/v1/couriers/{asked['courier_id']}/withdraw", {"code": "courier_illness"})
    town.application.work()
    path, bearer = f"/v1/track/{asked['order_id']}/choice", f"Bearer {asked['token']}"
    choice = {"way": "pickup_point", "site_id": "point-1"}

    refused = call("POST", path, {**choice, "consent": False}, authorization=bearer)
    assert (refused.status, refused.json["param"]) == (422, "consent")
    chosen = call("POST", path, {**choice, "consent": True}, authorization=bearer)
    assert chosen.status == 200
    assert call("GET", "/v1/events?name=consent.given").json["events"]


def test_a_neighbour_is_named_behind_the_link_and_seen_at_the_door_alone(
    store_url: str, tmp_path: Path
) -> None:
    opened = Town(*open_platform(tmp_path, store_url, has_neighbours=True))
    call, asked = opened.caller.call, opened.ask()
    accepted = call("POST", f"/v1/offers/{asked['offer_id']}/accept").json
    stops = f"/v1/couriers/{asked['courier_id']}/stops"
    pickup, dropoff = (stop["id"] for stop in accepted["route"]["stops"])
    path, bearer = f"/v1/track/{asked['order_id']}", f"Bearer {asked['token']}"
    named = {"name": "Li Hua", "door": "302", "consent": True}

    assert call("POST", f"{path}/neighbour", named).status == 401
    without = call("POST", f"{path}/neighbour", {**named, "consent": False}, authorization=bearer)
    assert (without.status, without.json["param"]) == (422, "consent")
    shown = call("POST", f"{path}/neighbour", named, authorization=bearer).json["neighbour"]
    assert (shown["name"], shown["door"], shown["has_it"]) == ("Li Hua", "302", False)
    assert "Li Hua" not in call("GET", "/v1/events").content.decode()
    assert call("GET", f"{stops}/{dropoff}/neighbours").status == 404
    for step in ("arrive", "complete"):
        call("POST", f"{stops}/{pickup}/{step}")
    call("POST", f"{stops}/{dropoff}/arrive")
    (told,) = call("GET", f"{stops}/{dropoff}/neighbours").json["neighbours"]
    assert call("POST", f"{path}/neighbour/end", authorization=bearer).status == 200
    late = call("POST", f"{stops}/{dropoff}/complete", {"neighbour_id": told["id"]})
    assert late.status == 403
    call("POST", f"{path}/neighbour", named, authorization=bearer)
    (again,) = call("GET", f"{stops}/{dropoff}/neighbours").json["neighbours"]
    done = call("POST", f"{stops}/{dropoff}/complete", {"neighbour_id": again["id"]})
    assert done.status == 200
    assert call("GET", path, authorization=bearer).json["neighbour"]["has_it"]
    opened.caller.close()
    opened.application.close()


def test_a_parked_command_is_listed_and_tried_anew(town: Town, store_url: str) -> None:
    call, store, now = town.caller.call, town.application.platform.store, town.clock.now()
    with store.begin() as tx:
        tx.record(commands=[Command(key="spread/x:1", name="spread", due_at=now)])
    (lease,) = store.lease(now=now, worker="w", limit=1, lease_s=8)
    store.put_back(lease, due_at=now, error="Traceback\nit broke", is_parked=True)
    (parked,) = call("GET", "/v1/commands/parked").json["commands"]
    assert (parked["key"], parked["error"]) == ("spread/x:1", "Traceback\nit broke")
    asked = {"key": "spread/x:1", "actor": "ann"}
    assert call("POST", "/v1/commands/unpark", asked).status == 422
    assert call("GET", "/v1/commands/unparked").json == {"unparked": [], "next": 0}
    asked["why"] = "the index is whole again"
    assert call("POST", "/v1/commands/unpark", asked).json["key"] == "spread/x:1"
    assert call("GET", "/v1/commands/parked").json["commands"] == []
    assert call("POST", "/v1/commands/unpark", asked).status == 404
    listed = call("GET", "/v1/commands/unparked").json
    (told,) = listed["unparked"]
    said = {"actor": "ann", "why": "the index is whole again", "command_key": "spread/x:1"}
    assert said.items() <= told.items()
    assert listed["next"] == told["number"]
    assert call("GET", f"/v1/commands/unparked?after={told['number']}").json["unparked"] == []
    report = audit(store_url)
    assert report.lines() == report.lines()[:1]
    (again,) = store.lease(now=now, worker="w", limit=1, lease_s=8)
    assert (again.command.key, again.attempt) == ("spread/x:1", 1)


def test_positions_come_in_as_columns(town: Town) -> None:
    town.clock.set(town.clock.now() + timedelta(seconds=20))
    body = {
        "courier_ids": ["bo", "mei", "nobody"],
        "lons": [corner(1, 1)["lon"]] * 3,
        "lats": [corner(1, 1)["lat"]] * 3,
        "pinged_ats": ["2026-03-02T16:00:15Z"] * 3,
    }
    answer = town.caller.call("POST", "/v1/pings", body)
    assert (answer.status, answer.json) == (202, {"accepted": 2, "refused": 1})


def test_an_offer_is_answered_once(town: Town) -> None:
    asked = town.ask()
    path = f"/v1/offers/{asked['offer_id']}"
    assert town.caller.call("POST", f"{path}/decline", {"code": "courier_too_far"}).status == 200
    late = town.caller.call("POST", f"{path}/accept")
    assert (late.status, late.json["code"]) == (409, "conflict")


def test_a_closed_road_is_reported_and_opened_again(town: Town) -> None:
    call = town.caller.call
    body = {
        **corner(3, 3),
        "radius_m": 60,
        "factor": 0,
        "until_at": "2026-03-02T20:00:00Z",
        "source": "dispatcher",
    }
    closed = call("POST", "/v1/roads/events", body)
    assert closed.status == 201
    opened = call("DELETE", f"/v1/roads/events/{closed.json['id']}")
    assert (opened.status, opened.content) == (204, b"")


def test_pages_of_orders_join_without_a_gap(town: Town) -> None:
    names = ["a", "b", "c"]
    for name in names:
        town.caller.call("POST", "/v1/orders", meal(name))
    seen: list[str] = []
    after = ""
    while True:
        page = town.caller.call("GET", f"/v1/orders?limit=2&after={after}").json
        seen += [order["external_id"] for order in page["orders"]]
        after = page["next"]
        if not after:
            break
    assert seen == names


def test_every_write_tells_the_number_of_the_newest_message(town: Town) -> None:
    asked = town.ask()
    answer = town.caller.call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    messages = town.caller.call("GET", "/v1/messages").json["messages"]
    assert int(answer.headers["recourse-messages"]) == messages[-1]["number"]
    silent = town.caller.call("POST", "/v1/sites", site("another", "point"))
    assert silent.headers["recourse-messages"] == answer.headers["recourse-messages"]


def test_what_was_brought_while_the_phone_was_dark_is_reported_afterwards(town: Town) -> None:
    asked = town.ask()
    call = town.caller.call
    who, order_id = asked["courier_id"], asked["order_id"]
    call("POST", f"/v1/offers/{asked['offer_id']}/accept")
    stop_id = call("GET", f"/v1/couriers/{who}/route").json["stops"][0]["id"]
    call("POST", f"/v1/couriers/{who}/stops/{stop_id}/complete")
    gone = call("GET", f"/v1/couriers/{who}/route").json["stops"][0]["id"]
    call("POST", f"/v1/couriers/{who}/withdraw", {"code": "vehicle_breakdown"})
    town.application.work()
    assert call("POST", f"/v1/couriers/{who}/stops/{gone}/arrive").status == 404
    door = f"/v1/couriers/{who}/deliveries"
    other = "mei" if who == "bo" else "bo"
    refused = call("POST", f"/v1/couriers/{other}/deliveries", {"order_id": order_id})
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    told = call("POST", door, {"order_id": order_id})
    assert (told.status, told.json["route"]["stops"]) == (200, [])
    assert call("POST", door, {"order_id": order_id}).json == told.json
    assert call("GET", f"/v1/orders/{order_id}").json["status"] == "delivered"
