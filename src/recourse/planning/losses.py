"""This file knows for every order why each courier did not get it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recourse.model.cases import Loss, Rejection, Way
from recourse.model.routes import StopKind
from recourse.planning.board import LATER, OFF, Ints
from recourse.planning.demand import FARTHER, Demand
from recourse.planning.params import PlanParams
from recourse.planning.price import DEAR, Priced
from recourse.planning.world import VEHICLES, World

__all__ = ["Losses"]

Floats = NDArray[np.float64]

_LOSSES: tuple[Loss, ...] = tuple(Loss)
_CODE = {loss: code for code, loss in enumerate(_LOSSES, start=1)}
_BY = np.array(
    [_CODE[loss] for loss in (Loss.LATE, Loss.LATE, Loss.BEYOND_SHIFT, Loss.BEYOND_HOURS)]
)
_M_PER_DEGREE = 111_320.0
_M_PER_S = 4.0
"""As the crow flies, in a city: a rough speed that only ranks who is asked."""


class Losses:
    """For every order and courier: still in the running, or lost and by how much.

    Attributes
    ----------
    courier_ids : tuple of str
        Everybody who is asked about, sorted.
    code, amount : ndarray of int64, shape (n_demands, n_couriers)
        0 while in the running, else one more than the rank of the reason in `Loss`; by how much.
    far_m : ndarray of float64, shape (n_demands, n_couriers)
        As the crow flies from where the order is to the nearest point of the courier's route.
    soon_s : ndarray of float64, shape (n_demands, n_couriers)
        About how long until the courier could be there once everything else is done.
    is_tried : ndarray of bool, shape (n_demands, n_couriers)
        Whether the courier's route was looked at.
    """

    def __init__(
        self,
        world: World,
        demands: Sequence[Demand],
        courier_ids: Sequence[str],
        *,
        now_s: int,
        params: PlanParams,
        barred: Mapping[str, Loss],
    ) -> None:
        self.courier_ids, self.params = tuple(courier_ids), params
        self.rank_of = {courier_id: rank for rank, courier_id in enumerate(courier_ids)}
        self.rows = np.array([world.row_of[c] for c in courier_ids], dtype=np.int64)
        shape = (len(demands), len(courier_ids))
        self.code = np.zeros(shape, dtype=np.int64)
        self.amount = np.zeros(shape, dtype=np.int64)
        self.is_tried = np.zeros(shape, dtype=bool)
        self.far_m = _distances_m(world, demands, self.rows)
        self.soon_s = (
            _idle_s(world, self.rows, now_s) + _from_end_m(world, demands, self.rows) / _M_PER_S
        )
        common = self._common(world, now_s, barred)
        for k, demand in enumerate(demands):
            self._screen(world, k, demand, common)

    def _common(self, world: World, now_s: int, barred: Mapping[str, Loss]) -> tuple[Ints, Ints]:
        """Reasons that hold for every order alike, and their amounts."""
        board, rows = world.board, self.rows
        code = np.zeros(len(rows), dtype=np.int64)
        amount = np.zeros(len(rows), dtype=np.int64)
        over_s = np.maximum(board.starts[rows], now_s) - board.shift_by[rows]
        code[over_s >= 0] = _CODE[Loss.BEYOND_SHIFT]
        amount[over_s >= 0] = over_s[over_s >= 0]
        duty, ahead_s = board.duty[rows], board.starts[rows] - now_s
        is_coming = (duty == LATER) & (ahead_s > 0) & (ahead_s <= self.params.plans_ahead_s)
        is_off = (duty == OFF) | ((duty == LATER) & ~is_coming)
        code[is_off], amount[is_off] = _CODE[Loss.OFF_DUTY], 0
        for courier_id, loss in barred.items():
            rank = self.rank_of.get(courier_id)
            if rank is not None:
                code[rank], amount[rank] = _CODE[loss], 0
        return code, amount

    def _screen(self, world: World, k: int, demand: Demand, common: tuple[Ints, Ints]) -> None:
        """Reasons that can be seen without looking at routes."""
        board, rows = world.board, self.rows
        code, amount = self.code[k], self.amount[k]
        over = np.maximum(demand.weight_g - board.cap_g[rows], 0)
        over = np.where(over > 0, over, np.maximum(demand.volume_ml - board.cap_ml[rows], 0))
        code[over > 0], amount[over > 0] = _CODE[Loss.OVER_CAPACITY], over[over > 0]
        if demand.vehicles:
            allowed = np.array([vehicle in demand.vehicles for vehicle in VEHICLES])
            barred = ~allowed[board.vehicle[rows]]
            code[barred], amount[barred] = _CODE[Loss.NO_ACCESS], 0
        is_common = common[0] > 0
        code[is_common], amount[is_common] = common[0][is_common], common[1][is_common]
        if demand.pickup is None and demand.from_courier_id:
            others = np.arange(len(rows)) != self.rank_of.get(demand.from_courier_id, -1)
            code[others], amount[others] = _CODE[Loss.NOT_IN_HANDS], 0
        for courier_id in demand.excluded:
            self._set(k, courier_id, Loss.REFUSED_IT)
        if demand.pickup_kind is StopKind.TAKE:
            # Nobody may wait for somebody who waits for them: in a ring nobody would ever set out.
            for courier_id in _who_wait_for(world, demand.from_courier_id):
                self._set(k, courier_id, Loss.WAITS_FOR_THEM)
            self._set(k, demand.from_courier_id, Loss.DROPPED_IT)
        self._set(k, demand.dropped_by, Loss.DROPPED_IT)

    def _set(self, k: int, courier_id: str, loss: Loss) -> None:
        """Note one courier's reason."""
        rank = self.rank_of.get(courier_id)
        if rank is not None:
            self.code[k, rank], self.amount[k, rank] = _CODE[loss], 0

    def nearest(self, k: int, n: int) -> Ints:
        """Ranks of couriers still in the running: `n` who pass nearby, and who are free soonest.

        Who passes by makes a short detour; who has little to do has time. Both are asked, so that
        long routes all over the city do not hide a courier who waits a mile away.

        Returns
        -------
        ndarray of int64
            Those who pass nearby come first, nearest first.
        """
        open_ranks = np.flatnonzero(self.code[k] == 0)
        near = open_ranks[np.argsort(self.far_m[k, open_ranks], kind="stable")[:n]]
        n_soonest = n * self.params.n_soonest // self.params.n_candidates
        soon = open_ranks[np.argsort(self.soon_s[k, open_ranks], kind="stable")[:n_soonest]]
        return np.concatenate([near, soon[~np.isin(soon, near)]])

    def note(self, demands: Ints, ranks: Ints, priced: Priced) -> None:
        """Keep what pricing said about pairs; a pair that is possible is in the running."""
        column = priced.by.argmax(axis=1)
        code, amount = _BY[column], priced.by[np.arange(len(column)), column]
        is_full = (priced.over_g > 0) | (priced.over_ml > 0)
        lacking = np.where(priced.over_g > 0, priced.over_g, priced.over_ml)
        code = np.where(is_full, _CODE[Loss.OVER_CAPACITY], code)
        amount = np.where(is_full, lacking, amount)
        is_possible = priced.cost < DEAR
        self.code[demands, ranks] = np.where(is_possible, 0, code)
        self.amount[demands, ranks] = np.where(is_possible, 0, amount)
        self.is_tried[demands, ranks] = True

    def outbid(self, k: int, ranks: Ints, cost: Ints, winner: int) -> None:
        """Say of the couriers who could have taken an order how much dearer they were."""
        lost = (cost < DEAR) & (ranks != winner)
        best = cost[ranks == winner].min()
        self.code[k, ranks[lost]] = _CODE[Loss.PRICE]
        self.amount[k, ranks[lost]] = np.maximum(cost[lost] - best, 0) // 1_000
        self.code[k, winner] = self.amount[k, winner] = 0

    def rejections(self, k: int) -> tuple[Rejection, ...]:
        """Losers of an order, nearest first, at most `n_kept`."""
        lost = np.flatnonzero(self.code[k])
        order = lost[np.argsort(self.far_m[k, lost], kind="stable")][: self.params.n_kept]
        return tuple(
            Rejection(
                way=Way.COURIER,
                loss=_LOSSES[int(self.code[k, rank]) - 1],
                courier_id=self.courier_ids[rank],
                amount=int(self.amount[k, rank]),
            )
            for rank in order.tolist()
        )

    def counts(self, k: int, winner: int) -> dict[str, int]:
        """How many couriers lost an order by each reason; a winner of -1 is nobody."""
        n_by_code = np.bincount(self.code[k], minlength=len(_LOSSES) + 1)
        counts = {
            str(loss): int(n) for loss, n in zip(_LOSSES, n_by_code[1:].tolist(), strict=True) if n
        }
        untried = (self.code[k] == 0) & ~self.is_tried[k]
        if winner >= 0:
            untried[winner] = False
        if untried.any():
            counts[FARTHER] = int(untried.sum())
        return counts


