"""Graphs, rows and search trees of a network, kept within one bound of memory.

This file knows what may be forgotten, and in which order.
"""

from collections import OrderedDict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from recourse.model.errors import Invalid
from recourse.roads.network import RoadNetwork
from recourse.roads.profiles import Period, Profile, class_kmh, profile_bit, signal_delay_ms
from recourse.roads.rows import RowStore
from recourse.roads.search import SearchGraph, WeightedGraph, search_graph

__all__ = ["BATCH_ROWS", "BLANK", "UNREACHABLE_M", "Graph", "Key", "Pool", "edge_times_ms"]

BLANK: Final = 65_535
"""What rows hold where there is no way."""

UNREACHABLE_M: Final = 1_000_000
"""Metres that stand for "no way"."""

BATCH_ROWS: Final = 32
"""Rows that are computed at a time."""

_MAX_TREES: Final = 128
_LEAST_BYTES: Final = 1 << 20

Key = tuple[Any, ...]
"""Profile, period, version and, for rows, the direction."""

Graph = tuple[WeightedGraph, csr_array, NDArray[np.float64]]
"""A weighted graph, its reverse, and the milliseconds on every edge."""


def edge_times_ms(network: RoadNetwork, profile: Profile, period: Period) -> NDArray[np.float64]:
    """Undisturbed time on every edge in whole milliseconds, infinite where nobody may go."""
    # Whole milliseconds add up exactly in floating point, so a sum is the same from either
    # end and on every machine.
    kmh = class_kmh(profile, period, network.road_class, network.posted_kmh)
    driving = np.rint(network.length_m / (kmh / 3.6) * 1000)
    waiting = network.signals.astype(np.float64) * signal_delay_ms(profile)
    may_go = (network.access & profile_bit(profile)) > 0
    return np.where(may_go, np.maximum(driving + waiting, 1.0), np.inf)


class Pool:
    """Graphs, rows and trees of all versions, within one bound of memory."""

    def __init__(self, network: RoadNetwork, max_bytes: int) -> None:
        if max_bytes < _LEAST_BYTES:
            raise Invalid(field="max_bytes", why=f"must be at least 1 MiB, got {max_bytes}")
        self._network, self._max_bytes = network, max_bytes
        self._searches: dict[Profile, SearchGraph] = {}
        self._graphs: OrderedDict[Key, Graph] = OrderedDict()
        self._stores: OrderedDict[Key, RowStore] = OrderedDict()
        self._trees: OrderedDict[Key, tuple[NDArray[np.float64], NDArray[np.int32]]] = OrderedDict()

    @property
    def n_bytes(self) -> int:
        """Memory held by rows, in bytes."""
        return sum(store.n_bytes for store in self._stores.values())

    def search(self, profile: Profile) -> SearchGraph:
        """Search graph of a profile."""
        if profile not in self._searches:
            self._searches[profile] = search_graph(self._network, profile)
        return self._searches[profile]

    def graph(self, key: Key, factors: dict[int, float]) -> Graph:
        """Weighted graph of a version, its reverse, and the time on every edge."""
        if key not in self._graphs:
            edge_ms = edge_times_ms(self._network, key[0], key[1])
            touched = np.array(list(factors), dtype=np.int64)
            edge_ms[touched] = np.ceil(edge_ms[touched] * np.array(list(factors.values())))
            weighted = self.search(key[0]).weighted(edge_ms)
            self._graphs[key] = (weighted, csr_array(weighted.matrix.T), edge_ms)
            while len(self._graphs) > 3 * len(Profile) * len(Period):
                self._graphs.popitem(last=False)
        self._graphs.move_to_end(key)
        return self._graphs[key]

    def store(self, key: Key) -> RowStore:
        """Rows of a profile, period, version and direction."""
        found = self._stores.get(key)
        if found is None:
            n_columns = self.search(key[0]).n_plain
            is_metres = key[3] == "metres"
            width = 4 if is_metres else 2
            found = self._stores[key] = RowStore(
                n_nodes=self._network.n_nodes,
                n_columns=n_columns,
                max_rows=max(BATCH_ROWS, self._max_bytes // (width * (n_columns + 1))),
                dtype=np.int32 if is_metres else np.uint16,
                blank=UNREACHABLE_M if is_metres else BLANK,
            )
        self._stores.move_to_end(key)
        return found

    def make_room(self, key: Key) -> None:
        """Forget whole versions, the longest unused first, until memory is within its bound."""
        while self.n_bytes > self._max_bytes and len(self._stores) > 1:
            oldest = next(iter(self._stores))
            if oldest == key:
                break
            del self._stores[oldest]

    def tree(
        self, key: Key, graph: WeightedGraph, vertex: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Milliseconds to every vertex and the vertex before it, from one vertex."""
        if key not in self._trees:
            dist_ms, before = dijkstra(graph.matrix, indices=vertex, return_predecessors=True)
            self._trees[key] = (dist_ms, before)
            while len(self._trees) > _MAX_TREES:
                self._trees.popitem(last=False)
        self._trees.move_to_end(key)
        return self._trees[key]
