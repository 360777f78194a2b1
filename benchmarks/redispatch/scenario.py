"""Scenarios: a running day of a benchmark instance in which couriers drop out.

This file knows where everybody is at the clock, what is left to do, and for whom it is left. The
arithmetic is that of the published figures down to the rounding, so that orphans and costs of doing
nothing are the same everywhere.
"""

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.redispatch.prices import Prices
from recourse.adapters.benchmark_files import BenchmarkInstance

__all__ = ["HANDOVER", "PRICED", "SERVICE", "Scenario", "Visit", "Wish", "broken_down", "whole_day"]

SERVICE, HANDOVER, PRICED = "A", "B", "C"
"""Variant A: anybody can serve an orphan. Variant B: it must be fetched where the van stands.
Variant C: as A, and much of it bends at a price."""

UNIT = 10
"""Distances, and so times, count in tenths, truncated: whole numbers compare alike everywhere."""

HANDOVER_TIME = 6 * UNIT
LEAST_OPEN_VISITS = 3

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Routes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which scenario of an instance.

    Attributes
    ----------
    n_broken : int
        Couriers that drop out, as far as that many are on the road with enough to do.
    variant : str
        `SERVICE` or `HANDOVER`.
    seed : int
        Who drops out.
    clock_share : float
        When, as a share of the horizon.
    """

    n_broken: int
    variant: str = SERVICE
    seed: int = 1
    clock_share: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request that is still open.

    Attributes
    ----------
    customer : int
        Whose it is, as numbered in the instance.
    node : int
        Where it is served or brought.
    pickup : int
        Where it is fetched from the broken-down courier, or -1.
    holder : int
        The only courier who can bring it, having it on board, or -1.
    is_orphan : bool
        Whether its courier has dropped out.
    """

    customer: int
    node: int
    pickup: int = -1
    holder: int = -1
    is_orphan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenario:
    """What is left of the day; node 0 is the depot, and everybody ends there by `horizon`.

    Attributes
    ----------
    instance, wish : str, Wish
        What it was made of.
    n_customers : int
        Of the whole instance.
    clock, horizon : int
        Now, and the end of the day.
    places : ndarray of float64, shape (n, 2)
        Coordinates of all nodes.
    distances : ndarray of int64, shape (n, n)
        Distance, and time, from row to column.
    earliest, latest, service, demand : ndarray of int64, shape (n,)
        Of each node; what is brought has a negative demand.
    starts, free_at, capacity, load : tuple of int
        Of each courier who goes on.
    visits : tuple of Visit
        All open requests.
    plan : tuple of tuple of int
        Nodes each courier still has to go to, as everybody was told.
    running : tuple of tuple of int
        Customers of each vehicle in the plan of the whole day.
    penalty : int
        Price of leaving one request unserved.
    prices : Prices or None
        What bends, in variant C.
    """

    instance: str
    wish: Wish
    n_customers: int
    clock: int
    horizon: int
    places: Floats
    distances: Ints
    earliest: Ints
    latest: Ints
    service: Ints
    demand: Ints
    starts: tuple[int, ...]
    free_at: tuple[int, ...]
    capacity: tuple[int, ...]
    load: tuple[int, ...]
    visits: tuple[Visit, ...]
    plan: Routes
    running: Routes
    penalty: int
    prices: Prices | None = None

    @property
    def ends(self) -> tuple[int, ...]:
        """When each courier must be home."""
        return self.prices.ends if self.prices else (self.horizon,) * len(self.starts)

    @property
    def way_out(self) -> tuple[int, ...]:
        """Price of leaving each request unserved."""
        return self.prices.way_out if self.prices else (self.penalty,) * len(self.visits)

    @property
    def id(self) -> str:
        """Instance, couriers lost, variant, and the seed where it is not the first."""
        wish = self.wish
        seed = "" if wish.seed == 1 else f"/s{wish.seed}"
        share = "" if wish.clock_share == 0.4 else f"/t{wish.clock_share:g}"
        return f"{self.instance}/k{wish.n_broken}/{wish.variant}{seed}{share}"

    @property
    def is_handover(self) -> bool:
        """Whether parcels are on board."""
        return self.wish.variant == HANDOVER

    @property
    def n_couriers(self) -> int:
        """Couriers who go on."""
        return len(self.starts)

    @property
    def n_orphans(self) -> int:
        """Requests whose courier has dropped out."""
        return sum(visit.is_orphan for visit in self.visits)

    def digest(self) -> str:
        """Hash of everything a solver is told."""
        return _digest(self)


