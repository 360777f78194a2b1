"""Every kind of value comes back from the store as it was put in."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy.dialects import sqlite

from recourse.adapters.store import migrate
from recourse.adapters.store.memory import Memory
from recourse.adapters.store.statements import Statements
from recourse.model.assignments import AssignmentStatus
from recourse.model.cases import Decision, Loss, Option, Rejection, Way
from recourse.model.couriers import Courier, Progress
from recourse.model.places import Place, SiteKind
from recourse.model.redress import Notice, NoticeKind, Outcome
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from tests.conformance.values import (
    HERE,
    NOON,
    REASON,
    STOP,
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

DECISION = Decision(
    order_id="o-1",
    option=Option(way=Way.COURIER, courier_id="c-2", arrival_at=later(40), cost_cents=310),
    rejections=(
        Rejection(way=Way.HANDOVER, loss=Loss.HOLDER_GONE),
        Rejection(way=Way.COURIER, loss=Loss.LATE, courier_id="c-3", amount=420),
    ),
    plan_version=7,
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


def test_sites_keep_their_kind(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, *(site(kind.value, kind) for kind in SiteKind))
        with store.begin() as tx:
            assert {s.id: s.kind.value for s in tx.sites().values()} == {k: k for k in SiteKind}


def test_places_may_lie_anywhere(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, replace(site(), place=Place(lon=-180.0, lat=90.0, address='北京 · "x"')))
        with store.begin() as tx:
            assert tx.sites(["p-1"])["p-1"].place.address == '北京 · "x"'
