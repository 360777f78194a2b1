"""This file knows the places a pickup and a dropoff can take on a route, as columns."""

from typing import NamedTuple

import numpy as np

from recourse.planning.board import FAR_S, Flags, Ints
from recourse.planning.draft import Draft

__all__ = [
    "Half",
    "Ways",
    "both",
    "dropoff_half",
    "joins",
    "new_pickups",
    "pickup_half",
    "some",
    "waits",
]


class Ways(NamedTuple):
    """Places a pickup (or a dropoff) can take, one column each.

    Attributes
    ----------
    rank : ndarray of int64, shape (n_pairs, n_ways)
        Before which stop a new one comes, or which one is joined; -1 for no pickup.
    is_new, is_real : ndarray of bool, shape (n_pairs, n_ways)
        Whether a stop is added, and whether the column means anything.
    """

    rank: Ints
    is_new: Flags
    is_real: Flags


class Half(NamedTuple):
    """One end of the insertion, every column: times, ways and metres."""

    ways: Ways
    stop: Ints  # pickup: first old stop after it; dropoff: first old stop after the run before it
    after: Ints  # first old stop after the dropoff
    left: Ints  # pickup: when it is left; dropoff: seconds from the last stop of the run
    ahead: Ints  # seconds to the next old stop
    metres: Ints  # added metres if the other end is elsewhere
    split_m: Ints  # the part of them that stays if both ends are between the same two stops
    late: Ints  # seconds by which a joined stop itself would be too late


def some(ways: Ways, where: Ints) -> Ways:
    """Only some of the pairs, and of the columns only those that mean something to one of them."""
    is_used = ways.is_real[where].any(axis=0)
    return Ways(
        ways.rank[where][:, is_used],
        ways.is_new[where][:, is_used],
        ways.is_real[where][:, is_used],
    )


def both(left: Ways, right: Ways) -> Ways:
    """Columns of the one, then of the other."""
    return Ways(
        np.concatenate([left.rank, right.rank], axis=1),
        np.concatenate([left.is_new, right.is_new], axis=1),
        np.concatenate([left.is_real, right.is_real], axis=1),
    )


def new_pickups(draft: Draft, rows: Ints, asks: Ints) -> Ways:
    """A new pickup before each stop and after the last; one empty column if there is none."""
    has = draft.asks.has_pickup[asks]
    if not has.any():
        none = np.full((len(rows), 1), -1, dtype=np.int64)
        return Ways(none, np.zeros(none.shape, dtype=bool), np.ones(none.shape, dtype=bool))
    most = int(draft.n[rows].max(initial=0))
    rank = np.broadcast_to(np.arange(most + 1), (len(rows), most + 1)).copy()
    is_real = rank <= draft.n[rows, None]
    # An order on board has no pickup: its first column stands for that, the others for nothing.
    is_real &= has[:, None] | (rank == 0)
    rank[~has] = -1
    return Ways(rank, np.broadcast_to(has[:, None], rank.shape), is_real)


def _matches(draft: Draft, rows: Ints, keys: Ints) -> Ways | None:
    """Stops with the same key, earliest first; None if no pair has one."""
    most = int(draft.n[rows].max(initial=0))
    same = draft.key[rows, :most] == keys[:, None]
    same &= np.arange(most) < draft.n[rows, None]
    deep = int(same.sum(axis=1).max(initial=0))
    if deep == 0:
        return None
    rank = np.argsort(~same, axis=1, kind="stable")[:, :deep]
    is_real = np.take_along_axis(same, rank, axis=1)
    return Ways(rank, np.zeros(rank.shape, dtype=bool), is_real)


def joins(draft: Draft, rows: Ints, asks: Ints) -> Ways | None:
    """Pickups that are there and can be joined."""
    return _matches(draft, rows, draft.asks.pickup_key[asks])


def waits(draft: Draft, rows: Ints, asks: Ints, ways: Ways) -> Flags:
    """Whether joining a pickup would hold the courier up."""
    begin = draft.begin[rows[:, None], ways.rank]
    is_waiting: Flags = draft.asks.ready[asks][:, None] > begin
    return is_waiting


def pickup_half(draft: Draft, rows: Ints, asks: Ints, ways: Ways) -> Half:
    """Times and metres of the pickup in every column."""
    book, r = draft.asks, rows[:, None]
    last = draft.n[rows, None]
    rank = np.maximum(ways.rank, 0)
    q = book.q_pickup[asks][:, None]
    is_none = ways.rank < 0
    is_join = ~ways.is_new & ~is_none
    here = draft.point[r, rank]
    ahead_at = draft.point[r, np.minimum(rank + 1, last)]
    has_next = rank < last
    arrive = draft.leave[r, rank] + book.to_s[here, q]
    left_new = np.maximum(arrive, book.ready[asks][:, None]) + book.pickup_service[asks][:, None]
    ahead_new = np.where(has_next, book.from_s[ahead_at, q], 0)
    split_m = book.to_m[here, q]
    metres = split_m + np.where(has_next, book.from_m[ahead_at, q] - draft.leg_m[r, rank], 0)
    stop = rank
    left, ahead, late = left_new, ahead_new, np.full_like(left_new, -FAR_S)
    if is_join.any():
        begin = np.maximum(draft.begin[r, rank], book.ready[asks][:, None])
        left = np.where(is_join, begin + draft.service[r, rank] + book.params.loaded_s, left)
        late = np.where(is_join, begin - draft.latest[r, rank], late)
        stop = np.where(is_join, rank + 1, stop)
    if is_none.any():
        left = np.where(is_none, draft.ready[r], left)
    if not ways.is_new.all():
        leg = np.where(stop < last, draft.leg_s[r, stop], 0)
        ahead = np.where(ways.is_new, ahead, leg)
        metres = np.where(ways.is_new, metres, 0)
    return Half(ways, stop, stop, left, ahead, metres, split_m, late)


def dropoff_half(draft: Draft, rows: Ints, asks: Ints) -> Half:
    """Ways and metres of the dropoff in every column: new stops, then joined ones."""
    book, r = draft.asks, rows[:, None]
    last = draft.n[rows, None]
    most = int(last.max(initial=0))
    rank = np.broadcast_to(np.arange(most + 1), (len(rows), most + 1))
    ways = Ways(rank, np.ones(rank.shape, dtype=bool), rank <= last)
    shared = _matches(draft, rows, book.dropoff_key[asks])
    if shared is not None:
        ways = both(ways, shared)
    rank = ways.rank
    q = book.q_dropoff[asks][:, None]
    here, ahead_at = draft.point[r, rank], draft.point[r, np.minimum(rank + 1, last)]
    has_next = rank < last
    way = book.to_s[here, q]
    ahead = np.where(has_next, book.from_s[ahead_at, q], 0)
    split_m = np.where(has_next, book.from_m[ahead_at, q] - draft.leg_m[r, rank], 0)
    metres = book.to_m[here, q] + split_m
    after = rank
    if shared is not None:
        after = np.where(ways.is_new, rank, rank + 1)
        way = np.where(ways.is_new, way, draft.leg_s[r, rank])
        next_leg = np.where(after < last, draft.leg_s[r, np.minimum(after, last)], 0)
        ahead = np.where(ways.is_new, ahead, next_leg)
        metres = np.where(ways.is_new, metres, 0)
    return Half(ways, rank, after, way, ahead, metres, split_m, np.zeros_like(rank))
