"""This file knows a hostile server: payments, two gateways for texts, receivers of webhooks.

It does what it is asked, or not; and says so, or not. Which of these happens to a request is drawn
from the seed, what it is about and how often it came, so equal runs meet equal trouble. What it did
is counted as the world sees it: money moved, a text on a phone, an event taken in.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

__all__ = ["Hostile", "hostile"]

# Shares of requests, in percent; the rest is done and said.
_SENDS = {
    "done, answer lost": 5,
    "done, then hangs": 5,
    "done, answers 500": 5,
    "hangs": 5,
    "answers 500": 5,
    "hangs up": 5,
}
# Whoever guards the door of a peer may turn a question away: that is no answer to it.
_ASKS = {
    "hangs": 5,
    "answers 500": 5,
    "hangs up": 5,
    "answers 302": 5,
    "answers 401": 5,
    "answers 405": 5,
    "answers 410": 5,
    "answers 422": 5,
}
_DONE = ("fine", "done, answer lost", "done, then hangs", "done, answers 500")


@dataclass
class Hostile:
    """What was asked of the peers, and what they did.

    Attributes
    ----------
    url : str
        Where they listen.
    hangs_s : float
        How long a request hangs before the line is cut.
    seed : int
        Where the trouble is drawn from.
    money : dict
        Cents moved, by key.
    texts : Counter
        Texts on phones, by what they say; of the gateway that takes keys, one a key.
    keys : set
        Keys the gateway has seen.
    taken : dict
        Webhooks taken in: what they are about, by endpoint and id.
    trouble : Counter
        What happened to requests, by peer.
    """

    seed: int
    hangs_s: float
    url: str = ""
    money: dict[str, tuple[str, int]] = field(default_factory=dict)
    texts: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    taken: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    trouble: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fate(self, about: str, shares: dict[str, int]) -> str:
        """What happens to a request."""
        self.seen[about] += 1
        drawn = blake2b(f"{self.seed}/{about}/{self.seen[about]}".encode(), digest_size=4)
        left = int.from_bytes(drawn.digest(), "big") % 100
        for fate, share in shares.items():
            if left < share:
                return fate
            left -= share
        return "fine"

    def do(self, peer: str, path: str, headers: Any, body: dict[str, Any]) -> None:  # noqa: ANN401
        """Do what is asked, as the world sees it."""
        key = headers.get("idempotency-key", "")
        if peer == "payouts":
            self.money.setdefault(key, (body["beneficiary"], body["amount_cents"]))
        elif peer == "gateway" and key not in self.keys:
            self.keys.add(key)
            self.texts[body["text"]] += 1
        elif peer == "mute":
            self.texts[body["message"]] += 1
        elif peer == "hooks":
            about = (body["order_id"], body["type"])
            self.taken[path, headers["webhook-id"]] = about


@contextmanager
def hostile(*, seed: int, hangs_s: float) -> Iterator[Hostile]:
    """Serve on a free port of this machine."""
    mine = Hostile(seed=seed, hangs_s=hangs_s)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            body = json.loads(content)
            peer = self.path.split("/")[1].partition("?")[0]
            name = body.get("text") or body.get("message") or body.get("beneficiary")
            about = f"{peer}/{name or self.headers.get('webhook-id')}"
            with mine.lock:
                fate = mine.fate(about, _SENDS)
                mine.trouble[f"{peer}: {fate}"] += 1
                if fate in _DONE:
                    mine.do(peer, self.path, self.headers, body)
            self._answer(fate, 200, {"state": "done"})

        def do_GET(self) -> None:
            _, peer, key = self.path.split("/", 2)
            key = unquote(key)
            with mine.lock:
                fate = mine.fate(f"ask {peer}/{key}", _ASKS)
                mine.trouble[f"{peer}: asked, {fate}"] += 1
                is_known = key in (mine.money if peer == "payouts" else mine.keys)
            self._answer(fate, 200 if is_known else 404, {"state": "done"})

        def _answer(self, fate: str, status: int, said: dict[str, str]) -> None:
            if "hangs" in fate and fate != "hangs up":
                over.wait(mine.hangs_s)
            if "answers" in fate:
                status = int(fate.rpartition(" ")[2])
            elif fate != "fine":
                self.close_connection = True
                return
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
            """Whoever was called has hung up; that is what this server is for."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    mine.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield mine
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
