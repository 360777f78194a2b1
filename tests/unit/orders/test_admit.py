"""What may become an order, and what it then promises."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from recourse.model.assignments import Custodian
from recourse.model.errors import IllegalMove, Invalid
from recourse.model.events import OrderEnded, OrderMoved
from recourse.model.examples import DOOR, NOON, SHELF, order_of
from recourse.model.orders import Customer, OrderKind, OrderStatus, RecoveringStep
from recourse.model.places import Place, Site, SiteKind
from recourse.orders import AdmitParams, Wanted, admit, first_custody, move_order

PARAMS = AdmitParams()
STATION = Site(id="s-1", kind=SiteKind.STATION, name="North", place=SHELF)


def wanted() -> Wanted:
    return Wanted(
        external_id="A-17",
        merchant_id="m-1",
        kind=OrderKind.PARCEL,
        station_id="s-1",
        dropoff=DOOR,
        pickup_ready_at=NOON,
        dropoff_ready_at=NOON + timedelta(hours=1),
        dropoff_deadline_at=NOON + timedelta(hours=3),
        customer=Customer(id="c-7"),
    )


def test_the_window_asked_for_becomes_the_first_promise() -> None:
    order = admit(wanted(), order_id="o-1", now=NOON, params=PARAMS, site=STATION)
    assert order.status is OrderStatus.CREATED
    assert order.promise == order.first_promise
    assert order.promise.latest_at == NOON + timedelta(hours=3)
    assert order.promise.told_at == NOON
    assert order.pickup == SHELF


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("external_id", {"external_id": ""}),
        ("merchant_id", {"merchant_id": "m" * 201}),
        ("station_id", {"station_id": ""}),
        ("currency", {"currency": "yuan"}),
        ("customer.locale", {"customer": Customer(id="c", locale="fr")}),
        ("customer.id", {"customer": Customer(id="")}),
        ("dropoff.lon", {"dropoff": Place(lon=181, lat=0)}),
        ("dropoff.lat", {"dropoff": Place(lon=0, lat=float("nan"))}),
        ("pickup.lat", {"pickup": Place(lon=0, lat=-91)}),
        ("dropoff_deadline_at", {"dropoff_deadline_at": NOON}),
        ("dropoff_deadline_at", {"dropoff_ready_at": NOON + timedelta(hours=3)}),
        ("dropoff_deadline_at", {"dropoff_deadline_at": NOON + timedelta(days=15)}),
        ("dropoff_ready_at", {"dropoff_ready_at": datetime(2026, 3, 2, 21)}),  # noqa: DTZ001
        ("pickup_ready_at", {"pickup_ready_at": NOON + timedelta(hours=3)}),
        ("weight_g", {"weight_g": 0}),
        ("volume_ml", {"volume_ml": -1}),
        ("service_s", {"service_s": 3_601}),
        ("value_cents", {"value_cents": -1}),
    ],
)
def test_a_wrong_field_is_refused_by_name(field: str, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        admit(
            replace(wanted(), **changes),  # type: ignore[arg-type]
            order_id="o-1",
            now=NOON,
            params=PARAMS,
            site=STATION,
        )
    assert refusal.value.field == field


def test_without_a_place_or_a_site_nothing_can_be_fetched() -> None:
    with pytest.raises(Invalid, match="neither a place nor a known site"):
        admit(wanted(), order_id="o-1", now=NOON, params=PARAMS)


def test_a_parcel_begins_with_its_station_and_a_meal_with_its_merchant() -> None:
    parcel = first_custody(order_of(), now=NOON)
    assert (parcel.custodian, parcel.holder_id, parcel.number) == (Custodian.STATION, "s-1", 1)
    meal = first_custody(order_of(station_id=""), pickup_site_id="door-3", now=NOON)
    assert (meal.custodian, meal.holder_id) == (Custodian.MERCHANT, "door-3")
    assert first_custody(order_of(station_id=""), now=NOON).holder_id == "m-1"


def test_an_order_tells_every_move_and_its_end() -> None:
    order = order_of(status=OrderStatus.DROPOFF_ARRIVED)
    after, events = move_order(order, OrderStatus.DELIVERED, now=NOON, actor="courier")
    assert after.ended_at == NOON
    moved, ended = events
    assert isinstance(moved, OrderMoved)
    assert isinstance(ended, OrderEnded)


def test_a_recovering_order_may_change_its_step_without_moving() -> None:
    order = order_of(status=OrderStatus.RECOVERING, step=RecoveringStep.REDISPATCHING)
    after, events = move_order(
        order, OrderStatus.RECOVERING, now=NOON, step=RecoveringStep.HANDOVER_PENDING
    )
    assert after.step is RecoveringStep.HANDOVER_PENDING
    assert events == ()
    back, _ = move_order(after, OrderStatus.ASSIGNED, now=NOON)
    assert back.step is None


def test_a_delivered_order_goes_nowhere() -> None:
    with pytest.raises(IllegalMove):
        move_order(order_of(status=OrderStatus.DELIVERED), OrderStatus.RECOVERING, now=NOON)
