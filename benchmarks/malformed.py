"""Thousands of malformed requests to every endpoint: no crash, every refusal a problem document.

The platform runs in process on SQLite over a town of eight by eight streets. Every request is drawn
from the API's own description and spoiled in one way; equal seeds give equal requests. It passes
when no answer is a 5xx, every refusal is a problem document (RFC 9457), and memory has not grown.

Usage: ``python3 dev.py bench malformed --each 5000 --seed 1 --json malformed.json``
"""

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import Result
from tests.doors import Caller, courier, meal, open_platform, site
from tests.fuzz.hostile import Operation, operations, spoil

_WARM_UP = 200
_MAX_GROWTH_SHARE = 0.05


@dataclass(slots=True)
class Answered:
    """What one endpoint answered."""

    endpoint: str
    n_crashes: int = 0
    n_no_problem: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> int:
    """Send, count, report; 1 when something failed."""
    parser = argparse.ArgumentParser(prog="malformed", description=__doc__)
    parser.add_argument("--each", type=int, default=5_000, help="requests an endpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # a crash is counted here, and its log would be thousands
    with tempfile.TemporaryDirectory() as folder:
        application, _ = open_platform(Path(folder))
        caller = Caller(application.asgi)
        caller.call("POST", "/v1/sites", site("x-1", "merchant", 2, 2))
        caller.call("POST", "/v1/couriers", courier("x-1"))
        caller.call("POST", "/v1/orders", meal("a", "x-1"))
        found = operations(caller.call("GET", "/openapi.json").json)
        for operation in found:
            _send(caller, operation, random.Random(given.seed + 1), _WARM_UP)
        before_kib, began_s = _resident_kib(), time.perf_counter()
        rows = [_send(caller, one, random.Random(given.seed), given.each) for one in found]
        took_s, after_kib = time.perf_counter() - began_s, _resident_kib()
        caller.close()
        application.close()
    result = Result(
        name="malformed",
        seeds=(given.seed,),
        budget=f"{given.each} requests to each of {len(rows)} endpoints, in process, SQLite",
    )
    _figure(result, rows, took_s=took_s, before_kib=before_kib, after_kib=after_kib)
    return result.finish(given.json)


def _send(caller: Caller, operation: Operation, rng: random.Random, n: int) -> Answered:
    """Send n spoiled requests to one endpoint and count the answers."""
    told = Answered(operation.name)
    for request in spoil(operation, rng, n):
        answer = caller.send(request.method, request.path, request.content, request.headers)
        told.statuses[answer.status] += 1
        # A platform that nobody serves has no worker, and /readyz rightly says so.
        told.n_crashes += answer.status >= 500 and not request.path.startswith("/readyz")
        told.n_no_problem += answer.status >= 400 and not answer.is_problem
    return told


def _figure(
    result: Result, rows: list[Answered], *, took_s: float, before_kib: int, after_kib: int
) -> None:
    """Sum over the endpoints."""
    total: Counter[int] = Counter()
    for row in rows:
        total.update(row.statuses)
    grown = after_kib / before_kib - 1
    result.figures = {
        "n_sent": total.total(),
        "n_refused": sum(n for status, n in total.items() if status >= 400),
        "took_s": round(took_s, 1),
        "resident_before_kib": before_kib,
        "resident_after_kib": after_kib,
        "statuses": {str(status): n for status, n in sorted(total.items())},
        "endpoints": {
            row.endpoint: {str(status): n for status, n in sorted(row.statuses.items())}
            for row in rows
        },
    }
    result.at_most("crashes (5xx)", sum(row.n_crashes for row in rows), 0)
    result.at_most("refusals without a problem document", sum(r.n_no_problem for r in rows), 0)
    result.at_most("growth of resident memory, share", grown, _MAX_GROWTH_SHARE)


def _resident_kib() -> int:
    """Resident memory of this process now, in KiB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    message = "this system does not tell how much memory a process holds"
    raise OSError(message)


if __name__ == "__main__":
    sys.exit(main())
