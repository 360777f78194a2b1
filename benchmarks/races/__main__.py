"""Let processes race for the same orders on a real database; no rule may ever be broken.

Every process goes through the orders in the same sequence and tries, at about the same moment as
all the others, to ask its courier for the order; then, by its part, to accept, to withdraw, to take
the parcel, or to open a case and pay. Nobody looks first whether somebody was faster: the database
must refuse, and losers must see a clean `Conflict` and nothing else. Then accept, expire, cancel
and revoke meet at one instant, in all 24 orderings. Afterwards the auditor and plain SQL look for
broken rules.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from rich.progress import Progress

from benchmarks.races import broken_by_sql, prepare, race
from benchmarks.races.instant import ORDERINGS, at_all_instants
from benchmarks.report import Result
from recourse.audit import audit
from tests.servers import Postgres

N_SQLITE = 8
"""SQLite has one writer at a time; more processes only wait longer."""


def main() -> int:
    """Race on each database asked for, and check what is left."""
    parser = argparse.ArgumentParser(prog="races", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=32, help="on PostgreSQL; 8 on SQLite")
    parser.add_argument("--db", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=1_000, help="every ordering of four wills")
    parser.add_argument("--part", choices=("orders", "instant", "both"), default="both")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    names = ("sqlite", "postgresql") if given.db == "both" else (given.db,)
    result = Result(
        name="races",
        seeds=(given.seed,),
        budget=f"{given.orders} orders, {given.processes} processes ({N_SQLITE} on SQLite)",
    )
    for name in names:
        n_processes = given.processes if name == "postgresql" else min(given.processes, N_SQLITE)
        if given.part != "instant":
            with _database(name) as url:
                _check(result, name, url, given.orders, n_processes, given.seed)
        if given.part != "orders":
            _check_instant(result, name, given.times)
    return result.finish(given.json)


def _check_instant(result: Result, name: str, times: int) -> None:
    """Let four wills meet in every ordering on one database, and write down what was found."""
    ends: Counter[str] = Counter()
    findings: list[str] = []
    began_s = time.perf_counter()
    with Progress() as progress, _databases(name, len(ORDERINGS)) as urls:
        bar = progress.add_task(f"instants on {name}", total=len(ORDERINGS) * times)
        for met, found in at_all_instants(urls, times=times):
            ends.update(met)
            findings += found
            progress.advance(bar, met["won"])
    result.figures[f"{name}: instants"] = {
        "took_s": round(time.perf_counter() - began_s, 1),
        "ends": dict(sorted(ends.items())),
        "findings": findings,
    }
    strange = sum(n for end, n in ends.items() if end.startswith(("unclean", "wrong")))
    result.at_least(f"{name}: instants with one winner", ends["won"], len(ORDERINGS) * times)
    result.at_least(f"{name}: instants with three losers", ends["lost"] / 3, ends["won"])
    result.at_most(f"{name}: ends of an instant that are unclean or wrong", strange, 0)
    result.at_most(f"{name}: findings of the auditor after instants", len(findings), 0)


def _check(result: Result, name: str, url: str, n_orders: int, n_processes: int, seed: int) -> None:
    """Race on one database and write down what was found."""
    prepare(url, n_orders=n_orders, n_couriers=n_processes)
    began_s = time.perf_counter()
    ends = race(url, n_orders=n_orders, n_processes=n_processes, seed=seed)
    raced_s = time.perf_counter() - began_s
    report = audit(url)
    found = broken_by_sql(url)
    n_tries = sum(ends.values())
    n_won = {end.partition(" ")[0]: n for end, n in ends.items() if end.endswith(" won")}
    result.figures[name] = {
        "processes": n_processes,
        "attempts": n_tries,
        "attempts_per_s": round(n_tries / raced_s, 1),
        "raced_s": round(raced_s, 1),
        "events": report.n_events,
        "ends": dict(sorted(ends.items())),
        "findings": report.lines()[1:],
    }
    for line in (f"{n:>9,}  {end}" for end, n in sorted(ends.items())):
        print(f"{name:<11}{line}")
    unclean = sum(n for end, n in ends.items() if "unclean" in end)
    result.at_most(f"{name}: attempts that ended in anything but won or Conflict", unclean, 0)
    result.at_most(f"{name}: rules the auditor found broken", len(report.breaches), 0)
    result.at_most(f"{name}: rows that disagree with the log", len(report.disagreements), 0)
    for rule, n in found.items():
        result.at_most(f"{name}: {rule}", n, 0)
    result.at_least(f"{name}: orders for which somebody was asked", n_won.get("ask", 0), n_orders)
    result.at_least(f"{name}: attempts that lost a race", n_tries - sum(n_won.values()), n_orders)


@contextmanager
def _databases(name: str, n: int) -> Iterator[list[str]]:
    """Empty databases of one kind, gone afterwards; on PostgreSQL all on one server."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="recourse-races-") as folder:
            yield [f"sqlite:///{folder}/d{number}.db" for number in range(n)]
        return
    with Postgres() as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for number in range(n):
                connection.execute(SQL("create database {}").format(Identifier(f"d{number}")))
        yield [server.url(f"d{number}") for number in range(n)]


@contextmanager
def _database(name: str) -> Iterator[str]:
    """An empty database of one kind, gone afterwards."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="recourse-races-") as folder:
            yield f"sqlite:///{folder}/races.db"
        return
    with Postgres() as server:
        yield server.url()


if __name__ == "__main__":
    sys.exit(main())
