"""This file knows what every way to put an order on a route costs, and which ways are possible.

One pass prices many (order, courier) pairs at once: an axis for the pairs, one for the places a
pickup can take, one for the places a dropoff can take. A run of stops between the two is one
function of the arrival time (see `Draft`), so each combination takes constant time [1]_.

References
----------
.. [1] Vidal, T., T. G. Crainic, M. Gendreau, and C. Prins (2014). A unified solution framework
   for multi-attribute vehicle routing problems. *European Journal of Operational Research*
   234(3): 658-673. https://doi.org/10.1016/j.ejor.2013.09.045
"""

from typing import NamedTuple

import numpy as np

from recourse.planning.board import FAR_S, Flags, Ints
from recourse.planning.draft import Draft, Pick
from recourse.planning.rates import time_price_mc, wait_price_mc
from recourse.planning.ways import (
    Half,
    Ways,
    both,
    dropoff_half,
    joins,
    new_pickups,
    pickup_half,
    some,
    waits,
)

__all__ = ["DEAR", "Priced", "price"]

DEAR = 1 << 60
"""Cost of what is not possible, in thousandths of a cent."""


class Priced(NamedTuple):
    """The cheapest way for each pair of order and courier.

    Attributes
    ----------
    cost : ndarray of int64, shape (n_pairs,)
        Thousandths of a cent; `DEAR` where no way is possible.
    late_s, added_s, added_m : ndarray of int64, shape (n_pairs,)
        Lateness of the order, and by how much the route grows.
    picks : ndarray of int64, shape (n_pairs, 4)
        Rank and newness of pickup and dropoff; see `pick_of`.
    over_g, over_ml : ndarray of int64, shape (n_pairs,)
        Where nothing is possible for lack of room: the least that is lacking; else 0.
    by : ndarray of int64, shape (n_pairs, 4)
        Where nothing is possible for lack of time, in the way that lacks least: seconds the order
        would be late, another stop would be too late, the shift and the hours be exceeded.
    """

    cost: Ints
    late_s: Ints
    added_s: Ints
    added_m: Ints
    picks: Ints
    over_g: Ints
    over_ml: Ints
    by: Ints

    def pick_of(self, k: int) -> Pick:
        """Return the way chosen for a pair."""
        at_pickup, at_dropoff, new_pickup, new_dropoff = self.picks[k].tolist()
        return Pick(
            at_pickup, at_dropoff, new_pickup=bool(new_pickup), new_dropoff=bool(new_dropoff)
        )


def price(draft: Draft, rows: Ints, asks: Ints) -> Priced:
    """Return the cheapest way to put each order on the paired courier's route.

    If the courier visits the place of the pickup anyway, and the parcel will be ready by then,
    the order joins that visit. Only if that is not possible is a second visit looked at: an
    earlier one, and a later one too if it is room that is lacking.

    Parameters
    ----------
    draft : Draft
        Routes as they are now.
    rows, asks : ndarray of int64, shape (n_pairs,)
        Row of the courier and number of the order of each pair.

    Returns
    -------
    Priced
        One element a pair.
    """
    draft.settle()
    there = joins(draft, rows, asks)
    if there is None:
        return _price(draft, rows, asks, new_pickups(draft, rows, asks))
    calm = there._replace(is_real=there.is_real & ~waits(draft, rows, asks, there))
    found = _empty(len(rows))
    done = np.flatnonzero(calm.is_real.any(axis=1))
    if len(done):
        _fill(found, done, _price(draft, rows[done], asks[done], some(calm, done)))
    rest = np.flatnonzero(found.cost >= DEAR)
    if len(rest):
        every = both(new_pickups(draft, rows, asks), there)
        first = np.where(calm.is_real, calm.rank, FAR_S).min(axis=1)
        is_full = (found.over_g > 0) | (found.over_ml > 0)
        is_tried = ~every.is_new | (every.rank <= first[:, None]) | is_full[:, None]
        every = every._replace(is_real=every.is_real & is_tried)
        _fill(found, rest, _price(draft, rows[rest], asks[rest], some(every, rest)))
    return found


def _empty(n: int) -> Priced:
    """Nothing possible for any of n pairs."""
    zero = np.zeros(n, dtype=np.int64)
    return Priced(
        np.full(n, DEAR, dtype=np.int64),
        zero.copy(),
        zero.copy(),
        zero.copy(),
        np.zeros((n, 4), dtype=np.int64),
        zero.copy(),
        zero.copy(),
        np.zeros((n, 4), dtype=np.int64),
    )


