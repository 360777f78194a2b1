"""What every store does, whatever database is below it."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from recourse.adapters.clock import ManualClock
from recourse.adapters.store import migrate, open_store
from recourse.adapters.store.memory import Memory
from recourse.adapters.store.statements import Statements
from recourse.model.assignments import AssignmentStatus, Custodian, OfferStatus
from recourse.model.cases import CaseStatus, Decision, Disruption, Loss, Option, Rejection, Way
from recourse.model.commands import Command
from recourse.model.couriers import Courier, CourierState, Progress
from recourse.model.errors import LeaseLost, Stale
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
from recourse.model.places import SiteKind
from recourse.model.ports import EventFilter, Record
from recourse.model.reasons import Actor, Attribution, Reason, ReasonCode, Stage
from recourse.model.redress import Notice, NoticeKind, Outcome
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route, Stop, StopKind
from tests.conformance.values import (
    HERE,
    NOON,
    assignment,
    case,
    consent,
    courier,
    entry,
    held,
    later,
    offer,
    opened,
    order,
    put,
    remedy,
    site,
    written,
)

REASON = Reason(
    actor=Actor.COURIER,
    stage=Stage.IN_CUSTODY,
    code=ReasonCode.VEHICLE_BREAKDOWN,
    custodian="courier",
    attribution=Attribution.NONE,
    is_retryable=True,
    evidence=("photo", "two calls"),
)
DECISION = Decision(
    order_id="o-1",
    option=Option(way=Way.COURIER, courier_id="c-2", arrival_at=later(40), cost_cents=310),
    rejections=(
        Rejection(way=Way.HANDOVER, loss=Loss.HOLDER_GONE),
        Rejection(way=Way.COURIER, loss=Loss.LATE, courier_id="c-3", amount=420),
    ),
    plan_version=7,
)
STOP = Stop(
    id="s-1",
    kind=StopKind.TAKE,
    order_ids=("o-1", "o-2"),
    place=HERE,
    earliest_at=NOON,
    latest_at=later(60),
    arrival_at=later(12.5),
    from_courier_id="c-1",
)
NOTICE = Notice(
    key="k-1/notice:1",
    order_id="o-1",
    case_id="k-1",
    kind=NoticeKind.NEW_TIME,
    locale="zh",
    text="新的送达时间",
    sent_at=NOON,
    latest_at=later(90),
)


def test_every_kind_of_value_comes_back_as_it_was(store_url: str) -> None:
    full_case = case(decision=DECISION, told_at=later(1))
    ended = assignment(status=AssignmentStatus.WITHDRAWN, ended_at=later(5), reason=REASON)
    seen = Progress(
        courier_id="c-1", lon=13.25, lat=52.5, pinged_at=later(1), is_silent=True, p_drop=0.125
    )
    closed = RoadEvent(
        id="x-1",
        lon=1.5,
        lat=2.5,
        radius_m=40,
        factor=0.0,
        from_at=NOON,
        until_at=later(60),
        source="police",
    )
    learned = Outcome(
        assignment_id="a-1",
        began_at=NOON,
        ended_at=later(5),
        features=(1.0, 0.1, -2.5e-9),
        has_failed=True,
        cause="vehicle_breakdown",
    )
    route = Route(courier_id="c-1", stops=(STOP,), changed_at=NOON)
    with opened(store_url) as store:
        put(store, order(), courier(), site(), offer(case_ids=("k-1",)), held(place=HERE))
        put(store, ended, full_case, remedy(), entry(), consent(), NOTICE, learned)
        put(store, seen, route, closed)
        with store.begin() as tx:
            assert tx.orders(["o-1", "o-9"]) == {"o-1": written(order())}
            assert tx.couriers() == {"c-1": written(courier())}
            assert tx.sites(["p-1"]) == {"p-1": written(site())}
            assert tx.offers(["f-1"]) == {"f-1": written(offer(case_ids=("k-1",)))}
            assert tx.custody(["o-1"]) == {"o-1": written(held(place=HERE))}
            assert tx.assignments_of("o-1") == [written(ended)]
            assert tx.cases(["k-1"]) == {"k-1": written(full_case)}
            assert tx.remedies("k-1") == [written(remedy())]
            assert tx.consents("o-1") == [consent()]
            assert tx.notices() == [(1, NOTICE)]
            assert list(tx.outcomes()) == [learned]
            assert tx.progress() == {"c-1": written(seen)}
            assert tx.routes(["c-1"]) == {"c-1": written(route)}
            assert tx.road_events(NOON) == [written(closed)]


def test_instants_come_back_in_utc(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(created_at=NOON + timedelta(microseconds=1)))
        with store.begin() as tx:
            found = tx.orders(["o-1"])["o-1"]
    assert str(found.created_at.tzinfo) == str(found.promise.latest_at.tzinfo) == "UTC"
    assert found.created_at - NOON == timedelta(microseconds=1)


def test_nothing_is_written_when_the_block_fails(store_url: str) -> None:
    with opened(store_url) as store:
        with pytest.raises(ZeroDivisionError), store.begin() as tx:  # noqa: PT012
            tx.record([order()], events=[CourierCameOnDuty(at=NOON, courier_id="c")])
            _ = 1 / 0
        with store.begin() as tx:
            assert not tx.orders(["o-1"])
            assert not tx.events(EventFilter())


def test_a_refused_write_leaves_nothing_behind(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        stale = replace(order(), status=OrderStatus.SCHEDULED, version=4)
        with pytest.raises(Stale) as caught, store.begin() as tx:
            tx.record(
                [site(), stale],
                events=[CourierCameOnDuty(at=NOON, courier_id="c")],
                commands=[Command(key="k", name="n", due_at=NOON)],
            )
        assert (caught.value.kind, caught.value.id, caught.value.given) == ("order", "o-1", 4)
        with store.begin() as tx:
            assert not tx.sites()
            assert not tx.events(EventFilter())
        assert store.next_due_at() is None


def test_a_reader_sees_the_state_before_its_own_record(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        with store.begin() as tx:
            before = tx.orders(["o-1"])["o-1"]
            tx.record([replace(before, status=OrderStatus.SCHEDULED)])
            assert tx.orders(["o-1"])["o-1"] == before
        with store.begin() as tx:
            after = tx.orders(["o-1"])["o-1"]
        assert (after.status, after.version) == (OrderStatus.SCHEDULED, 2)


def test_a_value_recorded_twice_is_written_as_it_was_last(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record([order()])
            tx.record([order(status=OrderStatus.DISPATCHING)])
        with store.begin() as tx:
            found = tx.orders(["o-1"])["o-1"]
    assert (found.status, found.version) == (OrderStatus.DISPATCHING, 1)


def test_of_two_writers_one_is_told_that_it_was_late(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, *(courier(f"c-{i}") for i in range(5)))
        with store.begin() as tx:
            mine = tx.couriers()
        put(store, replace(mine["c-3"], state=CourierState.SOS))
        with pytest.raises(Stale) as caught:
            put(store, *(replace(c, state=CourierState.ACTIVE) for c in mine.values()))
        assert caught.value.id == "c-3"
        with store.begin() as tx:
            states = {c.id: c.state for c in tx.couriers().values()}
        assert states.pop("c-3") is CourierState.SOS
        assert set(states.values()) == {CourierState.IDLE}


def test_a_row_that_did_not_change_is_the_same_value_and_one_that_did_is_not(
    store_url: str,
) -> None:
    with opened(store_url) as store, opened(store_url) as other:
        put(store, courier("c-1"), courier("c-2"))
        with store.begin() as tx:
            before = tx.couriers()
        with other.begin() as tx:
            tx.record([replace(tx.couriers(["c-2"])["c-2"], name="somebody else")])
        with store.begin() as tx:
            after = tx.couriers(["c-1", "c-2"])
        assert after["c-1"] is before["c-1"]
        assert after["c-2"].name == "somebody else"


def test_two_databases_are_never_taken_for_one_another(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("here", "there")]
    for url in urls:
        migrate(url)
    with opened(urls[0]) as here, opened(urls[1]) as there:
        put(here, courier("c-1"))
        put(there, replace(courier("c-1"), name="somebody else"))
        names = []
        for store in (here, there):
            with store.begin() as tx:
                names.append(tx.couriers(["c-1"])["c-1"].name)
        assert names == [courier("c-1").name, "somebody else"]


def test_only_so_many_values_are_kept() -> None:
    kinds = Statements(sqlite.dialect()).kinds
    decode = Memory(kinds, most=2).decode[Courier]
    rows = [kinds[Courier].insert_row(courier(f"c-{i}")) for i in range(3)]
    first = decode(rows[0])
    assert decode(rows[0]) is first
    assert [decode(row).id for row in rows[1:]] == ["c-1", "c-2"]
    assert decode(rows[0]) is not first


def test_orders_are_found_by_status_station_and_name(store_url: str) -> None:
    with opened(store_url) as store:
        put(
            store,
            order("o-1", created_at=later(2)),
            order("o-2", station_id="north", created_at=later(1)),
            order("o-3", station_id="north", status=OrderStatus.SCHEDULED),
            order("o-4", status=OrderStatus.DELIVERED, ended_at=later(3)),
        )
        with store.begin() as tx:
            waiting = [OrderStatus.CREATED, OrderStatus.SCHEDULED]
            assert [o.id for o in tx.orders_in(waiting)] == ["o-3", "o-2", "o-1"]
            assert [o.id for o in tx.orders_in(waiting, "north")] == ["o-3", "o-2"]
            assert not tx.orders_in([])
            found = tx.order_by_external("shop", "shop-o-2")
            assert found is not None
            assert found.id == "o-2"
            assert tx.order_by_external("other", "shop-o-2") is None
            assert tx.counts()["orders"] == {"created": 2, "scheduled": 1, "delivered": 1}


def test_assignments_and_offers_are_found_by_whom_they_concern(store_url: str) -> None:
    asked = AssignmentStatus.OFFERED
    with opened(store_url) as store:
        put(store, *(order(f"o-{i}") for i in (1, 2, 3)), courier("c-1"), courier("c-2"))
        put(
            store,
            assignment("a-1", "o-1"),
            assignment("a-2", "o-2", courier_id="c-2", status=asked),
            assignment("a-3", "o-3", status=AssignmentStatus.DECLINED, ended_at=NOON),
            offer("f-1", courier_id="c-2"),
            offer("f-2", status=OfferStatus.EXPIRED),
        )
        with store.begin() as tx:
            everything = ["o-1", "o-2", "o-3"]
            assert [a.id for a in tx.live_assignments(order_ids=everything)] == ["a-1"]
            assert [a.id for a in tx.live_assignments(courier_id="c-1")] == ["a-1"]
            assert not tx.live_assignments(courier_id="c-2")
            assert set(tx.assignments(["a-1", "a-3", "a-9"])) == {"a-1", "a-3"}
            assert [a.id for a in tx.offered_assignments(order_ids=everything)] == ["a-2"]
            assert [a.id for a in tx.offered_assignments(courier_id="c-2")] == ["a-2"]
            assert not tx.live_assignments(order_ids=[])
            assert [f.id for f in tx.open_offers()] == ["f-1"]
            assert [f.id for f in tx.open_offers(["c-2"])] == ["f-1"]
            assert not tx.open_offers(["c-1"])


def test_cases_are_found_open_by_order_and_by_disruption(store_url: str) -> None:
    done = case("k-1", status=CaseStatus.CLOSED, closed_at=later(9))
    with opened(store_url) as store:
        put(store, order("o-1"), order("o-2"), done)
        put(store, case("k-2", opened_at=later(10)), case("k-3", "o-2", disruption_id="d-2"))
        with store.begin() as tx:
            assert [k.id for k in tx.open_cases()] == ["k-3", "k-2"]
            assert [k.id for k in tx.open_cases(order_ids=["o-1"])] == ["k-2"]
            assert [k.id for k in tx.open_cases(disruption_id="d-1")] == ["k-2"]
            assert [k.id for k in tx.cases_of("o-1")] == ["k-1", "k-2"]


def test_road_events_hold_from_their_beginning_to_their_end(store_url: str) -> None:
    bump = RoadEvent(
        id="x", lon=1, lat=1, radius_m=5, factor=0.5, from_at=later(1), until_at=later(2), source=""
    )
    with opened(store_url) as store:
        put(store, bump)
        with store.begin() as tx:
            found = [bool(tx.road_events(later(m))) for m in (0.5, 1, 1.5, 2)]
    assert found == [False, True, True, False]


def test_changed_routes_are_read_once_from_a_mark(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, *(Route(courier_id=f"c-{i}", stops=(), changed_at=NOON) for i in range(3)))
        with store.begin() as tx:
            mark, routes = tx.routes_changed(0)
            assert set(routes) == {"c-0", "c-1", "c-2"}
            assert tx.routes_changed(mark) == (mark, {})
        put(store, replace(routes["c-1"], stops=(STOP,)))
        with store.begin() as tx:
            newer, changed = tx.routes_changed(mark)
        assert newer > mark
        assert changed == {"c-1": replace(routes["c-1"], stops=(STOP,), version=2)}


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


def test_custody_passes_in_one_unit_of_work(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        for number in range(1, 5):
            with store.begin() as tx:
                now = tx.custody(["o-1"])["o-1"]
                assert now.number == number
                passed: list[Record] = [
                    held(
                        number=number + 1,
                        custodian=Custodian.COURIER,
                        holder_id=f"c-{number}",
                        from_at=later(number),
                    ),
                    replace(now, until_at=later(number)),
                ]
                tx.record(passed)


def test_sites_keep_their_kind(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, *(site(kind.value, kind) for kind in SiteKind))
        with store.begin() as tx:
            assert {s.id: s.kind.value for s in tx.sites().values()} == {k: k for k in SiteKind}