@lru_cache(maxsize=256)
def _digest(scenario: Scenario) -> str:
    told = hashlib.sha256(scenario.distances.astype("<i8").tobytes())
    for array in (scenario.earliest, scenario.latest, scenario.service, scenario.demand):
        told.update(array.astype("<i8").tobytes())
    asked = [(v.customer, v.node, v.pickup, v.holder, v.is_orphan) for v in scenario.visits]
    rest = (scenario.starts, scenario.free_at, scenario.capacity, scenario.load, asked)
    told.update(repr((*rest, scenario.plan, scenario.penalty, scenario.horizon)).encode())
    if scenario.prices:
        told.update(scenario.prices.told())
    return told.hexdigest()


@dataclass(slots=True)
class _Vehicle:
    """Where a vehicle of the running plan is at the clock."""

    place: Floats
    free_at: int
    has_started: bool
    done: list[int] = field(default_factory=list)
    open: list[int] = field(default_factory=list)


def broken_down(instance: BenchmarkInstance, routes: Routes, wish: Wish) -> Scenario:
    """Let couriers of a running plan drop out.

    Parameters
    ----------
    instance : BenchmarkInstance
        The day; without pairs.
    routes : tuple of tuple of int
        The plan that was running.
    wish : Wish
        Who drops out and when.

    Returns
    -------
    Scenario
        What is left.

    Raises
    ------
    ValueError
        If the plan is late somewhere, nobody is on the road with enough to do, or nobody is left.
    """
    day = whole_day(instance)
    name = instance.name.upper()
    clock = int(day.horizon * wish.clock_share)
    vehicles = [day.at(route, clock) for route in routes]
    dice = random.Random(f"{name}-{wish.n_broken}-{wish.seed}")
    busy = [k for k, v in enumerate(vehicles) if v.has_started and len(v.open) >= LEAST_OPEN_VISITS]
    if not busy:
        message = f"{name}: nobody is on the road with {LEAST_OPEN_VISITS} visits at {clock}"
        raise ValueError(message)
    lost = sorted(dice.sample(busy, min(wish.n_broken, len(busy))))
    if len(lost) == len(vehicles):
        message = f"{name}: all {len(vehicles)} couriers drop out, and nobody goes on"
        raise ValueError(message)
    return _Left(day, vehicles, lost, clock).scenario(name, wish, routes)


def whole_day(instance: BenchmarkInstance) -> "Day":
    """An instance before anything has happened.

    Parameters
    ----------
    instance : BenchmarkInstance
        The day; without pairs.

    Returns
    -------
    Day
        The same in whole tenths.

    Raises
    ------
    ValueError
        If it has pairs: a running plan of those is a scenario of another kind.
    """
    if instance.has_pairs:
        message = f"{instance.name} has pickups and deliveries; customers alone were expected"
        raise ValueError(message)
    return Day(instance)


class Day:
    """An instance in whole tenths."""

    def __init__(self, instance: BenchmarkInstance) -> None:
        self.places = instance.places
        self.distances = truncated_distances(instance.places)
        self.demand = instance.demands.astype(np.int64)
        self.capacity = instance.capacity
        self.earliest, self.latest, self.service = (
            (values * UNIT).astype(np.int64)
            for values in (instance.ready, instance.due, instance.service)
        )
        self.horizon = int(self.latest[0])

    def at(self, route: Sequence[int], clock: int) -> _Vehicle:
        """Where the vehicle of a route is: it left just in time, and does everything early."""
        time = max(0, int(self.earliest[route[0]]) - int(self.distances[0, route[0]]))
        vehicle = _Vehicle(self.places[0].copy(), clock, time <= clock)
        if time > clock:
            vehicle.open = list(route)
            return vehicle
        last = 0
        for k, node in enumerate(route):
            begins = max(time + int(self.distances[last, node]), int(self.earliest[node]))
            if begins > self.latest[node]:
                message = f"the plan reaches {node} at {begins}, after {self.latest[node]}"
                raise ValueError(message)
            if begins > clock:
                vehicle.open = list(route[k:])
                break
            vehicle.done.append(node)
            last, time = node, begins + int(self.service[node])
        heading = vehicle.open[0] if vehicle.open else 0
        if time >= clock:
            vehicle.place, vehicle.free_at = self.places[last].copy(), time
        else:
            share = min(1.0, (clock - time) / max(1, int(self.distances[last, heading])))
            way = self.places[heading] - self.places[last]
            vehicle.place = self.places[last] + share * way
        vehicle.has_started = True
        return vehicle

    @property
    def penalty(self) -> int:
        """Four times the diameter of the map."""
        wide, high = self.places.max(axis=0) - self.places.min(axis=0)
        return int(4 * UNIT * math.hypot(wide, high))


