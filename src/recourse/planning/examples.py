"""This file knows a town that fits on a line: the smallest one in which a plan can be wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.places import Place
from recourse.model.routes import Route, Stop, StopKind
from recourse.planning.demand import Demand

__all__ = ["NOON", "LineTravel", "demand_on_line", "on_line", "place_at"]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_DEGREES_PER_M = 1e-5


class LineTravel:
    """Places on one street, ten metres a second, whatever the vehicle; a node is a metre."""

    def nodes(
        self, vehicle: Vehicle, lons: NDArray[np.float64], lats: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Metres from the west end."""
        del vehicle, lats
        return np.asarray(np.rint(lons / _DEGREES_PER_M), dtype=np.int32)

    def matrix_s(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> NDArray[np.int32]:
        """Seconds between nodes."""
        return self.matrices(vehicle, origins, destinations, at)[0]

    def matrices(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Seconds and metres between nodes."""
        del vehicle, at
        metres: NDArray[np.int32] = np.abs(origins[:, None] - destinations[None, :])
        return metres // 10, metres


def place_at(at_m: int) -> Place:
    """Return the place so many metres from the west end."""
    return Place(lon=at_m * _DEGREES_PER_M, lat=0.0, address=f"No. {at_m}")


def on_line(
    courier_id: str, *, at_m: int, visits_m: Sequence[int] = ()
) -> tuple[Courier, Route, dict[str, Demand]]:
    """Return a courier on the line, on duty until two, with parcels on board for some doors."""
    courier = Courier(
        id=courier_id,
        name=courier_id,
        vehicle=Vehicle.EBIKE,
        contract=Contract.ASKED,
        start=place_at(at_m),
        shift_start_at=NOON,
        shift_end_at=NOON + timedelta(hours=2),
        capacity_g=10_000,
        capacity_ml=50_000,
        state=CourierState.IDLE,
        state_since_at=NOON,
        duty_since_at=NOON,
    )
    orders = {
        f"{courier_id}/o-{k}": demand_on_line(f"{courier_id}/o-{k}", from_m=0, to_m=visit_m)
        for k, visit_m in enumerate(visits_m)
    }
    stops = tuple(
        Stop(
            id=f"{order_id}/s",
            kind=StopKind.DROPOFF,
            order_ids=(order_id,),
            place=order.dropoff,
            earliest_at=NOON,
            latest_at=order.latest_at,
            arrival_at=NOON,
            service_s=order.service_s,
        )
        for order_id, order in orders.items()
    )
    return courier, Route(courier_id=courier_id, stops=stops, changed_at=NOON), orders


def demand_on_line(order_id: str, *, from_m: int, to_m: int, within_s: int = 3_600) -> Demand:
    """Return an order from one place on the line to another, promised within an hour of noon."""
    return Demand(
        order_id=order_id,
        pickup=place_at(from_m),
        dropoff=place_at(to_m),
        latest_at=NOON + timedelta(seconds=within_s),
    )
