"""Houses along the streets of a generated town.

This file knows how lots line a street and how houses are numbered.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import unary_union

from recourse_sim.town.joined import Net, Stretch
from recourse_sim.town.streets import RANKS
from recourse_sim.town.terrain import Terrain

__all__ = ["House", "build_houses"]

_MINOR: Final = RANKS.index("residential")
_NUMBER_EVERY_M: Final = 9.0
_GAP_TO_STREET_M: Final = {
    "primary": 11.0,
    "secondary": 10.0,
    "tertiary": 8.0,
    "cycleway": 3.0,
    "footway": 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class House:
    """A building with an address.

    Attributes
    ----------
    outline : ndarray of float64, shape (4, 2)
        Corners in metres.
    street : str
        Street of its door.
    number : int
        House number; even on the left of the street, odd on the right.
    rank : int
        Importance of the street, as in `RANKS`.
    is_central : bool
        Whether it stands in the old town.
    levels : int
        Storeys.
    """

    outline: NDArray[np.float64]
    street: str
    number: int
    rank: int
    is_central: bool
    levels: int

    @property
    def middle(self) -> NDArray[np.float64]:
        """Centre in metres; shape (2,)."""
        return np.asarray(self.outline.mean(axis=0))


def build_houses(rng: np.random.Generator, ground: Terrain, net: Net) -> list[House]:
    """Line the streets of a town with houses that do not touch.

    Parameters
    ----------
    rng : Generator
        Dice.
    ground : Terrain
        What may not be built on.
    net : Net
        Streets.

    Returns
    -------
    list of House
        Houses in the order of their streets.
    """
    lots = _Lots(ground)
    for stretch in net.stretches:
        if stretch.street.rank <= _MINOR:
            lots.line(rng, stretch)
    outlines = np.array(lots.outlines)
    shapes = shapely.polygons(outlines)
    free = _is_clear(shapes, ground, net)
    keep = _without_overlap(shapes, free, np.array(lots.ranks))
    numbers = _numbers(net, lots, keep)
    return [
        House(
            outline=outlines[i],
            street=lots.stretches[i].street.name,
            number=numbers[i],
            rank=lots.ranks[i],
            is_central=lots.central[i],
            levels=lots.levels[i],
        )
        for i in keep
    ]


class _Lots:
    """Candidate houses, collected street by street."""

    def __init__(self, ground: Terrain) -> None:
        self._old_town = ground.old_town
        self._core = np.array(ground.old_town.centroid.coords[0])
        shapely.prepare(self._old_town)
        self.outlines: list[NDArray[np.float64]] = []
        self.stretches: list[Stretch] = []
        self.sides: list[int] = []
        self.ranks: list[int] = []
        self.central: list[bool] = []
        self.levels: list[int] = []

    def line(self, rng: np.random.Generator, stretch: Stretch) -> None:
        """Add lots on both sides of a stretch."""
        points = stretch.points
        steps = np.hypot(*np.diff(points, axis=0).T)
        done = np.concatenate([[0.0], np.cumsum(steps)])
        middle = points[len(points) // 2]
        is_central = bool(shapely.contains_xy(self._old_town, *middle))
        away = float(np.hypot(*(middle - self._core)))
        setback = (7.5 if is_central else 10.5) + (2.5 if stretch.street.rank <= 1 else 0.0)
        for side in (1, -1):
            at = 8.0 + setback
            while at < done[-1] - 8.0 - setback:
                width, depth, gap = _size(rng, stretch, away, is_central=is_central)
                centre_at = at + width / 2
                at += width + gap
                if centre_at + width / 2 > done[-1] - 6.0 or rng.uniform() < 0.12 + 0.10 * min(
                    1.0, away / 3500
                ):
                    continue
                here = np.array([np.interp(centre_at, done, points[:, i]) for i in (0, 1)])
                k = min(int(np.searchsorted(done, centre_at, side="right")), len(steps)) - 1
                along = (points[k + 1] - points[k]) / steps[k]
                across = side * np.array([-along[1], along[0]])
                centre = here + across * (
                    setback + depth / 2 + rng.uniform(0, 1.5 if is_central else 4.0)
                )
                self._add(
                    rng,
                    stretch,
                    side,
                    centre,
                    (along * width / 2, across * depth / 2),
                    is_central,
                    away,
                )

    def _add(
        self,
        rng: np.random.Generator,
        stretch: Stretch,
        side: int,
        centre: NDArray[np.float64],
        half: tuple[NDArray[np.float64], NDArray[np.float64]],
        is_central: bool,  # noqa: FBT001 - a fact, not a switch
        away: float,
    ) -> None:
        u, v = half
        self.outlines.append(
            np.array([centre - u - v, centre + u - v, centre + u + v, centre - u + v])
        )
        self.stretches.append(stretch)
        self.sides.append(side)
        self.ranks.append(stretch.street.rank)
        self.central.append(is_central)
        top = 7 if is_central else 5 if stretch.street.rank <= 1 and away < 2500 else 2  # noqa: PLR2004
        self.levels.append(int(rng.integers(1, top + 1)))


def _size(
    rng: np.random.Generator, stretch: Stretch, away: float, *, is_central: bool
) -> tuple[float, float, float]:
    """Width along the street, depth, and gap to the next house, in metres."""
    if is_central:
        return rng.uniform(16, 32), rng.uniform(14, 22), rng.uniform(0.8, 4)
    if stretch.street.rank <= 1:
        return rng.uniform(18, 40), rng.uniform(15, 24), rng.uniform(5, 12)
    roomy = min(1.0, away / 3500)
    return rng.uniform(11, 17), rng.uniform(10, 15), rng.uniform(6, 9) + 7 * roomy


def _is_clear(shapes: NDArray[np.object_], ground: Terrain, net: Net) -> NDArray[np.bool_]:
    """Whether each house keeps off water, parks, tracks and all streets; shape (n,)."""
    closed = [
        ground.water.buffer(14),
        *(park.buffer(3) for park in ground.parks),
        ground.motorway.buffer(42),
        ground.railway.buffer(12),
        ground.industry,
    ]
    no_go = unary_union(closed)
    shapely.prepare(no_go)
    clear: NDArray[np.bool_] = ~shapely.intersects(no_go, shapes) & shapely.within(
        shapes, ground.frame
    )
    lines = [
        shapely.linestrings(s.points).buffer(
            _GAP_TO_STREET_M.get(s.street.road_class, 6.0), quad_segs=2
        )
        for s in net.stretches
    ]
    hit = shapely.STRtree(shapes).query(lines, predicate="intersects")[1]
    clear[hit] = False
    return clear


def _without_overlap(
    shapes: NDArray[np.object_], free: NDArray[np.bool_], ranks: NDArray[np.int64]
) -> list[int]:
    """Houses that touch no other kept one; those on more important streets go first."""
    wide = shapely.buffer(shapes, 1.0, join_style="mitre")
    one, two = shapely.STRtree(wide).query(shapes, predicate="intersects")
    rivals: defaultdict[int, list[int]] = defaultdict(list)
    for a, b in zip(one.tolist(), two.tolist(), strict=True):
        if a != b:
            rivals[a].append(b)
    kept = np.zeros(len(shapes), dtype=bool)
    for i in np.lexsort((np.arange(len(shapes)), ranks)).tolist():
        kept[i] = free[i] and not any(kept[j] for j in rivals[i])
    return np.flatnonzero(kept).tolist()


def _numbers(net: Net, lots: _Lots, keep: list[int]) -> dict[int, int]:
    """House number of each kept lot, unique on its street."""
    base_m: dict[int, float] = {}
    so_far_m: defaultdict[str, float] = defaultdict(float)
    for stretch in net.stretches:
        street = stretch.street
        if id(street) not in base_m:
            base_m[id(street)] = so_far_m[street.name]
            so_far_m[street.name] += street.line.length + 100
    taken: defaultdict[str, set[int]] = defaultdict(set)
    numbers: dict[int, int] = {}
    for i in keep:
        street = lots.stretches[i].street
        at_m = base_m[id(street)] + street.line.project(
            shapely.Point(lots.outlines[i].mean(axis=0))
        )
        number = 2 * int(at_m / _NUMBER_EVERY_M) + (2 if lots.sides[i] > 0 else 1)
        while number in taken[street.name]:
            number += 2
        taken[street.name].add(number)
        numbers[i] = number
    return numbers
