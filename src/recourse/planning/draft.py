"""This file knows routes under construction: the candidates of one call, as arrays that change."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recourse.model.routes import Stop
from recourse.planning.asks import Asks
from recourse.planning.board import FAR_S, Ints
from recourse.planning.params import PlanParams
from recourse.planning.world import VEHICLES, World

__all__ = ["Draft", "Pick"]

_VISIT = ("earliest", "latest", "service", "gives_g", "gives_ml", "key")
_STOPS = (*_VISIT, "told", "leg_s", "leg_m", "old_s", "old_m")
_TABLES = ("span_a", "span_b", "span_c", "peak_g", "peak_ml")
_ROOM = 8


class Pick:
    """One way to put one order on one route.

    Attributes
    ----------
    is_new_pickup, is_new_dropoff : bool
        Whether a stop is added; otherwise the order joins a stop that is there.
    at_pickup : int
        Rank of the pickup: before which stop a new one comes, or which one is joined; -1 for none.
    at_dropoff : int
        The same for the dropoff, ranks counted without a new pickup.
    """

    __slots__ = ("at_dropoff", "at_pickup", "is_new_dropoff", "is_new_pickup")

    def __init__(self, at_pickup: int, at_dropoff: int, *, new_pickup: bool, new_dropoff: bool):
        self.at_pickup, self.at_dropoff = at_pickup, at_dropoff
        self.is_new_pickup, self.is_new_dropoff = new_pickup, new_dropoff


class Draft:
    """The routes of the candidates, with tables that price an insertion in constant time.

    For every run of stops x..e-1 of a route the tables hold three numbers: a courier who reaches
    stop x at time t is done with the run at ``max(t + span_a, span_b)``, and no stop of it is
    late if ``t <= span_c``; `peak_g` and `peak_ml` are the greatest loads on the legs x..e.

    Notes
    -----
    Row k is the k-th courier by id, so that the smallest index wins a tie. Building the tables of
    a row takes O(m²) for m stops, vectorised over the second index.
    """

    def __init__(
        self, world: World, courier_ids: Sequence[str], asks: Asks, now_s: int, params: PlanParams
    ) -> None:
        self.courier_ids = tuple(courier_ids)
        self.params, self.now_s = params, now_s
        rows = np.array([world.row_of[c] for c in courier_ids], dtype=np.int64)
        board = world.board
        self.n = board.n[rows]
        width = int(self.n.max(initial=0)) + 2 * _ROOM
        for name in _STOPS:
            setattr(self, name, np.zeros((len(rows), width), dtype=np.int64))
        most = int(self.n.max(initial=0))
        for name in _VISIT:
            getattr(self, name)[:, :most] = getattr(board, name)[rows, :most]
        self.leg_s[:, :most] = self.old_s[:, :most] = board.leg_s[rows, :most]
        self.leg_m[:, :most] = self.old_m[:, :most] = board.leg_m[rows, :most]
        self.told[:, :most] = np.arange(most) < self.n[:, None]
        self.cap_g, self.cap_ml = board.cap_g[rows], board.cap_ml[rows]
        self.load_g, self.load_ml = board.load_g[rows], board.load_ml[rows]
        self.ready = np.maximum(np.maximum(board.ready[rows], board.starts[rows]), now_s)
        since = np.where(board.duty_since[rows] < 0, self.ready, board.duty_since[rows])
        self.shift_by = board.shift_by[rows]
        self.hours_by = since + params.max_worked_s - board.worked[rows]
        self.price_m = _price_m(params)[board.vehicle[rows]]
        self.point = np.zeros((len(rows), width + 1), dtype=np.int64)
        self.point[:, : most + 1] = asks.points(rows, most, board)
        self.base = asks.base[board.vehicle[rows]]
        self.asks = asks
        entries = [world.entry(c) for c in courier_ids]
        self.visits: list[list[Stop]] = [list(e.route.stops[len(e.frozen) :]) for e in entries]
        self._tables(int(self.n.max(initial=0)) + _ROOM)
        self._hold_lateness()

    n: Ints
    earliest: Ints
    latest: Ints
    service: Ints
    gives_g: Ints
    gives_ml: Ints
    key: Ints
    told: Ints
    leg_s: Ints
    leg_m: Ints
    old_s: Ints
    old_m: Ints
    span_a: Ints
    span_b: Ints
    span_c: Ints
    peak_g: Ints
    peak_ml: Ints
    begin: Ints
    leave: Ints
    n_told_from: Ints

    @property
    def finish(self) -> Ints:
        """When each courier is done, seconds since the epoch."""
        return self.leave[np.arange(len(self.n)), self.n]

    def _tables(self, size: int) -> None:
        """Make empty tables for routes of up to `size` stops and fill them."""
        k = len(self.n)
        self.size = size
        for name in _TABLES:
            setattr(self, name, np.zeros((k, size + 1, size + 1), dtype=np.int64))
        self.begin = np.zeros((k, size + 1), dtype=np.int64)
        self.leave = np.zeros((k, size + 1), dtype=np.int64)
        self.n_told_from = np.zeros((k, size + 1), dtype=np.int64)
        self.build(np.arange(k))

    def _hold_lateness(self) -> None:
        """Let stops that are late already be as late as now, and a little more."""
        most = self.size
        begin = self.begin[:, :most]
        latest = self.latest[:, :most]
        is_late = (begin > latest) & (np.arange(most) < self.n[:, None])
        if is_late.any():
            held = np.where(is_late, begin + self.params.late_slack_s, latest)
            self.latest[:, :most] = held
            self.build(np.flatnonzero(is_late.any(axis=1)))

    def build(self, rows: Ints) -> None:
        """Fill the tables of some rows afresh."""
        size = self.size
        real = np.arange(size) < self.n[rows, None]
        service = np.where(real, self.service[rows, :size], 0)
        opens = np.where(real, self.earliest[rows, :size], -FAR_S)
        closes = np.where(real, self.latest[rows, :size], FAR_S)
        legs = np.where(real, self.leg_s[rows, :size], 0)
        self._walk(rows, service, opens, legs)
        self._spans(rows, service, opens, closes, legs)
        told = np.where(real, self.told[rows, :size], 0)
        self.n_told_from[rows, :size] = np.cumsum(told[:, ::-1], axis=1)[:, ::-1]
        self.n_told_from[rows, size] = 0
        for gives, load, table in (
            (self.gives_g, self.load_g, self.peak_g),
            (self.gives_ml, self.load_ml, self.peak_ml),
        ):
            steps = np.where(real, gives[rows, :size], 0)
            on_leg = np.concatenate([load[rows, None], steps], axis=1).cumsum(axis=1)
            table[rows] = _running_peaks(on_leg)

    def _walk(self, rows: Ints, service: Ints, opens: Ints, legs: Ints) -> None:
        """When service begins at each stop, and when each point is left."""
        left = self.ready[rows]
        leave = np.empty((len(rows), self.size + 1), dtype=np.int64)
        begin = np.empty_like(leave)
        leave[:, 0] = left
        for k in range(self.size):
            start = np.maximum(left + legs[:, k], opens[:, k])
            begin[:, k] = start
            left = start + service[:, k]
            leave[:, k + 1] = left
        begin[:, self.size] = left
        self.begin[rows], self.leave[rows] = begin, leave

    def _spans(self, rows: Ints, service: Ints, opens: Ints, closes: Ints, legs: Ints) -> None:
        """Runs of stops as functions of the time their first stop is reached."""
        size = self.size
        a = np.zeros((len(rows), size + 1, size + 1), dtype=np.int64)
        b = np.full_like(a, -FAR_S)
        c = np.full_like(a, FAR_S)
        for e in range(1, size + 1):
            s = e - 1
            if s:
                way = legs[:, s, None]
                reach = a[:, :s, s] + way
                a[:, :s, e] = reach + service[:, s, None]
                b[:, :s, e] = np.maximum(b[:, :s, s] + way, opens[:, s, None]) + service[:, s, None]
                c[:, :s, e] = np.minimum(c[:, :s, s], closes[:, s, None] - reach)
            a[:, s, e] = service[:, s]
            b[:, s, e] = opens[:, s] + service[:, s]
            c[:, s, e] = closes[:, s]
        self.span_a[rows], self.span_b[rows], self.span_c[rows] = a, b, c

    def _make_room(self, row: int) -> None:
        """See that two more stops fit into a row."""
        need = int(self.n[row]) + 2
        if need <= self.size:
            return
        lacking = need + _ROOM + 1 - self.earliest.shape[1]
        if lacking > 0:
            for name in (*_STOPS, "point"):
                mine = getattr(self, name)
                setattr(self, name, np.pad(mine, ((0, 0), (0, lacking))))
        self._tables(need + _ROOM)

    def apply(self, row: int, demand: int, pick: Pick) -> None:
        """Put an order on a route; the tables of the row are built afresh."""
        self._make_room(row)
        at = pick.at_dropoff
        asks = self.asks
        if pick.is_new_dropoff:
            self._insert(row, at, demand, is_pickup=False)
        else:
            self._join_dropoff(row, at, demand)
        if pick.is_new_pickup:
            self._insert(row, pick.at_pickup, demand, is_pickup=True)
        elif pick.at_pickup >= 0:
            self._join_pickup(row, pick.at_pickup, demand)
        else:
            self.load_g[row] += asks.g[demand]
            self.load_ml[row] += asks.ml[demand]
        self._reconnect(row)
        self.build(np.array([row]))
        self._hold_new(row)

    def _hold_new(self, row: int) -> None:
        """Let a stop that was placed late on purpose be no later than it is."""
        n = int(self.n[row])
        late = self.begin[row, :n] > self.latest[row, :n]
        if late.any():
            self.latest[row, :n][late] = self.begin[row, :n][late]
            self.build(np.array([row]))

    def _insert(self, row: int, at: int, demand: int, *, is_pickup: bool) -> None:
        """Add a stop before rank `at`."""
        n, asks = int(self.n[row]), self.asks
        for name in _STOPS:
            line = getattr(self, name)[row]
            line[at + 1 : n + 1] = line[at:n]
        self.point[row, at + 2 : n + 2] = self.point[row, at + 1 : n + 1]
        values = asks.stop_values(demand, is_pickup=is_pickup)
        for name, value in values.items():
            getattr(self, name)[row, at] = value
        self.told[row, at] = 0
        self.point[row, at + 1] = (
            self.base[row] + (asks.q_pickup if is_pickup else asks.q_dropoff)[demand]
        )
        self.visits[row].insert(at, asks.stop(demand, is_pickup=is_pickup))
        self.n[row] = n + 1

    def _join_pickup(self, row: int, at: int, demand: int) -> None:
        """Collect one more order at a stop that is there."""
        asks = self.asks
        stop, new = self.visits[row][at], asks.stop(demand, is_pickup=True)
        self.visits[row][at] = replace(
            stop,
            order_ids=(*stop.order_ids, *new.order_ids),
            earliest_at=max(stop.earliest_at, new.earliest_at),
            latest_at=max(stop.latest_at, new.latest_at),
        )
        self.earliest[row, at] = max(self.earliest[row, at], asks.ready[demand])
        self.gives_g[row, at] += asks.g[demand]
        self.gives_ml[row, at] += asks.ml[demand]

    def _join_dropoff(self, row: int, at: int, demand: int) -> None:
        """Drop one more order at a door that is there."""
        asks = self.asks
        stop, new = self.visits[row][at], asks.stop(demand, is_pickup=False)
        service_s = max(stop.service_s, new.service_s) + self.params.joined_s
        self.visits[row][at] = replace(
            stop,
            order_ids=(*stop.order_ids, *new.order_ids),
            earliest_at=max(stop.earliest_at, new.earliest_at),
            latest_at=min(stop.latest_at, new.latest_at),
            service_s=service_s,
        )
        self.earliest[row, at] = max(self.earliest[row, at], asks.earliest[demand])
        self.latest[row, at] = min(self.latest[row, at], asks.latest[demand])
        self.service[row, at] = service_s
        self.gives_g[row, at] -= asks.g[demand]
        self.gives_ml[row, at] -= asks.ml[demand]

    def _reconnect(self, row: int) -> None:
        """Legs of a row from the points it visits; told legs keep what they were."""
        n, asks = int(self.n[row]), self.asks
        seconds, metres = asks.between(self.point[row, :n], self.point[row, 1 : n + 1])
        # Stops that were there before never change their order, so the way from one to the next
        # is the one that came with the route.
        is_old = seconds < 0
        self.leg_s[row, :n] = np.where(is_old, self.old_s[row, :n], seconds)
        self.leg_m[row, :n] = np.where(is_old, self.old_m[row, :n], metres)


def _price_m(params: PlanParams) -> Ints:
    """Thousandths of a cent per metre, by code of the vehicle."""
    return np.array([getattr(params, f"{v}_cents_per_km") for v in VEHICLES], dtype=np.int64)


def _running_peaks(on_leg: Ints) -> Ints:
    """Greatest load on the legs x..e, for every x and e >= x."""
    size = on_leg.shape[1]
    spread = np.broadcast_to(on_leg[:, None, :], (len(on_leg), size, size))
    below = np.tri(size, k=-1, dtype=bool)
    return np.maximum.accumulate(np.where(below, -FAR_S, spread), axis=2)
