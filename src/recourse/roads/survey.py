"""Roads as they were read, before they are made into a network.

This file knows the columns that a reader of road data must fill in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recourse.roads.profiles import ALL_BITS, ROAD_CLASSES

__all__ = ["RoadSurvey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadSurvey:
    """Ways, their points and the turns forbidden between them.

    Attributes
    ----------
    lon, lat : ndarray of float64, shape (n_points,)
        WGS-84 degrees of every point that a way passes.
    point_signals : ndarray of uint8, shape (n_points,)
        1 where traffic signals stand.
    point_access : ndarray of uint8, shape (n_points,)
        Bits of the profiles that may pass the point (a bollard stops vans).
    way_start : ndarray of int64, shape (n_ways + 1,)
        Where each way begins in `way_points`; the last entry is its length.
    way_points : ndarray of int32, shape (n,)
        Points of all ways, one way after another, in drawing order.
    way_id : ndarray of int64, shape (n_ways,)
        Identity in the source; parts of a way that was cut share it.
    way_class : ndarray of uint8, shape (n_ways,)
        Index into `ROAD_CLASSES`.
    kmh_forward, kmh_backward : ndarray of uint8, shape (n_ways,)
        Posted speed in km/h along and against drawing order; 0 is unknown.
    access_forward, access_backward : ndarray of uint8, shape (n_ways,)
        Bits of the profiles that may move along and against drawing order.
    way_name : ndarray of int32, shape (n_ways,)
        Index into `names`; entry 0 is the empty name.
    names : tuple of str
        Street names, each once.
    ban_from, ban_to : ndarray of int64, shape (n_bans,)
        `way_id` of the way a turn comes from and goes to.
    ban_via : ndarray of int32, shape (n_bans,)
        Point at which the turn is made.
    ban_only : ndarray of bool, shape (n_bans,)
        True where this turn is the only one allowed, False where it is forbidden.
    ban_profiles : ndarray of uint8, shape (n_bans,)
        Bits of the profiles that must obey.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    point_signals: NDArray[np.uint8]
    point_access: NDArray[np.uint8]
    way_start: NDArray[np.int64]
    way_points: NDArray[np.int32]
    way_id: NDArray[np.int64]
    way_class: NDArray[np.uint8]
    kmh_forward: NDArray[np.uint8]
    kmh_backward: NDArray[np.uint8]
    access_forward: NDArray[np.uint8]
    access_backward: NDArray[np.uint8]
    way_name: NDArray[np.int32]
    names: tuple[str, ...]
    ban_from: NDArray[np.int64]
    ban_to: NDArray[np.int64]
    ban_via: NDArray[np.int32]
    ban_only: NDArray[np.bool_]
    ban_profiles: NDArray[np.uint8]

    @classmethod
    def of_streets(
        cls, lon: ArrayLike, lat: ArrayLike, streets: Sequence[Sequence[int]]
    ) -> "RoadSurvey":
        """Survey of two-way residential streets of 30 km/h that are open to all.

        Parameters
        ----------
        lon, lat : array_like of float, shape (n_points,)
            Points in degrees.
        streets : sequence of sequence of int
            Points of each street; its `way_id` is its place, from 1.

        Returns
        -------
        RoadSurvey
            Streets without signals, barriers and forbidden turns.
        """
        n, n_points = len(streets), len(np.asarray(lon))
        return cls(
            lon=np.asarray(lon, dtype=np.float64),
            lat=np.asarray(lat, dtype=np.float64),
            point_signals=np.zeros(n_points, dtype=np.uint8),
            point_access=np.full(n_points, ALL_BITS, dtype=np.uint8),
            way_start=np.cumsum([0, *map(len, streets)], dtype=np.int64),
            way_points=np.array([p for street in streets for p in street], dtype=np.int32),
            way_id=np.arange(1, n + 1, dtype=np.int64),
            way_class=np.full(n, ROAD_CLASSES.index("residential"), dtype=np.uint8),
            kmh_forward=np.full(n, 30, dtype=np.uint8),
            kmh_backward=np.full(n, 30, dtype=np.uint8),
            access_forward=np.full(n, ALL_BITS, dtype=np.uint8),
            access_backward=np.full(n, ALL_BITS, dtype=np.uint8),
            way_name=np.zeros(n, dtype=np.int32),
            names=("",),
            ban_from=np.empty(0, dtype=np.int64),
            ban_to=np.empty(0, dtype=np.int64),
            ban_via=np.empty(0, dtype=np.int32),
            ban_only=np.empty(0, dtype=bool),
            ban_profiles=np.empty(0, dtype=np.uint8),
        )
