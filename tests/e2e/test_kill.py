"""The served platform is killed at random moments and started again: nothing is lost."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from random import Random
from shutil import copytree
from socket import socket
from typing import Any

from recourse.audit import audit
from tests.doors import corner, courier, little_town, site

ROUNDS, ORDERS_A_ROUND = 3, 5
COURIERS = ("bo", "mei", "wu", "li")
ENDS = {"delivered", "canceled", "failed", "returned", "lost", "expired"}


@dataclass
class Day:
    """A client that plays merchants and couriers, and remembers what it was promised."""

    data: Path
    dice: Random
    port: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, body: object = None, key: str = "") -> Any:  # noqa: ANN401
        """Call once; None when the platform refused, an error when it is not there."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"content-type": "application/json"}
            headers["idempotency-key"] = key or f"call-{next(self.numbers)}"
            sent = None if body is None else json.dumps(body)
            connection.request(method, f"/v1{path}", sent, headers)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status < 500, content
            return json.loads(content) if answer.status < 300 and content else None
        finally:
            connection.close()

    def open(self) -> None:
        """Register who is there; doing it again changes nothing."""
        self.call("POST", "/sites", site("kitchen", "merchant", 2, 2))
        self.call("POST", "/sites", site("point-1", "point", 4, 4))
        now = datetime.now(UTC)  # noqa: TID251 - a served platform goes by the wall
        for number, name in enumerate(COURIERS):
            hours = {
                "shift_start_at": now.isoformat(),
                "shift_end_at": (now + timedelta(hours=9)).isoformat(),
            }
            self.call("POST", "/couriers", courier(name, number, number, **hours))
            self.call("POST", f"/couriers/{name}/duty", {"on": True})

    def ask(self) -> None:
        """Ask for a meal; what was answered must be there for ever."""
        now = datetime.now(UTC)  # noqa: TID251 - a served platform goes by the wall
        name = f"meal-{next(self.numbers)}"
        body = {
            "external_id": name,
            "merchant_id": "m-1",
            "kind": "meal",
            "pickup_site_id": "kitchen",
            "dropoff": corner(self.dice.randrange(8), self.dice.randrange(8)),
            "pickup_ready_at": now.isoformat(),
            "dropoff_ready_at": now.isoformat(),
            "dropoff_deadline_at": (now + timedelta(hours=1)).isoformat(),
            "customer": {"id": f"c-{name}", "name": "Ann"},
        }
        self.orders[name] = self.call("POST", "/orders", body, key=name)["id"]

    def answer_offers(self) -> None:
        """Say yes to every question that is still open."""
        messages = self.call("GET", "/messages?limit=1000")["messages"]
        over = {m["data"]["offer_id"] for m in messages if m["kind"] == "offer_over"}
        for message in messages:
            offer_id = message["data"].get("offer_id")
            if message["kind"] == "offer" and offer_id not in over:
                self.call("POST", f"/offers/{offer_id}/accept", key=f"accept-{offer_id}")

    def visit(self, name: str) -> bool:
        """Make the next stop of a courier; whether there was one."""
        stops = self.call("GET", f"/couriers/{name}/route")["stops"]
        for what in ("arrive", "complete") if stops else ():
            self.call("POST", f"/couriers/{name}/stops/{stops[0]['id']}/{what}")
        return bool(stops)

    def drop(self, name: str) -> None:
        """Drop an order that was not dropped before."""
        stops = self.call("GET", f"/couriers/{name}/route")["stops"]
        carried = {order_id for stop in stops for order_id in stop["order_ids"]}
        fresh = sorted(carried - self.dropped)
        if fresh:
            self.dropped.add(fresh[0])
            body = {"code": "courier_too_far", "order_ids": fresh[:1]}
            self.call("POST", f"/couriers/{name}/withdraw", body, key=f"drop-{fresh[0]}")

    def play(self) -> None:
        """Do one thing after the other until the platform is gone."""
        try:
            for number in count():
                if number < ORDERS_A_ROUND:
                    self.ask()
                self.answer_offers()
                self.drop(self.dice.choice(COURIERS))
                self.visit(self.dice.choice(COURIERS))
        except (OSError, HTTPException):
            return

    def settle(self, *, patience_s: float) -> None:
        """Answer and ride until every order has ended."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            self.answer_offers()
            visited = [self.visit(name) for name in COURIERS]
            if not any(visited):
                if not self.open_orders() and not self.call("GET", "/cases")["cases"]:
                    return
                time.sleep(0.5)

    def open_orders(self) -> list[str]:
        """Orders that have not ended."""
        seen = [self.call("GET", f"/orders/{order_id}") for order_id in self.orders.values()]
        return [f"{one['id']} {one['status']}" for one in seen if one["status"] not in ENDS]


@contextmanager
def served(day: Day) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve the kept day on a port of its own, and end it as people do."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        day.port = probe.getsockname()[1]
    command = [sys.executable, "-m", "recourse.cli", "serve", "--city", "corners"]
    command += ["--data", str(day.data), "--port", str(day.port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _wait_until_ready(day, process)
            yield process
        finally:
            process.terminate()


def _wait_until_ready(day: Day, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(3_000):
        try:
            day.call("GET", "/couriers")
        except OSError:
            if process.poll() is not None:
                said = process.stderr.read().decode() if process.stderr else ""
                raise AssertionError(said) from None
            time.sleep(0.1)
        else:
            return
    message = "the platform was not ready within five minutes"
    raise AssertionError(message)


def test_killed_at_random_moments_it_goes_on_where_it_was(tmp_path: Path) -> None:
    dice = Random(11)  # when to kill; the moment within a transaction is the machine's
    copytree(little_town().tiles.parent, tmp_path / "cities" / "corners")
    day = Day(tmp_path, dice)
    for number in range(ROUNDS):
        with served(day) as process:
            if number == 0:
                day.open()
            killer = threading.Timer(dice.uniform(0.3, 1.5), process.kill)
            killer.start()
            day.play()
            killer.join()
            assert process.wait() == -9
    with served(day):
        day.open()
        # What a dead worker held is taken over when its lease has run out.
        day.settle(patience_s=120)
        # Whatever is still open is a case that looks for a courier again in a while; the auditor
        # below refuses a case that waits for nothing.
        looked_for = {case["order_id"] for case in day.call("GET", "/cases")["cases"]}
        waiting = [line.split() for line in day.open_orders()]
        assert {id_ for id_, status in waiting if status != "dispatching"} <= looked_for
        assert len(looked_for) < len(day.orders)
        assert len(day.orders) >= ROUNDS
        assert day.dropped
    report = audit(f"sqlite:///{tmp_path / 'recourse.sqlite'}")
    assert report.is_clean, "\n".join(report.lines())
    assert report.n_orders >= len(day.orders)
