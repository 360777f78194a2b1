"""Call peers that lose the answer, hang or answer 500: nothing is done twice, all is settled soon.

A platform in process pays remedies out, sends texts over a gateway that takes keys and over one
that takes none, and tells merchants. Three in ten requests meet trouble, half of it after the thing
was done; the messenger itself dies now and then. Afterwards the books are held against what the
peers did, and the auditor looks at the database.

Usage: ``python3 dev.py bench peers --calls 10000 --json peers.json``
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.hostile import hostile
from benchmarks.peers.running import CALLS_AN_ORDER, Found, run
from benchmarks.report import Result
from recourse.audit import audit
from tests.servers import Postgres

_SETTLED_S = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Call, look, report; 1 when something failed."""
    parser = argparse.ArgumentParser(prog="peers", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000, help="things to be done outside")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--deadline", type=float, default=1.5, help="of a call, wall seconds")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    given = parser.parse_args(arguments)
    n_orders = -(-given.calls // CALLS_AN_ORDER)
    result = Result(
        name="peers",
        seeds=(given.seed,),
        budget=f"{given.calls} calls, {given.db}, a call is given up after 10 virtual seconds",
    )
    with tempfile.TemporaryDirectory(prefix="recourse-peers-") as folder:
        if given.db == "sqlite":
            _play(result, Path(folder), f"sqlite:///{folder}/store.db", given, n_orders)
        else:
            with Postgres() as server:
                _play(result, Path(folder), server.url(), given, n_orders)
    return result.finish(given.json)


def _play(result: Result, folder: Path, url: str, given: argparse.Namespace, n_orders: int) -> None:
    """Play one day of calls on one database."""
    began_s = time.process_time()
    with hostile(seed=given.seed, hangs_s=2 * given.deadline) as peers:
        found = run(
            folder,
            url,
            peers,
            n_orders=n_orders,
            orders_a_step=30,
            deadline_s=given.deadline,
        )
        trouble = dict(sorted(peers.trouble.items()))
    report = audit(url)
    result.figures = {
        "calls": found.n_calls,
        "requests": sum(trouble.values()),
        "trouble": trouble,
        "deaths": found.n_deaths,
        "states": dict(sorted(found.states.items())),
        "settled_s": {
            peer: {
                name: sorted(late)[min(len(late) - 1, int(share * len(late)))]
                for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0))
            }
            for peer, late in found.late_s.items()
        },
        "booked_cents, moved_cents": found.cents,
        "cpu_s": round(time.process_time() - began_s, 1),
        "load": os.getloadavg(),
    }
    _check(result, found, given.calls)
    result.at_most("rules the auditor found broken", len(report.breaches), 0)
    result.at_most("rows that disagree with the log", len(report.disagreements), 0)


def _check(result: Result, found: Found, n_calls: int) -> None:
    """Hold what was found against what is promised."""
    result.at_least("calls", found.n_calls, n_calls)
    for peer, n in found.doubled.items():
        result.at_most(f"{peer}: doubled effects", n, 0)
    result.at_most("cents booked as paid but not moved, or moved but not booked",
                   abs(found.cents[0] - found.cents[1]), 0)  # fmt: skip
    result.at_most("ends that say what was not so", sum(found.wrong.values()), 0)
    for peer, late in found.late_s.items():
        result.at_most(f"{peer}: longest until settled, virtual s", max(late), _SETTLED_S)
    result.at_least("deaths of the messenger in the middle of a call", found.n_deaths, 1)


if __name__ == "__main__":
    sys.exit(main())
