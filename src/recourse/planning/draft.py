"""This file knows routes under construction: the candidates of one call, as arrays that change."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from recourse.planning.asks import Asks
from recourse.planning.board import FAR_S, Flags, Ints
from recourse.planning.params import PlanParams
from recourse.planning.rates import price_m, time_price_mc, wait_price_mc
from recourse.planning.trial import Trial
from recourse.planning.visits import Seat, Visit, numbers_of
from recourse.planning.world import GETS, World

__all__ = ["Draft", "Pick"]

_VISIT = ("earliest", "latest", "service", "gives_g", "gives_ml", "key")
_OWN = ("own_opens", "own_service", "own_g", "own_ml")
_DUE = ("promise", "late_mc")
_STOPS = (*_VISIT, *_OWN, *_DUE, "told", "leg_s", "leg_m", "old_s", "old_m")
_TABLES = ("opens", "closes", "peak_g", "peak_ml")
_LINES = ("begin", "leave", "drive", "done", "n_told_from", "late_mc_from")
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

    def __init__(
        self, at_pickup: int, at_dropoff: int, *, new_pickup: bool, new_dropoff: bool
    ) -> None:
        self.at_pickup, self.at_dropoff = at_pickup, at_dropoff
        self.is_new_pickup, self.is_new_dropoff = new_pickup, new_dropoff


class Draft:
    """The routes of the candidates, with tables that price an insertion in constant time.

    Attributes
    ----------
    n : ndarray of int64, shape (n_rows,)
        How many stops each route has after its anchor.
    begin, leave : ndarray of int64
        When service at stop k begins, and when place k is left (0 is the anchor).
    drive, done : ndarray of int64, shape (n_rows, size + 1)
        Seconds from the anchor to reaching stop k, and to being done with the k-th stop, if there
        were no waiting.
    opens, closes : ndarray of int64, shape (n_rows, size + 1, size + 1)
        For every run of stops x..e-1: reached at ``drive[x] + u``, it is done with at
        ``done[e] + max(u, opens[x, e])``, and none of it is late if ``u <= closes[x, e]``.
    peak_g, peak_ml : ndarray of int64, shape (n_rows, size + 1, size + 1)
        Greatest load on the legs x..e.
    n_told_from : ndarray of int64, shape (n_rows, size + 1)
        How many told stops there are from rank k on.
    late_mc_from : ndarray of int64, shape (n_rows, size + 1)
        Price of a further second of those that are late already, thousandths of a cent.

    Notes
    -----
    Row k is the k-th courier by id, so that the smallest index wins a tie. The tables of a row
    take O(m²) for m stops, without a loop; they are made when next needed.
    """

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
    own_opens: Ints
    own_service: Ints
    own_g: Ints
    own_ml: Ints
    promise: Ints
    late_mc: Ints
    opens: Ints
    closes: Ints
    peak_g: Ints
    peak_ml: Ints
    begin: Ints
    leave: Ints
    drive: Ints
    done: Ints
    n_told_from: Ints
    late_mc_from: Ints

    def __init__(
        self, world: World, courier_ids: Sequence[str], asks: Asks, now_s: int, params: PlanParams
    ) -> None:
        self.courier_ids, self.asks, self.params = tuple(courier_ids), asks, params
        self.now_s = now_s
        rows = np.array([world.row_of[c] for c in courier_ids], dtype=np.int64)
        board = world.board
        self.n = board.n[rows]
        most = int(self.n.max(initial=0))
        size = most + min(_ROOM, 2 * len(asks.demands))
        for name in _STOPS:
            setattr(self, name, np.zeros((len(rows), size + 1), dtype=np.int64))
        for name in (*_VISIT, "leg_s", "leg_m"):
            getattr(self, name)[:, :most] = getattr(board, name)[rows, :most]
        self.old_s[:], self.old_m[:] = self.leg_s, self.leg_m
        self.own_opens[:], self.own_service[:] = self.earliest, self.service
        self.own_g[:], self.own_ml[:] = self.gives_g, self.gives_ml
        self.told[:, :most] = np.arange(most) < self.n[:, None]
        self.cap_g, self.cap_ml = board.cap_g[rows], board.cap_ml[rows]
        self.load_g, self.load_ml = board.load_g[rows], board.load_ml[rows]
        self.ready = np.maximum(np.maximum(board.ready[rows], board.starts[rows]), now_s)
        since = np.where(board.duty_since[rows] < 0, self.ready, board.duty_since[rows])
        self.shift_by = board.shift_by[rows] + params.overtime_s
        self.hours_by = since + params.max_worked_s - board.worked[rows]
        self.price_m = price_m(params)[board.vehicle[rows]]
        self.point = np.zeros((len(rows), size + 1), dtype=np.int64)
        self.point[:, : most + 1] = asks.point
        self.base = asks.base[board.vehicle[rows]]
        self._trial: Trial | None = None
        self._resize(size)
        self._hold_lateness()
        entries = [world.entry(c) for c in courier_ids]
        self.visits = [
            [
                Visit(stop, closes, stop.kind in GETS)
                for stop, closes in zip(e.route.stops[len(e.frozen) :], late, strict=False)
            ]
            for e, late in zip(entries, self.latest.tolist(), strict=True)
        ]

    @property
    def finish(self) -> Ints:
        """When each courier is done, seconds since the epoch."""
        return self.leave[:, self.size]

    def _resize(self, size: int) -> None:
        """Make tables for routes of up to `size` stops; all of them are to be filled."""
        k = len(self.n)
        self.size = size
        for name in _TABLES:
            setattr(self, name, np.zeros((k, size + 1, size + 1), dtype=np.int64))
        for name in _LINES:
            setattr(self, name, np.zeros((k, size + 1), dtype=np.int64))
        self.is_stale = np.ones(k, dtype=bool)
        self.schedule(np.arange(k))

    def _hold_lateness(self) -> None:
        """Let stops that are late already be as late as now, and for a price later still."""
        most, params = self.size, self.params
        begin, latest = self.begin[:, :most], self.latest[:, :most]
        is_late = (begin > latest) & (np.arange(most) < self.n[:, None])
        if not is_late.any():
            return
        self.latest[:, :most] = np.where(is_late, begin + params.late_slack_s, latest)
        is_owed = is_late & (self.gives_g[:, :most] < 0)
        self.promise[:, :most] = np.where(is_owed, begin, 0)
        self.late_mc[:, :most] = is_owed * (params.late_cents_per_min * 1_000 // 60)

    def _real(self, rows: Ints, name: str, nothing: int) -> Ints:
        """A column of the stops, with something neutral after the last one."""
        size = self.size
        is_real = np.arange(size) < self.n[rows, None]
        return np.where(is_real, getattr(self, name)[rows, :size], nothing)

    def schedule(self, rows: Ints) -> None:
        """Drive some rows afresh; their tables are made when next needed."""
        size = self.size
        service, legs = self._real(rows, "service", 0), self._real(rows, "leg_s", 0)
        opens = self._real(rows, "earliest", -FAR_S)
        served = service.cumsum(axis=1)
        drive = np.empty((len(rows), size + 1), dtype=np.int64)
        drive[:, :size] = legs.cumsum(axis=1) + served - service
        drive[:, size] = drive[:, size - 1] + service[:, size - 1] if size else 0
        done = np.zeros_like(drive)
        done[:, 1:] = drive[:, :size] + service
        ready = self.ready[rows, None]
        begin = np.maximum(np.maximum.accumulate(opens - drive[:, :size], axis=1), ready)
        begin += drive[:, :size]
        self.drive[rows], self.done[rows] = drive, done
        self.begin[rows, :size] = begin
        self.leave[rows, :1], self.leave[rows, 1:] = ready, begin + service
        self.is_stale[rows] = True

    def settle(self) -> None:
        """Fill the tables of every row that has changed since they were last asked for."""
        rows = np.flatnonzero(self.is_stale)
        if not len(rows):
            return
        size = self.size
        offset = self.drive[rows, :size]
        opens = self._real(rows, "earliest", -FAR_S) - offset
        closes = self._real(rows, "latest", FAR_S) - offset
        self.opens[rows, :size, 1:] = _running_peaks(opens)
        self.closes[rows, :size, 1:] = -_running_peaks(-closes)
        # An empty run keeps nobody waiting and is never late.
        below = np.tri(size + 1, dtype=bool)
        self.opens[rows] = np.where(below, -FAR_S, self.opens[rows])
        self.closes[rows] = np.where(below, FAR_S, self.closes[rows])
        told = self._real(rows, "told", 0)
        self.n_told_from[rows, :size] = told[:, ::-1].cumsum(axis=1)[:, ::-1]
        owed_mc = told * self._real(rows, "late_mc", 0)
        self.late_mc_from[rows, :size] = owed_mc[:, ::-1].cumsum(axis=1)[:, ::-1]
        for unit, load in (("g", self.load_g), ("ml", self.load_ml)):
            steps = self._real(rows, f"gives_{unit}", 0)
            on_leg = np.concatenate([load[rows, None], steps], axis=1).cumsum(axis=1)
            getattr(self, f"peak_{unit}")[rows] = _running_peaks(on_leg)
        self.is_stale[:] = False

    def _make_room(self, need: int) -> None:
        """See that so many stops fit into a row."""
        if need <= self.size:
            return
        lacking = need + _ROOM + 1 - self.earliest.shape[1]
        if lacking > 0:
            for name in (*_STOPS, "point"):
                mine = getattr(self, name)
                setattr(self, name, np.pad(mine, ((0, 0), (0, lacking))))
        self._resize(need + _ROOM)

    def apply(self, row: int, demand: int, pick: Pick) -> None:
        """Put an order on a route and drive it afresh."""
        self._make_room(int(self.n[row]) + 2)
        if self._trial is not None:
            self._trial.keep(row)
        visits = self.visits[row]
        if pick.is_new_dropoff:
            self._insert(row, pick.at_dropoff, demand, is_pickup=False)
        else:
            self._write(row, pick.at_dropoff, visits[pick.at_dropoff].plus(demand))
        if pick.is_new_pickup:
            self._insert(row, pick.at_pickup, demand, is_pickup=True)
        elif pick.at_pickup >= 0:
            self._write(row, pick.at_pickup, visits[pick.at_pickup].plus(demand))
        else:
            self.load_g[row] += self.asks.g[demand]
            self.load_ml[row] += self.asks.ml[demand]
        self._drive(row)

    def remove(self, row: int, demand: int) -> None:
        """Take an order of this call off its route again and drive that afresh."""
        if self._trial is not None:
            self._trial.keep(row)
        visits = self.visits[row]
        for at in range(len(visits) - 1, -1, -1):
            if demand in visits[at].asks:
                left = visits[at].minus(demand)
                if left is None:
                    self._delete(row, at)
                else:
                    self._write(row, at, left)
        if not self.asks.has_pickup[demand]:
            self.load_g[row] -= self.asks.g[demand]
            self.load_ml[row] -= self.asks.ml[demand]
        self._drive(row)

    def rewrite(self, routes: Mapping[int, Sequence[Seat]]) -> None:
        """Put whole routes in place of those of some rows and drive them afresh."""
        self._make_room(max(len(seats) for seats in routes.values()))
        at = np.array([(seat.row, seat.rank) for seats in routes.values() for seat in seats])
        taken = {name: getattr(self, name)[at[:, 0], at[:, 1]] for name in _STOPS}
        taken["point"] = self.point[at[:, 0], at[:, 1] + 1]
        first = 0
        for row, seats in routes.items():
            if self._trial is not None:
                self._trial.keep(row)
            n = self.n[row] = len(seats)
            self.point[row, 1 : n + 1] = taken["point"][first : first + n]
            for name in _STOPS:
                line = getattr(self, name)[row]
                line[:n], line[n:] = taken[name][first : first + n], 0
            self.visits[row] = [seat.visit for seat in seats]
            for rank, seat in enumerate(seats):
                if seat.is_changed:
                    by = self.latest[row, rank]
                    self._write(row, rank, seat.visit)
                    self.latest[row, rank] = max(self.latest[row, rank], by)
            self._reconnect(row)
            first += n
        self.schedule(np.array(list(routes), dtype=np.int64))

    def is_sound(self, rows: Ints) -> Flags:
        """Whether each of some rows is in time everywhere, has room for all and ends in time."""
        size = self.size
        is_late = (self.begin[rows, :size] > self._real(rows, "latest", FAR_S)).any(axis=1)
        is_long = self.finish[rows] > np.minimum(self.shift_by[rows], self.hours_by[rows])
        is_full = np.zeros(len(rows), dtype=bool)
        for unit, load, cap in (
            ("g", self.load_g, self.cap_g),
            ("ml", self.load_ml, self.cap_ml),
        ):
            steps = self._real(rows, f"gives_{unit}", 0).cumsum(axis=1)
            is_full |= load[rows] + steps.max(axis=1, initial=0) > cap[rows]
        sound: Flags = ~(is_late | is_long | is_full)
        return sound

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """Remember every row that changes in the block, so that it can be undone."""
        self._trial = Trial(self, (*_STOPS, "point"))
        try:
            yield self._trial
        finally:
            self._trial = None

    def costs(self, rows: Ints) -> Ints:
        """Price of whole routes in thousandths of a cent, waiting and lateness included."""
        size, params = self.size, self.params
        ranks = np.arange(size)
        metres = self._real(rows, "leg_m", 0).sum(axis=1)
        late_s = np.maximum(self.begin[rows, :size] - self.promise[rows, :size], 0)
        late = (late_s * self._real(rows, "late_mc", 0)).sum(axis=1)
        told = self._real(rows, "told", 1)
        first = np.where((told == 0).any(axis=1), (told == 0).argmax(axis=1), size)
        is_later = (ranks >= first[:, None]) & (ranks < self.n[rows, None])
        n_later = (told * is_later).sum(axis=1)
        change = n_later * params.change_cents + (first == 0) * (n_later > 0) * params.divert_cents
        spent = time_price_mc(params, self.finish[rows] - self.ready[rows])
        is_door = self._real(rows, "gives_g", 0) < 0
        waited = (is_door * (self.begin[rows, :size] - self.now_s)).sum(axis=1)
        cost: Ints = metres * self.price_m[rows] + spent + late + change * 1_000
        return cost + wait_price_mc(params, waited)

    def _drive(self, row: int) -> None:
        """Connect a changed row; a stop that is late on purpose may be no later than it is."""
        self._reconnect(row)
        self.schedule(np.array([row]))
        n = int(self.n[row])
        begin, latest = self.begin[row, :n], self.latest[row, :n]
        np.maximum(latest, begin, out=latest)

    def _insert(self, row: int, at: int, demand: int, *, is_pickup: bool) -> None:
        """Add a stop before rank `at`."""
        n, asks = int(self.n[row]), self.asks
        for name in _STOPS:
            line = getattr(self, name)[row]
            line[at + 1 : n + 1] = line[at:n]
            line[at] = 0
        self.point[row, at + 2 : n + 2] = self.point[row, at + 1 : n + 1]
        self.key[row, at] = (asks.pickup_key if is_pickup else asks.dropoff_key)[demand]
        visit = Visit(None, FAR_S, is_pickup, (demand,))
        self.visits[row].insert(at, visit)
        self.n[row] = n + 1
        self._write(row, at, visit)

    def _delete(self, row: int, at: int) -> None:
        """Take the stop of rank `at` out."""
        n = int(self.n[row])
        for name in _STOPS:
            line = getattr(self, name)[row]
            line[at : n - 1] = line[at + 1 : n]
            line[n - 1] = 0
        self.point[row, at + 1 : n] = self.point[row, at + 2 : n + 1]
        del self.visits[row][at]
        self.n[row] = n - 1

    def _write(self, row: int, at: int, visit: Visit) -> None:
        """Put a visit and its numbers at rank `at`."""
        self.visits[row][at] = visit
        if visit.base is None:
            # A site whose orders differ in the place is where its first order says.
            q = self.asks.q_pickup if visit.is_pickup else self.asks.q_dropoff
            self.point[row, at + 1] = self.base[row] + q[visit.asks[0]]
        own = tuple(int(getattr(self, name)[row, at]) for name in _OWN)
        for name, value in numbers_of(visit, self.asks, own).items():
            getattr(self, name)[row, at] = value

    def _reconnect(self, row: int) -> None:
        """Legs of a row from the points it visits; told legs keep what they were."""
        n, asks = int(self.n[row]), self.asks
        seconds, metres = asks.between(self.point[row, :n], self.point[row, 1 : n + 1])
        # Stops that were there before never change their order, so the way from one to the next
        # is the one that came with the route.
        is_old = seconds < 0
        self.leg_s[row, :n] = np.where(is_old, self.old_s[row, :n], seconds)
        self.leg_m[row, :n] = np.where(is_old, self.old_m[row, :n], metres)


def _running_peaks(values: Ints) -> Ints:
    """Greatest of the values x..e, for every x and e >= x; the last two axes are x and e."""
    size = values.shape[1]
    spread = np.where(np.tri(size, k=-1, dtype=bool), -FAR_S, values[:, None, :])
    peaks: Ints = np.maximum.accumulate(spread, axis=2)
    return peaks
