"""This file knows how a first plan of several new orders becomes a better one: the engine's way.

All routes that got something are one world of the re-matching engine, see `Tails`. Its answer is
put into the draft and kept only if every route stays sound there and their whole price falls, for
the engine knows neither that a longer route is dearer by the second nor what a change costs.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from recourse.planning.draft import Draft
from recourse.planning.engine import ANY, SearchParams
from recourse.planning.search import Search
from recourse.planning.tails import Tails
from recourse.planning.visits import Seat, Visit

__all__ = ["rematch"]

_DIALS = SearchParams(mean_removed=11, heat_start=0.3, p_chain=0.15, n_starts=1, n_polish=7)
"""Days were measured with these; the dials of the engine itself suit a longer search."""
_SEED = 0
"""Which sequence of the engine's dice: always the same, so that equal input has an equal plan."""
_PLAIN_SHARE = 100
"""The plain reference takes so many times longer for a step, and gets so many times fewer."""
_EXCHANGE = 2
"""How many orders it takes for one to be better off with the place of another."""


def rematch(search: Search) -> None:
    """Better the plan of a search in place, then try once more what nobody could carry."""
    if len(search.moves) + int(search.is_open.sum()) < _EXCHANGE:
        return
    if search.draft.params.steps_per_order and len(search.moves) >= _EXCHANGE:
        _improve(search)
    if search.is_open.any():
        search.run()


def _improve(search: Search) -> None:
    """Ask the engine about the routes that changed, and take its answer if it is better."""
    tails = Tails(search, _changed_rows(search))
    if sum(not unit.is_told for unit in tails.units) < _EXCHANGE:
        return
    world = tails.world()
    n_steps = search.draft.params.steps_per_order * len(search.moves)
    answer = world.answer(
        iterations=n_steps // _PLAIN_SHARE if world.is_plain else n_steps, seed=_SEED, params=_DIALS
    )
    after = [route.tolist() for route in answer.routes]
    if len(answer.unserved) or after == tails.routes:
        return
    change = _Change(tails, after)
    if _is_better(search.draft, change.routes):
        search.hand_over(change.row_of)


def _is_better(draft: Draft, routes: Mapping[int, Sequence[Seat]]) -> bool:
    """Whether routes are sound and cheaper together; if they are not, nothing has happened."""
    with draft.trial() as trial:
        draft.rewrite(routes)
        is_sound = draft.is_sound(np.array(list(routes), dtype=np.int64)).all()
        if is_sound and trial.saved_mc() > 0:
            return True
        trial.undo()
    return False


def _changed_rows(search: Search) -> list[int]:
    """Sound rows that got an order, whoever got the first order first: names do not matter."""
    first: dict[int, int] = {}
    for move in sorted(search.moves):
        first.setdefault(move.row, move.demand)
    rows = np.array(list(first), dtype=np.int64)
    is_sound = search.draft.is_sound(rows).tolist()
    return [row for row, is_so in zip(first, is_sound, strict=True) if is_so]


class _Change:
    """What becomes of the rows of a draft.

    Attributes
    ----------
    routes : dict of int to list of Seat
        New route of every row that changes.
    row_of : dict of int to int
        New row of every demand that changed hands.
    """

    def __init__(self, tails: Tails, after: Sequence[Sequence[int]]) -> None:
        self._tails, self._draft = tails, tails.draft
        self.row_of: dict[int, int] = {}
        self._left: list[set[int]] = [set() for _ in after]
        self._came: list[dict[int, list[int]]] = [{} for _ in after]
        courier_of = {visit: c for c, route in enumerate(after) for visit in route}
        for unit in tails.units:
            if courier_of[unit.door] != unit.courier:
                self._hand_over(unit.asks, unit.courier, courier_of[unit.door], unit.pickup)
        self.routes = {
            tails.rows[courier]: self._head(courier) + self._tail(courier, route)
            for courier, route in enumerate(after)
            if route != tails.routes[courier]
        }

    def _hand_over(self, asks: Sequence[int], old: int, new: int, pickup: int) -> None:
        """Note that demands go from one courier to another."""
        for k in asks:
            self.row_of[k] = self._tails.rows[new]
            if pickup == ANY:
                self._left[old].add(k)
                self._came[new].setdefault(self._tails.pickup_at(new, k), []).append(k)

    def _head(self, courier: int) -> list[Seat]:
        """Stops before the free stretch: what is collected there may have changed."""
        row, seats = self._tails.rows[courier], []
        for rank, was in enumerate(self._draft.visits[row][: self._tails.heads[courier]]):
            visit = was
            if was.is_pickup:
                stay = [k for k in was.asks if k not in self._left[courier]]
                come = sorted(self._came[courier].get(rank, []))
                visit = was._replace(asks=(*stay, *come))
            if visit.asks or visit.base is not None:
                seats.append(Seat(visit, row, rank, is_changed=visit.asks != was.asks))
        return seats

    def _tail(self, courier: int, route: Sequence[int]) -> list[Seat]:
        """Stops of the free stretch; what was told stays in its sequence."""
        seats: list[Seat] = []
        for visit_row, rank in self._in_sequence(route):
            visit = self._draft.visits[visit_row][rank]
            is_changed = visit_row != self._tails.rows[courier]
            if seats and self._is_joined(seats[-1], visit_row, rank):
                last = seats[-1]
                both = last.visit._replace(asks=(*last.visit.asks, *visit.asks))
                seats[-1] = last._replace(visit=both, is_changed=True)
            else:
                seats.append(Seat(visit, visit_row, rank, is_changed=is_changed))
        return seats

    def _in_sequence(self, route: Sequence[int]) -> list[tuple[int, int]]:
        """Row and rank of each visit, told stops in the sequence in which they were told."""
        seats = [self._tails.seats[visit] for visit in route]
        told = [seat for seat in seats if self._visit(seat).base is not None]
        in_turn = iter(sorted(told))
        return [next(in_turn) if self._visit(s).base is not None else s for s in seats]

    def _visit(self, seat: tuple[int, int]) -> Visit:
        """Visit that is at a rank of a row as it is."""
        return self._draft.visits[seat[0]][seat[1]]

    def _is_joined(self, last: Seat, row: int, rank: int) -> bool:
        """Whether a new stop is at the place of the stop before it, for the same purpose."""
        keys = self._draft.key
        is_same = keys[last.row, last.rank] == keys[row, rank]
        return bool(is_same) and self._visit((row, rank)).base is None
