"""This file knows what is near a point of a city, in time that does not grow with the city."""

from collections import defaultdict
from collections.abc import Iterable

__all__ = ["Grid"]

_MOST_RINGS = 64


class Grid:
    """Numbers in square cells.

    Parameters
    ----------
    cell_m : float
        Side of a cell, in metres.
    """

    def __init__(self, cell_m: float) -> None:
        self._cell_m = cell_m
        self._cells: defaultdict[tuple[int, int], dict[int, tuple[float, float]]]
        self._cells = defaultdict(dict)

    def add(self, number: int, at_m: tuple[float, float]) -> None:
        """Put a number where it is.

        Parameters
        ----------
        number : int
            Which.
        at_m : tuple of float
            Metres east and north.
        """
        self._cells[self._cell(at_m)][number] = at_m

    def drop(self, number: int, at_m: tuple[float, float]) -> None:
        """Take a number away from where it was put.

        Parameters
        ----------
        number : int
            Which.
        at_m : tuple of float
            Metres east and north.
        """
        cell = self._cell(at_m)
        self._cells[cell].pop(number, None)
        if not self._cells[cell]:
            del self._cells[cell]

    def nearest(self, at_m: tuple[float, float], n: int) -> list[int]:
        """Find the numbers nearest to a point.

        Parameters
        ----------
        at_m : tuple of float
            Metres east and north.
        n : int
            How many.

        Returns
        -------
        list of int
            Nearest first; equals by number. Fewer if there are fewer within 64 cells.

        Examples
        --------
        >>> grid = Grid(100.0)
        >>> for number, east_m in enumerate((0.0, 90.0, 110.0, 900.0)):
        ...     grid.add(number, (east_m, 0.0))
        >>> grid.nearest((130.0, 0.0), 2)
        [2, 1]
        """
        east_m, north_m = at_m
        column, row = self._cell(at_m)
        found: list[tuple[float, int]] = []
        for ring in range(_MOST_RINGS):
            for cell in _ring(column, row, ring):
                for number, (x, y) in self._cells.get(cell, {}).items():
                    found.append(((x - east_m) ** 2 + (y - north_m) ** 2, number))
            # Whatever is further out is further away than this.
            sure_m = ring * self._cell_m
            if len(found) >= n:
                found.sort()
                if found[n - 1][0] <= sure_m**2:
                    break
        found.sort()
        return [number for _, number in found[:n]]

    def _cell(self, at_m: tuple[float, float]) -> tuple[int, int]:
        """The cell of a point."""
        return int(at_m[0] // self._cell_m), int(at_m[1] // self._cell_m)


def _ring(column: int, row: int, ring: int) -> Iterable[tuple[int, int]]:
    """Cells so many steps away from one."""
    if ring == 0:
        yield column, row
        return
    for k in range(-ring, ring + 1):
        yield column + k, row - ring
        yield column + k, row + ring
    for k in range(1 - ring, ring):
        yield column - ring, row + k
        yield column + ring, row + k
