"""This file knows the ways of a city too large for a square of all of them.

Every place knows the ways to the places near it, and to and from a few hubs. Any other way is
estimated from the straight line and from what the hubs leave open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recourse.planning.engine.arrays import Int32s, Numbers
from recourse.planning.engine.facts import ANY
from recourse.planning.engine.speeds import Speeds
from recourse.planning.engine.spread import Spread
from recourse.planning.engine.tables import grown
from recourse.planning.engine.ways import Travel

__all__ = ["NearTravel", "PlaceRows", "WaysPort"]

Floats = NDArray[np.float64]


class WaysPort(Protocol):
    """Whoever knows the ways between a few places of a city."""

    @property
    def n_places(self) -> int:
        """How many places there are."""

    @property
    def n_profiles(self) -> int:
        """For how many kinds of vehicle the ways are known."""

    def at_m(self, places: Int32s) -> Floats:
        """Metres east and north of each place."""

    def travel_between(self, places: Int32s) -> Travel:
        """All ways between some places, in the sequence given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRows:
    """What is known about the ways of some places, for one profile.

    Attributes
    ----------
    near : array of shape (n_places, n_near)
        Places near each; ``ANY`` where there are fewer.
    near_s : array of shape (n_places, n_near)
        Seconds to them.
    to_hub_s, from_hub_s : array of shape (n_places, n_hubs)
        Seconds to every hub, and from it.
    """

    near: Numbers
    near_s: Numbers
    to_hub_s: Numbers
    from_hub_s: Numbers


