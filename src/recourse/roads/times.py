"""Travel times between any two places of a city, remembered.

This file knows which rows of times are kept, for how long, and when an event spoils them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from recourse.roads.events import RoadEvent, slowing
from recourse.roads.network import RoadNetwork
from recourse.roads.paths import Path, arrival_vertex, lengths_m, trace
from recourse.roads.pool import BATCH_ROWS, BLANK, UNREACHABLE_M, Graph, Key, Pool
from recourse.roads.profiles import Profile, period_at
from recourse.roads.rows import RowStore
from recourse.roads.search import WeightedGraph

__all__ = ["UNREACHABLE_M", "UNREACHABLE_S", "TravelTimes"]

UNREACHABLE_S: Final = 1_000_000
"""Seconds that stand for "no way, or more than 18 hours"; two thousand of them fit an int32."""

_PATCH_SLACK_MS: Final = 999

# Seconds as an int32, by the uint16 under which they are stored.
_SECONDS: Final = np.append(np.arange(BLANK, dtype=np.int32), np.int32(UNREACHABLE_S))


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
        shared: "Pool | None" = None,
    ) -> None:
        self.network = network
        self.events = events
        self._pool = shared or Pool(network, max_bytes)
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

    def _fill(self, store: RowStore, key: "Key", nodes: NDArray[np.int32]) -> None:
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
        for at in range(0, len(nodes), BATCH_ROWS):
            batch = nodes[at : at + BATCH_ROWS]
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
        self, store: RowStore, calm_key: "Key", nodes: NDArray[np.int32]
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
        unspoilt = ((near_s == BLANK) | ((far_s != BLANK) & slower)).all(axis=1)
        for at in range(0, int(unspoilt.sum()), BATCH_ROWS):
            batch = known[unspoilt][at : at + BATCH_ROWS]
            store.put(batch, calm.rows[calm.slot_of[batch], :-1])
        return np.setdiff1d(nodes, known[unspoilt])


def _halved(nodes: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    middle = len(nodes) // 2
    return nodes[:middle], nodes[middle:]


def _second_rows(graph: Graph, vertices: NDArray[np.int32], *, is_back: bool) -> NDArray[np.uint16]:
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
    seconds = np.floor((np.minimum(dist_ms, BLANK * 1000.0) + 500) / 1000)
    rows: NDArray[np.uint16] = seconds.astype(np.uint16)
    return rows
