"""What bends in variant C, and what that costs; the other variants have none of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Prices"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prices:
    """What bends, and what that costs.

    Attributes
    ----------
    ends : tuple of int
        When each courier must be home: legal hours, less those already worked.
    way_out : tuple of int
        Price of each request's cheapest way out without a courier.
    due : ndarray of int64, shape (n,)
        Service that begins later than this was promised earlier.
    late_price : int
        For every unit of time after that.
    move_price : int
        For every request that goes to another courier than was told.
    turn_price : int
        For every courier whose next stop is another than was told.
    """

    ends: tuple[int, ...]
    way_out: tuple[int, ...]
    due: NDArray[np.int64]
    late_price: int
    move_price: int
    turn_price: int

    def told(self) -> bytes:
        """All of it, for a hash."""
        whole = (self.ends, self.way_out, self.late_price, self.move_price, self.turn_price)
        return repr(whole).encode() + self.due.astype("<i8").tobytes()
