"""This file knows the demands of one call as arrays, and every way to and from their places."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from recourse.model.places import Place
from recourse.model.routes import StopKind
from recourse.planning.board import Ints
from recourse.planning.demand import Demand
from recourse.planning.params import PlanParams
from recourse.planning.travel import as_of
from recourse.planning.world import VEHICLES, World, visit_key

__all__ = ["Asks"]


class Asks:
    """Demands as arrays, one element a demand; times are seconds since the epoch.

    Attributes
    ----------
    q_pickup, q_dropoff : ndarray of int64
        Which of the distinct places a demand is collected at and brought to.
    to_s, to_m, from_s, from_m : ndarray of int64, shape (n_points, n_places)
        Way from each point to each place of a demand, and back. Points are the places on the
        candidates' routes, vehicle by vehicle, each vehicle's followed by the demands' places.
    base : ndarray of int64
        For each code of a vehicle, the point that is its first place of a demand.
    point : ndarray of int64, shape (n_rows, most + 1)
        Points of the anchor and the stops of every candidate.
    """

    def __init__(
        self,
        world: World,
        demands: Sequence[Demand],
        rows: Ints,
        *,
        now: datetime,
        params: PlanParams,
        max_late_s: int,
    ) -> None:
        self.demands, self.params, self.now = tuple(demands), params, now
        self.max_late_s = max_late_s
        self._places(demands)
        self._columns(demands, now)
        self._ways(world, rows, as_of(now))

    def _places(self, demands: Sequence[Demand]) -> None:
        """Number the distinct places of the demands."""
        number: dict[tuple[float, float], int] = {}

        def q(place: Place) -> int:
            return number.setdefault((place.lon, place.lat), len(number))

        self.q_dropoff = np.array([q(d.dropoff) for d in demands], dtype=np.int64)
        self.q_pickup = np.array([q(d.pickup or d.dropoff) for d in demands], dtype=np.int64)
        self.places = list(number)

    def _columns(self, demands: Sequence[Demand], now: datetime) -> None:
        """Windows, loads and keys."""
        start = int(now.timestamp())

        def column(values: Sequence[int]) -> Ints:
            return np.array(values, dtype=np.int64)

        self.has_pickup = np.array([d.pickup is not None for d in demands])
        self.ready = column([_at(d.pickup_ready_at, start) for d in demands])
        self.earliest = column([_at(d.earliest_at, start) for d in demands])
        self.latest = column([int(d.latest_at.timestamp()) for d in demands])
        self.service = column([d.service_s for d in demands])
        self.pickup_service = column([self._pickup_s(d) for d in demands])
        self.g = column([d.weight_g for d in demands])
        self.ml = column([d.volume_ml for d in demands])
        self.weight = column([d.weight for d in demands])
        self.late_mc = self.weight * self.params.late_cents_per_min * 1_000 // 60
        self.pickup_key = column([_pickup_key(d) for d in demands])
        self.dropoff_key = column(
            [
                visit_key(d.dropoff_kind, d.dropoff_site_id, d.dropoff.lon, d.dropoff.lat, "")
                for d in demands
            ]
        )

    def _pickup_s(self, demand: Demand) -> int:
        """Seconds at a new stop where this is collected."""
        is_take = demand.pickup_kind is StopKind.TAKE
        return self.params.take_s if is_take else self.params.pickup_s

    def _ways(self, world: World, rows: Ints, at: datetime) -> None:
        """Ask for every way between candidates' stops and demands' places."""
        board, n_places = world.board, len(self.places)
        self.base = np.zeros(len(VEHICLES), dtype=np.int64)
        most = int(board.n[rows].max(initial=0))
        real = np.arange(most + 1) <= board.n[rows, None]
        self.point = np.zeros((len(rows), most + 1), dtype=np.int64)
        blocks: list[list[Ints]] = [[], [], [], []]
        offset = 0
        for code in np.unique(board.vehicle[rows]).tolist():
            vehicle = VEHICLES[code]
            mine = real & (board.vehicle[rows] == code)[:, None]
            stops = board.node[rows, : most + 1][mine]
            ends = world.legs.nodes(vehicle, self.places)
            every = np.concatenate([stops, ends])
            self.point[mine] = offset + np.arange(len(stops))
            self.base[code] = offset + len(stops)
            offset += len(every)
            travel = world.legs.travel
            there = travel.matrices(vehicle, every, ends, at)
            back = travel.matrices(vehicle, ends, every, at)
            for block, ways in zip(blocks, (*there, *(one.T for one in back)), strict=True):
                block.append(ways.astype(np.int64))
        empty = np.zeros((0, n_places), dtype=np.int64)
        self.to_s, self.to_m, self.from_s, self.from_m = (
            np.concatenate([empty, *block]) for block in blocks
        )
        self.is_place = np.full(offset, -1, dtype=np.int64)
        for code in np.unique(board.vehicle[rows]).tolist():
            first = int(self.base[code])
            self.is_place[first : first + n_places] = np.arange(n_places)

    def between(self, origins: Ints, ends: Ints) -> tuple[Ints, Ints]:
        """Seconds and metres of legs; -1 where both ends were on the route before."""
        q_end, q_origin = self.is_place[ends], self.is_place[origins]
        forth, back = q_end >= 0, q_origin >= 0
        seconds = np.where(forth, self.to_s[origins, q_end], self.from_s[ends, q_origin])
        metres = np.where(forth, self.to_m[origins, q_end], self.from_m[ends, q_origin])
        unknown = ~(forth | back)
        return np.where(unknown, -1, seconds), np.where(unknown, -1, metres)


def _at(instant: datetime | None, default: int) -> int:
    """Seconds since the epoch."""
    return default if instant is None else int(instant.astimezone(UTC).timestamp())


def _pickup_key(demand: Demand) -> int:
    """Key of the visit where a demand is collected; 0 for none."""
    if demand.pickup is None:
        return 0
    return visit_key(
        demand.pickup_kind,
        demand.pickup_site_id,
        demand.pickup.lon,
        demand.pickup.lat,
        demand.from_courier_id,
    )
