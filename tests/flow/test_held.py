"""What a worker holds is its own while it lives, and not for one moment more."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from recourse.adapters.clock import ManualClock, WallClock
from recourse.adapters.keeper import Keeper
from recourse.adapters.store import migrate, open_store
from recourse.adapters.webhooks import Messenger, Trade
from recourse.adapters.worker import Worker
from recourse.flow import parking
from recourse.model.commands import WEBHOOK, Command, Lease
from recourse.model.errors import Conflict, LeaseLost, NotFound
from recourse.model.events import CommandUnparked
from recourse.model.ports import EventFilter, Transaction
from recourse.model.webhooks import Reached, TryOutcome
from tests.flow.town import Town, retry_at

LEASE_S = 8
KEY, WHY = "slow/1", "the index is whole again"


def _store_one(town: Town) -> None:
    """Store a command that is due now."""
    with town.store.begin() as tx:
        tx.record(commands=[Command(key=KEY, name="watch", due_at=town.now)])


def _lease(town: Town) -> list[Lease]:
    """Take what is due, as another process does."""
    return town.store.lease(now=town.now, worker="other", limit=8, lease_s=LEASE_S)


def _pass(town: Town, seconds: float) -> None:
    """Let time pass in which nobody works."""
    town.clock.set(town.now + timedelta(seconds=seconds))


def _slow(town: Town, *, renews: bool) -> tuple[Worker, list[str], list[list[Lease]]]:
    """A worker that takes three leases' time over a command, and what others got meanwhile."""
    done: list[str] = []
    taken: list[list[Lease]] = []

    def perform(tx: Transaction, command: Command) -> None:
        del tx
        done.append(command.key)
        for _ in range(6):
            _pass(town, LEASE_S / 2)
            if renews:
                worker.keeper.renew()
            taken.append(_lease(town))

    worker = Worker(
        store=town.store,
        clock=town.clock,
        perform=perform,
        retry_at=retry_at,
        lease_s=LEASE_S,
    )
    return worker, done, taken


def test_a_command_that_takes_longer_than_its_lease_is_done_once(town: Town) -> None:
    _store_one(town)
    worker, done, taken = _slow(town, renews=True)
    assert worker.work() == 1
    assert done == [KEY]
    assert not any(taken)
    _pass(town, 10 * LEASE_S)
    assert _lease(town) == []


def test_without_renewal_another_takes_it_and_the_first_writes_nothing(town: Town) -> None:
    _store_one(town)
    worker, done, taken = _slow(town, renews=False)
    worker.work()
    assert done == [KEY]
    assert any(taken)
    _pass(town, 2 * LEASE_S)
    # It was not marked done by the one who had lost it.
    assert [lease.command.key for lease in _lease(town)] == [KEY]


def test_only_who_holds_a_command_can_hold_it_for_longer(town: Town) -> None:
    _store_one(town)
    (first,) = _lease(town)
    _pass(town, LEASE_S)
    (second,) = _lease(town)
    longer_at = town.now + timedelta(seconds=5 * LEASE_S)
    with pytest.raises(LeaseLost):
        town.store.hold(first, until_at=longer_at)
    town.store.hold(second, until_at=longer_at)
    _pass(town, 2 * LEASE_S)
    assert _lease(town) == []
    town.store.put_back(second, due_at=town.now, error="", is_parked=False)
    with pytest.raises(LeaseLost):
        town.store.hold(second, until_at=longer_at)
    assert [lease.command.key for lease in _lease(town)] == [KEY]


def test_what_was_lost_or_ran_out_before_its_turn_is_not_begun(town: Town) -> None:
    _store_one(town)
    with town.store.begin() as tx:
        tx.record(commands=[Command(key="behind", name="watch", due_at=town.now)])
    worker, done, taken = _slow(town, renews=False)
    worker.work()
    assert done == [KEY]
    assert "behind" in {lease.command.key for one in taken for lease in one}


def test_a_thread_renews_while_a_command_is_worked_on(town: Town) -> None:
    _store_one(town)
    keeper = Keeper(town.store, clock=WallClock(), lease_s=1)
    leases = town.store.lease(now=WallClock().now(), worker="w", limit=8, lease_s=1)
    keeper.hold(leases)
    keeper.start()
    begun_at = WallClock().now()
    while WallClock().now() < begun_at + timedelta(seconds=2.5):
        assert town.store.lease(now=WallClock().now(), worker="v", limit=8, lease_s=1) == []
        threading.Event().wait(0.05)
    keeper.stop()
    assert keeper.is_held(leases[0])
    with town.store.begin() as tx:
        town.store.finish(leases[0], tx)


