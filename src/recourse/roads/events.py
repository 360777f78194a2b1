"""What closes a road or slows it for a while.

This file knows which edges an event touches and what it does to their times.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from recourse.model.errors import Invalid
from recourse.roads.network import RoadNetwork, metres_between

__all__ = ["RoadEvent", "edges_of_event", "slowing"]

_SAMPLE_M = 5.0
_WORST_FACTOR = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadEvent:
    """A closure or a slow-down that somebody reported.

    Attributes
    ----------
    id : str
        Identity at the source.
    factor : float
        How many times longer the roads take, at least 1. Ignored if `is_closed`.
    is_closed : bool
        Whether nobody gets through at all.
    edges : tuple of int
        Edges of the network that are touched, in their direction.
    area : tuple of (float, float)
        Longitude and latitude of a polygon (first point repeated at the end) or of a
        line along the road. Every edge that a polygon touches is meant; for a
        line, every edge that runs along it for half its length, in both directions.
    width_m : float
        How far from a line a road may lie and still be meant, in metres.
    from_at, until_at : datetime or None
        First instant and the instant after the last; None is open.
    source : str
        Who says so.
    """

    id: str
    factor: float = 1.0
    is_closed: bool = False
    edges: tuple[int, ...] = ()
    area: tuple[tuple[float, float], ...] = ()
    width_m: float = 15.0
    from_at: datetime | None = None
    until_at: datetime | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not self.is_closed and not 1.0 <= self.factor < _WORST_FACTOR:
            raise Invalid(
                field="factor", why=f"must be from 1 to 1000, got {self.factor}; use is_closed"
            )
        if not self.edges and len(self.area) < 2:  # noqa: PLR2004 - a line has two ends
            raise Invalid(
                field="area", why="name the edges, or a line or polygon of at least two points"
            )

    def is_active(self, now: datetime) -> bool:
        """Whether the event holds at an instant."""
        began = self.from_at is None or self.from_at <= now
        return began and (self.until_at is None or now < self.until_at)


def slowing(network: RoadNetwork, events: Iterable[RoadEvent]) -> dict[int, float]:
    """Factor on the time of every edge that some event touches; infinity is closed."""
    # Where events overlap the worst of them holds, not their product: two reports of one
    # jam must not make it twice as long.
    factors: dict[int, float] = {}
    for event in events:
        factor = np.inf if event.is_closed else event.factor
        for edge in edges_of_event(network, event).tolist():
            factors[edge] = max(factors.get(edge, 1.0), factor)
    return {edge: factor for edge, factor in sorted(factors.items()) if factor > 1.0}


def edges_of_event(network: RoadNetwork, event: RoadEvent) -> NDArray[np.int32]:
    """Edges that an event touches, in rising order.

    Parameters
    ----------
    network : RoadNetwork
        Where to look.
    event : RoadEvent
        What was reported.

    Returns
    -------
    ndarray of int32, shape (n,)
        Edges named by the event and those that its area covers.

    Raises
    ------
    Invalid
        If the event names an edge that the network does not have.
    """
    named = np.array(event.edges, dtype=np.int64)
    if len(named) and (named.min() < 0 or named.max() >= network.n_edges):
        raise Invalid(field="edges", why=f"this network has edges 0 to {network.n_edges - 1}")
    if not event.area:
        return np.unique(named).astype(np.int32)
    area = np.array(event.area, dtype=np.float64)
    is_polygon = len(area) > 3 and bool((area[0] == area[-1]).all())  # noqa: PLR2004
    near = _edges_in_box(network, area, 0.0 if is_polygon else event.width_m)
    found = [
        e
        for e in near.tolist()
        if _is_touched(network, e, area, event.width_m, is_polygon=is_polygon)
    ]
    return np.unique(np.concatenate([named, np.array(found, dtype=np.int64)])).astype(np.int32)


def _edges_in_box(
    network: RoadNetwork, area: NDArray[np.float64], margin_m: float
) -> NDArray[np.int64]:
    """Edges whose shape comes into the box around an area."""
    if not network.n_edges:
        return np.empty(0, dtype=np.int64)
    lat_margin = margin_m / 111_000
    lon_margin = lat_margin / max(0.01, float(np.cos(np.radians(area[:, 1].mean()))))
    starts = network.shape_start[:-1]
    west, east = (f.reduceat(network.shape_lon, starts) for f in (np.minimum, np.maximum))
    south, north = (f.reduceat(network.shape_lat, starts) for f in (np.minimum, np.maximum))
    (low_lon, low_lat), (high_lon, high_lat) = area.min(axis=0), area.max(axis=0)
    meets = (east >= low_lon - lon_margin) & (west <= high_lon + lon_margin)
    return np.flatnonzero(
        meets & (north >= low_lat - lat_margin) & (south <= high_lat + lat_margin)
    )


def _is_touched(
    network: RoadNetwork, edge: int, area: NDArray[np.float64], width_m: float, *, is_polygon: bool
) -> bool:
    """Whether an area covers an edge."""
    lon, lat = _points_along(*network.shape_of(edge))
    if is_polygon:
        return bool(_is_inside(lon, lat, area).any())
    return bool((_metres_to_line(lon, lat, area) <= width_m).mean() >= 0.5)  # noqa: PLR2004


def _points_along(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points about every 5 m along a polyline, in degrees."""
    steps_m = metres_between(lon[:-1], lat[:-1], lon[1:], lat[1:])
    done_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    at_m = np.linspace(0.0, done_m[-1], max(3, int(done_m[-1] / _SAMPLE_M)))
    return np.interp(at_m, done_m, lon), np.interp(at_m, done_m, lat)


def _is_inside(
    lon: NDArray[np.float64], lat: NDArray[np.float64], polygon: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether points lie in a closed polygon, by counting crossings; shape (n,)."""
    x, y = polygon[:-1, 0], polygon[:-1, 1]
    to_x, to_y = polygon[1:, 0], polygon[1:, 1]
    spans = (y <= lat[:, None]) != (to_y <= lat[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        cross_lon = x + (lat[:, None] - y) / (to_y - y) * (to_x - x)
    return np.asarray((spans & (lon[:, None] < cross_lon)).sum(axis=1) % 2 == 1)


def _metres_to_line(
    lon: NDArray[np.float64], lat: NDArray[np.float64], line: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance from points to a polyline in metres; shape (n,)."""
    scale = np.array([111_195.0 * np.cos(np.radians(line[:, 1].mean())), 111_195.0])
    points, corners = np.column_stack([lon, lat]) * scale, line * scale
    start, step = corners[:-1], np.diff(corners, axis=0)
    square = np.maximum((step**2).sum(axis=1), 1e-9)
    gap = points[:, None, :] - start
    share = np.clip((gap * step).sum(axis=2) / square, 0.0, 1.0)
    off = gap - share[..., None] * step
    return np.asarray(np.sqrt((off**2).sum(axis=2)).min(axis=1))
