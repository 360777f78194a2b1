"""This file knows how couriers truly get from place to place, found once and remembered.

The platform has travel times of its own; these are the simulator's. Only the part of the city that
a leg can reach is searched, so that a day of thousands of legs stays cheap.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from recourse.model.couriers import Vehicle
from recourse.model.places import Place
from recourse.roads import Profile, RoadNetwork
from recourse.roads.network import metres_between
from recourse.roads.pool import edge_times_ms
from recourse.roads.profiles import Period, period_at
from recourse.roads.search import WeightedGraph, search_graph

__all__ = ["Way", "Ways"]

_MOST_WAYS = 60_000
_SLOWEST_M_S = 2.2
_FIRST_MARGIN_MS = 90_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way through the city.

    Attributes
    ----------
    nodes : ndarray of int32, shape (n,)
        Nodes passed.
    passed_s : ndarray of float64, shape (n,)
        Expected seconds from the start to each.
    length_m : float
        Length along the roads.
    """

    nodes: NDArray[np.int32]
    passed_s: NDArray[np.float64]
    length_m: float

    @property
    def drive_s(self) -> float:
        """Expected seconds from end to end."""
        return float(self.passed_s[-1])


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """A searchable graph and the keys by which its arcs are found."""

    weighted: WeightedGraph
    arc_keys: NDArray[np.int64]


class Ways:
    """Ways of every vehicle at every hour; shared by all policies of a day.

    Parameters
    ----------
    network : RoadNetwork
        The city.
    """

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self._graphs: dict[tuple[Profile, Period], _Graph] = {}
        self._found: dict[tuple[Profile, Period, int, int], Way] = {}
        self._nodes: dict[tuple[Profile, float, float], int] = {}

    def node(self, vehicle: Vehicle, place: Place) -> int:
        """Node at which a vehicle leaves the roads for a place."""
        profile = Profile(vehicle.value)
        key = (profile, place.lon, place.lat)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = int(self.network.snap(place.lon, place.lat, profile)[0])
        return found

    def learn(self, vehicle: Vehicle, places: list[Place]) -> None:
        """Find the nodes of many places at once."""
        profile = Profile(vehicle.value)
        new = [p for p in places if (profile, p.lon, p.lat) not in self._nodes]
        if new:
            nodes = self.network.snap([p.lon for p in new], [p.lat for p in new], profile)
            for place, node in zip(new, nodes.tolist(), strict=True):
                self._nodes[profile, place.lon, place.lat] = node

    def point(self, node: int) -> tuple[float, float]:
        """Longitude and latitude of a node."""
        return float(self.network.lon[node]), float(self.network.lat[node])

    def way(self, vehicle: Vehicle, origin: int, destination: int, at_s: float) -> Way:
        """Fastest way between two nodes.

        Parameters
        ----------
        vehicle : Vehicle
            Who moves.
        origin, destination : int
            Nodes.
        at_s : float
            Departure, seconds after local midnight.

        Returns
        -------
        Way
            With the traffic of that hour, without noise.
        """
        profile = Profile(vehicle.value)
        period = period_at(profile, int(at_s))
        key = (profile, period, origin, destination)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST_WAYS:
                self._found.pop(next(iter(self._found)))
            found = self._found[key] = self._search(profile, period, origin, destination)
        return found

    def _graph(self, profile: Profile, period: Period) -> _Graph:
        key = (profile, period)
        if key not in self._graphs:
            weighted = search_graph(self.network, profile).weighted(
                edge_times_ms(self.network, profile, period)
            )
            n = np.int64(weighted.search.n_vertices)
            rows = np.repeat(np.arange(n), np.diff(weighted.matrix.indptr))
            self._graphs[key] = _Graph(weighted, rows * n + weighted.matrix.indices)
        return self._graphs[key]

    def _search(self, profile: Profile, period: Period, origin: int, destination: int) -> Way:
        still = np.array([origin], dtype=np.int32)
        if origin == destination:
            return Way(still, np.zeros(1), 0.0)
        graph = self._graph(profile, period)
        search = graph.weighted.search
        first, last = int(search.vertex_of[origin]), int(search.vertex_of[destination])
        ends = np.concatenate([[last], search.copies_of(last)])
        lon, lat = self.network.lon, self.network.lat
        gap_m = float(
            metres_between(lon[[origin]], lat[[origin]], lon[[destination]], lat[[destination]])[0]
        )
        limit_ms = gap_m / _SLOWEST_M_S * 1000 + _FIRST_MARGIN_MS
        while True:
            ms, before = dijkstra(
                graph.weighted.matrix, indices=first, return_predecessors=True, limit=limit_ms
            )
            end = int(ends[np.argmin(ms[ends])])
            if np.isfinite(ms[end]):
                return self._walk_back(graph, ms, before, (first, end))
            if limit_ms == inf:
                beeline = np.array([origin, destination], dtype=np.int32)
                return Way(beeline, np.array([0.0, gap_m / _SLOWEST_M_S]), gap_m)
            limit_ms = limit_ms * 4 if limit_ms < 3.6e7 else inf  # noqa: PLR2004 - ten hours

    def _walk_back(
        self,
        graph: _Graph,
        ms: NDArray[np.float64],
        before: NDArray[np.int32],
        ends: tuple[int, int],
    ) -> Way:
        walked = [ends[1]]
        while walked[-1] != ends[0]:
            walked.append(int(before[walked[-1]]))
        vertices = np.array(walked[::-1], dtype=np.int64)
        keys = vertices[:-1] * graph.weighted.search.n_vertices + vertices[1:]
        edges = graph.weighted.arc_edge[np.searchsorted(graph.arc_keys, keys)]
        return Way(
            graph.weighted.search.node_of[vertices],
            ms[vertices] / 1000,
            float(self.network.length_m[edges].sum()),
        )
