"""This file knows how planning asks for travel times, and remembers the answers for a while."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recourse.model.couriers import Vehicle

__all__ = ["TRAVEL_STEP_S", "Legs", "Travel", "as_of"]

TRAVEL_STEP_S = 900
"""Travel times are asked for at the beginning of the quarter of an hour that holds `now`."""

_MAX_REMEMBERED = 200_000

Nodes = NDArray[np.int32]
Matrix = NDArray[np.int32]


class Travel(Protocol):
    """Times and distances between places, for one way of moving.

    Where there is no way, a million seconds stand for it: too late for anything, and still small
    enough to be added up.

    Examples
    --------
    >>> import numpy as np
    >>> class Line:
    ...     '''Places on a line, a node every 10 metres, 10 metres a second.'''
    ...
    ...     def nodes(self, vehicle, lons, lats):
    ...         return np.rint(np.asarray(lons) * 10_000).astype(np.int32)
    ...
    ...     def matrix_s(self, vehicle, origins, destinations, at):
    ...         return np.abs(origins[:, None] - destinations[None, :])
    ...
    ...     def matrices(self, vehicle, origins, destinations, at):
    ...         seconds = self.matrix_s(vehicle, origins, destinations, at)
    ...         return seconds, 10 * seconds
    """

    def nodes(
        self, vehicle: Vehicle, lons: NDArray[np.float64], lats: NDArray[np.float64]
    ) -> Nodes:
        """Nearest node of the network for each place; shape (n,)."""
        ...

    def matrix_s(
        self, vehicle: Vehicle, origins: Nodes, destinations: Nodes, at: datetime
    ) -> Matrix:
        """Seconds from each origin to each destination, leaving `at`; shape (n, m)."""
        ...

    def matrices(
        self, vehicle: Vehicle, origins: Nodes, destinations: Nodes, at: datetime
    ) -> tuple[Matrix, Matrix]:
        """The same seconds, and metres along the same paths; shape (n, m) each."""
        ...


def as_of(now: datetime) -> datetime:
    """Return the instant for which travel times are asked: `now`, rounded down to the step.

    Parameters
    ----------
    now : datetime
        Aware instant.

    Returns
    -------
    datetime
        At most `TRAVEL_STEP_S` seconds earlier, in the same zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> as_of(datetime(2026, 3, 1, 12, 14, 59, tzinfo=UTC)).minute
    0
    """
    past_s = int(now.timestamp()) % TRAVEL_STEP_S
    return datetime.fromtimestamp(int(now.timestamp()) - past_s, tz=now.tzinfo)


class Legs:
    """Travel between places, each pair asked once in a time step."""

    def __init__(self, travel: Travel) -> None:
        self.travel = travel
        self._at: datetime | None = None
        self._nodes: dict[tuple[Vehicle, float, float], int] = {}
        self._pairs: dict[tuple[Vehicle, int, int], tuple[int, int]] = {}

    def forget(self) -> None:
        """Drop every remembered time and node, because the roads have changed."""
        self._nodes.clear()
        self._pairs.clear()

    def nodes(self, vehicle: Vehicle, places: Sequence[tuple[float, float]]) -> Nodes:
        """Nodes of (lon, lat) places; only new places are looked up."""
        known = self._nodes
        new = [p for p in dict.fromkeys(places) if (vehicle, *p) not in known]
        if new:
            if len(known) > _MAX_REMEMBERED:
                known.clear()
                new = list(dict.fromkeys(places))
            table = np.array(new, dtype=np.float64)
            found = self.travel.nodes(vehicle, table[:, 0], table[:, 1])
            known.update(
                ((vehicle, *place), int(node)) for place, node in zip(new, found, strict=True)
            )
        return np.array([known[vehicle, *p] for p in places], dtype=np.int32)

    def along(
        self, vehicle: Vehicle, chains: Sequence[Sequence[int]], at: datetime
    ) -> list[tuple[list[int], list[int]]]:
        """Seconds and metres of each leg of several chains of nodes, asked for in one call."""
        if at != self._at or len(self._pairs) > _MAX_REMEMBERED:
            self._at = at
            self._pairs.clear()
        keys = [[(vehicle, a, b) for a, b in pairwise(chain)] for chain in chains]
        known = self._pairs
        missing = dict.fromkeys(key for row in keys for key in row if key not in known)
        if missing:
            self._ask(vehicle, [(a, b) for _, a, b in missing], at)
        return [([known[k][0] for k in row], [known[k][1] for k in row]) for row in keys]

    def _ask(self, vehicle: Vehicle, pairs: Sequence[tuple[int, int]], at: datetime) -> None:
        """Look up pairs of nodes, all in one call."""
        origins, row = np.unique([a for a, _ in pairs], return_inverse=True)
        ends, column = np.unique([b for _, b in pairs], return_inverse=True)
        origins, ends = origins.astype(np.int32), ends.astype(np.int32)
        found = self.travel.matrices(vehicle, origins, ends, at)
        seconds, metres = (ways[row, column].tolist() for ways in found)
        for (a, b), s, m in zip(pairs, seconds, metres, strict=True):
            self._pairs[vehicle, a, b] = int(s), int(m)