def _fill(found: Priced, where: Ints, part: Priced) -> None:
    """Write a part into the whole."""
    for mine, theirs in zip(found, part, strict=True):
        mine[where] = theirs


def _price(draft: Draft, rows: Ints, asks: Ints, pickups: Ways) -> Priced:
    """Price all combinations of these pickup columns with every dropoff column."""
    p, d = pickup_half(draft, rows, asks, pickups), dropoff_half(draft, rows, asks)
    grid = _Grid(draft, rows, asks, p, d)
    grid.drive()
    cost = np.where(grid.fits & (grid.lack <= 0), grid.cost(), DEAR)
    flat = cost.reshape(len(rows), -1)
    best = flat.argmin(axis=1)
    every = np.arange(len(rows))
    found = _empty(len(rows))
    found.cost[:] = flat[every, best]
    for mine, values in (
        (found.late_s, np.maximum(grid.late, 0)),
        (found.added_s, grid.finish - draft.finish[rows][:, None, None]),
        (found.added_m, grid.added_m()),
    ):
        mine[:] = values.reshape(len(rows), -1)[every, best]
    a, b = np.divmod(best, d.stop.shape[1])
    found.picks[:, 0] = p.ways.rank[every, a]
    found.picks[:, 1] = d.ways.rank[every, b]
    found.picks[:, 2] = p.ways.is_new[every, a]
    found.picks[:, 3] = d.ways.is_new[every, b]
    lost = np.flatnonzero(found.cost >= DEAR)
    if len(lost):
        _explain(grid, lost, found)
    return found


