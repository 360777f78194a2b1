"""The doors served by a real server: the live stream, and a loop that waits for no work."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn

from recourse.app import Application
from recourse.flow import roster
from recourse.web.live import Hub
from tests.doors import corner, courier, open_platform, site

Event = dict[str, str]


class Served:
    """A platform on a free port."""

    def __init__(self, application: Application) -> None:
        self.application = application
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            application.asgi, log_level="warning", timeout_graceful_shutdown=1, lifespan="on"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([listening],))
        self.thread.start()
        self.client = httpx2.Client(base_url=self.url, timeout=20)
        _until(lambda: self.server.started)

    @property
    def hub(self) -> Hub:
        hub: Hub = self.application.asgi.state.hub
        return hub

    def close(self) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join()
        self.application.lanes.close()
        self.application.close()


def _until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, which it must within ten seconds."""
    end_s = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end_s, "it does not come to hold"
        time.sleep(0.02)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    application, _ = open_platform(tmp_path)
    opened = Served(application)
    opened.client.post("/v1/sites", json=site("kitchen", "merchant", 2, 2))
    for name in ("bo", "mei"):
        opened.client.post("/v1/couriers", json=courier(name))
        opened.client.post(f"/v1/couriers/{name}/duty", json={"on": True})
    yield opened
    opened.close()


def _listen(served: Served, n: int, headers: dict[str, str] | None = None) -> Iterator[Event]:
    """The next n events of the stream."""
    with served.client.stream("GET", "/v1/live", headers=headers or {}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: Event = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif "event" in event:
                yield event
                event, n = {}, n - 1
                if not n:
                    return
            else:
                event = {}


def test_the_first_tick_is_full_and_the_next_hold_only_who_moved(served: Served) -> None:
    ticks = _listen(served, 4)
    first = json.loads(next(ticks)["data"])
    assert {row[0] for row in first["couriers"]} == {"bo", "mei"}
    next(ticks)  # the first shared tick: everything is new to the feed
    assert json.loads(next(ticks)["data"])["couriers"] == []
    at = (served.application.platform.now()).isoformat().replace("+00:00", "Z")
    moved = {"courier_ids": ["bo"], "lons": [corner(1, 0)["lon"]], "lats": [corner(1, 0)["lat"]]}
    served.client.post("/v1/couriers/mei/duty", json={"on": False})
    served.client.post("/v1/pings", json={**moved, "pinged_ats": [at]})
    assert "mei" in {row[0] for row in json.loads(next(ticks)["data"])["couriers"]}


def test_a_stream_goes_on_after_the_last_event_that_was_seen(served: Served) -> None:
    served.client.post("/v1/couriers/bo/withdraw", json={"code": "vehicle_breakdown"})
    seen = next(_listen(served, 1, {"Last-Event-ID": "0"}))
    news = json.loads(seen["data"])["events"]
    assert "courier.withdrew" in {one["name"] for one in news}
    resumed = next(_listen(served, 1, {"Last-Event-ID": seen["id"]}))
    assert json.loads(resumed["data"])["events"] == []


def test_a_client_that_leaves_is_forgotten(served: Served) -> None:
    for _ in range(5):
        next(_listen(served, 1))
    _until(lambda: not served.hub.clients)


def test_every_client_gets_the_same_bytes(served: Served) -> None:
    first, second = _listen(served, 3), _listen(served, 3)
    next(first)
    next(second)
    left, right = [next(first) for _ in range(2)], [next(second) for _ in range(2)]
    assert any(one in right for one in left)


def test_reading_goes_on_while_a_write_takes_long(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on = threading.Event(), threading.Event()
    register = roster.register_site

    def slowly(*args: object) -> object:
        began.set()
        go_on.wait(10)
        return register(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(roster, "register_site", slowly)
    answers: list[int] = []

    def write() -> None:
        made = httpx2.post(
            f"{served.url}/v1/sites",
            json=site("s", "point"),
            headers={"Idempotency-Key": "slow"},
        )
        answers.append(made.status_code)

    writer = threading.Thread(target=write)
    writer.start()
    assert began.wait(10)
    assert served.client.get("/v1/state").status_code == 200
    assert served.client.get("/v1/couriers").status_code == 200
    assert answers == []
    go_on.set()
    writer.join()
    assert answers == [201]
