"""The ground a generated town stands on.

This file knows where its river, shore, parks, railway and motorway run.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

__all__ = ["HALF_HEIGHT_M", "HALF_WIDTH_M", "Terrain", "make_terrain"]

HALF_WIDTH_M: Final = 3500.0
HALF_HEIGHT_M: Final = 3000.0
_STEP_M: Final = 40.0
_BEYOND_M: Final = 200.0
_N_LARGE_PARKS: Final = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Terrain:
    """Ground of a town, in metres east and north of its middle.

    Attributes
    ----------
    frame : Polygon
        Box of the town.
    coast : LineString
        Shoreline from west to east, the sea on its right.
    river_line : LineString
        Middle of the river from north to south.
    river : Polygon
        Its water.
    lakes : tuple of Polygon
        Ponds in parks.
    parks : tuple of Polygon
        Greens that streets go around.
    industry : Polygon
        Port and works by the shore.
    motorway : LineString
        Middle of the motorway from west to east.
    railway : LineString
        Track from east to west.
    old_town : Polygon
        Dense quarter with its own tight grid.
    """

    frame: Polygon
    coast: LineString
    river_line: LineString
    river: Polygon
    lakes: tuple[Polygon, ...]
    parks: tuple[Polygon, ...]
    industry: Polygon
    motorway: LineString
    railway: LineString
    old_town: Polygon

    @property
    def sea(self) -> BaseGeometry:
        """Water beyond the shore, as far as the frame."""
        x, y = np.array(self.coast.coords).T
        deep = -HALF_HEIGHT_M - 2 * _BEYOND_M
        ring = [*zip(x, y, strict=True), (x[-1], deep), (x[0], deep)]
        return shapely.intersection(Polygon(ring), self.frame)

    @property
    def water(self) -> BaseGeometry:
        """Sea, river and ponds together."""
        return unary_union([self.sea, self.river, *self.lakes])


def make_terrain(rng: np.random.Generator) -> Terrain:
    """Lay out the ground of a town.

    Parameters
    ----------
    rng : Generator
        Dice.

    Returns
    -------
    Terrain
        Ground in metres.
    """
    frame = box(-HALF_WIDTH_M, -HALF_HEIGHT_M, HALF_WIDTH_M, HALF_HEIGHT_M)
    coast = _coast(rng)
    river_line, river = _river(rng)
    mouth = river_line.intersection(coast)
    mouth_x = float(shapely.get_x(shapely.centroid(mouth))) if not mouth.is_empty else 0.0
    centre = np.array([mouth_x + rng.uniform(880, 1000), rng.uniform(-1080, -960)])
    land = shapely.difference(frame, unary_union([_south_of(coast), river]))
    old_town = shapely.intersection(
        _blob(rng, centre, (900, 640), 0.05, tilt=0.5), land.buffer(-20)
    )
    return Terrain(
        frame=frame,
        coast=coast,
        river_line=river_line,
        river=river,
        parks=(parks := _parks(rng, land, old_town, centre)),
        lakes=_lakes(rng, parks),
        industry=_industry(rng, coast, land),
        motorway=_motorway(rng),
        railway=_railway(rng, centre),
        old_town=old_town
        if isinstance(old_town, Polygon)
        else max(old_town.geoms, key=lambda g: g.area),
    )


def _waves(
    rng: np.random.Generator, at_m: NDArray[np.float64], parts: tuple[tuple[float, float], ...]
) -> NDArray[np.float64]:
    """Sum of sines of given height and length (metres), each with a random start."""
    total = np.zeros_like(at_m)
    for height, length in parts:
        total += height * np.sin(2 * np.pi * (at_m / length + rng.uniform()))
    return total


def _coast(rng: np.random.Generator) -> LineString:
    x = np.arange(-HALF_WIDTH_M - _BEYOND_M, HALF_WIDTH_M + _BEYOND_M + 1, _STEP_M / 2)
    y = -2150 + _waves(rng, x, ((210, 5600), (95, 1900), (22, 520), (9, 190)))
    return LineString(np.column_stack([x, y]))


def _south_of(coast: LineString) -> Polygon:
    x, y = np.array(coast.coords).T
    deep = -HALF_HEIGHT_M - 2 * _BEYOND_M
    return Polygon([*zip(x, y, strict=True), (x[-1], deep), (x[0], deep)])


def _river(rng: np.random.Generator) -> tuple[LineString, Polygon]:
    y = np.arange(HALF_HEIGHT_M + _BEYOND_M, -HALF_HEIGHT_M - _BEYOND_M - 1, -_STEP_M)
    x = rng.uniform(-900, -600) + _waves(rng, y, ((430, 5600), (170, 2300), (30, 800)))
    half_m = 34 + 62 * ((HALF_HEIGHT_M - y) / (2 * HALF_HEIGHT_M)).clip(0) ** 2
    middle = np.column_stack([x, y])
    along = np.gradient(middle, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    banks = np.concatenate(
        [middle + across * half_m[:, None], (middle - across * half_m[:, None])[::-1]]
    )
    return LineString(middle), Polygon(banks).buffer(0)


def _blob(
    rng: np.random.Generator,
    centre: NDArray[np.float64],
    radii_m: tuple[float, float],
    rough: float,
    *,
    tilt: float = 0.0,
) -> Polygon:
    """Rounded patch with a wavy outline."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.ones_like(angle)
    for wave in (2, 3, 5):
        radius += rough * np.sin(wave * angle + rng.uniform(0, 2 * np.pi))
    x, y = radii_m[0] * radius * np.cos(angle), radii_m[1] * radius * np.sin(angle)
    turned = np.column_stack(
        [x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)]
    )
    return Polygon(turned + centre)


