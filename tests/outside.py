"""Peers as tests need them: a gateway that keeps its word by key, and answers as told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from tests.listening import listening

# What a peer makes of a request: status of the answer, or None to hang up without one.
Mood = Callable[[str, int], int | None]


def willing(_method: str, _number: int) -> int | None:
    """Always do it, always say so."""
    return 200


@dataclass
class Gateway:
    """What was asked of it, and what it did."""

    url: str = ""
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    n_posts: int = 0
    mood: Mood = willing
    is_deaf: bool = False
    state: str = "done"


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Serve on a free port of this machine; a key that is known is done once."""
    mine, lock = Gateway(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            with lock:
                mine.n_posts += 1
                status = mine.mood("POST", mine.n_posts)
                key = self.headers.get("idempotency-key", "")
                if not mine.is_deaf and (status is None or status < 400 or status >= 500):
                    mine.texts.append(body)
                    mine.done.setdefault(key or f"#{mine.n_posts}", body)
            self._say(status, {"state": mine.state})

        def do_GET(self) -> None:
            key = unquote(self.path.rpartition("/")[2])
            with lock:
                mine.asked.append(key)
                status = mine.mood("GET", len(mine.asked))
            if status == 200 and key not in mine.done:
                status = 404
            self._say(status, {"state": mine.state})

        def _say(self, status: int | None, said: dict[str, Any]) -> None:
            if status is None:
                self.close_connection = True
                return
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as url:
        mine.url = f"{url}/things"
        yield mine
