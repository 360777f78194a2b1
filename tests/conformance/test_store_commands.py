"""A stored command is done once, by one worker, when it is due."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from recourse.model.commands import WEBHOOK, Command
from recourse.model.errors import LeaseLost
from tests.conformance.values import NOON, later, opened, order


def test_commands_fall_due_oldest_first(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(
                commands=[
                    Command(key="late", name="n", due_at=later(2)),
                    Command(key="b", name="n", due_at=NOON, payload={"x": [1, None, {"y": "z"}]}),
                    Command(key="a", name="n", due_at=NOON, order_id="o-1"),
                ]
            )
        assert store.next_due_at() == NOON
        leases = store.lease(now=later(1), worker="w", limit=10, lease_s=60)
        assert {lease.command.key for lease in leases} == {"a", "b"}
        payloads = {lease.command.key: lease.command.payload for lease in leases}
        assert payloads["b"] == {"x": [1, None, {"y": "z"}]}
        assert not store.lease(now=later(1), worker="v", limit=10, lease_s=60)
        assert store.next_due_at() == later(2)


def test_what_a_dead_worker_held_is_taken_in_the_order_in_which_it_fell_due(store_url: str) -> None:
    due_at = {"watch": later(3), "recover": later(1), "learn": later(2)}
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(commands=[Command(key=k, name="n", due_at=at) for k, at in due_at.items()])
        assert len(store.lease(now=later(4), worker="dead", limit=9, lease_s=60)) == 3
        taken = [
            # Each alone: what was taken before may be what kills.
            store.lease(now=later(10), worker="w", limit=9, lease_s=600)
            for _ in due_at
        ]
        assert [[lease.command.key for lease in leases] for leases in taken] == [
            ["recover"],
            ["learn"],
            ["watch"],
        ]


def test_a_command_is_stored_once_for_ever(store_url: str) -> None:
    with opened(store_url) as store:
        first = Command(key="k", name="n", due_at=NOON)
        for _ in range(2):
            with store.begin() as tx:
                tx.record(commands=[first])
        (lease,) = store.lease(now=NOON, worker="w", limit=9, lease_s=60)
        with store.begin() as tx:
            store.finish(lease, tx)
            tx.record(commands=[first])
        with store.begin() as tx:
            tx.record(commands=[first])
        assert store.next_due_at() is None
        assert not store.lease(now=later(60), worker="w", limit=9, lease_s=60)


def test_a_dropped_command_is_never_due_again(store_url: str) -> None:
    timer = Command(key="k", name="n", due_at=later(5))
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(commands=[timer, replace(timer, key="other", due_at=later(7))])
        with store.begin() as tx:
            tx.record(dropped=["k", "never-was"])
        assert store.next_due_at() == later(7)
        with store.begin() as tx:
            tx.record(commands=[timer])
        assert store.next_due_at() == later(7)


def test_a_late_worker_writes_nothing(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(commands=[Command(key="k", name="n", due_at=NOON)])
        (slow,) = store.lease(now=NOON, worker="slow", limit=1, lease_s=30)
        assert store.next_due_at() == NOON + timedelta(seconds=30)
        (quick,) = store.lease(now=later(1), worker="quick", limit=1, lease_s=30)
        assert (quick.token, quick.attempt) == (slow.token + 1, 2)
        with pytest.raises(LeaseLost), store.begin() as tx:  # noqa: PT012
            tx.record([order()])
            store.finish(slow, tx)
        with pytest.raises(LeaseLost):
            store.put_back(slow, due_at=later(9), error="late", is_parked=False)
        with store.begin() as tx:
            assert not tx.orders(["o-1"])
            tx.record([order()])
            store.finish(quick, tx)
        with pytest.raises(LeaseLost), store.begin() as tx:
            store.finish(quick, tx)
        with store.begin() as tx:
            assert set(tx.orders(["o-1"])) == {"o-1"}


def test_a_failed_command_comes_back_or_is_parked(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(commands=[Command(key="k", name="n", due_at=NOON)])
        (first,) = store.lease(now=NOON, worker="w", limit=1, lease_s=30)
        store.put_back(first, due_at=later(3), error="no answer", is_parked=False)
        assert store.next_due_at() == later(3)
        (second,) = store.lease(now=later(3), worker="w", limit=1, lease_s=30)
        store.put_back(second, due_at=later(9), error="no answer again", is_parked=True)
        assert store.next_due_at() is None
        assert not store.lease(now=later(99), worker="w", limit=1, lease_s=30)
        ((command, error),) = store.parked()
        assert (command.key, error) == ("k", "no answer again")


def test_two_workers_never_hold_the_same_command(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(commands=[Command(key=f"k-{i}", name="n", due_at=NOON) for i in range(200)])
        taken: list[str] = []

        def work(name: str) -> None:
            while leases := store.lease(now=NOON, worker=name, limit=7, lease_s=60):
                taken.extend(lease.command.key for lease in leases)

        threads = [threading.Thread(target=work, args=(f"w-{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(taken) == len(set(taken)) == 200


def test_what_waits_outside_is_a_queue_of_its_own(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(
                commands=[
                    Command(key="a", name="notice", due_at=later(30)),
                    Command(key="b", name=WEBHOOK, due_at=NOON),
                ]
            )
        assert (store.next_due_at(), store.next_due_at(outgoing=True)) == (later(30), NOON)
        taken = {
            outgoing: store.lease(now=later(30), worker="w", limit=9, lease_s=60, outgoing=outgoing)
            for outgoing in (False, True)
        }
        assert [one.command.key for one in taken[False]] == ["a"]
        assert [one.command.key for one in taken[True]] == ["b"]
