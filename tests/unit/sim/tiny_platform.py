"""A platform of one page: it hands every order to a free courier, and again when one drops out.

It speaks the same API, so that the simulator can be tried without the real one. Its log is as
honest as the real log: what it records is what it did.
"""

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from recourse_sim.hours import SimClock
from recourse_sim.transport import Answer, Json


class TinyPlatform:
    """Transport and platform in one."""

    def __init__(self, clock: SimClock, *, keeps_silent: bool = False) -> None:
        self.clock, self.keeps_silent = clock, keeps_silent
        self.n_calls = 0
        self.couriers: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.sites: dict[str, dict[str, Any]] = {}
        self.routes: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.pings: list[dict[str, Any]] = []
        self.duties: dict[str, tuple[str, str]] = {}
        self.late: list[tuple[str, str]] = []
        self.waiting: list[tuple[datetime, str, frozenset[str]]] = []
        self._n = count(1)

    # -- the simulator's side -------------------------------------------------------------

    def call(
        self, method: str, path: str, body: Json = None, *, key: str = "", bearer: str = ""
    ) -> Answer:
        self.n_calls += 1
        path, _, query = path.partition("?")
        words = path.strip("/").split("/")[1:]
        status, found = self._answer(
            method, words, body, dict(p.split("=") for p in query.split("&") if p)
        )
        return Answer(status, json.loads(json.dumps(found)), len(self.messages))

    def close(self) -> None:
        pass

    def next_due_at(self) -> datetime | None:
        return min((due for due, _, _ in self.waiting), default=None)

    def newest_message(self) -> int:
        return len(self.messages)

    def work(self) -> int:
        due = [one for one in self.waiting if one[0] <= self.clock.now()]
        self.waiting = [one for one in self.waiting if one[0] > self.clock.now()]
        for _, order_id, excluded in due:
            self._give(order_id, excluded)
        return len(due)

    # -- the platform's side --------------------------------------------------------------

    def _answer(  # noqa: PLR0911 - one return for each request
        self, method: str, words: list[str], body: Json, query: dict[str, str]
    ) -> tuple[int, Any]:
        match method, words:
            case "POST", ["sites"]:
                self.sites[body["id"]] = body
                return 201, body
            case "POST", ["couriers"]:
                self.couriers[body["id"]] = {**body, "on": False, "n": 0}
                self.routes[body["id"]] = {"version": 0, "stops": []}
                return 201, body
            case "POST", ["orders"]:
                return 201, self._admit(body)
            case "POST", ["pings"]:
                self.pings.append(body)
                return 202, {}
            case "GET", ["messages"]:
                after = int(query["after"])
                return 200, {"messages": self.messages[after:], "next": len(self.messages)}
            case "GET", ["events"]:
                return 200, {"events": self.log[int(query["after"]) :][: int(query["limit"])]}
            case "GET", ["couriers", courier_id, "route"]:
                return 200, self.routes[courier_id]
            case "POST", ["couriers", courier_id, "duty"]:
                self.couriers[courier_id]["on"] = body["on"]
                return 200, {}
            case "POST", ["couriers", courier_id, "withdraw" | "sos"]:
                return self._withdraw(courier_id, (body or {}).get("order_ids") or [])
            case "POST", ["couriers", courier_id, "stops", stop_id, what]:
                return self._stop(courier_id, stop_id, what)
            case "POST", ["couriers", courier_id, "deliveries"]:
                self.late.append((courier_id, body["order_id"]))
                return 200, {"route": self.routes[courier_id]}
            case _:
                return 404, {"code": "not_found"}

    def _note(self, name: str, **data: Json) -> None:
        self.log.append(
            {
                "number": len(self.log) + 1,
                "name": name,
                "at": self.clock.now().isoformat(),
                "data": data,
            }
        )

    def _say(self, to: str, kind: str, data: dict[str, Any]) -> None:
        self.messages.append(
            {"number": len(self.messages) + 1, "to": to, "kind": kind, "data": data}
        )

    def _admit(self, body: dict[str, Any]) -> dict[str, Any]:
        order = {**body, "id": f"o-{next(self._n)}", "track_token": "t"}
        self.orders[order["id"]] = order
        ready = datetime.fromisoformat(body["pickup_ready_at"]) - timedelta(minutes=5)
        self.waiting.append((max(ready, self.clock.now()), order["id"], frozenset()))
        return order

    def _give(self, order_id: str, excluded: frozenset[str]) -> None:
        order = self.orders[order_id]
        station = order.get("station_id", "")
        free = [
            c
            for c in self.couriers.values()
            if c["on"] and c["station_id"] == station and c["id"] not in excluded
        ]
        if not free:
            self.waiting.append((self.clock.now() + timedelta(minutes=2), order_id, excluded))
            return
        courier = min(free, key=lambda c: (len(self.routes[c["id"]]["stops"]), c["n"], c["id"]))
        courier["n"] += 1
        duty_id = f"a-{next(self._n)}"
        self.duties[order_id] = (duty_id, courier["id"])
        self._note(
            "assignment.began",
            assignment_id=duty_id,
            order_id=order_id,
            courier_id=courier["id"],
            arrival_at=order["dropoff_ready_at"],
        )
        site = self.sites[station or order["pickup_site_id"]]
        stops = [
            self._make_stop(order, "pickup", site["place"], order["pickup_ready_at"]),
            self._make_stop(order, "dropoff", order["dropoff"], order["dropoff_ready_at"]),
        ]
        self._change(courier["id"], [*self.routes[courier["id"]]["stops"], *stops])

    def _make_stop(
        self, order: dict[str, Any], kind: str, place: Json, earliest: str
    ) -> dict[str, Any]:
        return {
            "id": f"s-{next(self._n)}",
            "kind": kind,
            "order_ids": [order["id"]],
            "place": place,
            "earliest_at": earliest,
        }

    def _change(self, courier_id: str, stops: list[dict[str, Any]]) -> dict[str, Any]:
        route = {"version": self.routes[courier_id]["version"] + 1, "stops": stops}
        self.routes[courier_id] = route
        self._say(f"courier:{courier_id}", "route", {"version": route["version"]})
        return route

    def _stop(self, courier_id: str, stop_id: str, what: str) -> tuple[int, Any]:
        route = self.routes[courier_id]
        if not route["stops"] or route["stops"][0]["id"] != stop_id:
            return 409, {"code": "conflict"}
        if what == "arrive":
            return 200, {"route": route}
        stop = route["stops"][0]
        order_id = stop["order_ids"][0]
        if stop["kind"] == "dropoff":
            self._end(order_id, "completed")
        return 200, {"route": self._change(courier_id, route["stops"][1:])}

    def _end(self, order_id: str, status: str) -> None:
        duty_id, courier_id = self.duties.pop(order_id)
        self._note(
            "assignment.ended",
            assignment_id=duty_id,
            order_id=order_id,
            courier_id=courier_id,
            status=status,
        )

    def _withdraw(self, courier_id: str, order_ids: list[str]) -> tuple[int, Any]:
        mine = [o for o, (_, who) in self.duties.items() if who == courier_id]
        dropped = [o for o in mine if not order_ids or o in order_ids]
        if not order_ids:
            self.couriers[courier_id]["on"] = False
        held = {o for o in dropped if not self._has_pickup(courier_id, o)}
        left = [s for s in self.routes[courier_id]["stops"] if s["order_ids"][0] not in dropped]
        for order_id in dropped:
            self._end(order_id, "withdrawn")
            if order_id not in held and not self.keeps_silent:
                self.waiting.append((self.clock.now(), order_id, frozenset([courier_id])))
        self._change(courier_id, left)
        return 200, {}

    def _has_pickup(self, courier_id: str, order_id: str) -> bool:
        return any(
            s["kind"] == "pickup" and order_id in s["order_ids"]
            for s in self.routes[courier_id]["stops"]
        )
