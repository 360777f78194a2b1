"""This file knows how a race begins: couriers, and orders that nobody carries yet."""

from datetime import UTC, datetime, timedelta

from recourse.adapters.clock import ManualClock
from recourse.adapters.store import migrate, open_store
from recourse.model.assignments import (
    Custodian,
    Custody,
)
from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.events import (
    CourierRegistered,
    Event,
    OrderAdmitted,
)
from recourse.model.orders import Customer, Order, OrderKind, OrderStatus, Promise
from recourse.model.places import Place

__all__ = ["HERE", "NOON", "admitted", "prepare"]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = Place(lon=13.4, lat=52.5)
PROMISE = Promise(earliest_at=NOON, latest_at=NOON + timedelta(hours=1), told_at=NOON)
_BATCH = 200


def prepare(url: str, *, n_orders: int, n_couriers: int) -> None:
    """Fill an empty database with couriers, and orders that nobody carries yet."""
    migrate(url)
    with open_store(url, clock=ManualClock(NOON), n_connections=1) as store:
        with store.begin() as tx:
            couriers = [_courier(i) for i in range(n_couriers)]
            tx.record(couriers, events=[_registered(courier) for courier in couriers])
        for first in range(0, n_orders, _BATCH):
            with store.begin() as tx:
                for i in range(first, min(first + _BATCH, n_orders)):
                    order, held, told = admitted(i)
                    tx.record([order, held], events=[told])


def _courier(i: int) -> Courier:
    """A courier who could carry anything."""
    return Courier(
        id=f"c-{i}",
        name=f"Courier {i}",
        vehicle=Vehicle.EBIKE,
        contract=Contract.ASKED,
        start=HERE,
        shift_start_at=NOON,
        shift_end_at=NOON + timedelta(hours=8),
        capacity_g=10**9,
        capacity_ml=10**9,
        state=CourierState.IDLE,
        state_since_at=NOON,
    )


def _registered(courier: Courier) -> Event:
    """Say that a courier became known."""
    return CourierRegistered(
        at=NOON,
        courier_id=courier.id,
        vehicle=courier.vehicle.value,
        station_id="",
        shift_start_at=courier.shift_start_at,
        shift_end_at=courier.shift_end_at,
    )


def admitted(i: int) -> tuple[Order, Custody, Event]:
    """An order that was just admitted, its first holder, and the event."""
    order = Order(
        id=f"o-{i}",
        external_id=str(i),
        merchant_id="shop",
        kind=OrderKind.MEAL,
        status=OrderStatus.CREATED,
        pickup=HERE,
        dropoff=HERE,
        pickup_ready_at=NOON,
        promise=PROMISE,
        first_promise=PROMISE,
        customer=Customer(id="anna"),
        created_at=NOON,
    )
    held = Custody(
        order_id=order.id,
        number=1,
        custodian=Custodian.MERCHANT,
        holder_id="shop",
        from_at=NOON,
    )
    told = OrderAdmitted(
        at=NOON,
        order_id=order.id,
        merchant_id="shop",
        kind=order.kind,
        station_id="",
        promise=PROMISE,
        custodian=held.custodian,
        holder_id=held.holder_id,
        value_cents=0,
        is_perishable=False,
    )
    return order, held, told
