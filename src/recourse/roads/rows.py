"""A bounded store of travel times from (or to) one node to every other.

This file knows where a row lies and which row is given up when space runs out.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["RowStore"]

_FIRST_ROWS = 64


class RowStore:
    """Rows of equal length by node, the least recently used given up first.

    Slot 0 is a row of `blank` for nodes that have no road; it is never given up. All
    rows have one more column than there are vertices, also blank, so that index -1
    reads "no road there" without a test.

    Parameters
    ----------
    n_nodes : int
        Nodes that may have a row.
    n_columns : int
        Length of a row, without the blank column.
    max_rows : int
        Rows kept at most.
    dtype : DTypeLike
        What a row is made of.
    blank : int
        What stands for "no way".

    Attributes
    ----------
    slot_of : ndarray of int32, shape (n_nodes,)
        Slot of the row of each node, or -1.
    rows : ndarray, shape (n_slots, n_vertices + 1)
        The rows; grows up to the bound.
    """

    def __init__(
        self, *, n_nodes: int, n_columns: int, max_rows: int, dtype: DTypeLike, blank: int
    ) -> None:
        self.slot_of: NDArray[np.int32] = np.full(n_nodes, -1, dtype=np.int32)
        self._max_slots = min(max_rows, n_nodes) + 1
        self._blank = blank
        self.rows: NDArray[np.generic] = np.full(
            (min(_FIRST_ROWS, self._max_slots), n_columns + 1), blank, dtype=dtype
        )
        self._node_in: NDArray[np.int32] = np.full(self._max_slots, -1, dtype=np.int32)
        self._used_at: NDArray[np.int64] = np.zeros(self._max_slots, dtype=np.int64)
        self._used_at[0] = np.iinfo(np.int64).max
        self._n_slots = 1
        self._clock = 0

    @property
    def n_bytes(self) -> int:
        """Memory held by the rows, in bytes."""
        return int(self.rows.nbytes)

    @property
    def max_rows(self) -> int:
        """Rows that the store may hold."""
        return self._max_slots - 1

    def touch(self, nodes: NDArray[np.int32]) -> None:
        """Note that the rows of these nodes, all present, were used now."""
        self._clock += 1
        slots = self.slot_of[nodes]
        self._used_at[slots[slots > 0]] = self._clock

    def lacks(self, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Nodes without a row, each once, in rising order."""
        missing = nodes[self.slot_of[nodes] < 0]
        return np.unique(missing) if len(missing) else missing

    def put(self, nodes: NDArray[np.int32], rows: NDArray[np.generic]) -> None:
        """Keep the rows of nodes that have none; at most `max_rows` at a time."""
        slots = self._free(len(nodes))
        self.rows[slots, :-1] = rows
        self.slot_of[nodes] = slots
        self._node_in[slots] = nodes
        self._clock += 1
        self._used_at[slots] = self._clock

    def _free(self, n: int) -> NDArray[np.int64]:
        """Slots for n new rows: fresh ones first, then those unused for longest."""
        n_fresh = min(n, self._max_slots - self._n_slots)
        self._grow(self._n_slots + n_fresh)
        fresh = np.arange(self._n_slots, self._n_slots + n_fresh)
        self._n_slots += n_fresh
        if n_fresh == n:
            return fresh
        old = np.argsort(self._used_at[: self._n_slots - n_fresh], kind="stable")[: n - n_fresh]
        self.slot_of[self._node_in[old]] = -1
        return np.concatenate([fresh, old])

    def _grow(self, n_slots: int) -> None:
        if n_slots <= len(self.rows):
            return
        size = min(self._max_slots, max(n_slots, 2 * len(self.rows)))
        grown = np.empty((size, self.rows.shape[1]), dtype=self.rows.dtype)
        grown[: len(self.rows)] = self.rows
        grown[len(self.rows) :, -1] = self._blank
        self.rows = grown
