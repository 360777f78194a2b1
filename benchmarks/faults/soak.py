"""This file knows the soak: workers and the database are killed by the dice while cases come in."""

import argparse
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, LiteralString

import numpy as np
import psycopg
from rich.progress import Progress

from benchmarks.faults.crowd import Crowd, Wall
from benchmarks.faults.heap import settle
from benchmarks.races.running import broken_by_sql
from benchmarks.report import Result
from recourse.adapters.attendant import Attendant
from recourse.adapters.ids import RandomIds
from recourse.adapters.store import migrate
from recourse.adapters.worker import Worker
from recourse.audit import audit
from recourse.durable import RetryParams
from tests.flow.town import Town, retry_at, streets
from tests.servers import Postgres

__all__ = ["Soaked", "soak", "soak_on"]

_RESUME_S = 10.0
_PATIENCE_S = 1_800.0
_HOUSE_S = 60.0


@dataclass
class Soaked:
    """What happened while it soaked.

    Attributes
    ----------
    deaths : list
        Name and end of every worker that was killed.
    outages : list
        When the database was away, from and to.
    held : dict
        Commands a dead worker held, with the instant it died.
    """

    deaths: list[tuple[str, datetime]] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    held: dict[str, datetime] = field(default_factory=dict)

    def away_s(self, since: datetime, until: datetime) -> float:
        """Seconds between two instants in which the database was away."""
        overlaps = (min(until, b) - max(since, a) for a, b in self.outages)
        return sum(max(0.0, one.total_seconds()) for one in overlaps)


def soak(given: argparse.Namespace) -> Result:
    """Soak, and check what is left."""
    with Postgres() as server:
        return soak_on(server, n_cases=given.cases, n_workers=given.workers, seed=given.seed)


def soak_on(
    server: Postgres,
    *,
    n_cases: int,
    n_workers: int,
    seed: int,
    kill_s: tuple[float, float] = (1, 10),
    outage_s: tuple[float, float] = (5, 40),
) -> Result:
    """Let cases come in while workers and the server are killed by the dice.

    Parameters
    ----------
    server : Postgres
        A running server; it is killed and started again.
    n_cases : int
        How many orders; each loses its courier once.
    n_workers : int
        Beside each other.
    seed : int
        Where the dice begin.
    kill_s : tuple of float
        Seconds from ready to death of a worker, least and most.
    outage_s : tuple of float
        Seconds between two deaths of the server, least and most.

    Returns
    -------
    Result
        With its checks.
    """
    url = server.url()
    migrate(url)
    streets()
    settle()
    context = multiprocessing.get_context("fork")
    told: Any = context.Queue()
    crowd = context.Process(target=_crowd, args=(url, n_cases, seed, told))
    house = context.Process(target=_keep_house, args=(url,), daemon=True)
    began_s = time.monotonic()
    crowd.start()
    house.start()
    soaked, n_ended = _watch(
        server, crowd, told, n_workers, Random(seed), n_cases, kill_s, outage_s
    )
    house.kill()
    house.join()
    result = Result(
        name="faults-soak",
        seeds=(seed,),
        budget=f"{n_cases} cases, {n_workers} workers killed {kill_s[0]}-{kill_s[1]} s after they "
        f"are ready, PostgreSQL killed every {outage_s[0]}-{outage_s[1]} s",
    )
    result.figures["soaked_s"] = round(time.monotonic() - began_s, 1)
    _check(result, url, soaked, n_cases, n_ended)
    return result


