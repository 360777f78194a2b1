"""The road network of a city as a value.

This file knows what a network holds and which road place a point on the map belongs to.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from recourse.model.errors import Invalid
from recourse.roads.profiles import ROAD_CLASSES, Profile, profile_bit

__all__ = ["RoadNetwork", "metres_between"]

_EARTH_M = 6_371_008.8
_SAMPLE_M = 20.0
_WALK_M_S = 4.8 / 3.6


def metres_between(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    to_lon: NDArray[np.float64],
    to_lat: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Great-circle distance in metres between points in degrees; shapes broadcast."""
    half_lat, half_lon = np.radians(to_lat - lat) / 2, np.radians(to_lon - lon) / 2
    chord = np.sin(half_lat) ** 2
    chord = chord + np.cos(np.radians(lat)) * np.cos(np.radians(to_lat)) * np.sin(half_lon) ** 2
    distance: NDArray[np.float64] = 2 * _EARTH_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distance


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadNetwork:
    """Junctions and directed edges of a city; chains between junctions are one edge.

    Attributes
    ----------
    lon, lat : ndarray of float64, shape (n_nodes,)
        WGS-84 degrees of each node.
    main : ndarray of uint8, shape (n_nodes,)
        Bits of the profiles for which the node lies in the main connected part.
    tail, head : ndarray of int32, shape (n_edges,)
        Nodes an edge leaves and enters.
    length_m : ndarray of float64, shape (n_edges,)
        Length along the road, in metres.
    road_class : ndarray of uint8, shape (n_edges,)
        Index into `ROAD_CLASSES`.
    posted_kmh : ndarray of uint8, shape (n_edges,)
        Posted speed in km/h; 0 is unknown.
    access : ndarray of uint8, shape (n_edges,)
        Bits of the profiles that may use the edge in its direction.
    signals : ndarray of uint8, shape (n_edges,)
        Traffic signals that are met on the edge, its head included.
    name : ndarray of int32, shape (n_edges,)
        Index into `names`.
    way_id : ndarray of int64, shape (n_edges,)
        Source identity of the way on which the edge begins.
    twin : ndarray of int32, shape (n_edges,)
        The same stretch in the other direction, or -1.
    shape_start : ndarray of int64, shape (n_edges + 1,)
        Where the polyline of each edge begins in `shape_lon` and `shape_lat`.
    shape_lon, shape_lat : ndarray of float64, shape (n_shape_points,)
        Polylines of all edges, end points included, in degrees.
    turn_from, turn_to : ndarray of int32, shape (n_turns,)
        Edges between which a turn is forbidden.
    turn_profiles : ndarray of uint8, shape (n_turns,)
        Bits of the profiles that must obey.
    names : tuple of str
        Street names; entry 0 is the empty name.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    main: NDArray[np.uint8]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    road_class: NDArray[np.uint8]
    posted_kmh: NDArray[np.uint8]
    access: NDArray[np.uint8]
    signals: NDArray[np.uint8]
    name: NDArray[np.int32]
    way_id: NDArray[np.int64]
    twin: NDArray[np.int32]
    shape_start: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]
    turn_from: NDArray[np.int32]
    turn_to: NDArray[np.int32]
    turn_profiles: NDArray[np.uint8]
    names: tuple[str, ...]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.lon)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.tail)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Every array of the network by name, for whoever stores it."""
        arrays = (f.name for f in fields(self) if f.name != "names")
        return {name: getattr(self, name) for name in arrays}

    def serves(self, profile: Profile) -> bool:
        """Whether the profile has a connected part to move in."""
        return bool((self.main & profile_bit(profile)).any())

    def shape_of(self, edge: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes along one edge, in degrees."""
        here = slice(self.shape_start[edge], self.shape_start[edge + 1])
        return self.shape_lon[here], self.shape_lat[here]

    def street_km(self) -> dict[str, float]:
        """Kilometres of road by class; both directions of a street count once."""
        counted = (self.twin < 0) | (np.arange(self.n_edges) < self.twin)
        km = np.bincount(
            self.road_class[counted],
            weights=self.length_m[counted] / 1000,
            minlength=len(ROAD_CLASSES),
        )
        return {name: float(km[i]) for i, name in enumerate(ROAD_CLASSES) if km[i] > 0}

    def snap(self, lon: ArrayLike, lat: ArrayLike, profile: Profile) -> NDArray[np.int32]:
        """Find the node at which each point meets the roads.

        The nearest stretch of road that the profile may use is found first (to
        about 10 m), then the nearer end of it. Only nodes of the main connected
        part are returned, so every returned node can reach every other one.

        Parameters
        ----------
        lon, lat : array_like of float, shape (n,)
            WGS-84 degrees.
        profile : Profile
            Who has to get there.

        Returns
        -------
        ndarray of int32, shape (n,)
            One node for each point.

        Raises
        ------
        Invalid
            If the network has no road at all for the profile.
        """
        tree, ends = self._trees[profile]
        if tree is None:
            raise Invalid(field="profile", why=f"this city has no roads for {profile}")
        points = self._flat(
            np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        )
        nearest = tree.query(points)[1]
        nodes: NDArray[np.int32] = ends[nearest]
        return nodes

    def offset_m(
        self, lon: ArrayLike, lat: ArrayLike, nodes: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Straight distance in metres from points to the nodes they were snapped to; shape (n,)."""
        return metres_between(
            np.asarray(lon, float), np.asarray(lat, float), self.lon[nodes], self.lat[nodes]
        )

    def offset_s(
        self, lon: ArrayLike, lat: ArrayLike, nodes: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        """Seconds on foot from points to the nodes they were snapped to; shape (n,)."""
        return np.rint(self.offset_m(lon, lat, nodes) / _WALK_M_S).astype(np.int32)

    def _flat(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees as local metres from the middle of the city; shape (n, 2)."""
        lat_mid = float(self.lat.mean()) if self.n_nodes else 0.0
        scale = np.radians(1.0) * _EARTH_M
        return np.column_stack([lon * scale * np.cos(np.radians(lat_mid)), lat * scale])

    @cached_property
    def _trees(self) -> "_Trees":
        return _Trees(self)

    def _samples(self, profile: Profile) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Points every 20 m along the edges of a profile, each with its nearer end.

        Returns
        -------
        tuple of ndarray of float64, shape (n, 2), and ndarray of int32, shape (n,)
            Local metres, and the node each point stands for.
        """
        bit = profile_bit(profile)
        usable = ((self.access & bit) > 0) & (
            (self.main[self.tail] & self.main[self.head] & bit) > 0
        )
        lead = usable & ~(
            (self.twin >= 0) & (self.twin < np.arange(self.n_edges)) & usable[self.twin]
        )
        sizes = np.diff(self.shape_start)
        edge_of = np.repeat(np.arange(self.n_edges), sizes)
        is_piece = np.ones(len(edge_of), dtype=bool)
        is_piece[self.shape_start[1:] - 1] = False
        starts = np.flatnonzero(is_piece & lead[edge_of])
        flat = self._flat(self.shape_lon, self.shape_lat)
        step = flat[starts + 1] - flat[starts]
        n_cuts = np.maximum(1, np.ceil(np.hypot(step[:, 0], step[:, 1]) / _SAMPLE_M)).astype(
            np.int64
        )
        piece = np.repeat(np.arange(len(starts)), n_cuts)
        nth = np.arange(len(piece)) - np.repeat(np.cumsum(n_cuts) - n_cuts, n_cuts)
        share = (nth + 0.5) / n_cuts[piece]
        points = flat[starts[piece]] + step[piece] * share[:, None]
        edges = edge_of[starts[piece]]
        nodes = self._flat(self.lon, self.lat)
        to_tail = np.sum((points - nodes[self.tail[edges]]) ** 2, axis=1)
        to_head = np.sum((points - nodes[self.head[edges]]) ** 2, axis=1)
        ends = np.where(to_tail <= to_head, self.tail[edges], self.head[edges])
        return points, ends.astype(np.int32)


class _Trees:
    """Search trees over the roads of each profile, each built when first asked for."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._built: dict[Profile, tuple[cKDTree | None, NDArray[np.int32]]] = {}

    def __getitem__(self, profile: Profile) -> tuple[cKDTree | None, NDArray[np.int32]]:
        if profile not in self._built:
            points, ends = self._network._samples(profile)  # noqa: SLF001 - same file
            self._built[profile] = (cKDTree(points) if len(points) else None, ends)
        return self._built[profile]
