"""Travel times between any two places of a city, remembered.

This file knows which rows of times are kept, for how long, and when an event spoils them.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from recourse.model.errors import Invalid
from recourse.roads.events import RoadEvent, slowing
from recourse.roads.network import RoadNetwork
from recourse.roads.paths import Path, arrival_vertex, lengths_m, trace
from recourse.roads.profiles import (
    Period,
    Profile,
    class_kmh,
    period_at,
    profile_bit,
    signal_delay_ms,
)
from recourse.roads.rows import RowStore
from recourse.roads.search import SearchGraph, WeightedGraph, search_graph

__all__ = ["UNREACHABLE_M", "UNREACHABLE_S", "TravelTimes", "edge_times_ms"]

UNREACHABLE_S: Final = 1_000_000
"""Seconds that stand for "no way, or more than 18 hours"; two thousand of them fit an int32."""

UNREACHABLE_M: Final = 1_000_000
"""Metres that stand for "no way"."""

_BLANK: Final = 65_535
_BATCH_ROWS: Final = 32
_MAX_TREES: Final = 128
_PATCH_SLACK_MS: Final = 999

# Seconds as an int32, by the uint16 under which they are stored.
_SECONDS: Final = np.append(np.arange(_BLANK, dtype=np.int32), np.int32(UNREACHABLE_S))

_Graph = tuple[WeightedGraph, csr_array, NDArray[np.float64]]


def edge_times_ms(network: RoadNetwork, profile: Profile, period: Period) -> NDArray[np.float64]:
    """Undisturbed time on every edge in whole milliseconds, infinite where nobody may go."""
    # Whole milliseconds add up exactly in floating point, so a sum is the same from either
    # end and on every machine.
    kmh = class_kmh(profile, period, network.road_class, network.posted_kmh)
    driving = np.rint(network.length_m / (kmh / 3.6) * 1000)
    waiting = network.signals.astype(np.float64) * signal_delay_ms(profile)
    may_go = (network.access & profile_bit(profile)) > 0
    return np.where(may_go, np.maximum(driving + waiting, 1.0), np.inf)


class TravelTimes:
    """Times, distances and paths over a network, by profile, hour and road events.

    A row holds the times from one node to all others (or to it from all others) as
    uint16 seconds. Rows are computed when first needed and kept, the least recently
    used ones given up when `max_bytes` is reached, so that asking again is one gather.
    Values do not depend on what is remembered. One owner at a time: not for
    concurrent threads.

    Parameters
    ----------
    network : RoadNetwork
        The city.
    max_bytes : int, optional
        Bound on the memory of all rows together, in bytes.
    events : tuple of RoadEvent, optional
        Events that hold; see `with_events`.
    shared : optional
        Memory of other travel times over the same network, set by `with_events`.

    Notes
    -----
    A row takes 2 bytes per node of the profile. Events only ever slow roads down; the rows of
    the undisturbed network stay, and a row whose fastest ways avoid all touched
    edges is copied instead of computed again.
    """

    def __init__(
        self,
        network: RoadNetwork,
        *,
        max_bytes: int = 1 << 30,
        events: tuple[RoadEvent, ...] = (),
        shared: "_Pool | None" = None,
    ) -> None:
        self.network = network
        self.events = events
        self._pool = shared or _Pool(network, max_bytes)
        self._factors = slowing(network, events)
        self._version = tuple(self._factors.items())

    @property
    def n_bytes(self) -> int:
        """Memory held by remembered rows of all versions, in bytes."""
        return self._pool.n_bytes

    @property
    def touched_edges(self) -> NDArray[np.int32]:
        """Edges that are closed or slowed at present, in rising order."""
        return np.array(sorted(self._factors), dtype=np.int32)

    def with_events(self, events: Iterable[RoadEvent], now: datetime) -> "TravelTimes":
        """Travel times under the events that hold at an instant.

        The result shares its memory with this one. Going back to a set of events that
        was met before finds the rows of that time again.

        Parameters
        ----------
        events : iterable of RoadEvent
            All that is known; those that do not hold now are passed over.
        now : datetime
            The instant, aware.

        Returns
        -------
        TravelTimes
            The same city, slower where an event says so.
        """
        active = tuple(event for event in events if event.is_active(now))
        return TravelTimes(self.network, events=active, shared=self._pool)

    def matrix_s(
        self,
        profile: Profile,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at_s_of_day: int,
    ) -> NDArray[np.int32]:
        """Travel time from every origin to every destination.

        Parameters
        ----------
        profile : Profile
            Who travels.
        origins : ndarray of int32, shape (n,)
            Nodes, repeats allowed.
        destinations : ndarray of int32, shape (m,)
            Nodes, repeats allowed.
        at_s_of_day : int
            Departure, in seconds after local midnight; chooses the traffic.

        Returns
        -------
        ndarray of int32, shape (n, m)
            Seconds; `UNREACHABLE_S` where there is no way.
        """
        key = (profile, period_at(profile, at_s_of_day), self._version)
        there = self._pool.store((*key, "from"))
        lacking = there.lacks(origins)
        if len(lacking):
            back = self._pool.store((*key, "to"))
            lacking_back = back.lacks(destinations)
            if len(lacking_back) < len(lacking) and len(destinations) <= back.max_rows:
                back.touch(destinations)
                self._fill(back, (*key, "to"), lacking_back)
                return self._gather(profile, back, destinations, origins).T
            if len(np.unique(origins)) > there.max_rows:
                return self._in_parts(profile, origins, destinations, at_s_of_day)
            there.touch(origins)
            self._fill(there, (*key, "from"), lacking)
        return self._gather(profile, there, origins, destinations)

    def matrix_m(
        self,
        profile: Profile,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at_s_of_day: int,
    ) -> NDArray[np.int32]:
        """Length of the fastest way from every origin to every destination.

        Parameters
        ----------
        profile : Profile
            Who travels.
        origins, destinations : ndarray of int32, shape (n,) and (m,)
            Nodes, repeats allowed.
        at_s_of_day : int
            Departure, in seconds after local midnight; chooses the traffic.

        Returns
        -------
        ndarray of int32, shape (n, m)
            Metres; `UNREACHABLE_M` where there is no way.
        """
        key = (profile, period_at(profile, at_s_of_day), self._version, "metres")
        store = self._pool.store(key)
        if len(np.unique(origins)) > store.max_rows:
            return np.concatenate(
                [self.matrix_m(profile, o, destinations, at_s_of_day) for o in _halved(origins)]
            )
        store.touch(origins)
        self._fill(store, key, store.lacks(origins))
        columns = self._pool.search(profile).vertex_of[destinations]
        return np.asarray(
            store.rows[store.slot_of[origins][:, None], columns[None, :]], dtype=np.int32
        )

    def path(
        self, profile: Profile, origin: int, destination: int, at_s_of_day: int
    ) -> Path | None:
        """Find the fastest way from one node to another.

        Parameters
        ----------
        profile : Profile
            Who travels.
        origin, destination : int
            Nodes.
        at_s_of_day : int
            Departure, in seconds after local midnight.

        Returns
        -------
        Path or None
            The way, or None if there is none.
        """
        key = (profile, period_at(profile, at_s_of_day), self._version)
        graph, _, edge_ms = self._pool.graph(key, self._factors)
        first, last = (int(graph.search.vertex_of[node]) for node in (origin, destination))
        if first < 0 or last < 0:
            return None
        if first == last:
            return trace(self.network, graph, np.empty(0, dtype=np.int32), (first, first), edge_ms)
        dist_ms, before = self._pool.tree((*key, origin), graph, first)
        last = arrival_vertex(graph, dist_ms, last)
        if not np.isfinite(dist_ms[last]):
            return None
        return trace(self.network, graph, before, (first, last), edge_ms)

    def _gather(
        self, profile: Profile, store: RowStore, ends: NDArray[np.int32], others: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        store.touch(ends)
        columns = self._pool.search(profile).vertex_of[others]
        seconds: NDArray[np.int32] = _SECONDS[
            store.rows[store.slot_of[ends][:, None], columns[None, :]]
        ]
        return seconds

    def _in_parts(
        self,
        profile: Profile,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at_s_of_day: int,
    ) -> NDArray[np.int32]:
        parts = [
            self.matrix_s(profile, part, destinations, at_s_of_day) for part in _halved(origins)
        ]
        return np.concatenate(parts)

    def _fill(self, store: RowStore, key: "_Key", nodes: NDArray[np.int32]) -> None:
        """Compute the rows of nodes that have none."""
        if not len(nodes):
            return
        profile, period, _, way = key[0], key[1], key[2], key[3]
        search = self._pool.search(profile)
        offroad = search.vertex_of[nodes] < 0
        store.slot_of[nodes[offroad]] = 0
        nodes = nodes[~offroad]
        if self._factors and way != "metres":
            nodes = self._copy_unspoilt(store, (profile, period, (), way), nodes)
        for at in range(0, len(nodes), _BATCH_ROWS):
            batch = nodes[at : at + _BATCH_ROWS]
            graph = self._pool.graph(key[:3], self._factors)
            if way == "metres":
                store.put(batch, self._metre_rows(graph[0], search.vertex_of[batch]))
            else:
                store.put(batch, _second_rows(graph, search.vertex_of[batch], is_back=way == "to"))
        self._pool.make_room(key)

    def _metre_rows(self, graph: WeightedGraph, vertices: NDArray[np.int32]) -> NDArray[np.int32]:
        """Metres from each vertex to all plain vertices; shape (n, n_plain)."""
        dist_ms, before = dijkstra(graph.matrix, indices=vertices, return_predecessors=True)
        rows = [lengths_m(self.network, graph, b, d) for b, d in zip(before, dist_ms, strict=True)]
        return np.rint(np.minimum(np.array(rows), UNREACHABLE_M)).astype(np.int32)

    def _copy_unspoilt(
        self, store: RowStore, calm_key: "_Key", nodes: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        """Take over rows that no touched edge can change; return the nodes still lacking."""
        calm = self._pool.store(calm_key)
        known = nodes[calm.slot_of[nodes] > 0]
        search = self._pool.search(calm_key[0])
        edges = self.touched_edges[np.isin(self.touched_edges, search.edge)]
        near, far = self.network.tail[edges], self.network.head[edges]
        if calm_key[3] == "to":
            near, far = far, near
        # Times at a split node are those of its fastest vertex only: not enough to judge by.
        is_split = np.isin(far, search.node_of[search.n_plain :])
        if not len(known) or bool(is_split.any()):
            return nodes
        calm_ms = self._pool.graph((calm_key[0], calm_key[1], ()), {})[2][edges]
        slots = calm.slot_of[known][:, None]
        near_s = calm.rows[slots, search.vertex_of[near]].astype(np.int64)
        far_s = calm.rows[slots, search.vertex_of[far]].astype(np.int64)
        slower = 1000 * (near_s - far_s) + calm_ms > _PATCH_SLACK_MS
        unspoilt = ((near_s == _BLANK) | ((far_s != _BLANK) & slower)).all(axis=1)
        for at in range(0, int(unspoilt.sum()), _BATCH_ROWS):
            batch = known[unspoilt][at : at + _BATCH_ROWS]
            store.put(batch, calm.rows[calm.slot_of[batch], :-1])
        return np.setdiff1d(nodes, known[unspoilt])


def _halved(nodes: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    middle = len(nodes) // 2
    return nodes[:middle], nodes[middle:]


def _second_rows(
    graph: _Graph, vertices: NDArray[np.int32], *, is_back: bool
) -> NDArray[np.uint16]:
    """Seconds from (or back to) each plain vertex; shape (n, n_plain)."""
    weighted, reverse, _ = graph
    search = weighted.search
    if is_back:
        dist_ms = dijkstra(reverse, indices=vertices)
        for i, vertex in enumerate(vertices.tolist()):
            copies = search.copies_of(vertex)
            if len(copies):
                others = dijkstra(reverse, indices=copies)
                dist_ms[i] = np.minimum(dist_ms[i], others.min(axis=0))
        dist_ms = dist_ms[:, : search.n_plain]
    else:
        every = dijkstra(weighted.matrix, indices=vertices)
        dist_ms = every[:, : search.n_plain].copy()
        parents = search.vertex_of[search.node_of[search.n_plain :]]
        np.minimum.at(dist_ms.T, parents, every[:, search.n_plain :].T)
    seconds = np.floor((np.minimum(dist_ms, _BLANK * 1000.0) + 500) / 1000)
    rows: NDArray[np.uint16] = seconds.astype(np.uint16)
    return rows


_Key = tuple[Any, ...]


class _Pool:
    """Graphs, rows and trees of all versions, within one bound of memory."""

    def __init__(self, network: RoadNetwork, max_bytes: int) -> None:
        if max_bytes < 1 << 20:
            raise Invalid(field="max_bytes", why=f"must be at least 1 MiB, got {max_bytes}")
        self._network, self._max_bytes = network, max_bytes
        self._searches: dict[Profile, SearchGraph] = {}
        self._graphs: OrderedDict[_Key, _Graph] = OrderedDict()
        self._stores: OrderedDict[_Key, RowStore] = OrderedDict()
        self._trees: OrderedDict[_Key, tuple[NDArray[np.float64], NDArray[np.int32]]] = (
            OrderedDict()
        )

    @property
    def n_bytes(self) -> int:
        """Memory held by rows, in bytes."""
        return sum(store.n_bytes for store in self._stores.values())

    def search(self, profile: Profile) -> SearchGraph:
        """Search graph of a profile."""
        if profile not in self._searches:
            self._searches[profile] = search_graph(self._network, profile)
        return self._searches[profile]

    def graph(self, key: _Key, factors: dict[int, float]) -> _Graph:
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

    def store(self, key: _Key) -> RowStore:
        """Rows of a profile, period, version and direction."""
        found = self._stores.get(key)
        if found is None:
            n_columns = self.search(key[0]).n_plain
            is_metres = key[3] == "metres"
            width = 4 if is_metres else 2
            found = self._stores[key] = RowStore(
                n_nodes=self._network.n_nodes,
                n_columns=n_columns,
                max_rows=max(_BATCH_ROWS, self._max_bytes // 2 // (width * (n_columns + 1))),
                dtype=np.int32 if is_metres else np.uint16,
                blank=UNREACHABLE_M if is_metres else _BLANK,
            )
        self._stores.move_to_end(key)
        return found

    def make_room(self, key: _Key) -> None:
        """Forget whole versions, the longest unused first, until memory is within its bound."""
        while self.n_bytes > self._max_bytes and len(self._stores) > 1:
            oldest = next(iter(self._stores))
            if oldest == key:
                break
            del self._stores[oldest]

    def tree(
        self, key: _Key, graph: WeightedGraph, vertex: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Milliseconds to every vertex and the vertex before it, from one vertex."""
        if key not in self._trees:
            dist_ms, before = dijkstra(graph.matrix, indices=vertex, return_predecessors=True)
            self._trees[key] = (dist_ms, before)
            while len(self._trees) > _MAX_TREES:
                self._trees.popitem(last=False)
        self._trees.move_to_end(key)
        return self._trees[key]
