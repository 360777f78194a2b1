"""A generated town written as OpenStreetMap data.

This file knows points, ways and relations, and that the file says it is made up.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
import osmium.osm.mutable as osm
from numpy.typing import NDArray

from recourse_sim.town.terrain import HALF_HEIGHT_M, HALF_WIDTH_M

__all__ = ["Drawing"]

# Open sea off every coast; the time zone there is that of the prime meridian.
_MIDDLE_LON: Final = -6.2
_MIDDLE_LAT: Final = 46.0
_DEG_M: Final = 111_195.0
_NOTE: Final = "generated town, not a real place"


class Drawing:
    """Points, ways and relations being put on paper.

    Points are written when they are first needed, ways and relations at the end, so that
    the file is sorted as readers expect.

    Parameters
    ----------
    path : Path
        File to write; replaced if it exists.
    seed : int
        Seed of the town, written into the head of the file.
    """

    def __init__(self, path: Path, seed: int) -> None:
        header = osmium.io.Header()
        header.set("generator", f"recourse town seed {seed}")
        header.set("sorting", "Type_then_ID")
        low, high = _degrees(
            np.array([[-HALF_WIDTH_M, -HALF_HEIGHT_M], [HALF_WIDTH_M, HALF_HEIGHT_M]])
        )
        header.add_box(osmium.osm.Box(*low, *high))
        self._writer = osmium.SimpleWriter(str(path), header=header, overwrite=True)
        self._n_points = 0
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._relations: list[tuple[list[tuple[str, int, str]], dict[str, str]]] = []

    def point(self, where: NDArray[np.float64], tags: dict[str, str] | None = None) -> int:
        """Write a point given in metres; give its number."""
        marks = {**tags, "note": _NOTE} if tags and "name" in tags else tags or {}
        lon, lat = _degrees(where[None, :])[0].tolist()
        return self._write(lon, lat, marks)

    def points(self, where: NDArray[np.float64]) -> list[int]:
        """Write plain points given in metres, shape (n, 2); give their numbers."""
        return [self._write(lon, lat, {}) for lon, lat in _degrees(where.reshape(-1, 2)).tolist()]

    def _write(self, lon: float, lat: float, tags: dict[str, str]) -> int:
        self._n_points += 1
        point = osm.Node(id=self._n_points, version=1, location=(lon, lat), tags=tags)
        self._writer.add_node(point)
        return self._n_points

    def way(self, points: Sequence[int], tags: dict[str, str]) -> int:
        """Note a way through points; give its number."""
        self._ways.append((list(points), tags))
        return len(self._ways)

    def line(self, where: NDArray[np.float64], tags: dict[str, str]) -> int:
        """Note a way through new points given in metres; give its number."""
        return self.way(self.points(where), tags)

    def area(self, outline: NDArray[np.float64], tags: dict[str, str]) -> int:
        """Note a closed outline whose corners, in metres, are each given once."""
        corners = self.points(outline)
        return self.way([*corners, corners[0]], tags)

    def relation(self, members: list[tuple[str, int, str]], tags: dict[str, str]) -> None:
        """Note a relation of (type, number, role)."""
        self._relations.append((members, tags))

    def finish(self) -> None:
        """Write ways and relations and close the file."""
        for number, (nodes, tags) in enumerate(self._ways, start=1):
            self._writer.add_way(osm.Way(id=number, version=1, nodes=nodes, tags=tags))
        for number, (members, tags) in enumerate(self._relations, start=1):
            plain: list[Any] = members
            self._writer.add_relation(osm.Relation(id=number, version=1, members=plain, tags=tags))
        self._writer.close()


def _degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees of points in metres, to the seven digits that the format keeps; shape (n, 2)."""
    lon = _MIDDLE_LON + metres[:, 0] / (_DEG_M * np.cos(np.radians(_MIDDLE_LAT)))
    lat = _MIDDLE_LAT + metres[:, 1] / _DEG_M
    rounded: NDArray[np.float64] = np.round(np.column_stack([lon, lat]), 7)
    return rounded
