"""This file knows the order of decisions: which order is placed next, and with whom."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from recourse.planning.board import Ints
from recourse.planning.draft import Draft, Pick
from recourse.planning.losses import Losses
from recourse.planning.price import DEAR, price

__all__ = ["Move", "Search"]


class Move(NamedTuple):
    """One order placed: which, on which row of the draft, and what it cost then."""

    demand: int
    row: int
    cost: int
    added_s: int
    added_m: int


class Search:
    """The state of one call: every order's price with every candidate, and what is decided.

    Attributes
    ----------
    ranks : ndarray of int64, shape (n_rows,)
        Rank in `Losses.courier_ids` of each row of the draft.
    cost : ndarray of int64, shape (n_demands, n_rows)
        Thousandths of a cent; `DEAR` where it is not possible or was not tried.
    moves : list of Move
        What is decided, in that order.
    """

    def __init__(self, draft: Draft, losses: Losses, ranks: Ints, near: Sequence[Ints]) -> None:
        self.draft, self.losses, self.ranks, self.near = draft, losses, ranks, near
        shape = (len(near), len(ranks))
        self.cost = np.full(shape, DEAR, dtype=np.int64)
        self.added = np.zeros((*shape, 2), dtype=np.int64)
        self.picks = np.zeros((*shape, 4), dtype=np.int64)
        self.is_candidate = np.zeros(shape, dtype=bool)
        for k, ranks_near in enumerate(near):
            self.is_candidate[k, np.searchsorted(ranks, ranks_near)] = True
        self.is_open = np.ones(shape[0], dtype=bool)
        self.moves: list[Move] = []

    def wants_more(self, n_tried: int) -> bool:
        """Whether an order found nobody although couriers farther off were not tried."""
        return any(self.is_open[k] and len(ranks) >= n_tried for k, ranks in enumerate(self.near))

    def run(self, among: Ints | None = None) -> None:
        """Place waiting orders one by one until nothing more is possible.

        All of them take part, or only those of `among`.
        """
        waiting = np.flatnonzero(self.is_open) if among is None else among
        some, rows = np.nonzero(self.is_candidate[waiting])
        self.evaluate(waiting[some], rows)
        while True:
            waiting = waiting[self.is_open[waiting]]
            k = self.most_regretted(waiting)
            if k < 0:
                break
            row = int(self.cost[k].argmin())
            self.take(k, row)
            again = waiting[self.is_open[waiting] & self.is_candidate[waiting, row]]
            self.evaluate(again, np.full(len(again), row, dtype=np.int64))

    def hand_over(self, row_of: Mapping[int, int]) -> None:
        """Note that orders are on other rows now, what they cost there, and who lost them."""
        self.moves = [
            self._priced(move.demand, row_of[move.demand]) if move.demand in row_of else move
            for move in self.moves
        ]
        for move in self.moves:
            if move.demand in row_of:
                self._settle(move)

    def _priced(self, k: int, row: int) -> Move:
        """What its route is dearer and longer for an order that is on it."""
        draft = self.draft
        done_s, metres = int(draft.finish[row]), int(draft.leg_m[row].sum())
        with draft.trial() as trial:
            draft.remove(row, k)
            saved_mc = trial.saved_mc()
            added_s = done_s - int(draft.finish[row])
            added_m = metres - int(draft.leg_m[row].sum())
            trial.undo()
        return Move(k, row, saved_mc, added_s, added_m)

    def evaluate(self, demands: Ints, rows: Ints) -> None:
        """Price pairs of orders and couriers as the routes are now."""
        if not len(demands):
            return
        priced = price(self.draft, rows, demands)
        self.cost[demands, rows] = priced.cost
        self.added[demands, rows, 0] = priced.added_s
        self.added[demands, rows, 1] = priced.added_m
        self.picks[demands, rows] = priced.picks
        self.losses.note(demands, self.ranks[rows], priced)

    def most_regretted(self, waiting: Ints) -> int:
        """Order that loses most by waiting longer; -1 if none can be placed."""
        if not len(waiting) or not self.cost.shape[1]:
            return -1
        params = self.draft.params
        nobody = params.unplaced_cents * 1_000
        k = min(params.regret_k, self.cost.shape[1])
        best = np.partition(self.cost[waiting], range(k), axis=1)[:, :k]
        missing = params.regret_k - k
        regret = (np.minimum(best, nobody) - best[:, :1]).sum(axis=1)
        regret += missing * (nobody - best[:, 0])
        regret = np.where(best[:, 0] < DEAR, regret, -DEAR)
        first = int(regret.argmax())
        return int(waiting[first]) if best[first, 0] < DEAR else -1

    def take(self, k: int, row: int) -> None:
        """Place an order as it was priced and settle why the others lost it."""
        at_pickup, at_dropoff, new_pickup, new_dropoff = self.picks[k, row].tolist()
        pick = Pick(
            at_pickup, at_dropoff, new_pickup=bool(new_pickup), new_dropoff=bool(new_dropoff)
        )
        self.draft.apply(row, k, pick)
        added_s, added_m = self.added[k, row].tolist()
        self.moves.append(Move(k, row, int(self.cost[k, row]), added_s, added_m))
        self.is_open[k] = False
        self._settle(self.moves[-1])

    def _settle(self, move: Move) -> None:
        """Settle why everybody but one lost an order."""
        k, row = move.demand, move.row
        self.cost[k, row] = move.cost
        columns = np.flatnonzero(self.is_candidate[k])
        self.losses.outbid(k, self.ranks[columns], self.cost[k, columns], int(self.ranks[row]))