class _Left:
    """Numbers what is left: depot, customers, places of couriers, places of handover."""

    def __init__(self, day: Day, vehicles: list[_Vehicle], lost: list[int], clock: int) -> None:
        self._day, self._clock = day, clock
        self._going = [v for k, v in enumerate(vehicles) if k not in lost]
        self._stands = {c: vehicles[k].place for k in lost for c in vehicles[k].open}
        self._holder = {c: k for k, v in enumerate(self._going) for c in v.open}
        self._customers = sorted([*self._holder, *self._stands])
        self._node = {c: k for k, c in enumerate(self._customers, 1)}
        self._first_start = 1 + len(self._customers)

    def scenario(self, name: str, wish: Wish, routes: Routes) -> Scenario:
        """Everything in the arrays of a scenario."""
        day, is_handover = self._day, wish.variant == HANDOVER
        fetched = [c for c in self._customers if c in self._stands] if is_handover else []
        places = np.array(
            [
                day.places[0],
                *(day.places[c] for c in self._customers),
                *(v.place for v in self._going),
                *(self._stands[c] for c in fetched),
            ]
        )
        sign = -1 if is_handover else 1
        carried = [v.open if is_handover else v.done for v in self._going]
        return Scenario(
            instance=name,
            wish=wish,
            n_customers=len(day.places) - 1,
            clock=self._clock,
            horizon=day.horizon,
            places=places,
            distances=truncated_distances(places),
            earliest=self._of_nodes(day.earliest, start=0, handover=self._clock, n=len(fetched)),
            latest=self._of_nodes(
                day.latest, start=day.horizon, handover=day.horizon, n=len(fetched)
            ),
            service=self._of_nodes(day.service, start=0, handover=HANDOVER_TIME, n=len(fetched)),
            demand=np.concatenate(
                [self._of_nodes(sign * day.demand, start=0, handover=0, n=0), day.demand[fetched]]
            ),
            starts=tuple(range(self._first_start, self._first_start + len(self._going))),
            free_at=tuple(max(self._clock, v.free_at) for v in self._going),
            capacity=(day.capacity,) * len(self._going),
            load=tuple(int(day.demand[nodes].sum()) for nodes in carried),
            visits=self._visits(fetched, is_handover=is_handover),
            plan=tuple(tuple(self._node[c] for c in v.open) for v in self._going),
            running=routes,
            penalty=day.penalty,
        )

    def _of_nodes(self, values: Ints, *, start: int, handover: int, n: int) -> Ints:
        """One figure of every node; that of the depot of demand and service is 0 anyway."""
        first = 0 if values is not self._day.latest else self._day.horizon
        parts = [[first], values[self._customers], [start] * len(self._going), [handover] * n]
        return np.concatenate([np.asarray(part, dtype=np.int64) for part in parts])

    def _visits(self, fetched: Sequence[int], *, is_handover: bool) -> tuple[Visit, ...]:
        """Requests of customers who have a courier, then orphans, where that differs."""
        first_pickup = self._first_start + len(self._going)
        pickups = {c: first_pickup + k for k, c in enumerate(fetched)}
        visits = [
            Visit(
                customer=c,
                node=self._node[c],
                pickup=pickups.get(c, -1),
                holder=self._holder.get(c, -1) if is_handover else -1,
                is_orphan=c in self._stands,
            )
            for c in self._customers
        ]
        if is_handover:
            visits.sort(key=lambda visit: visit.is_orphan)
        return tuple(visits)


def truncated_distances(places: Floats) -> Ints:
    """Euclidean distances in tenths, cut off; a hair is added so that 5.0 is not 4.9."""
    across = places[:, None, :] - places[None, :, :]
    lengths = np.sqrt((across**2).sum(axis=-1))
    whole: Ints = np.floor(lengths * UNIT + 1e-9).astype(np.int64)
    return whole