def _watch(
    server: Postgres,
    crowd: Any,  # noqa: ANN401 - a process of a context
    told: Any,  # noqa: ANN401 - a queue of a context
    n_workers: int,
    dice: Random,
    n_cases: int,
    kill_s: tuple[float, float],
    outage_s: tuple[float, float],
) -> tuple[Soaked, list[str]]:
    """Kill and start until everything has ended; this process has no connection of its own."""
    soaked, names, url = Soaked(), count(1), server.url()
    workers: dict[int, tuple[str, int, float | None]] = {}
    next_outage_s = time.monotonic() + dice.uniform(*outage_s)
    moved_s, n_seen, ended = time.monotonic(), 0, None
    with Progress() as progress:
        bar = progress.add_task("cases", total=n_cases)
        while ended is None and time.monotonic() - moved_s < _PATIENCE_S and crowd.is_alive():
            while len(workers) < n_workers:
                name = f"w-{next(names)}"
                process_id, ready = _fork_worker(url, name)
                workers[process_id] = (name, ready, None)
            for process_id, (name, ready, dies_s) in list(workers.items()):
                if dies_s is None and _is_ready(ready):
                    workers[process_id] = (name, ready, time.monotonic() + dice.uniform(*kill_s))
                elif dies_s is not None and time.monotonic() >= dies_s:
                    _kill(process_id, ready)
                    soaked.deaths.append((name, datetime.now(UTC)))
                    soaked.held.update(_held_by(url, name, soaked.deaths[-1][1]))
                    del workers[process_id]
            if time.monotonic() >= next_outage_s:
                since = datetime.now(UTC)
                server.kill()
                time.sleep(dice.uniform(0, 2))
                server.start()
                soaked.outages.append((since, datetime.now(UTC)))
                next_outage_s = time.monotonic() + dice.uniform(*outage_s)
            for n_ended, done in _news(told):
                ended = done if done is not None else ended
                moved_s = moved_s if n_ended == n_seen else time.monotonic()
                n_seen = n_ended
                progress.update(bar, completed=n_ended)
            time.sleep(0.05)
        _wait_for_quiet(url)
    for process_id, (_, ready, _) in workers.items():
        _kill(process_id, ready)
    crowd.kill()
    crowd.join()
    return soaked, ended or []


def _news(told: Any) -> Iterator[tuple[int, list[str] | None]]:  # noqa: ANN401
    while not told.empty():
        yield told.get()


def _fork_worker(url: str, name: str) -> tuple[int, int]:
    """Fork a worker from this warm process; the pipe says when it is ready."""
    out, into = os.pipe()
    process_id = os.fork()
    if process_id:
        os.close(into)
        os.set_blocking(out, False)
        return process_id, out
    try:
        _be_worker(url, name, lambda: os.write(into, b"r"))
    finally:
        os._exit(1)


def _be_worker(url: str, name: str, ready: Callable[[], object]) -> None:
    """Perform what is due, as a served platform does, until killed."""
    lease_s = RetryParams().lease_s
    town = Town(url, ids=RandomIds(), clock=Wall(), lease_s=lease_s)
    worker = Worker(
        store=town.store,
        clock=town.clock,
        perform=town.perform,
        retry_at=retry_at,
        name=name,
        lease_s=lease_s,
    )
    attendant = Attendant(
        work=lambda: worker.work(limit=16),
        next_due_at=town.store.next_due_at,
        clock=town.clock,
        submit=_at_once,
    )
    attendant.start()
    ready()
    signal.pause()


def _at_once(work: Callable[[], int]) -> Future[int]:
    """Work in the thread that asks."""
    done: Future[int] = Future()
    try:
        done.set_result(work())
    except Exception as error:  # noqa: BLE001 - handed to whoever asked
        done.set_exception(error)
    return done


def _is_ready(pipe: int) -> bool:
    with suppress(BlockingIOError):
        return os.read(pipe, 1) == b"r"
    return False


def _kill(process_id: int, pipe: int) -> None:
    os.kill(process_id, signal.SIGKILL)
    os.waitpid(process_id, 0)
    os.close(pipe)


def _held_by(url: str, name: str, died_at: datetime) -> dict[str, datetime]:
    """What a dead worker still held, as far as the database answers now."""
    sql = "SELECT key FROM commands WHERE worker = %s AND done_at IS NULL AND parked_at IS NULL"
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return {row[0]: died_at for row in connection.execute(sql, [name])}
    except psycopg.OperationalError:
        return {}


