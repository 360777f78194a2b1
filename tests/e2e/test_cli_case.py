"""A dispatcher works through the queue by the command line, against a platform that serves."""

import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from recourse.cli_case import case_app
from recourse.cli_command import command_app
from recourse.cli_order import order_app
from recourse.model.commands import Command
from recourse.model.errors import Invalid
from tests.doors import courier, meal, open_platform, site
from tests.e2e.test_api_live import Served

runner = CliRunner()


class Queue:
    """A served platform with one order that lost its only courier."""

    def __init__(self, folder: Path) -> None:
        application, self.clock = open_platform(folder)
        self.served = Served(application)
        self._numbers = count(1)
        self.send("sites", site("kitchen", "merchant", 2, 2))
        self.send("couriers", courier("bo", 1, 1))
        self.send("couriers/bo/duty", {"on": True})
        self.order_id = self.send("orders", meal("a"))["id"]
        self.wait()
        offers = [m for m in self.read("messages")["messages"] if m["kind"] == "offer"]
        self.send(f"offers/{offers[0]['data']['offer_id']}/accept", {})
        self.send("couriers/bo/withdraw", {"code": "vehicle_breakdown"})
        self.wait()

    def wait(self) -> None:
        """Let what is due be done."""
        with_lanes = self.served.application
        while with_lanes.work():
            time.sleep(0)

    def send(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401
        headers = {"Idempotency-Key": f"call-{next(self._numbers)}"}
        answer = self.served.client.post(f"/v1/{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def read(self, path: str) -> Any:  # noqa: ANN401
        return self.served.client.get(f"/v1/{path}").json()

    def run(self, *command: str) -> Result:
        return runner.invoke(case_app, [*command, "--url", self.served.url], env={"COLUMNS": "160"})

    def asked(self, *command: str) -> Any:  # noqa: ANN401
        done = self.run(*command, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.output)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    opened = Queue(tmp_path)
    yield opened
    opened.served.close()


def test_a_case_nobody_can_solve_is_listed_shown_priced_decided_and_reopened(queue: Queue) -> None:
    (case,) = queue.asked("list", "--status", "human")
    assert case["order_id"] == queue.order_id
    assert case["id"] in queue.run("list").output
    shown = queue.run("show", case["id"]).output
    assert "Bo Test dropped this order" in shown
    assert "never again" in shown
    priced = queue.run("what-if", case["id"]).output
    assert "refund" in priced
    assert "nothing was changed" in priced
    assert queue.asked("what-if", case["id"], "--way", "refund")["best"]["way"] == "refund"
    assert "refund" in queue.run("decide", case["id"], "refund").output
    queue.wait()
    assert queue.run("list").output.strip() == "No case is open."
    (over,) = queue.asked("list", "--status", "closed")
    assert over["outcome"] == "refunded"
    reopened = queue.run("reopen", case["id"], "--why", "the wrong case")
    assert "is deciding again" in reopened.output
    assert "given before: refund 4200 CNY" in reopened.output
    assert [one["id"] for one in queue.asked("list")] == [case["id"]]


def test_an_order_is_told_in_two_voices_and_exported(queue: Queue, tmp_path: Path) -> None:
    def told(*command: str) -> str:
        asked = [command[0], queue.order_id, *command[1:], "--url", queue.served.url]
        done = runner.invoke(order_app, asked, env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done.output

    assert "vehicle" in told("log", "--voice", "customer")
    assert "Bo Test dropped this order" in told("log")
    assert json.loads(told("log", "--json"))[0]["name"] == "order.admitted"
    told("export", "--epcis", "--file", str(tmp_path / "way.json"))
    document = json.loads((tmp_path / "way.json").read_text())
    assert document["schemaVersion"] == "2.0"
    assert document["epcisBody"]["eventList"][0]["bizStep"] == "commissioning"


def test_a_parked_command_is_tried_anew_and_it_is_told_who_said_so(queue: Queue) -> None:
    store, now = queue.served.application.platform.store, queue.clock.now()
    with store.begin() as tx:
        tx.record(commands=[Command(key="spread/x:1", name="spread", due_at=now)])
    (lease,) = store.lease(now=now, worker="w", limit=1, lease_s=8)
    store.put_back(lease, due_at=now, error="it broke", is_parked=True)

    def run(*command: str) -> str:
        done = runner.invoke(
            command_app, [*command, "--url", queue.served.url], env={"COLUMNS": "160"}
        )
        assert done.exit_code == 0, done.output
        return done.output

    assert "Nothing was tried anew." in run("unparked")
    assert "spread/x:1" in run("parked")
    said = run("unpark", "spread/x:1", "--by", "ann", "--why", "the index is whole again")
    assert "is due again" in said
    assert "Nothing is parked." in run("parked")
    assert all(word in run("unparked") for word in ("spread/x:1", "ann", "the index is whole"))
    (told,) = json.loads(run("unparked", "--json"))
    assert told["actor"] == "ann"
    assert run("unparked", "--after", str(told["number"]), "--json").strip() == "[]"


def test_what_the_platform_refuses_is_said_in_its_own_words(queue: Queue) -> None:
    refused = queue.run("show", "case-0")
    assert refused.exit_code == 1
    assert "there is no case" in str(refused.exception)


def test_a_platform_that_does_not_serve_is_named() -> None:
    refused = runner.invoke(case_app, ["list", "--url", "http://127.0.0.1:1"])
    assert isinstance(refused.exception, Invalid)
    assert "start `recourse serve`" in str(refused.exception)
