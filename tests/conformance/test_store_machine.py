"""Whatever is done to a store in whatever order, it says what a plain dictionary would say."""

import tempfile
from dataclasses import replace
from datetime import datetime  # noqa: TC003 - hypothesis reads annotations
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recourse.adapters.clock import ManualClock
from recourse.adapters.store import SqlStore, migrate, open_store
from recourse.model.commands import Command, Lease
from recourse.model.errors import Conflict, LeaseLost, Stale
from recourse.model.events import Event, OrderMoved
from recourse.model.orders import ORDER_ENDS, Order, OrderStatus
from recourse.model.ports import EventFilter
from tests.conformance.values import NOON, later, order

NAMES = st.sampled_from([f"o-{i}" for i in range(4)])
KEYS = st.sampled_from([f"k-{i}" for i in range(4)])
MINUTES = st.integers(min_value=0, max_value=30)


class StoreMachine(RuleBasedStateMachine):
    """A store on SQLite beside dictionaries that follow the same few rules."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self._folder.name) / 'store.db'}"
        migrate(url)
        self.store: SqlStore = open_store(url, clock=ManualClock(NOON), n_connections=1)
        self.orders: dict[str, Order] = {}
        self.log: list[Event] = []
        self.waiting: dict[str, datetime] = {}
        self.known: set[str] = set()
        self.fences: dict[str, int] = {}
        self.leases: list[Lease] = []
        self.minute = 0

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()

    @rule(name=NAMES, weight_g=st.integers(min_value=0, max_value=10**6))
    def admit(self, name: str, weight_g: int) -> None:
        new = order(name, weight_g=weight_g)
        try:
            with self.store.begin() as tx:
                tx.record([new])
        except Conflict:
            assert name in self.orders
        else:
            assert name not in self.orders
            self.orders[name] = replace(new, version=1)

    @rule(name=NAMES, status=st.sampled_from(OrderStatus), behind=st.sampled_from([0, 0, 0, 1]))
    def move(self, name: str, status: OrderStatus, behind: int) -> None:
        known = self.orders.get(name)
        if known is None:
            return
        ended_at = NOON if status in ORDER_ENDS else None
        wanted = replace(known, status=status, ended_at=ended_at, version=known.version - behind)
        told = OrderMoved(at=NOON, order_id=name, was=known.status, now=status)
        is_over = known.status in ORDER_ENDS and status is not known.status
        try:
            with self.store.begin() as tx:
                tx.record([wanted], events=[told])
        except Stale:
            assert behind
            assert wanted.version
        except Conflict:
            assert is_over or not wanted.version
        else:
            assert not behind
            assert not is_over
            self.orders[name] = replace(wanted, version=known.version + 1)
            self.log.append(told)

    @rule(keys=st.lists(KEYS, max_size=3), due=MINUTES, dropped=st.lists(KEYS, max_size=2))
    def plan(self, keys: list[str], due: int, dropped: list[str]) -> None:
        commands = [Command(key=key, name="n", due_at=later(due)) for key in keys]
        with self.store.begin() as tx:
            tx.record(commands=commands, dropped=dropped)
        for key in dropped:
            self.waiting.pop(key, None)
        for key in keys:
            if key not in self.known:
                self.known.add(key)
                self.waiting[key] = later(due)

    @rule(minutes=MINUTES)
    def wait(self, minutes: int) -> None:
        self.minute += minutes

    @rule(limit=st.integers(min_value=1, max_value=3), lease_s=st.sampled_from([60, 600]))
    def lease(self, limit: int, lease_s: int) -> None:
        now = later(self.minute)
        due = sorted((at, key) for key, at in self.waiting.items() if at <= now)
        found = self.store.lease(now=now, worker="w", limit=limit, lease_s=lease_s)
        assert len(found) == min(limit, len(due))
        for lease in found:
            key = lease.command.key
            assert self.waiting[key] <= now
            self.fences[key] = self.fences.get(key, 0) + 1
            assert lease.token == self.fences[key]
            self.waiting[key] = lease.until_at
            self.leases.append(lease)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        key = lease.command.key
        is_held = key in self.waiting and lease.token == self.fences[key]
        try:
            with self.store.begin() as tx:
                self.store.finish(lease, tx)
        except LeaseLost:
            assert not is_held
        else:
            assert is_held
            del self.waiting[key]

    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.begin() as tx:
            assert tx.orders([f"o-{i}" for i in range(4)]) == self.orders
            assert [recorded.event for recorded in tx.events(EventFilter())] == self.log
        assert self.store.next_due_at() == min(self.waiting.values(), default=None)


StoreMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
test_a_store_says_what_a_dictionary_would = StoreMachine.TestCase
