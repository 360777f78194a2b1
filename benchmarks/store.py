"""Time what the store does most: read, admit, complete a stop, lease; on a SQLite file."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.races.start import HERE, NOON, admitted, prepare
from benchmarks.report import Result
from recourse.adapters.clock import ManualClock
from recourse.adapters.store import SqlStore, open_store
from recourse.model.assignments import Assignment, AssignmentStatus, Custodian, Custody
from recourse.model.commands import Command, Lease
from recourse.model.events import AssignmentEnded, CustodyPassed, OrderMoved, StopCompleted
from recourse.model.orders import OrderStatus
from recourse.model.routes import Route, Stop, StopKind

N_STOPS = 20
_LIMITS_MS = {"read": 0.2, "admit": 1.0, "complete": 1.5, "next_due": 0.1, "lease": 0.1}


def main() -> int:
    """Time each and check it against its limit."""
    parser = argparse.ArgumentParser(prog="store", description=__doc__)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = Result(
        name="store", seeds=(), budget=f"{given.orders} orders, SQLite file, one process"
    )
    with tempfile.TemporaryDirectory(prefix="recourse-store-") as folder:
        url = f"sqlite:///{folder}/store.db"
        prepare(url, n_orders=0, n_couriers=60)
        with open_store(url, clock=ManualClock(NOON), n_connections=1) as store:
            for name, spent_ms in _spent(_Work(store), given.orders).items():
                result.at_most(f"{name}, ms of processor time", spent_ms, _LIMITS_MS[name])
    return result.finish(given.json)


def _spent(work: "_Work", n: int) -> dict[str, float]:
    """Milliseconds of processor time that one of each takes in the mean."""
    spent = {"admit": _timed(work.admit, n)}
    for i in range(n):
        work.give(i)
    return spent | {
        "read": _timed(work.read, n),
        "complete": _timed(work.complete, n),
        "next_due": _timed(work.next_due, n),
        "lease": _timed(work.lease, n // 64) / 64,
    }


def _timed(step: Callable[[int], object], n: int) -> float:
    """Milliseconds of processor time of one step in the mean."""
    began_s = time.process_time()
    for i in range(n):
        step(i)
    return 1e3 * (time.process_time() - began_s) / n


class _Work:
    """The steps that are timed."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.leases: list[Lease] = []
        self._stops = tuple(
            Stop(
                id=f"s-{i}",
                kind=StopKind.DROPOFF,
                order_ids=(f"o-{i}",),
                place=HERE,
                earliest_at=NOON,
                latest_at=NOON,
                arrival_at=NOON,
            )
            for i in range(N_STOPS)
        )

    def admit(self, i: int) -> None:
        """Look for the order, write it with its first holder, its event and a command."""
        order, held, told = admitted(i)
        moved = OrderMoved(at=NOON, order_id=order.id, was=order.status, now=OrderStatus.SCHEDULED)
        hear = Command(key=f"hear/{i}", name="hear", due_at=NOON, payload={"number": i})
        with self._store.begin() as tx:
            tx.order_by_external(order.merchant_id, order.external_id)
            order = replace(order, status=OrderStatus.SCHEDULED)
            tx.record([order, held], events=[told, moved], commands=[hear])

    def give(self, i: int) -> None:
        """Let a courier carry the order; not timed."""
        duty = Assignment(
            id=f"a-{i}",
            order_id=f"o-{i}",
            courier_id=f"c-{i % 60}",
            status=AssignmentStatus.ACTIVE,
            began_at=NOON,
        )
        with self._store.begin() as tx:
            tx.record([duty])

    def read(self, i: int) -> None:
        """Read one order."""
        with self._store.begin() as tx:
            tx.orders([f"o-{i}"])

    def complete(self, i: int) -> None:
        """Read and write all that a drop-off touches: five rows and four events."""
        order_id, courier_id = f"o-{i}", f"c-{i % 60}"
        now = NOON + timedelta(seconds=i)
        with self._store.begin() as tx:
            order = tx.orders([order_id])[order_id]
            (duty,) = tx.live_assignments(order_ids=[order_id])
            held = tx.custody([order_id])[order_id]
            route = tx.routes([courier_id]).get(courier_id)
            route = route or Route(courier_id=courier_id, stops=(), changed_at=now)
            ended = AssignmentStatus.COMPLETED
            got = Custody(
                order_id=order_id,
                number=2,
                custodian=Custodian.CUSTOMER,
                holder_id="anna",
                from_at=now,
            )
            values = (
                replace(order, status=OrderStatus.DELIVERED, ended_at=now),
                replace(duty, status=ended, ended_at=now),
                replace(held, until_at=now),
                got,
                replace(route, stops=self._stops, changed_at=now),
            )
            events = (
                StopCompleted(
                    at=now,
                    courier_id=courier_id,
                    stop_id="s",
                    kind=StopKind.DROPOFF,
                    order_ids=(order_id,),
                ),
                CustodyPassed(
                    at=now,
                    order_id=order_id,
                    number=2,
                    from_custodian=held.custodian,
                    from_holder_id=held.holder_id,
                    to_custodian=got.custodian,
                    to_holder_id=got.holder_id,
                ),
                OrderMoved(at=now, order_id=order_id, was=order.status, now=OrderStatus.DELIVERED),
                AssignmentEnded(
                    at=now,
                    assignment_id=duty.id,
                    order_id=order_id,
                    courier_id=courier_id,
                    status=ended,
                ),
            )
            tx.record(values, events=events)

    def next_due(self, _: int) -> None:
        """Ask when there is something to do."""
        self._store.next_due_at()

    def lease(self, _: int) -> None:
        """Take sixty-four commands."""
        self.leases += self._store.lease(now=NOON, worker="w", limit=64, lease_s=60)


if __name__ == "__main__":
    sys.exit(main())
