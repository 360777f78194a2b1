"""The lines along which the streets of a generated town run.

This file knows avenues, quays and grids, before they are cut where they meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split, unary_union

from recourse_sim.town.names import Namer
from recourse_sim.town.terrain import HALF_WIDTH_M, Terrain

__all__ = ["RANKS", "Street", "lay_streets"]

RANKS: Final = (
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "service",
    "cycleway",
    "footway",
)
"""Classes of streets from the most to the least important."""

_STEP_M: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Street:
    """One line with one name and class.

    Attributes
    ----------
    name : str
        As on the sign; empty for paths.
    road_class : str
        One of `RANKS`.
    line : LineString
        Course in metres; a one-way street runs along it.
    is_one_way : bool
        Whether vehicles may only go along the line.
    """

    name: str
    road_class: str
    line: LineString
    is_one_way: bool = False

    @property
    def rank(self) -> int:
        """Place of the class in `RANKS`."""
        return RANKS.index(self.road_class)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """How the minor streets of a district lie."""

    angle: float
    gaps_m: tuple[float, float]
    warp_m: float
    tertiary_every: int
    has_one_ways: bool


def lay_streets(rng: np.random.Generator, ground: Terrain, namer: Namer) -> list[Street]:
    """Draw all streets of a town.

    Parameters
    ----------
    rng : Generator
        Dice.
    ground : Terrain
        Where they may run.
    namer : Namer
        Gives them names.

    Returns
    -------
    list of Street
        Streets that cross each other freely; avenues first.
    """
    streets = [*_avenues(rng, ground, namer), *_quays(ground, namer)]
    major = unary_union([street.line for street in streets])
    hindrance = unary_union(
        [
            ground.water.buffer(32),
            *(park.buffer(6) for park in ground.parks),
            ground.motorway.buffer(75),
            ground.railway.buffer(16),
        ]
    )
    for area, grid in _districts(rng, ground):
        streets.extend(_grid(rng, shapely.difference(area, hindrance), grid, namer))
    streets.extend(_paths(rng, ground, major))
    return streets


def _avenues(rng: np.random.Generator, ground: Terrain, namer: Namer) -> Iterator[Street]:
    """Through roads: across the river, along it, and one diagonal."""
    land = shapely.difference(
        ground.frame.buffer(150), shapely.difference(ground.sea.buffer(60), ground.river)
    )
    big_parks = unary_union([park.buffer(-5) for park in ground.parks[:3]])
    x = np.arange(-HALF_WIDTH_M - 150, HALF_WIDTH_M + 151, _STEP_M)
    for y, road_class in (
        (-1420, "secondary"),
        (-560, "primary"),
        (590, "primary"),
        (1330, "secondary"),
    ):
        tilt = rng.uniform(-0.02, 0.02)
        wave = 55 * np.sin(2 * np.pi * (x / rng.uniform(3600, 5200) + rng.uniform()))
        line = LineString(np.column_stack([x, y + wave + tilt * x]))
        yield from _pieces(
            line, land.difference(big_parks), namer.street(is_major=True), road_class
        )
    river = np.array(ground.river_line.coords)
    for offset, road_class in (
        (-2450, "secondary"),
        (-1480, "secondary"),
        (-620, "primary"),
        (760, "secondary"),
        (1560, "primary"),
        (2420, "secondary"),
        (3060, "tertiary"),
    ):
        follow = np.exp(-abs(offset) / 1600)
        base = river[:, 0] * follow + river[:, 0].mean() * (1 - follow) + offset
        base += 40 * np.sin(2 * np.pi * (river[:, 1] / 4300 + rng.uniform()))
        line = LineString(np.column_stack([base, river[:, 1]]))
        dry = land.difference(unary_union([ground.river.buffer(25), big_parks]))
        yield from _pieces(line, dry, namer.street(is_major=True), road_class)
    yield from _pieces(
        _diagonal(ground), land.difference(big_parks), namer.street(is_major=True), "primary"
    )


def _diagonal(ground: Terrain) -> LineString:
    start = np.array(ground.old_town.centroid.coords[0])
    end = np.array([HALF_WIDTH_M + 100, 1250.0])
    bend = (start + end) / 2 + np.array([260.0, -330.0])
    share = np.linspace(0, 1, 80)[:, None]
    return LineString((1 - share) ** 2 * start + 2 * share * (1 - share) * bend + share**2 * end)


def _quays(ground: Terrain, namer: Namer) -> Iterator[Street]:
    """Roads along the river, the shore and around the old town."""
    inside = shapely.difference(ground.frame.buffer(100), ground.sea.buffer(70))
    banks = ground.river.buffer(46).boundary
    yield from _pieces(banks, inside, namer.street(is_major=True), "tertiary")
    shore = _smooth(ground.coast, 9).parallel_offset(115, "left")
    dry = shapely.difference(
        ground.frame.buffer(100), unary_union([ground.river.buffer(46), ground.industry])
    )
    yield from _pieces(shore, dry, namer.street(is_major=True), "secondary")
    ring = ground.old_town.buffer(-8).boundary
    off_quay = shapely.difference(inside, ground.river.buffer(130))
    yield from _pieces(ring, off_quay, namer.street(is_major=True), "tertiary")
    works = ground.industry.buffer(-45)
    yield from _pieces(works.exterior, inside, namer.street(is_major=False), "unclassified")


def _smooth(line: LineString, reach: int) -> LineString:
    """Line whose corners are means over their neighbours."""
    points = np.array(line.coords)
    weights = np.ones(2 * reach + 1) / (2 * reach + 1)
    padded = np.pad(points, ((reach, reach), (0, 0)), mode="edge")
    return LineString(
        np.column_stack([np.convolve(padded[:, i], weights, "valid") for i in (0, 1)])
    )


def _districts(rng: np.random.Generator, ground: Terrain) -> Iterator[tuple[BaseGeometry, _Grid]]:
    land = shapely.difference(ground.frame, unary_union([ground.sea, ground.industry.buffer(30)]))
    outer = shapely.difference(land, ground.old_town)
    halves = (
        split(outer.buffer(0), ground.river_line).geoms if outer.geom_type == "Polygon" else [outer]
    )
    sides = [part for part in halves if part.area > 1e6]  # noqa: PLR2004 - square metres
    river_x = float(ground.river_line.centroid.x)
    yield (
        ground.old_town,
        _Grid(
            angle=rng.uniform(0.45, 0.65),
            gaps_m=(74, 112),
            warp_m=7,
            tertiary_every=5,
            has_one_ways=True,
        ),
    )
    for part in sides:
        is_west = part.centroid.x < river_x
        angle = -rng.uniform(0.12, 0.24) if is_west else rng.uniform(0.02, 0.09)
        gaps_m = (104, 190) if is_west else (94, 172)
        yield (
            part,
            _Grid(
                angle=angle,
                gaps_m=gaps_m,
                warp_m=62 if is_west else 24,
                tertiary_every=5,
                has_one_ways=False,
            ),
        )


def _grid(
    rng: np.random.Generator, area: BaseGeometry, grid: _Grid, namer: Namer
) -> Iterator[Street]:
    """Two families of nearly parallel streets."""
    reach = 5200.0
    along = np.arange(-reach, reach + 1, _STEP_M)
    cos, sin = np.cos(grid.angle), np.sin(grid.angle)
    starts = rng.uniform(0, 1, 4)
    for family, gap_m in enumerate(grid.gaps_m):
        across = -reach
        count = int(rng.integers(100))
        while across < reach:
            across += gap_m * rng.uniform(0.86, 1.14)
            count += 1
            side = np.full_like(along, across)
            u, v = (along, side) if family == 0 else (side, along)
            points = _warped(
                np.column_stack([u * cos - v * sin, u * sin + v * cos]), grid.warp_m, starts
            )
            line = LineString(points[::-1] if count % 2 else points)
            if not line.intersects(area):
                continue
            is_tertiary = count % grid.tertiary_every == 0
            road_class = "tertiary" if is_tertiary else "residential"
            is_one_way = grid.has_one_ways and not is_tertiary
            name = namer.street(is_major=False)
            for street in _pieces(line, area, name, road_class, is_one_way=is_one_way):
                if street.line.length > 60:  # noqa: PLR2004 - shorter stubs lead nowhere
                    yield street


def _warped(
    points: NDArray[np.float64], warp_m: float, starts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Bend the plane a little, the same way for all streets of a district."""
    x, y = points[:, 0], points[:, 1]
    turn = 2 * np.pi
    dx = np.sin(turn * (y / 2300 + starts[0])) + 0.4 * np.sin(
        turn * (x / 1100 + y / 1500 + starts[1])
    )
    dy = np.sin(turn * (x / 2700 + starts[2])) + 0.4 * np.sin(
        turn * (y / 1000 - x / 1700 + starts[3])
    )
    return points + warp_m * np.column_stack([dx, dy])