class NearTravel:
    """Ways by neighbourhood, computed ahead and corrected as the day goes.

    Parameters
    ----------
    at_m : array of shape (n_places, 2)
        Metres east and north.
    profiles : sequence of PlaceRows
        Ways of each profile.
    second_price : sequence of float
        Price of a second on the way, for each profile.
    s_per_m : float, optional
        Seconds for a metre of straight line, for what is beyond the neighbourhood.
    speeds : Speeds, optional
        At what times of the day ways take longer.
    spread : Spread, optional
        How uncertain times are.
    """

    def __init__(
        self,
        *,
        at_m: Numbers,
        profiles: Sequence[PlaceRows],
        second_price: Sequence[float],
        s_per_m: float = 0.2,
        speeds: Speeds | None = None,
        spread: Spread | None = None,
    ) -> None:
        self._speeds, self._spread = speeds, spread
        self._at_m = np.array(at_m, dtype=np.float64)
        self._n = len(self._at_m)
        self._slowed = np.ones(self._n)
        self._rows = [[np.array(part, dtype=np.int32) for part in _parts(one)] for one in profiles]
        self._second_price = np.asarray(second_price, dtype=float)
        self._weights = np.tile(np.array([s_per_m, 0.0]), (len(profiles), 1))
        self._local = np.full(self._n, ANY, dtype=np.int32)

    @property
    def n_places(self) -> int:
        """How many places there are."""
        return self._n

    @property
    def n_profiles(self) -> int:
        """For how many kinds of vehicle the ways are known."""
        return len(self._rows)

    @property
    def n_bytes(self) -> int:
        """Memory held, in bytes."""
        rows = sum(part.nbytes for one in self._rows for part in one)
        return int(rows + self._at_m.nbytes + self._slowed.nbytes + self._local.nbytes)

    def at_m(self, places: Int32s) -> Floats:
        """Metres east and north of each place."""
        found: Floats = self._at_m[places]
        return found

    def add_place(self, at_m: Numbers, profiles: Sequence[PlaceRows]) -> int:
        """Know one place more; others know the way to it as the way back.

        Parameters
        ----------
        at_m : array of shape (2,)
            Metres east and north.
        profiles : sequence of PlaceRows
            One row for each profile.

        Returns
        -------
        int
            Its number.
        """
        added = self._n
        self._n += 1
        self._at_m = grown(self._at_m, self._n)
        self._slowed = grown(self._slowed, self._n)
        self._local = grown(self._local, self._n)
        self._at_m[added], self._slowed[added] = at_m, 1.0
        self._local[added:] = ANY
        for rows, one in zip(self._rows, profiles, strict=True):
            for k, part in enumerate(_parts(one)):
                rows[k] = grown(rows[k], self._n)
                rows[k][added] = part[0]
        return added

    def slow(self, places: Int32s, factor: float) -> None:
        """Let every way from and to some places take longer: jam, rain, a closure.

        Parameters
        ----------
        places : array
            Which.
        factor : float
            Times as long as computed ahead; 1 for free ways.
        """
        self._slowed[places] = factor

    def fit(self, profile: int, places: Int32s, time_s: Numbers) -> None:
        """Learn from exact ways what to make of the straight line and of the hubs.

        Parameters
        ----------
        profile : int
            Which profile.
        places : array of shape (n, 2)
            From where and to where.
        time_s : array of shape (n,)
            Seconds that takes.
        """
        straight_m, least_s, most_s = self._features(profile, places[:, 0], places[:, 1])
        known_s = np.maximum(1.0, np.asarray(time_s, dtype=float))

        def error(weights: tuple[float, float]) -> float:
            guess_s = straight_m * weights[0] + least_s * weights[1]
            held_s = np.clip(guess_s, least_s, np.maximum(most_s, least_s))
            # Relative errors count: a minute is much on a short way.
            return float(np.abs(held_s / known_s - 1.0).mean())

        paces = np.quantile(known_s / np.maximum(1.0, straight_m), np.linspace(0.05, 0.95, 19))
        tried = [((1 - part) * pace, part) for part in (0.0, 0.25, 0.5, 0.75) for pace in paces]
        self._weights[profile] = min(tried, key=error)

    def travel_between(self, places: Int32s) -> Travel:
        """All ways between some places, in the sequence given.

        Parameters
        ----------
        places : array of shape (n,)
            Which, none twice.

        Returns
        -------
        Travel
            As squares of that size.
        """
        squares = np.stack([self._square_s(p, places) for p in range(len(self._rows))])
        slowed = self._slowed[places]
        if (slowed != 1.0).any():
            squares = squares * np.maximum(slowed[:, None], slowed)
        time_s = np.rint(squares).astype(np.int32)
        return Travel(
            time_s=time_s,
            price=np.rint(time_s * self._second_price[:, None, None]),
            speeds=self._speeds,
            spread=self._spread,
        )

    def _square_s(self, profile: int, places: Int32s) -> Floats:
        """Ways of one profile as computed ahead."""
        square, least_s, most_s = self._estimate(profile, places[:, None], places[None, :])
        near, near_s = (part[places] for part in self._rows[profile][:2])
        self._local[places] = np.arange(len(places), dtype=np.int32)
        other = np.where(near == ANY, ANY, self._local[near])
        self._local[places] = ANY
        one, rank = np.nonzero(other != ANY)
        square[other[one, rank], one] = near_s[one, rank]  # better than a guess for the way back
        square = np.clip(square, least_s, most_s)
        square[one, other[one, rank]] = near_s[one, rank]
        np.fill_diagonal(square, 0.0)
        return square

    def _estimate(self, profile: int, start: Int32s, end: Int32s) -> tuple[Floats, Floats, Floats]:
        """Seconds from place to place as guessed, and the least and the most they can be."""
        straight_m, least_s, most_s = self._features(profile, start, end)
        weights = self._weights[profile]
        guess_s = straight_m * weights[0] + least_s * weights[1]
        return guess_s, least_s, np.maximum(most_s, least_s)

    def _features(self, profile: int, start: Int32s, end: Int32s) -> tuple[Floats, Floats, Floats]:
        """Straight line, and what hubs allow at least and at most (Goldberg, Harrelson 2005)."""
        _, _, to_hub_s, from_hub_s = self._rows[profile]
        legs_m = self._at_m[start] - self._at_m[end]
        straight_m = np.hypot(legs_m[..., 0], legs_m[..., 1])
        least_s = np.zeros(straight_m.shape, dtype=np.int32)
        most_s = np.full(straight_m.shape, np.iinfo(np.int32).max, dtype=np.int32)
        for hub in range(to_hub_s.shape[1]):
            out, back = to_hub_s[:, hub], from_hub_s[:, hub]
            np.maximum(least_s, out[start] - out[end], out=least_s)
            np.maximum(least_s, back[end] - back[start], out=least_s)
            np.minimum(most_s, out[start] + back[end], out=most_s)
        return straight_m, least_s.astype(np.float64), most_s.astype(np.float64)


def _parts(rows: PlaceRows) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """All four columns."""
    return rows.near, rows.near_s, rows.to_hub_s, rows.from_hub_s
