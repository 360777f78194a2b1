"""Let couriers drop out at fixed rates, and time how long it takes until others are told.

A platform is served on this machine, over HTTP, with its worker and its messenger, from a database
of its own for every rate. The load shares the machine: a fleet that says where it is, merchants
that send orders, phones that read and answer, a gateway for texts. Cancels arrive by the clock. A
cancel that led to nothing by the end counts as if it had taken until then.

Usage: ``python3 dev.py bench latency --rates 1 2 5 8 12 16 --json latency.json --plot latency.png``
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import numpy as np

from benchmarks.latency.drawing import draw
from benchmarks.latency.load import Load, Told, played
from benchmarks.report import Result
from recourse_sim.cities import load_or_generate

OFFER_P95_S, NOTICE_P99_S, RATE = 2.0, 10.0, 5.0
_CENSORED_S = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")
PEERS = """
[[channel]]
name = "sms"
over = "gateway"
reach = "phone"
url = "http://127.0.0.1:{port}/texts"
takes_key = true
can_be_asked = true
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play every rate, draw, and check the one that is promised."""
    given = _options(arguments)
    city = load_or_generate(given.data, given.city, tell=print)
    result = Result(
        name="latency",
        seeds=(given.seed,),
        budget=f"{given.couriers} couriers, {given.seconds} s a rate, SQLite, one machine",
    )
    for rate in given.rates:
        load = Load(
            rate=rate,
            seconds=given.seconds,
            n_couriers=given.couriers,
            centre=city.centre,
            seed=given.seed,
        )
        result.figures[f"{rate:g}"] = found = _played(load, given)
        line = {
            name: found[name] for name in ("cases", "offer_s", "notice_s", "text_s", "server_cores")
        }
        print(f"{rate:>6g} a second  {line}", flush=True)
    rates = [(float(rate), found) for rate, found in result.figures.items()]
    result.figures["knee"] = knee = _knee(rates)
    print(f"knee: {knee}")
    if given.plot is not None:
        draw(rates, knee, given.plot)
    _check(result, rates)
    return result.finish(given.json)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="latency", description=__doc__)
    parser.add_argument("--rates", nargs="+", type=float, default=[1, 2, 5, 8, 12, 16])
    parser.add_argument("--seconds", type=int, default=60, help="of cancels at each rate")
    parser.add_argument("--couriers", type=int, default=160)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--city", default="generated-1", help="imported city, or generated-N")
    parser.add_argument("--data", type=Path, default=Path("var"), help="folder of the cities")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="drawing of latency against rate")
    return parser.parse_args(arguments)


def _played(load: Load, given: argparse.Namespace) -> dict[str, Any]:
    """Serve a platform, play one load, and sum up what came of it."""
    before = os.getloadavg()[0]
    with _served(given) as (process, url, gateway_port):
        began = (time.monotonic(), _cpu_s(process.pid))
        told = asyncio.run(played(load, url, gateway_port=gateway_port))
        took_s = time.monotonic() - began[0]
        cores = (_cpu_s(process.pid) - began[1]) / took_s
    return {
        "cases": len(told.due_s),
        "offer_s": _quantiles(told, told.offer_s),
        "notice_s": _quantiles(told, told.notice_s),
        "text_s": _quantiles(told, told.text_s),
        "without_offer": len(told.due_s) - len(told.offer_s.keys() & told.due_s.keys()),
        "without_notice": len(told.due_s.keys() - told.notice_s.keys()),
        "found_nothing_to_cancel": told.n_missing,
        "requests": told.n_requests,
        "refused": told.n_refused,
        "failed": told.n_failed,
        "server_cores": round(cores, 2),
        "server_cpu_ms_a_case": round(1e3 * cores * took_s / max(1, len(told.due_s)), 1),
        "load_before": round(before, 1),
        "load_after": round(os.getloadavg()[0], 1),
    }


def _quantiles(told: Told, at_s: dict[str, float]) -> dict[str, float]:
    """Quantiles of the time from a cancel to what followed."""
    spans = [
        at_s[order_id] - due_s if order_id in at_s else _CENSORED_S
        for order_id, due_s in told.due_s.items()
    ]
    return _named(spans)


def _named(spans: list[float]) -> dict[str, float]:
    found = np.quantile(spans or [_CENSORED_S], [0.5, 0.95, 0.99])
    return {
        name: round(float(one), 3) for name, one in zip(("p50", "p95", "p99"), found, strict=True)
    }


def _is_kept(found: dict[str, Any]) -> bool:
    """Whether both promises were kept at a rate."""
    is_offer = found["offer_s"]["p95"] <= OFFER_P95_S
    return bool(is_offer and found["notice_s"]["p99"] <= NOTICE_P99_S)


def _knee(rates: list[tuple[float, dict[str, Any]]]) -> dict[str, float]:
    """The last rate of a row at which both promises were kept, and the first at which not."""
    kept = 0.0
    for rate, found in rates:
        if not _is_kept(found):
            return {"last_kept": kept, "first_missed": rate, "server_cores": found["server_cores"]}
        kept = rate
    return {"last_kept": kept}


def _check(result: Result, rates: list[tuple[float, dict[str, Any]]]) -> None:
    """Hold the promised rate against what is promised."""
    for rate, found in rates:
        if rate != RATE:
            continue
        name = f"at {rate:g} cancels a second"
        result.at_most(f"{name}: to the offer, p95, s", found["offer_s"]["p95"], OFFER_P95_S)
        result.at_most(f"{name}: to the notice, p99, s", found["notice_s"]["p99"], NOTICE_P99_S)
        result.at_most(f"{name}: to the text, p99, s", found["text_s"]["p99"], NOTICE_P99_S)
        result.at_most(f"{name}: requests not answered", found["failed"], 0)


@contextmanager
def _served(given: argparse.Namespace) -> Iterator[tuple["subprocess.Popen[bytes]", str, int]]:
    """A platform of its own, served on this machine; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="recourse-latency-") as folder:
        port, gateway_port = _free_port(), _free_port()
        peers = Path(folder) / "peers.toml"
        peers.write_text(PEERS.format(port=gateway_port))
        command = [str(Path(sys.executable).with_name("recourse")), "serve", "--port", str(port)]
        command += ["--city", given.city, "--data", str(given.data), "--peers", str(peers)]
        command += ["--db", f"sqlite:///{folder}/store.db"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            url = f"http://127.0.0.1:{port}"
            try:
                _wait_until_ready(url)
                yield process, url, gateway_port
            finally:
                process.send_signal(signal.SIGINT)
                process.wait()


def _wait_until_ready(url: str) -> None:
    """Wait until the doors are open."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):  # noqa: S310 - our own
                return
        except OSError:
            time.sleep(0.1)
    message = f"nobody serves {url}"
    raise TimeoutError(message)


def _free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _cpu_s(process_id: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    sys.exit(main())
