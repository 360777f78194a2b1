"""What a stage looks for in the store is found, by whom and what it concerns."""

from dataclasses import replace

from recourse.model.assignments import AssignmentStatus, OfferStatus
from recourse.model.cases import CaseStatus
from recourse.model.orders import OrderStatus
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from tests.conformance.values import (
    NOON,
    STOP,
    assignment,
    case,
    courier,
    later,
    offer,
    opened,
    order,
    put,
)


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