def _wait_for_quiet(url: str) -> None:
    """Let the workers finish what is due: remedies and notices of the last orders."""
    until_s = time.monotonic() + 60
    due = (
        "SELECT count(*) FROM commands"
        " WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= now()"
    )
    while time.monotonic() < until_s:
        with suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
            row = connection.execute(due).fetchone()
            if row is not None and not row[0]:
                return
        time.sleep(0.2)


def _keep_house(url: str) -> None:
    """Clear old rows away and count the rest, as a server does by itself once it lives a minute."""
    while True:
        time.sleep(_HOUSE_S)
        with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as one:
            one.execute("VACUUM (ANALYZE)")


def _crowd(url: str, n_cases: int, seed: int, told: Any) -> None:  # noqa: ANN401
    """Be everybody outside, and tell how far it is."""
    crowd = Crowd(url, Random(seed), n_cases)
    crowd.open()
    while not crowd.is_done():
        crowd.step()
        told.put((len(crowd.admitted) - len(crowd.live), None))
        time.sleep(0.02)
    told.put((n_cases, sorted(crowd.admitted)))
    signal.pause()


def _check(result: Result, url: str, soaked: Soaked, n_cases: int, admitted: list[str]) -> None:
    """Read the database and write down what was found."""
    report = audit(url)
    with psycopg.connect(url) as connection:
        found = {name: _count(connection, sql) for name, sql in _WRONG.items()}
        n_cases_found = _count(connection, "SELECT count(DISTINCT order_id) FROM cases")
        rows = connection.execute("SELECT external_id FROM orders").fetchall()
        waits_s = _resumed_s(connection, soaked)
    known = {row[0] for row in rows}
    result.figures |= {
        "cases": n_cases_found,
        "deaths_of_workers": len(soaked.deaths),
        "deaths_of_the_database": len(soaked.outages),
        "commands_held_by_the_dead": len(waits_s),
        "resume_s": {
            str(p): round(float(np.percentile(waits_s, p)), 2) for p in (50, 95, 99) if waits_s
        },
        "events": report.n_events,
        "findings": report.lines()[1:],
    }
    result.at_least("orders asked for, answered and ended", len(admitted), n_cases)
    result.at_most("acknowledged orders that are not there", len(set(admitted) - known), 0)
    result.at_most("findings of the auditor", len(report.lines()) - 1, 0)
    for name, n in (found | broken_by_sql(url)).items():
        result.at_most(name, n, 0)
    result.at_least("cases", n_cases_found, int(0.95 * n_cases))
    late_s = float(np.percentile(waits_s, 99)) if waits_s else 0.0
    result.at_most("seconds until another went on, p99, outages excluded", late_s, _RESUME_S)


def _count(connection: psycopg.Connection[Any], sql: LiteralString) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _resumed_s(connection: psycopg.Connection[Any], soaked: Soaked) -> list[float]:
    """How long what the dead had held waited for somebody else, outages excluded."""
    done = "SELECT key, done_at FROM commands WHERE key = ANY(%s) AND done_at IS NOT NULL"
    rows = connection.execute(done, [list(soaked.held)]).fetchall()
    return [
        max(0.0, (at - soaked.held[key]).total_seconds() - soaked.away_s(soaked.held[key], at))
        for key, at in rows
    ]


_WRONG: dict[str, LiteralString] = {
    "orders without an end": (
        "SELECT count(*) FROM orders WHERE status NOT IN"
        " ('delivered', 'returned', 'canceled', 'failed', 'lost', 'expired')"
    ),
    "cases without an end": "SELECT count(*) FROM cases WHERE status <> 'closed'",
    "parked commands": "SELECT count(*) FROM commands WHERE parked_at IS NOT NULL",
    "doubled notices": (
        "SELECT count(*) FROM (SELECT order_id, kind FROM notices WHERE kind IN"
        " ('refunded', 'remedy') GROUP BY order_id, kind HAVING count(*) > 1) AS x"
    ),
    "couriers asked twice for one order": (
        "SELECT count(*) FROM (SELECT order_id, courier_id FROM assignments"
        " WHERE offer_id <> '' GROUP BY order_id, courier_id HAVING count(*) > 1) AS x"
    ),
}
