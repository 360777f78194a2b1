"""This file knows the ways between places: how long they take and what they cost, by profile."""

from dataclasses import dataclass, replace

import numpy as np

from recourse.model.errors import Invalid
from recourse.planning.engine.arrays import Numbers, freeze
from recourse.planning.engine.speeds import Speeds
from recourse.planning.engine.spread import Spread

__all__ = ["NO_WAY_S", "Reach", "Travel", "Ways"]

_SQUARE, _CUBE = 2, 3


NO_WAY_S = 100_000_000
"""Longer than any day: there is no way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a carrier gets that has to be back at its base.

    Attributes
    ----------
    base : int
        Its place.
    distance : array of shape (n_places, n_places)
        Of every way, in any unit.
    most : int
        Out and back, in that unit.
    """

    base: int
    distance: Numbers
    most: int

    @property
    def beyond(self) -> Numbers:
        """Places that are too far."""
        found: Numbers = np.flatnonzero(
            self.distance[self.base] + self.distance[:, self.base] > self.most
        )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Ways between all places; the way there may differ from the way back.

    Where couriers travel differently there is one square for each profile: scooter, van. One
    square alone is everybody's.

    Attributes
    ----------
    time_s : array of shape (n_profiles, n_places, n_places)
        Seconds from the place of the row to the place of the column.
    price : array of shape (n_profiles, n_places, n_places)
        What that way costs.
    speeds : Speeds, optional
        At what times of the day ways take longer.
    spread : Spread, optional
        How uncertain times are, and how much of it is priced.
    """

    time_s: Numbers
    price: Numbers
    speeds: Speeds | None = None
    spread: Spread | None = None

    def __post_init__(self) -> None:
        """Check the shapes."""
        for name in ("time_s", "price"):
            given = np.asarray(getattr(self, name))
            object.__setattr__(self, name, given[None] if given.ndim == _SQUARE else given)
        if self.time_s.ndim != _CUBE:
            raise Invalid(field="time_s", why=f"has {self.time_s.ndim} dimensions, not 2 or 3")
        n_profiles, n_places = self.time_s.shape[:2]
        for name in ("time_s", "price"):
            freeze(self, name, np.int32, (n_profiles, n_places, n_places))
        if self.time_s.min(initial=0) < 0:
            raise Invalid(field="time_s", why="a way cannot take less than no time")
        for name, rows in (
            ("speeds", n_profiles if self.speeds is None else len(self.speeds.permille)),
            ("spread", n_profiles if self.spread is None else len(self.spread.driving)),
        ):
            if rows != n_profiles:
                raise Invalid(field=name, why=f"has {rows} profiles, not {n_profiles}")

    def with_place(self, place: int, ways: "Ways") -> "Travel":
        """The same with other ways from and to one place, which may be new.

        Parameters
        ----------
        place : int
            Which place; ``n_places`` for one more.
        ways : Ways
            From it and to it.

        Returns
        -------
        Travel
            A new value.
        """
        n = max(self.n_places, place + 1)
        cubes = []
        for old, out, into in (
            (self.time_s, ways.time_out_s, ways.time_in_s),
            (self.price, ways.price_out, ways.price_in),
        ):
            cube = np.zeros((self.n_profiles, n, n), dtype=np.int32)
            cube[:, : self.n_places, : self.n_places] = old
            cube[:, place, :], cube[:, :, place] = out, into
            cubes.append(cube)
        return replace(self, time_s=cubes[0], price=cubes[1])

    def with_emissions(
        self, *, distance_m: Numbers, g_per_m: Numbers, price_per_g: float
    ) -> "Travel":
        """The same with what every way emits as a part of its price.

        Parameters
        ----------
        distance_m : array of shape (n_profiles, n_places, n_places) or (n_places, n_places)
            Metres of every way.
        g_per_m : array of shape (n_profiles,)
            Grams each profile emits on a metre.
        price_per_g : float
            The dial: 0 forgets emissions.

        Returns
        -------
        Travel
            A new value; a part of a unit of price is rounded to the nearest.

        Examples
        --------
        A van emits 0.2 g on a metre, a cargo bicycle nothing; a kilogram costs 10 cents.

        >>> ways = np.array([[0, 1_000], [1_000, 0]])
        >>> both = Travel(time_s=np.stack([ways, ways]), price=np.stack([ways, ways]))
        >>> dials = {"g_per_m": np.array([0.2, 0.0]), "price_per_g": 0.01}
        >>> both.with_emissions(distance_m=ways, **dials).price[:, 0, 1].tolist()
        [1002, 1000]
        """
        g_per_way = np.asarray(g_per_m, dtype=float).reshape(-1, 1, 1) * distance_m
        more = np.rint(g_per_way * price_per_g).astype(np.int64)
        return replace(self, price=self.price + more)

    def with_profile(
        self, *, time_s: Numbers, price: Numbers, reach: "Reach | None" = None
    ) -> "Travel":
        """The same with the ways of one kind of carrier more: a robot, a drone.

        Parameters
        ----------
        time_s, price : array of shape (n_places, n_places)
            Of every way it can go, at any time of the day and for certain.
        reach : Reach, optional
            How far from its base it can go and come back; what is further has no way.

        Returns
        -------
        Travel
            A new value; the profile is the last.

        Examples
        --------
        A drone flies a kilometre in a minute, and no further than three from its base.

        >>> ways = np.array([[0, 2_000, 5_000], [2_000, 0, 3_000], [5_000, 3_000, 0]])
        >>> van = Travel(time_s=ways // 8, price=ways)
        >>> reach = Reach(base=0, distance=ways, most=6_000)
        >>> both = van.with_profile(time_s=ways * 60 // 1_000, price=ways // 2, reach=reach)
        >>> both.n_profiles, both.time_s[1, 0].tolist()
        (2, [0, 120, 100000000])
        """
        square = np.array(time_s, dtype=np.int32)
        if reach is not None:
            square[:, reach.beyond] = square[reach.beyond, :] = NO_WAY_S
            np.fill_diagonal(square, 0)
        speeds, spread = self.speeds, self.spread
        if speeds is not None:
            usual = np.full((1, len(speeds.begin_s)), 1_000)
            speeds = replace(speeds, permille=np.concatenate([speeds.permille, usual]))
        if spread is not None:
            spread = replace(
                spread, driving=np.append(spread.driving, 0), serving=np.append(spread.serving, 0)
            )
        return Travel(
            time_s=np.concatenate([self.time_s, square[None]]),
            price=np.concatenate([self.price, np.asarray(price)[None]]),
            speeds=speeds,
            spread=spread,
        )

    def arrive_s(self, profile: int, leave_s: int, way_s: int) -> int:
        """When a way is done that takes so long at the usual speed."""
        if self.speeds is None:
            return leave_s + way_s
        return self.speeds.arrive_s(profile, leave_s, way_s)

    @property
    def n_profiles(self) -> int:
        """How many kinds of vehicles have ways of their own."""
        return int(self.time_s.shape[0])

    @property
    def n_places(self) -> int:
        """How many places there are."""
        return int(self.time_s.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Ways between one place and every place, itself included and last if it is new.

    One row alone is for every profile.

    Attributes
    ----------
    time_out_s, time_in_s : array of shape (n_profiles, n_places)
        Seconds from it, and to it.
    price_out, price_in : array of shape (n_profiles, n_places)
        What these ways cost.
    """

    time_out_s: Numbers
    time_in_s: Numbers
    price_out: Numbers
    price_in: Numbers

    def __post_init__(self) -> None:
        """Check the shapes."""
        shape = np.atleast_2d(self.time_out_s).shape
        for name in ("time_out_s", "time_in_s", "price_out", "price_in"):
            object.__setattr__(self, name, np.atleast_2d(getattr(self, name)))
            freeze(self, name, np.int32, shape)

    def for_profiles(self, n_profiles: int) -> "Ways":
        """The same with one row for each profile.

        Parameters
        ----------
        n_profiles : int
            How many there are.

        Returns
        -------
        Ways
            A new value.

        Raises
        ------
        Invalid
            If there are other rows than one, or one for each.
        """
        n_rows, n_places = self.time_out_s.shape
        if n_rows not in (1, n_profiles):
            raise Invalid(field="ways", why=f"have {n_rows} profiles, not {n_profiles}")
        rows = (np.broadcast_to(side, (n_profiles, n_places)) for side in self.arrays)
        return Ways(**dict(zip(self.__dataclass_fields__, rows, strict=True)))

    @property
    def n_places(self) -> int:
        """How many places they lead to."""
        return int(self.time_out_s.shape[1])

    @property
    def arrays(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """All four."""
        return self.time_out_s, self.time_in_s, self.price_out, self.price_in