class _Grid:
    """Every combination of pickup and dropoff columns; arrays of shape (n_pairs, n_p, n_d)."""

    fits: Flags
    late: Ints
    lack: Ints
    finish: Ints
    over_g: Ints
    over_ml: Ints

    def __init__(self, draft: Draft, rows: Ints, asks: Ints, p: Half, d: Half) -> None:
        self.draft, self.rows, self.asks, self.p, self.d = draft, rows, asks, p, d
        self.row = rows[:, None, None]
        self.x, self.e, self.y = p.stop[:, :, None], d.stop[:, None, :], d.after[:, None, :]
        self.same = self.x == self.e
        self.new_p, self.new_d = p.ways.is_new[:, :, None], d.ways.is_new[:, None, :]
        book, point = draft.asks, draft.base[rows] + draft.asks.q_dropoff[asks]
        q = book.q_pickup[asks]
        self.direct_s = book.from_s[point, q][:, None, None]
        self.direct_m = book.from_m[point, q][:, None, None]

    def drive(self) -> None:
        """Drive every combination: from the pickup to the dropoff, and on to the end."""
        draft, book, d, p = self.draft, self.draft.asks, self.d, self.p
        x = np.minimum(self.x, self.e)
        # Seconds behind a courier who never waits, at the start of the run of old stops x..e-1.
        behind = (p.left + p.ahead - draft.drive[self.rows[:, None], p.stop])[:, :, None]
        through = np.maximum(behind, draft.opens[self.row, x, self.e])
        through += draft.done[self.rows[:, None], d.stop][:, None, :]
        first = np.where(
            self.new_p,
            np.where(self.new_d, self.direct_s, p.ahead[:, :, None]),
            d.left[:, None, :],
        )
        arrive = np.where(self.same, p.left[:, :, None] + first, through + d.left[:, None, :])
        missed = np.where(self.same, -FAR_S, behind - draft.closes[self.row, x, self.e])
        begin, leave, missed_here = self._serve(arrive)
        self.late = begin - book.latest[self.asks][:, None, None]
        end = draft.size
        behind = leave + (d.ahead - draft.drive[self.rows[:, None], d.after])[:, None, :]
        after = self.rows[:, None], d.after, end
        self.finish = np.maximum(behind, draft.opens[after][:, None, :])
        self.finish += draft.done[self.rows, end][:, None, None]
        rest = behind - draft.closes[after][:, None, :]
        self.missed = np.maximum(
            np.maximum(missed, rest), np.maximum(missed_here, p.late[:, :, None])
        )
        self.over_shift = self.finish - draft.shift_by[self.row]
        self.over_hours = self.finish - draft.hours_by[self.row]
        self.lack = np.maximum(
            np.maximum(self.missed, self.late - book.max_late_s),
            np.maximum(self.over_shift, self.over_hours),
        )
        self._weigh(x)

    def _weigh(self, x: Ints) -> None:
        """How much the load is too great between pickup and dropoff."""
        draft, book = self.draft, self.draft.asks
        room_g = (draft.cap_g[self.rows] - book.g[self.asks])[:, None, None]
        room_ml = (draft.cap_ml[self.rows] - book.ml[self.asks])[:, None, None]
        self.over_g = draft.peak_g[self.row, x, self.e] - room_g
        self.over_ml = draft.peak_ml[self.row, x, self.e] - room_ml
        self.real = (
            self.p.ways.is_real[:, :, None] & self.d.ways.is_real[:, None, :] & (self.x <= self.e)
        )
        self.fits = self.real & (self.over_g <= 0) & (self.over_ml <= 0)

    def _serve(self, arrive: Ints) -> tuple[Ints, Ints, Ints | int]:
        """When service at the dropoff begins and ends, and how much too late for who is there."""
        draft, book, ways = self.draft, self.draft.asks, self.d.ways
        begin = np.maximum(arrive, book.earliest[self.asks][:, None, None])
        service = book.service[self.asks][:, None, None]
        if ways.is_new.all():
            return begin, begin + service, -FAR_S
        r = self.rows[:, None]
        opens = np.where(ways.is_new, -FAR_S, draft.earliest[r, ways.rank])
        closes = np.where(ways.is_new, FAR_S, draft.latest[r, ways.rank])
        begin = np.maximum(begin, opens[:, None, :])
        there = np.maximum(draft.service[r, ways.rank][:, None, :], service)
        service = np.where(self.new_d, service, there + draft.params.joined_s)
        return begin, begin + service, begin - closes[:, None, :]

    def added_m(self) -> Ints:
        """Metres the route grows by."""
        apart = self.p.metres[:, :, None] + self.d.metres[:, None, :]
        joint = self.p.split_m[:, :, None] + self.direct_m + self.d.split_m[:, None, :]
        return np.where(self.same & self.new_p & self.new_d, joint, apart)

    def cost(self) -> Ints:
        """Distance, time, waiting, lateness and change, thousandths of a cent."""
        draft, params, book = self.draft, self.draft.params, self.draft.asks
        ready, was = draft.ready[self.rows], draft.finish[self.rows]
        spent = time_price_mc(params, self.finish - ready[:, None, None])
        spent -= time_price_mc(params, was - ready)[:, None, None]
        weight = book.weight[self.asks][:, None, None]
        late = np.maximum(self.late, 0) * (weight * params.late_cents_per_min * 1_000) // 60
        shifted = np.where(self.new_p, self.x, self.y)
        n_told = draft.n_told_from[self.row, shifted]
        is_diverted = (shifted == 0) & (draft.told[self.rows, 0] > 0)[:, None, None]
        change = n_told * params.change_cents + is_diverted * params.divert_cents
        way = self.added_m() * draft.price_m[self.row]
        begin = self.late + book.latest[self.asks][:, None, None]
        pushed = np.maximum(self.finish - was[:, None, None], 0)
        late += draft.late_mc_from[self.row, shifted] * pushed
        waited = begin - draft.now_s + n_told * pushed
        cost: Ints = way + spent + late + change * 1_000 + wait_price_mc(params, waited)
        return cost


def _explain(grid: _Grid, lost: Ints, found: Priced) -> None:
    """Say for pairs without any way what lacks least."""

    def flat(values: Ints) -> Ints:
        return np.broadcast_to(values, grid.fits.shape)[lost].reshape(len(lost), -1)

    every = np.arange(len(lost))
    fits = grid.fits[lost].reshape(len(lost), -1)
    over = np.maximum(flat(grid.over_g), 0) + np.maximum(flat(grid.over_ml), 0)
    lightest = np.where(grid.real[lost].reshape(len(lost), -1), over, DEAR).argmin(axis=1)
    nearest = np.where(fits, flat(grid.lack), DEAR).argmin(axis=1)
    is_full = ~fits.any(axis=1)
    found.over_g[lost] = np.where(is_full, flat(grid.over_g)[every, lightest], 0)
    found.over_ml[lost] = np.where(is_full, flat(grid.over_ml)[every, lightest], 0)
    late = flat(np.where(grid.late > grid.draft.asks.max_late_s, grid.late, 0))
    for column, part in enumerate(
        (late, flat(grid.missed), flat(grid.over_shift), flat(grid.over_hours))
    ):
        amount = np.where(is_full, 0, part[every, nearest])
        found.by[lost, column] = np.maximum(amount, 0)
