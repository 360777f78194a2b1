"""What must hold for every decision, whatever the street."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from recourse.model.cases import Way
from recourse.model.orders import Customer, Promise
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from tests.unit.recovery.town import NOON, Street, order_at


@settings(max_examples=40, deadline=None)
@given(
    doors=st.lists(st.integers(0, 5_000), min_size=1, max_size=5),
    couriers=st.lists(st.integers(0, 5_000), min_size=0, max_size=5),
    excluded=st.sets(st.integers(0, 4), max_size=3),
    agrees=st.booleans(),
)
def test_who_dropped_or_refused_it_is_never_chosen_and_one_courier_gets_one_route(
    doors: list[int], couriers: list[int], excluded: set[int], *, agrees: bool
) -> None:
    street = Street()
    street.point("p-1", 2_000)
    for i, at_m in enumerate(couriers):
        street.courier(f"k-{i}", at_m)
    refused = tuple(f"k-{i}" for i in sorted(excluded))
    customer = Customer(id="c", accepts_pickup_point=agrees)
    cases = []
    for i, door_m in enumerate(doors):
        case = street.on_shelf(order_at(f"o-{i}", door_m, customer=customer))
        cases.append(street.case(street.orders[case.order_id], excluded=refused))
    routes: dict[str, object] = {}
    for case, one in zip(cases, street.decide(cases), strict=True):
        assert one.case_id == case.id
        option = one.decision.option
        if one.insertion is None:
            continue
        assert option.courier_id not in refused
        assert routes.setdefault(option.courier_id, one.insertion.route) == one.insertion.route
        if option.way is Way.PICKUP_POINT:
            assert agrees
        arrival_at = option.arrival_at
        assert arrival_at is not None
        late_s = (arrival_at - case.promised_by).total_seconds()
        assert option.late_s == max(0, int(late_s))


@settings(max_examples=40, deadline=None)
@given(
    parcels=st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), min_size=1, max_size=4),
    couriers=st.lists(st.integers(0, 5_000), min_size=1, max_size=4),
    holder_m=st.integers(0, 5_000),
)
def test_custody_never_jumps(
    parcels: list[tuple[int, bool]], couriers: list[int], holder_m: int
) -> None:
    street = Street()
    for i, at_m in enumerate(couriers):
        street.courier(f"k-{i + 2}", at_m)
    cases = []
    for i, (door_m, is_held) in enumerate(parcels):
        order = order_at(f"o-{i}", door_m)
        cases.append(street.in_hand(order, holder_m) if is_held else street.on_shelf(order))
    for case, one in zip(cases, street.decide(cases), strict=True):
        if one.insertion is None:
            continue
        visits = [s for s in one.insertion.route.stops if case.order_id in s.order_ids]
        first = visits[0]
        assert len(visits) == 2
        if case.held_by:
            assert (first.kind, first.from_courier_id) == (StopKind.TAKE, "k-1")
            assert round(first.place.lon * 1e5) == holder_m
        else:
            assert (first.kind, first.site_id) == (StopKind.PICKUP, "s-1")
            assert round(first.place.lon * 1e5) == 100


@settings(max_examples=60, deadline=None)
@given(
    parcels=st.lists(
        st.tuples(st.integers(0, 9_000), st.booleans(), st.integers(5, 120)),
        min_size=2,
        max_size=6,
    ),
    couriers=st.lists(st.integers(0, 9_000), min_size=1, max_size=3),
    holder_m=st.integers(0, 9_000),
)
def test_a_route_handed_on_holds_no_order_that_goes_another_way(
    parcels: list[tuple[int, bool, int]], couriers: list[int], holder_m: int
) -> None:
    street = Street()
    for i, at_m in enumerate(couriers):
        street.courier(f"k-{i + 2}", at_m)
    cases = []
    for i, (door_m, is_held, minutes) in enumerate(parcels):
        promise = Promise(
            earliest_at=NOON, latest_at=NOON + timedelta(minutes=minutes), told_at=NOON
        )
        order = order_at(f"o-{i}", door_m, promise=promise)
        cause = ReasonCode.COURIER_TOO_FAR
        cases.append(
            street.in_hand(order, holder_m, cause=cause) if is_held else street.on_shelf(order)
        )
    decided = street.decide(cases)
    theirs = {
        case.order_id: one.insertion.courier_id
        for case, one in zip(cases, decided, strict=True)
        if one.insertion is not None
    }
    for one in decided:
        if one.insertion is None:
            continue
        on_it = {order_id for stop in one.insertion.route.stops for order_id in stop.order_ids}
        for order_id in on_it & {case.order_id for case in cases}:
            assert theirs.get(order_id) == one.insertion.courier_id
