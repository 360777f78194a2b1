"""This file knows how the world keeps routes as arrays: one row a courier, one column a stop."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["AVAILABLE", "FAR_S", "LATER", "OFF", "Board", "Flags", "Ints"]

OFF, AVAILABLE, LATER = 0, 1, 2
"""Not to be asked; on duty; the shift has yet to begin."""
FAR_S = 1 << 40
"""Seconds no plan ever reaches; minus this is before everything."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ROWS = ("n", "ready", "starts", "shift_by", "duty_since", "worked", "cap_g", "cap_ml")
_ROWS_TOO = ("load_g", "load_ml", "vehicle", "duty", "stamp")
_STOPS = ("earliest", "latest", "service", "gives_g", "gives_ml", "key", "leg_s", "leg_m")


class Board:
    """Every courier's route in padded arrays; times are seconds since the epoch.

    Attributes
    ----------
    n : ndarray of int64, shape (n_rows,)
        How many stops follow the anchor.
    ready : ndarray of int64, shape (n_rows,)
        When the anchor is left at the earliest, as far as its own stop goes; 0 for a bare place.
    starts, shift_by, duty_since, worked, cap_g, cap_ml : ndarray of int64, shape (n_rows,)
        The courier's shift, hours and capacity; `duty_since` is -1 while off duty.
    load_g, load_ml : ndarray of int64, shape (n_rows,)
        What is on board when the anchor is left.
    vehicle, duty, stamp : ndarray of int64, shape (n_rows,)
        Code of the vehicle; `OFF`, `AVAILABLE` or `LATER`; the instant the legs are valid for.
    lon, lat : ndarray of float64, shape (n_rows, width + 1)
        Column 0 is the anchor, column k + 1 the k-th stop; NaN where there is none.
    node : ndarray of int32, shape (n_rows, width + 1)
        Node of the road network; -1 where not looked up yet.
    earliest, latest, service : ndarray of int64, shape (n_rows, width)
        Window and seconds of each stop.
    gives_g, gives_ml : ndarray of int64, shape (n_rows, width)
        What the load grows by at each stop; negative at a dropoff.
    key : ndarray of int64, shape (n_rows, width)
        Stops with equal keys are one visit: same kind, same place.
    leg_s, leg_m : ndarray of int64, shape (n_rows, width)
        Way from column k to column k + 1 of the places.
    """

    n: Ints
    ready: Ints
    starts: Ints
    shift_by: Ints
    duty_since: Ints
    worked: Ints
    cap_g: Ints
    cap_ml: Ints
    load_g: Ints
    load_ml: Ints
    vehicle: Ints
    duty: Ints
    stamp: Ints
    earliest: Ints
    latest: Ints
    service: Ints
    gives_g: Ints
    gives_ml: Ints
    key: Ints
    leg_s: Ints
    leg_m: Ints

    def __init__(self, n_rows: int = 16, width: int = 16) -> None:
        for name in (*_ROWS, *_ROWS_TOO):
            setattr(self, name, np.zeros(n_rows, dtype=np.int64))
        for name in _STOPS:
            setattr(self, name, np.zeros((n_rows, width), dtype=np.int64))
        self.lon = np.full((n_rows, width + 1), np.nan)
        self.lat = np.full((n_rows, width + 1), np.nan)
        self.node = np.full((n_rows, width + 1), -1, dtype=np.int32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and stops there is room for."""
        rows, width = self.leg_s.shape
        return int(rows), int(width)

    def clear(self, row: int) -> None:
        """Make a row nobody's: no stops, no place, not to be asked."""
        self.n[row], self.duty[row] = 0, OFF
        self.lon[row], self.lat[row], self.node[row] = np.nan, np.nan, -1

    def grown(self, n_rows: int, width: int) -> "Board":
        """Copy with room for more; itself if there is room enough."""
        rows, columns = self.shape
        if n_rows <= rows and width <= columns:
            return self
        bigger = Board(
            rows if n_rows <= rows else max(n_rows, 2 * rows),
            columns if width <= columns else max(width, 2 * columns),
        )
        for name, mine in vars(self).items():
            target = getattr(bigger, name)
            target[tuple(slice(0, size) for size in mine.shape)] = mine
        return bigger