class Killed(BaseException):
    """The end of a process: nothing of ours hears it."""


def test_what_nobody_lives_to_end_is_parked_and_what_came_behind_it_is_not(town: Town) -> None:
    _store_one(town)
    with town.store.begin() as tx:
        tx.record(commands=[Command(key="behind", name="watch", due_at=town.now)])
    begun: list[str] = []

    def perform(_tx: Transaction, command: Command) -> None:
        begun.append(command.key)
        if command.key == KEY:
            raise Killed
        if begun.count(command.key) == 1:
            message = "a failure like any other"
            raise ValueError(message)

    for _ in range(40):
        worker = Worker(
            store=town.store,
            clock=town.clock,
            perform=perform,
            retry_at=retry_at,
            lease_s=LEASE_S,
        )
        with suppress(Killed):
            worker.work()
        _pass(town, LEASE_S)
    # The one behind died once beside it, is taken alone since, and its own failure is its first.
    assert begun.count("behind") == 2
    n_takes = begun.count(KEY)
    assert retry_at(n_takes, KEY, town.now) is None
    assert retry_at(n_takes - 1, KEY, town.now) is not None
    ((command, error),) = town.parked()
    assert command.key == KEY
    assert f"taken {n_takes} times and not ended" in error
    with town.store.begin() as tx:
        tx.record(dropped=[KEY])


def _kill(town: Town) -> None:
    """Take what is due as often as it may be taken, and never end it."""
    n = 0
    while retry_at(n, KEY, town.now) is not None:
        assert _lease(town)
        _pass(town, LEASE_S)
        n += 1


def _worker(town: Town) -> tuple[Worker, list[str]]:
    """A worker that notes what it does."""
    done: list[str] = []
    return Worker(
        store=town.store,
        clock=town.clock,
        perform=lambda _tx, command: done.append(command.key),
        retry_at=retry_at,
        lease_s=LEASE_S,
    ), done


def test_a_parked_command_is_tried_anew_at_a_word(town: Town) -> None:
    _store_one(town)
    _kill(town)
    worker, done = _worker(town)
    (stale,) = _lease(town)
    _pass(town, LEASE_S)
    worker.work()
    assert (done, [command.key for command, _ in town.parked()]) == ([], [KEY])
    assert town.do(parking.unpark, KEY, actor="ann", why=WHY).key == KEY
    assert town.parked() == []
    with pytest.raises(LeaseLost), town.store.begin() as tx:
        town.store.finish(stale, tx)
    (told,) = town.happened(CommandUnparked)
    assert (told.at, told.command_key, told.actor, told.why) == (town.now, KEY, "ann", WHY)
    worker.work()
    assert done == [KEY]
    with pytest.raises(NotFound, match="no parked command"):
        town.do(parking.unpark, KEY, actor="ann", why=WHY)


def test_two_who_take_the_same_command_out_of_parking_do_it_once(town: Town) -> None:
    _store_one(town)
    _kill(town)
    worker, done = _worker(town)
    worker.work()

    def both() -> None:
        with town.store.begin() as late:
            late.record(unparked=[KEY])
            town.do(parking.unpark, KEY, actor="ann", why=WHY)

    with pytest.raises(Conflict, match="not_parked"):
        both()
    assert len(town.happened(CommandUnparked)) == 1
    worker.work()
    assert done == [KEY]


def test_the_course_of_a_case_says_who_had_one_of_its_commands_tried_anew(town: Town) -> None:
    with town.store.begin() as tx:
        made = Command(key=KEY, name="watch", due_at=town.now, order_id="o-7", case_id="case-7")
        tx.record(commands=[made])
    (lease,) = _lease(town)
    town.store.put_back(lease, due_at=town.now, error="it broke", is_parked=True)
    town.do(parking.unpark, KEY, actor="ann", why=WHY)
    with town.store.begin() as tx:
        course = [one.event for one in tx.events(EventFilter(case_id="case-7"))]
        ((number, told),) = parking.unparked(tx, after=0, limit=10)
        assert parking.unparked(tx, after=number, limit=10) == []
        tx.record(dropped=[KEY])
    assert course == [told]
    assert (told.order_id, told.actor, told.why) == ("o-7", "ann", WHY)


