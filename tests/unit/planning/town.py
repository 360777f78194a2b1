"""This file knows a small grid town: straight lines times 1.3, and couriers with routes in it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
from numpy.typing import NDArray

from recourse.model.couriers import Contract, Courier, CourierState, Progress, Vehicle
from recourse.model.places import Place
from recourse.model.routes import Route, StopStatus
from recourse.planning import Demand, PlanParams, World, place

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
SPEED_M_S = {Vehicle.EBIKE: 5.0, Vehicle.SCOOTER: 6.0, Vehicle.VAN: 6.5, Vehicle.FOOT: 1.3}
LON_M, LAT_M = 95_000, 111_000
SPAN_M = 6_000


class GridTown:
    """Every place is a node; a way is the straight line times 1.3, rounded up to metres."""

    def __init__(self) -> None:
        self._ids: dict[tuple[float, float], int] = {}
        self._places = np.zeros((4_096, 2))

    def nodes(
        self, vehicle: Vehicle, lons: NDArray[np.float64], lats: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        del vehicle
        found = []
        for at in zip(np.asarray(lons).tolist(), np.asarray(lats).tolist(), strict=True):
            if at not in self._ids:
                if len(self._ids) == len(self._places):
                    self._places = np.concatenate([self._places, np.zeros_like(self._places)])
                self._places[len(self._ids)] = at
                self._ids[at] = len(self._ids)
            found.append(self._ids[at])
        return np.array(found, dtype=np.int32)

    def matrix_s(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> NDArray[np.int32]:
        return self.matrices(vehicle, origins, destinations, at)[0]

    def matrices(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        del at
        a, b = self._places[origins], self._places[destinations]
        east = (a[:, None, 0] - b[None, :, 0]) * LON_M
        north = (a[:, None, 1] - b[None, :, 1]) * LAT_M
        metres = np.ceil(np.hypot(east, north) * 1.3 - 1e-6).astype(np.int32)
        return np.ceil(metres / SPEED_M_S[vehicle]).astype(np.int32), metres


def place_m(east_m: float, north_m: float) -> Place:
    """Place so many metres from the south-west corner."""
    return Place(lon=121.4 + east_m / LON_M, lat=31.2 + north_m / LAT_M)


def somewhere(rng: random.Random) -> Place:
    return place_m(rng.randrange(SPAN_M), rng.randrange(SPAN_M))


def a_courier(courier_id: str, start: Place, **fields: object) -> Courier:
    courier = Courier(
        id=courier_id,
        name=courier_id.upper(),
        vehicle=Vehicle.EBIKE,
        contract=Contract.ASKED,
        start=start,
        shift_start_at=NOON - timedelta(hours=1),
        shift_end_at=NOON + timedelta(hours=6),
        capacity_g=30_000,
        capacity_ml=150_000,
        state=CourierState.ACTIVE,
        state_since_at=NOON,
        duty_since_at=NOON - timedelta(hours=1),
    )
    return replace(courier, **fields)  # type: ignore[arg-type]


def a_demand(order_id: str, pickup: Place | None, dropoff: Place, **fields: object) -> Demand:
    demand = Demand(
        order_id=order_id,
        pickup=pickup,
        dropoff=dropoff,
        latest_at=NOON + timedelta(hours=1),
    )
    return replace(demand, **fields)  # type: ignore[arg-type]


def empty_route(courier_id: str) -> Route:
    return Route(courier_id=courier_id, stops=(), changed_at=NOON)


def numbered(prefix: str = "s") -> Callable[[], str]:
    """Ids s-1, s-2, ..."""
    numbers = count(1)
    return lambda: f"{prefix}-{next(numbers)}"


@dataclass
class Scene:
    """A town with couriers on the road and new orders."""

    travel: GridTown
    world: World
    now: datetime
    demands: list[Demand]
    orders: dict[str, Demand]
    ids: Callable[[], str]
    max_late_s: int


def random_orders(
    rng: random.Random, *, n: int, now: datetime, name: str, sites: Mapping[str, Place]
) -> list[Demand]:
    """Orders of every kind: shared shops and doors, tight and wide windows, odd sizes."""
    doors = [somewhere(rng) for _ in range(max(n // 3, 1))]
    demands = []
    for k in range(n):
        site_id = rng.choice([*sites, ""])
        ready_s, within_s = rng.randrange(0, 1_500), rng.randrange(600, 6_000)
        demands.append(
            a_demand(
                f"{name}-{k}",
                sites[site_id] if site_id else somewhere(rng),
                rng.choice(doors) if rng.random() < 0.3 else somewhere(rng),
                pickup_site_id=site_id,
                pickup_ready_at=now + timedelta(seconds=ready_s),
                earliest_at=now + timedelta(seconds=rng.choice([0, 0, within_s // 2])),
                latest_at=now + timedelta(seconds=within_s),
                service_s=rng.randrange(30, 300),
                weight_g=rng.randrange(100, 12_000),
                volume_ml=rng.randrange(100, 60_000),
                weight=rng.choice([1, 1, 3]),
                excluded=frozenset(rng.sample(["c-0", "c-1"], k=rng.choice([0, 0, 1]))),
                vehicles=rng.choice([frozenset(), frozenset({Vehicle.EBIKE, Vehicle.FOOT})]),
            )
        )
    return demands


def random_scene(seed: int, *, n_couriers: int = 4, n_before: int = 8, n_new: int = 4) -> Scene:
    """Couriers with routes made by the planner itself, some of them late, some at a stop."""
    rng = random.Random(seed)
    travel, ids = GridTown(), numbered()
    params = PlanParams(
        regret_k=rng.choice([2, 3]),
        n_candidates=rng.choice([2, 24]),
    )
    world = World(travel, params)
    for k in range(n_couriers):
        fields = {
            "vehicle": rng.choice([Vehicle.EBIKE, Vehicle.EBIKE, Vehicle.VAN]),
            "shift_end_at": NOON + timedelta(minutes=rng.randrange(30, 240)),
            "capacity_g": rng.choice([10_000, 30_000]),
            "worked_s": rng.choice([0, 0, 36_000]),
        }
        courier = a_courier(f"c-{k}", somewhere(rng), **fields)
        world.put(courier, empty_route(courier.id))
    sites = {f"m-{k}": somewhere(rng) for k in range(2)}
    old = random_orders(rng, n=n_before, now=NOON, name="old", sites=sites)
    first = place(world, old, now=NOON, ids=ids)
    orders = {demand.order_id: demand for demand in old}
    for insertion in first.insertions:
        courier = world.entry(insertion.courier_id).courier
        world.put(courier, insertion.route, orders=orders)
    now = NOON + timedelta(seconds=rng.choice([0, 300, 900]))
    for courier_id in world.courier_ids():
        _go_on(world, courier_id, rng, now)
    new = random_orders(rng, n=n_new, now=now, name="new", sites=sites)
    orders |= {demand.order_id: demand for demand in new}
    return Scene(travel, world, now, new, orders, ids, rng.choice([0, 0, 1_200]))


def _go_on(world: World, courier_id: str, rng: random.Random, now: datetime) -> None:
    """Let a courier have gone a part of the way: at the first stop, or somewhere."""
    entry = world.entry(courier_id)
    stops = entry.route.stops
    if stops and rng.random() < 0.4:
        arrived_at = min(stops[0].arrival_at, now)
        begun = replace(stops[0], status=StopStatus.STARTED, arrival_at=arrived_at)
        world.put(entry.courier, replace(entry.route, stops=(begun, *stops[1:])))
    elif rng.random() < 0.5:
        at = somewhere(rng)
        world.move(Progress(courier_id=courier_id, lon=at.lon, lat=at.lat, pinged_at=now))
