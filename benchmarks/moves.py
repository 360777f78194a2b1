"""This file knows how long the planner takes: CPU time of one thread, on a town made from a seed.

Run ``python -m benchmarks.moves``. A road network is not part of it: travel is a straight line
times 1.3, so that what is measured is planning. The first figures warm up and are not counted.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.places import Place
from recourse.model.routes import Route
from recourse.planning import Demand, Placement, PlanParams, World, place, verify

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
N_COURIERS, ORDERS_EACH = 60, 5
LON_M, LAT_M = 95_000, 111_000
SPEED_M_S = {Vehicle.EBIKE: 5.0, Vehicle.SCOOTER: 6.0}


class CrowTravel:
    """Straight lines times 1.3; a node is a place in the order it was first seen."""

    def __init__(self) -> None:
        self._ids: dict[tuple[float, float], int] = {}
        self._places = np.zeros((65_536, 2))

    def nodes(
        self, vehicle: Vehicle, lons: NDArray[np.float64], lats: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Number of each place."""
        del vehicle
        found = []
        for at in zip(lons.tolist(), lats.tolist(), strict=True):
            if at not in self._ids:
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
        """Seconds between places."""
        return self.matrices(vehicle, origins, destinations, at)[0]

    def matrices(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Seconds and metres between places."""
        del at
        a, b = self._places[origins], self._places[destinations]
        east = (a[:, None, 0] - b[None, :, 0]) * LON_M
        north = (a[:, None, 1] - b[None, :, 1]) * LAT_M
        metres = np.ceil(np.hypot(east, north) * 1.3).astype(np.int32)
        return np.ceil(metres / SPEED_M_S[vehicle]).astype(np.int32), metres


@dataclass
class Town:
    """Couriers and orders on ten by ten kilometres, all from one seed."""

    rng: random.Random
    travel: CrowTravel
    world: World
    numbers: "count[int]"

    def new_id(self) -> str:
        """Next number."""
        return f"s-{next(self.numbers)}"

    def somewhere(self) -> Place:
        """A place in the town."""
        return Place(lon=121.4 + self.rng.uniform(0, 0.1), lat=31.2 + self.rng.uniform(0, 0.09))

    def courier(self, k: int, start: Place) -> None:
        """Put one more courier on duty."""
        courier = Courier(
            id=f"c-{k:04}",
            name=f"c-{k:04}",
            vehicle=self.rng.choice(tuple(SPEED_M_S)),
            contract=Contract.ASKED,
            start=start,
            shift_start_at=NOON - timedelta(hours=1),
            shift_end_at=NOON + timedelta(hours=7),
            capacity_g=80_000,
            capacity_ml=400_000,
            state=CourierState.ACTIVE,
            state_since_at=NOON,
            duty_since_at=NOON - timedelta(hours=1),
        )
        self.world.put(courier, Route(courier_id=courier.id, stops=(), changed_at=NOON))

    def order(self, k: int, *, pickup: Place | None = None, within_s: int = 9_000) -> Demand:
        """One more order."""
        return Demand(
            order_id=f"o-{k:05}",
            pickup=pickup or self.somewhere(),
            pickup_site_id="station" if pickup else "",
            dropoff=self.somewhere(),
            latest_at=NOON + timedelta(seconds=within_s + self.rng.randrange(1_800)),
        )

    def place(self, orders: Sequence[Demand], **given: object) -> Placement:
        """Plan at noon."""
        return place(self.world, orders, now=NOON, ids=self.new_id, **given)  # type: ignore[arg-type]


def new_town(seed: int) -> Town:
    """An empty town."""
    travel = CrowTravel()
    return Town(random.Random(seed), travel, World(travel, PlanParams()), count(1))


def busy_town(n_couriers: int) -> Town:
    """Every courier has five orders to fetch and bring: ten stops."""
    town = new_town(1)
    for k in range(n_couriers):
        town.courier(k, town.somewhere())
    for k, courier_id in enumerate(town.world.courier_ids()):
        orders = [town.order(ORDERS_EACH * k + n) for n in range(ORDERS_EACH)]
        plan = town.place(orders, courier_ids=[courier_id], max_late_s=7_200)
        town.world.put(
            town.world.entry(courier_id).courier,
            plan.insertions[-1].route,
            orders={order.order_id: order for order in orders},
        )
    return town


def cpu_ms(act: Callable[[], object]) -> float:
    """CPU milliseconds of a call."""
    begun = time.process_time()
    act()
    return 1_000 * (time.process_time() - begun)


def say(what: str, times_ms: Sequence[float], target_ms: float) -> None:
    """Print the median and the 95th percentile beside the target."""
    median, high = statistics.median(times_ms), float(np.percentile(times_ms, 95))
    print(f"{what:<58}{median:>9.2f}{high:>9.2f}{target_ms:>9.0f}")


def one_order(n_couriers: int, n_runs: int = 100) -> None:
    """One order against a busy town."""
    town = busy_town(n_couriers)
    orders = [town.order(100_000 + k) for k in range(n_runs + 10)]
    times = [cpu_ms(partial(town.place, [order])) for order in orders]
    say(f"one order, {n_couriers} couriers with ten stops each", times[10:], 3)


def orphans(n_runs: int = 7) -> None:
    """Thirty orphans together."""
    town = busy_town(N_COURIERS)
    times = []
    for run in range(n_runs + 1):
        orders = [town.order(1_000 * (run + 1) + k) for k in range(30)]
        times.append(cpu_ms(partial(town.place, orders, max_late_s=1_800)))
    say("30 orphans together, 60 couriers with ten stops each", times[1:], 150)


def wave(n_runs: int = 3) -> None:
    """A station wave; every route is checked."""
    times: list[float] = []
    plans: list[Placement] = []
    for seed in range(n_runs):
        town = new_town(seed)
        station = Place(lon=121.45, lat=31.245)
        for k in range(12):
            town.courier(k, station)
        orders = {f"o-{k:05}": town.order(k, pickup=station) for k in range(250)}

        def plan(town: Town = town, orders: dict[str, Demand] = orders) -> None:
            plans.append(town.place(list(orders.values())))

        times.append(cpu_ms(plan))
        check(town, plans[-1], orders)
    say("a wave of 250 parcels onto 12 couriers, improved", times, 3_000)


def check(town: Town, plan: Placement, orders: dict[str, Demand]) -> None:
    """Refuse a figure that was bought with a broken plan."""
    for insertion in plan.insertions:
        entry = town.world.entry(insertion.courier_id)
        problems = verify(
            insertion.route,
            entry.courier,
            orders=orders,
            travel=town.travel,
            now=NOON,
            params=town.world.params,
            before=entry.route,
        )
        if problems or plan.unplaced:
            sys.exit(f"not a plan: {problems or plan.unplaced}")


def main() -> None:
    """Print every figure."""
    print(f"{'CPU ms of one thread':<58}{'median':>9}{'p95':>9}{'target':>9}")
    one_order(N_COURIERS)
    one_order(10 * N_COURIERS)
    orphans()
    wave()


if __name__ == "__main__":
    main()