def test_many_are_held_for_longer_at_once_and_only_by_who_holds_them(town: Town) -> None:
    with town.store.begin() as tx:
        tx.record(commands=[Command(key=f"k/{i}", name="watch", due_at=town.now) for i in range(3)])
    first = _lease(town)
    _pass(town, LEASE_S)
    # Taken anew one by one, as what was taken before is.
    (taken,) = _lease(town)
    longer_at = town.now + timedelta(seconds=5 * LEASE_S)
    kept = town.store.hold_all(first, until_at=longer_at)
    assert kept == {lease.command.key for lease in first} - {taken.command.key}
    assert town.store.hold_all([], until_at=longer_at) == set()
    with town.store.begin() as tx:
        town.store.finish(taken, tx)
    assert town.store.hold_all([taken], until_at=longer_at) == set()
    _pass(town, 2 * LEASE_S)
    assert _lease(town) == []


class Outside:
    """Somebody outside who is slow: each call takes three leases' time of this town."""

    def __init__(self, town: Town, *, n: int = 1, lease_s: int = LEASE_S) -> None:
        self.town, self.called = town, list[str]()
        self.taken: list[Lease] = []
        self.stands_still = False
        trade = Trade(
            line_of=lambda command: command.name,
            gate_of=lambda command: command.name,
            prepare=self._prepare,
            perform=self._call,
            conclude=lambda _tx, _command, _reached: None,
            deadline_s=1,
        )
        self.messenger = Messenger(
            store=town.store,
            clock=town.clock,
            relay=lambda _tx: 0,
            trades={WEBHOOK: trade},
            lease_s=lease_s,
        )
        made = [Command(key=f"hook/{i}", name=WEBHOOK, due_at=town.now) for i in range(n)]
        with town.store.begin() as tx:
            tx.record(commands=made)

    def take(self) -> list[Lease]:
        """Take what is due, as another messenger does."""
        found = self.town.store.lease(
            now=self.town.now, worker="other", limit=8, lease_s=LEASE_S, outgoing=True
        )
        self.taken += found
        return found

    def _prepare(self, _tx: Transaction, command: Command) -> str:
        if self.stands_still:
            _pass(self.town, 2 * LEASE_S)
            self.take()
        return command.key

    async def _call(self, key: str) -> Reached:
        self.called.append(key)
        for _ in range(6):
            _pass(self.town, LEASE_S / 2)
            self.messenger.keeper.renew()
            self.take()
        return Reached(outcome=TryOutcome.TAKEN)


def test_a_slow_call_and_those_behind_it_are_held_and_each_is_called_once(town: Town) -> None:
    outside = Outside(town, n=3)
    assert outside.messenger.work() == 3
    assert outside.called == ["hook/0", "hook/1", "hook/2"]
    assert outside.taken == []
    _pass(town, 10 * LEASE_S)
    assert outside.take() == []


def test_who_lost_a_message_before_calling_does_not_call(town: Town) -> None:
    outside = Outside(town)
    outside.stands_still = True
    outside.messenger.work()
    assert outside.called == []
    assert [lease.command.key for lease in outside.taken] == ["hook/0"]


def test_a_call_that_could_outlast_its_lease_is_not_begun(town: Town) -> None:
    outside = Outside(town, lease_s=1)
    outside.messenger.work()
    assert outside.called == []
    _pass(town, LEASE_S)
    assert [lease.command.key for lease in outside.take()] == ["hook/0"]


def test_what_is_being_written_is_passed_over_and_renewed_once_it_is_written(pg_url: str) -> None:
    migrate(pg_url)
    clock = ManualClock(datetime(2026, 3, 2, 16, tzinfo=UTC))
    made = [Command(key=key, name="watch", due_at=clock.now()) for key in ("a", "b")]
    with (
        open_store(pg_url, clock=clock) as store,
        psycopg.connect(pg_url) as writing,
    ):
        with store.begin() as tx:
            tx.record(commands=made)
        leases = store.lease(now=clock.now(), worker="w", limit=8, lease_s=LEASE_S)
        keeper = Keeper(store, clock=clock, lease_s=LEASE_S)
        keeper.hold(leases)
        writing.execute("update commands set error = 'written' where key = 'a'")
        clock.set(clock.now() + timedelta(seconds=LEASE_S / 2))
        longer_at = clock.now() + timedelta(seconds=LEASE_S)
        assert store.hold_all(leases, until_at=longer_at) == {"b"}
        threading.Timer(0.3, writing.commit).start()
        keeper.renew()
        assert all(keeper.is_held(lease, for_s=LEASE_S - 1) for lease in leases)
        clock.set(longer_at - timedelta(seconds=1))
        assert store.lease(now=clock.now(), worker="v", limit=8, lease_s=LEASE_S) == []
