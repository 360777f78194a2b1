"""What a worker holds is its own while it lives, and not for one moment more."""

from datetime import timedelta

import pytest

from recourse.adapters.keeper import Keeper
from recourse.adapters.worker import Worker
from recourse.model.commands import Command, Lease
from recourse.model.errors import LeaseLost
from recourse.model.ports import Transaction
from tests.flow.town import Town, retry_at

LEASE_S = 8
KEY = "slow/1"


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


def _slow(town: Town, *, keeper: Keeper | None) -> tuple[Worker, list[str], list[list[Lease]]]:
    """A worker that takes three leases' time over a command, and what others got meanwhile."""
    done: list[str] = []
    taken: list[list[Lease]] = []

    def perform(tx: Transaction, command: Command) -> None:
        del tx
        done.append(command.key)
        for _ in range(6):
            _pass(town, LEASE_S / 2)
            if keeper is not None:
                keeper.renew()
            taken.append(_lease(town))

    worker = Worker(
        store=town.store,
        clock=town.clock,
        perform=perform,
        retry_at=retry_at,
        lease_s=LEASE_S,
        keeper=keeper,
    )
    return worker, done, taken


def test_a_command_that_takes_longer_than_its_lease_is_done_once(town: Town) -> None:
    _store_one(town)
    keeper = Keeper(town.store, clock=town.clock, lease_s=LEASE_S)
    worker, done, taken = _slow(town, keeper=keeper)
    assert worker.work() == 1
    assert done == [KEY]
    assert not any(taken)
    _pass(town, 10 * LEASE_S)
    assert _lease(town) == []


def test_without_renewal_another_takes_it_and_the_first_writes_nothing(town: Town) -> None:
    _store_one(town)
    worker, done, taken = _slow(town, keeper=None)
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


def test_what_is_lost_before_its_turn_is_not_begun(town: Town) -> None:
    _store_one(town)
    keeper = Keeper(town.store, clock=town.clock, lease_s=LEASE_S)
    leases = _lease(town)
    keeper.hold(leases)
    _pass(town, LEASE_S)
    (other,) = _lease(town)
    keeper.renew()
    assert not keeper.is_held(leases[0])
    town.store.hold(other, until_at=town.now)


def test_what_nobody_lives_to_end_is_parked_with_the_reason(town: Town) -> None:
    _store_one(town)
    n = 0
    while retry_at(n + 1, KEY, town.now) is not None:
        assert len(_lease(town)) == 1
        _pass(town, LEASE_S)
        n += 1
    assert len(_lease(town)) == 1
    _pass(town, LEASE_S)
    worker, done, _ = _slow(town, keeper=None)
    worker.work()
    assert done == []
    ((command, error),) = town.parked()
    assert (command.key, error) == (KEY, f"taken {n + 1} times and not ended")
    with town.store.begin() as tx:
        tx.record(dropped=[KEY])
