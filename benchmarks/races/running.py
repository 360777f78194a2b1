"""This file knows how processes are let loose together, and what is looked for afterwards."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks.races.racer import Racer
from benchmarks.races.start import NOON
from recourse.adapters.clock import ManualClock
from recourse.adapters.store import open_store
from recourse.adapters.store.engine import open_engine
from recourse.model.errors import Conflict

__all__ = ["broken_by_sql", "race"]

# What must not be found, asked in plain SQL.
_BROKEN = {
    "orders with two live assignments": (
        "SELECT count(*) FROM (SELECT order_id FROM assignments"
        " WHERE status IN ('accepted', 'active') GROUP BY order_id HAVING count(*) > 1) AS x"
    ),
    "orders with two offers": (
        "SELECT count(*) FROM (SELECT order_id FROM assignments"
        " WHERE status = 'offered' GROUP BY order_id HAVING count(*) > 1) AS x"
    ),
    "orders without exactly one holder": (
        "SELECT count(*) FROM orders WHERE 1 <> (SELECT count(*) FROM custody"
        " WHERE custody.order_id = orders.id AND custody.until_at IS NULL)"
    ),
    "gaps and overlaps of custody": (
        "SELECT count(*) FROM custody AS a JOIN custody AS b"
        " ON b.order_id = a.order_id AND b.number = a.number + 1 WHERE b.from_at <> a.until_at"
    ),
    "entries that do not sum to zero": (
        "SELECT count(*) FROM (SELECT entry_key FROM postings"
        " GROUP BY entry_key HAVING sum(amount_cents) <> 0) AS x"
    ),
    "orders paid twice": (
        "SELECT count(*) FROM (SELECT case_id FROM remedies"
        " GROUP BY case_id, kind, beneficiary_id HAVING count(*) > 1) AS x"
    ),
}


def race(url: str, *, n_orders: int, n_processes: int, seed: int = 1) -> Counter[str]:
    """Let processes race, and count what each attempt came to.

    Returns
    -------
    Counter of str
        Attempts by part and end, e.g. ``"ask won"`` or ``"ask one_offered_assignment"``.
    """
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    start = context.Barrier(n_processes)
    racers = [
        context.Process(target=_run, args=(url, i, n_orders, seed, start, queue))
        for i in range(n_processes)
    ]
    for racer in racers:
        racer.start()
    total: Counter[str] = Counter()
    for _ in racers:
        total.update(queue.get())
    for racer in racers:
        racer.join()
        if racer.exitcode:
            total[f"unclean exit {racer.exitcode}"] += 1
    return total


def broken_by_sql(url: str) -> dict[str, int]:
    """Count broken rules by asking the tables directly."""
    engine = open_engine(url, n_connections=1)
    try:
        with engine.connect() as connection:
            return {
                name: int(connection.exec_driver_sql(sql).scalar_one())
                for name, sql in _BROKEN.items()
            }
    finally:
        engine.dispose()


def _run(url: str, me: int, n_orders: int, seed: int, start: Any, queue: Any) -> None:  # noqa: ANN401
    """Be one racer."""
    ends: Counter[str] = Counter()
    orders = list(range(n_orders))
    Random(seed).shuffle(orders)
    with open_store(url, clock=ManualClock(NOON), n_connections=1) as store:
        racer = Racer(store, me)
        start.wait()
        for i in orders:
            for part in racer.parts():
                ends[f"{part.__name__.strip('_')} {_end_of(part, f'o-{i}')}"] += 1
    queue.put(ends)


def _end_of(part: Callable[[str], bool], order_id: str) -> str:
    """Try once, and name how it ended."""
    try:
        return "won" if part(order_id) else "nothing to do"
    except Conflict as conflict:
        return conflict.rule
    except Exception as error:  # noqa: BLE001 - whatever else comes out is what is looked for
        return f"unclean {type(error).__name__}: {error}"
