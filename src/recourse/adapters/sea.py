"""The sea, made of coastlines that an extract has cut.

This file knows that land lies to the left of a coastline.
"""

from collections.abc import Sequence
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

__all__ = ["sea_polygons"]

_BESIDE_DEG = 2e-6


def sea_polygons(coast: Sequence[LineString], box: Polygon) -> list[Polygon]:
    """Find the parts of a box that are sea.

    The box is split along the coast; a part is sea if more coast has it on the right
    than on the left. Loose ends, where an extract was cut, are tied to the border
    of the box at the nearest place.

    Parameters
    ----------
    coast : sequence of LineString
        Coastline ways in drawing order.
    box : Polygon
        Box of the map.

    Returns
    -------
    list of Polygon
        Parts that are sea; empty without coast.
    """
    if not coast:
        return []
    merged = shapely.line_merge(unary_union(list(coast)))
    ties = [
        LineString([end, box.exterior.interpolate(box.exterior.project(end))])
        for end in _loose_ends(merged)
        if box.contains(end)
    ]
    cuts = shapely.intersection(unary_union([merged, *ties]), box)
    parts = list(polygonize(unary_union([cuts, box.exterior])))
    if not parts:
        return []
    balance = _right_minus_left(coast, parts)
    return [part for part, weight in zip(parts, balance, strict=True) if weight > 0]


def _loose_ends(lines: BaseGeometry) -> list[Point]:
    open_lines = [line for line in shapely.get_parts(lines) if not line.is_ring]
    return [Point(end) for line in open_lines for end in (line.coords[0], line.coords[-1])]


def _right_minus_left(coast: Sequence[LineString], parts: list[Polygon]) -> list[float]:
    """Length of coast that has each part on its right, less that on its left."""
    tree = shapely.STRtree(parts)
    balance = [0.0] * len(parts)
    for line in coast:
        corners = list(line.coords)
        for (x, y), (to_x, to_y) in pairwise(corners):
            dx, dy = to_x - x, to_y - y
            length = (dx * dx + dy * dy) ** 0.5
            if not length:
                continue
            across_x, across_y = dy / length * _BESIDE_DEG, -dx / length * _BESIDE_DEG
            for side in (1, -1):
                beside = Point((x + to_x) / 2 + side * across_x, (y + to_y) / 2 + side * across_y)
                for part in tree.query(beside, predicate="within"):
                    balance[part] += side * length
    return balance