def _parks(
    rng: np.random.Generator,
    land: BaseGeometry,
    old_town: BaseGeometry,
    centre: NDArray[np.float64],
) -> tuple[Polygon, ...]:
    """A large park beside the old town, a wooded hill, and smaller greens apart from each other."""
    wanted = [
        _blob(rng, centre + np.array([-150.0, 1150.0]), (430, 270), 0.06, tilt=0.2),
        _blob(rng, np.array([rng.uniform(2300, 2700), rng.uniform(700, 1000)]), (420, 360), 0.12),
        _blob(
            rng, np.array([rng.uniform(-2900, -2500), rng.uniform(-1500, -1100)]), (330, 420), 0.10
        ),
    ]
    for _ in range(40):
        where = np.array([rng.uniform(-3200, 3200), rng.uniform(-1800, 2700)])
        wanted.append(
            _blob(
                rng,
                where,
                (rng.uniform(90, 210), rng.uniform(70, 150)),
                0.05,
                tilt=rng.uniform(0, 3),
            )
        )
    kept: list[Polygon] = []
    for park in wanted:
        dry = shapely.intersection(park, land.buffer(-15))
        is_large = len(kept) < _N_LARGE_PARKS
        is_apart = is_large or all(park.distance(other) > 420 for other in kept)  # noqa: PLR2004
        fits = is_large or park.area < 45_000 or not old_town.contains(park.centroid)  # noqa: PLR2004
        if isinstance(dry, Polygon) and dry.area > 0.7 * park.area and is_apart and fits:
            kept.append(dry)
    return tuple(kept[:15])


def _lakes(rng: np.random.Generator, parks: tuple[Polygon, ...]) -> tuple[Polygon, ...]:
    lakes = []
    for park in parks[:3]:
        middle = np.array(park.centroid.coords[0]) + rng.uniform(-60, 60, 2)
        lake = _blob(
            rng, middle, (rng.uniform(90, 150), rng.uniform(50, 80)), 0.1, tilt=rng.uniform(0, 3)
        )
        if park.buffer(-30).contains(lake):
            lakes.append(lake)
    return tuple(lakes)


def _industry(rng: np.random.Generator, coast: LineString, land: BaseGeometry) -> Polygon:
    """Works along the shore in the east."""
    x = rng.uniform(2350, 2550)
    shore_y = float(shapely.get_y(coast.interpolate(coast.project(Point(x, -2150)))))
    patch = _blob(rng, np.array([x, shore_y + 260]), (650, 300), 0.04)
    ground = shapely.intersection(patch, land)
    return ground if isinstance(ground, Polygon) else max(ground.geoms, key=lambda g: g.area)


def _motorway(rng: np.random.Generator) -> LineString:
    x = np.arange(-HALF_WIDTH_M - _BEYOND_M, HALF_WIDTH_M + _BEYOND_M + 1, _STEP_M)
    top = rng.uniform(2350, 2500)
    y = top - 1150 * (np.maximum(0.0, x + 300) / 3800) ** 2.2 + _waves(rng, x, ((60, 4200),))
    return LineString(np.column_stack([x, y]))


def _railway(rng: np.random.Generator, centre: NDArray[np.float64]) -> LineString:
    x = np.arange(HALF_WIDTH_M + _BEYOND_M, -HALF_WIDTH_M - _BEYOND_M - 1, -_STEP_M)
    bend = 1 / (1 + np.exp(-(x - centre[0]) / 500))
    y = centre[1] + 560 + bend * rng.uniform(250, 420) + _waves(rng, x, ((90, 4800), (30, 1900)))
    return LineString(np.column_stack([x, y]))
