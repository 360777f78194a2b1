"""This file knows how uncertain a time is, and how late it is on average for being uncertain.

It is the plain statement of what the compiled kernel works out, number for number: whole numbers
and one table, so that the same route has the same price on every machine.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from recourse.model.errors import Invalid
from recourse.planning.engine.arrays import Numbers, freeze

__all__ = ["TICKS", "Spread", "UncertainTime"]

TICKS = 16
"""In a second."""
_WIDEST, _ROWS = 6, 32
_BITS, _LEFT_BITS = 24, 20
_MOST_VARIANCE, _LATEST = 2**40, 2**24
_HEAVIEST, _WIDEST_DISPERSION = 2_000, 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How uncertain times are, and how much of that is priced.

    Variance gathers along a route from the next committed point on. The time at each stop is
    taken for normal; waiting for a door to open takes up what is early (Clark 1961,
    10.1287/opre.9.2.145). Where lateness has a price, the price is that of the seconds late on
    average, not of the average time. Windows without exception are kept by the average time.

    Attributes
    ----------
    driving, serving : array of shape (n_profiles,)
        Variance, in seconds squared, for every second on the way and at a stop. Sixty: a way of
        ten minutes has a standard deviation of 190 seconds.
    weight_permille : int
        The dial: 0 forgets it, 1,000 is the average, 2,000 is the most.
    """

    driving: Numbers
    serving: Numbers
    weight_permille: int = 1_000

    def __post_init__(self) -> None:
        """Check the shapes."""
        n = len(np.atleast_1d(self.driving))
        for name in ("driving", "serving"):
            freeze(self, name, np.int32, (n,))
            rows = getattr(self, name)
            if rows.min() < 0 or rows.max() > _WIDEST_DISPERSION:
                raise Invalid(field=name, why=f"must be between 0 and {_WIDEST_DISPERSION}")
        if not 0 <= self.weight_permille <= _HEAVIEST:
            raise Invalid(field="weight_permille", why=f"must be between 0 and {_HEAVIEST}")


class UncertainTime:
    """A time that is not certain.

    Parameters
    ----------
    at_s : int
        A certain one to begin with.

    Examples
    --------
    Ten minutes on the way, give or take 190 seconds: an appointment in ten minutes is missed by
    75 seconds on average, one in a quarter of an hour by 4, and a door that opens only then makes
    the next appointment nearly certain.

    >>> there = UncertainTime(0)
    >>> there.go(600, 60)
    >>> there.late(600) // TICKS, there.late(900) // TICKS
    (75, 4)
    >>> there.wait(900)
    >>> there.late(960) // TICKS
    0
    """

    def __init__(self, at_s: int) -> None:
        self._mean = TICKS * at_s
        self._variance = 0

    def go(self, seconds: int, dispersion: int) -> None:
        """Let time pass, on the way or at a stop."""
        self._mean += TICKS * seconds
        more = TICKS * TICKS * seconds * dispersion
        self._variance = min(_MOST_VARIANCE, self._variance + more)

    def wait(self, until_s: int) -> None:
        """Go on no earlier than that."""
        mean, left = self._beyond(until_s)
        self._mean = max(self._mean, TICKS * until_s) if mean is None else TICKS * until_s + mean
        self._variance = (self._variance * left) >> _LEFT_BITS

    def late(self, due_s: int) -> int:
        """Ticks after a time, on average."""
        mean, _ = self._beyond(due_s)
        return min(_LATEST, max(0, self._mean - TICKS * due_s) if mean is None else mean)

    def _beyond(self, at_s: int) -> tuple[int | None, int]:
        """Ticks after a time on average (None: all or nothing); the share of variance left."""
        off = TICKS * at_s - self._mean
        if off * off >= _WIDEST * _WIDEST * self._variance:
            return None, 1 << _LEFT_BITS if off <= 0 else 0
        root = math.isqrt(self._variance - 1) + 1
        row, part = divmod(((off + _WIDEST * root) << _BITS) // root, (1 << _BITS) // _ROWS)
        (mean, left), (next_mean, next_left) = _table()[row], _table()[row + 1]
        step = (1 << _BITS) // _ROWS
        mean -= (mean - next_mean) * part // step
        left -= (left - next_left) * part // step
        return (root * mean) >> _BITS, left


@cache
def _table() -> list[tuple[int, int]]:
    """What a standard normal is above each z on average, and the variance left by waiting."""
    rows = []
    for k in range(2 * _WIDEST * _ROWS + 2):
        z = k / _ROWS - _WIDEST
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        upper = math.erfc(z / math.sqrt(2)) / 2
        mean = density - z * upper
        left = (1 + z * z) * upper - z * density - mean * mean
        ints = (math.ldexp(mean, _BITS), math.ldexp(left, _LEFT_BITS))
        rows.append((math.floor(ints[0] + 0.5), math.floor(ints[1] + 0.5)))
    return rows