def _distances_m(world: World, demands: Sequence[Demand], rows: Ints) -> np.ndarray:
    """Metres from each demand's first place to the nearest point of each route."""
    board = world.board
    width = int(board.n[rows].max(initial=0)) + 1
    places = [demand.pickup or demand.dropoff for demand in demands]
    distinct = {(p.lon, p.lat): None for p in places}
    lon, lat = board.lon[rows, :width], board.lat[rows, :width]
    far: dict[tuple[float, float], np.ndarray] = {}
    for at in distinct:
        squeeze = np.cos(np.radians(at[1]))
        square = ((lon - at[0]) * squeeze) ** 2 + (lat - at[1]) ** 2
        far[at] = np.sqrt(np.fmin.reduce(square, axis=1)) * _M_PER_DEGREE
    empty = np.zeros((0, len(rows)))
    return np.vstack([empty, *(far[p.lon, p.lat] for p in places)])


def _idle_s(world: World, rows: Ints, now_s: int) -> Floats:
    """Seconds until each courier has done everything on the route, waiting left out."""
    board = world.board
    size = int(board.n[rows].max(initial=0))
    is_real = np.arange(size) < board.n[rows, None]
    busy = np.where(is_real, board.leg_s[rows, :size] + board.service[rows, :size], 0).sum(axis=1)
    begins = np.maximum(np.maximum(board.ready[rows], board.starts[rows]), now_s)
    idle: Floats = (begins - now_s + busy).astype(np.float64)
    return idle


def _from_end_m(world: World, demands: Sequence[Demand], rows: Ints) -> Floats:
    """Metres from the last point of each route to each demand's first place."""
    board, last = world.board, world.board.n[rows]
    lon, lat = board.lon[rows, last], board.lat[rows, last]
    at = np.array([[p.lon, p.lat] for p in (d.pickup or d.dropoff for d in demands)])
    at = at.reshape(-1, 2)
    squeeze = np.cos(np.radians(at[:, 1:]))
    apart: Floats = np.hypot((lon - at[:, :1]) * squeeze, lat - at[:, 1:]) * _M_PER_DEGREE
    return apart


def _who_wait_for(world: World, courier_id: str) -> set[str]:
    """Couriers who wait for this one to take something over, or for somebody who waits so."""
    waiting: set[str] = set()
    left = [courier_id]
    while left:
        taker = left.pop()
        stops = world.entry(taker).route.stops if taker in world.row_of else ()
        new = {stop.from_courier_id for stop in stops if stop.kind is StopKind.TAKE} - waiting
        waiting |= new
        left += sorted(new)
    return waiting
