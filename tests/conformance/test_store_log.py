"""The log tells everything that happened, in order, to whoever listens."""

import threading

from recourse.adapters.clock import ManualClock
from recourse.adapters.store import open_store
from recourse.model.assignments import AssignmentStatus
from recourse.model.cases import Disruption
from recourse.model.couriers import CourierState
from recourse.model.events import (
    AssignmentEnded,
    CourierCameOnDuty,
    CourierMoved,
    DisruptionRecognised,
    Event,
    OrderMoved,
    StopCompleted,
)
from recourse.model.orders import OrderStatus
from recourse.model.ports import EventFilter
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from tests.conformance.values import HERE, NOON, REASON, later, opened


def happenings() -> list[Event]:
    broke = Disruption(
        id="d-1",
        courier_id="c-1",
        cause=ReasonCode.VEHICLE_BREAKDOWN,
        reason=REASON,
        at=NOON,
        place=HERE,
        orphaned=("o-1",),
        held=(),
        ends_duty=True,
        can_hand_over=False,
    )
    return [
        CourierMoved(at=NOON, courier_id="c-1", was=CourierState.IDLE, now=CourierState.ACTIVE),
        OrderMoved(at=NOON, order_id="o-1", was=OrderStatus.CREATED, now=OrderStatus.ASSIGNED),
        StopCompleted(
            at=later(1), courier_id="c-1", stop_id="s-1", kind=StopKind.DROPOFF, order_ids=("o-1",)
        ),
        StopCompleted(
            at=later(1),
            courier_id="c-1",
            stop_id="s",
            kind=StopKind.PICKUP,
            order_ids=("o-1", "o-2"),
        ),
        AssignmentEnded(
            at=later(2),
            assignment_id="a-1",
            order_id="o-1",
            courier_id="c-1",
            status=AssignmentStatus.WITHDRAWN,
            reason=REASON,
        ),
        DisruptionRecognised(at=later(2), disruption=broke),
    ]


def test_the_log_gives_back_what_happened_in_order(store_url: str) -> None:
    news = happenings()
    with opened(store_url) as store:
        for one in news[:2]:
            with store.begin() as tx:
                tx.record(events=[one])
        with store.begin() as tx:
            tx.record(events=news[2:])
        assert store.last_number() == len(news)
        with store.begin() as tx:
            log = tx.events(EventFilter())
            assert [recorded.event for recorded in log] == news
            assert [recorded.number for recorded in log] == [1, 2, 3, 4, 5, 6]
            assert {recorded.recorded_at for recorded in log} == {NOON}
            assert tx.events(EventFilter(after=2, limit=2)) == log[2:4]
            about = tx.events(EventFilter(order_id="o-1"))
            assert [recorded.number for recorded in about] == [2, 3, 5]
            theirs = tx.events(EventFilter(courier_id="c-1", kinds=("stop.completed",)))
            assert [recorded.number for recorded in theirs] == [3, 4]
            kinds = ("disruption.recognised", "courier.moved")
            assert [r.number for r in tx.events(EventFilter(kinds=kinds, after=1))] == [6]
            assert not tx.events(EventFilter(case_id="k-1"))


def test_an_event_that_is_heard_leaves_a_command_in_the_same_transaction(store_url: str) -> None:
    hears = {"courier.came_on_duty": ("plan", "learn")}
    with open_store(store_url, clock=ManualClock(NOON), hears=hears) as store:
        with store.begin() as tx:
            tx.record(events=[CourierCameOnDuty(at=NOON, courier_id="c-1")])
        leases = store.lease(now=NOON, worker="w", limit=9, lease_s=9)
    assert {lease.command.payload["hearer"] for lease in leases} == {"plan", "learn"}
    assert {lease.command.payload["number"] for lease in leases} == {1}


def test_whoever_tails_the_log_misses_nothing_while_many_write(store_url: str) -> None:
    n_writers, n_each = 4, 40
    seen: list[int] = []
    with opened(store_url) as store:
        done = threading.Event()

        def write(who: int) -> None:
            for i in range(n_each):
                with store.begin() as tx:
                    event = CourierCameOnDuty(at=NOON, courier_id=f"c-{who}-{i}")
                    tx.record(events=[event] * (1 + i % 3))

        def tail() -> None:
            after = 0
            while True:
                is_last = done.is_set()
                with store.begin() as tx:
                    found = [recorded.number for recorded in tx.events(EventFilter(after=after))]
                seen.extend(found)
                after = found[-1] if found else after
                if is_last and not found:
                    return

        reader = threading.Thread(target=tail)
        writers = [threading.Thread(target=write, args=(who,)) for who in range(n_writers)]
        reader.start()
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        reader.join()
        last = store.last_number()
    assert last == n_writers * sum(1 + i % 3 for i in range(n_each))
    assert seen == list(range(1, last + 1))