def _paths(rng: np.random.Generator, ground: Terrain, major: BaseGeometry) -> Iterator[Street]:
    """Walks through parks and a cycle path along the river."""
    for park in ground.parks:
        inner = park.buffer(-26)
        if isinstance(inner, Polygon) and not inner.is_empty:
            yield from _pieces(inner.exterior, major.envelope, "", "footway")
        middle = np.array(park.representative_point().coords[0])
        for angle in rng.uniform(0, 3) + np.arange(3 if park.area > 1e5 else 1) * np.pi / 3:  # noqa: PLR2004
            arm = np.array([np.cos(angle), np.sin(angle)]) * 800
            inside = park.buffer(60).difference(unary_union(ground.lakes))
            yield from _pieces(LineString([middle - arm, middle + arm]), inside, "", "footway")
    banks = ground.river.buffer(16).boundary
    yield from _pieces(
        banks, shapely.difference(ground.frame, ground.sea.buffer(60)), "", "cycleway"
    )


def _pieces(
    line: BaseGeometry, area: BaseGeometry, name: str, road_class: str, *, is_one_way: bool = False
) -> Iterator[Street]:
    """Parts of a line inside an area, running the way the line runs."""
    inside = shapely.line_merge(shapely.intersection(line, area))
    for part in shapely.get_parts(inside):
        if isinstance(part, LineString) and part.length > 1:
            yield Street(name=name, road_class=road_class, line=part, is_one_way=is_one_way)
