"""This file knows rows of a draft as they were, so that what was tried can be undone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recourse.planning.board import Ints
from recourse.planning.visits import Visit

if TYPE_CHECKING:
    from recourse.planning.draft import Draft

__all__ = ["Trial"]


class Trial:
    """Rows of a draft as they were before a block began to change them."""

    def __init__(self, draft: "Draft", columns: Sequence[str]) -> None:
        self._draft, self._columns = draft, columns
        self._kept: dict[int, _Kept] = {}

    def keep(self, row: int) -> None:
        """Remember a row, if it is the first time."""
        if row in self._kept:
            return
        draft = self._draft
        lines = {name: getattr(draft, name)[row].copy() for name in self._columns}
        numbers = int(draft.n[row]), int(draft.load_g[row]), int(draft.load_ml[row])
        cost_mc = int(draft.costs(np.array([row]))[0])
        self._kept[row] = _Kept(lines, list(draft.visits[row]), numbers, cost_mc)

    def saved_mc(self) -> int:
        """By how much the routes that changed are cheaper now, thousandths of a cent."""
        now = self._draft.costs(np.array(list(self._kept), dtype=np.int64))
        return sum(kept.cost_mc for kept in self._kept.values()) - int(now.sum())

    def undo(self) -> None:
        """Make every row what it was."""
        draft = self._draft
        for row, kept in self._kept.items():
            for name, line in kept.lines.items():
                mine = getattr(draft, name)
                mine[row, : len(line)], mine[row, len(line) :] = line, 0
            draft.visits[row] = kept.visits
            draft.n[row], draft.load_g[row], draft.load_ml[row] = kept.numbers
            draft.schedule(np.array([row]))


class _Kept(NamedTuple):
    """One row as it was."""

    lines: dict[str, Ints]
    visits: list[Visit]
    numbers: tuple[int, int, int]
    cost_mc: int
