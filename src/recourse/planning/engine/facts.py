"""This file knows the values the engine is built from, as arrays: ways, visits, orders, couriers.

Seconds are counted from an instant of the caller's choice. Prices are whole numbers of any unit,
the same everywhere. Every array is turned into its type and frozen when the value is made.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recourse.model.errors import Invalid

__all__ = [
    "ANY",
    "MAX_DIMS",
    "NEVER_DUE",
    "Couriers",
    "Int32s",
    "Options",
    "Orders",
    "Travel",
    "Visits",
    "Ways",
    "with_change",
    "with_row",
]

Int32s = NDArray[np.int32]
Numbers = NDArray[Any]
"""Given in any type of number; turned into the right one."""

Facts = TypeVar("Facts", "Visits", "Orders", "Couriers")

ANY = -1
"""No pickup; no courier in particular."""
MAX_DIMS = 4
"""How many dimensions a load may have."""
NEVER_DUE = 2**31 - 1
"""Due so late that lateness costs nothing."""


def _frozen(given: ArrayLike, dtype: type[np.generic]) -> NDArray[np.generic]:
    """A copy of the right type that nobody can write to."""
    array = np.array(given, dtype=dtype, order="C")
    array.flags.writeable = False
    return array


def _freeze(value: object, name: str, dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    """Put an array of the right type and shape into a frozen value; a scalar fills the shape."""
    given = np.asarray(getattr(value, name))
    array = _frozen(np.broadcast_to(given, shape) if given.ndim == 0 else given, dtype)
    if array.shape != shape:
        raise Invalid(field=name, why=f"has shape {array.shape}, not {shape}")
    object.__setattr__(value, name, array)


def _freeze_loads(value: object, name: str, n_rows: int) -> None:
    """The same for loads, which may have several dimensions, or one without saying so."""
    array = np.asarray(getattr(value, name))
    rows = array[:, None] if array.ndim == 1 else array
    if rows.ndim != 2 or rows.shape[0] != n_rows or rows.shape[1] > MAX_DIMS:  # noqa: PLR2004
        raise Invalid(field=name, why=f"has shape {array.shape}, not ({n_rows}, 1 to {MAX_DIMS})")
    padded = np.zeros((n_rows, MAX_DIMS), dtype=np.int32)
    padded[:, : rows.shape[1]] = rows
    object.__setattr__(value, name, _frozen(padded, np.int32))


def _zero() -> Numbers:
    """Nothing, everywhere."""
    return np.asarray(0)


def _any() -> Numbers:
    """No one in particular, everywhere."""
    return np.asarray(ANY)


def _never() -> Numbers:
    """Never due, everywhere."""
    return np.asarray(NEVER_DUE)


def with_row(facts: Facts, row: Facts) -> Facts:
    """The same facts and one thing more, which comes last.

    Parameters
    ----------
    facts, row : Visits, Orders or Couriers
        What there is, and the same with one row.

    Returns
    -------
    Visits, Orders or Couriers
        A new value; as long as all facts take to copy.
    """
    return type(facts)(
        **{
            one.name: np.concatenate([getattr(facts, one.name), getattr(row, one.name)])
            for one in fields(facts)
        }
    )


def with_change(facts: Facts, number: int, **changes: Any) -> Facts:  # noqa: ANN401 - any field
    """The same facts with something else about one thing.

    Parameters
    ----------
    facts : Visits, Orders or Couriers
        What there is.
    number : int
        Which thing.
    **changes : int or array
        New values, by field.

    Returns
    -------
    Visits, Orders or Couriers
        A new value.
    """
    changed = {name: getattr(facts, name).copy() for name in changes}
    for name, value in changes.items():
        changed[name][number] = value
    return replace(facts, **changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Ways between all places; the way there may differ from the way back.

    Attributes
    ----------
    time_s : array of shape (n_places, n_places)
        Seconds from the place of the row to the place of the column.
    price : array of shape (n_places, n_places)
        What that way costs.
    """

    time_s: Numbers
    price: Numbers

    def __post_init__(self) -> None:
        """Check the shapes."""
        n_places = len(self.time_s)
        _freeze(self, "time_s", np.int32, (n_places, n_places))
        _freeze(self, "price", np.int32, (n_places, n_places))
        if n_places and (self.time_s.min() < 0):
            raise Invalid(field="time_s", why="a way cannot take less than no time")

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
        squares = []
        for old, out, into in (
            (self.time_s, ways.time_out_s, ways.time_in_s),
            (self.price, ways.price_out, ways.price_in),
        ):
            square = np.zeros((n, n), dtype=np.int32)
            square[: len(old), : len(old)] = old
            square[place, :], square[:, place] = out, into
            squares.append(square)
        return Travel(time_s=squares[0], price=squares[1])

    @property
    def n_places(self) -> int:
        """How many places there are."""
        return len(self.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Ways between one place and every place, itself included and last if it is new.

    Attributes
    ----------
    time_out_s, time_in_s : array of shape (n_places,)
        Seconds from it, and to it.
    price_out, price_in : array of shape (n_places,)
        What these ways cost.
    """

    time_out_s: Numbers
    time_in_s: Numbers
    price_out: Numbers
    price_in: Numbers

    def __post_init__(self) -> None:
        """Check the shapes."""
        n = len(self.time_out_s)
        for name in ("time_out_s", "time_in_s", "price_out", "price_in"):
            _freeze(self, name, np.int32, (n,))

    @property
    def arrays(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """All four."""
        return self.time_out_s, self.time_in_s, self.price_out, self.price_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What is done at a place.

    Attributes
    ----------
    place : array of shape (n_visits,)
        Where.
    earliest_s, latest_s : array of shape (n_visits,)
        Service begins between these two, without exception.
    service_s : array of shape (n_visits,)
        How long it takes.
    demand : array of shape (n_visits, n_dims)
        What comes on board (positive) and what leaves it (negative); up to four dimensions.
    due_s : array of shape (n_visits,)
        Service that begins later than this costs ...
    late_price : array of shape (n_visits,)
        ... so much for every second.
    price : array of shape (n_visits,)
        What doing it costs at all, for example what a customer is given for fetching the parcel
        from a pickup point.
    """

    place: Numbers
    earliest_s: Numbers
    latest_s: Numbers
    service_s: Numbers
    demand: Numbers
    due_s: Numbers = field(default_factory=_never)
    late_price: Numbers = field(default_factory=_zero)
    price: Numbers = field(default_factory=_zero)

    def __post_init__(self) -> None:
        """Check the shapes."""
        n = len(self.place)
        times = ("earliest_s", "latest_s", "service_s", "due_s")
        for name in ("place", *times, "late_price", "price"):
            _freeze(self, name, np.int32, (n,))
        _freeze_loads(self, "demand", n)

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What has to be carried.

    Attributes
    ----------
    delivery : array of shape (n_orders,)
        Visit at the door.
    pickup : array of shape (n_orders,)
        Visit where the parcel is collected by the same courier before; ``ANY`` for a parcel that
        is on board, or where there is none.
    unserved_price : array of shape (n_orders,)
        Price of the best way out without a courier.
    only_courier : array of shape (n_orders,)
        Who has the parcel in hand; ``ANY`` if everybody may do it.
    move_price : array of shape (n_orders,)
        Price of giving it to another courier than was told.
    skills : array of shape (n_orders,)
        Bits a courier must have.
    """

    delivery: Numbers
    unserved_price: Numbers
    pickup: Numbers = field(default_factory=_any)
    only_courier: Numbers = field(default_factory=_any)
    move_price: Numbers = field(default_factory=_zero)
    skills: Numbers = field(default_factory=_zero)

    def __post_init__(self) -> None:
        """Check the shapes."""
        n = len(self.delivery)
        for name in ("delivery", "pickup", "only_courier"):
            _freeze(self, name, np.int32, (n,))
        for name in ("unserved_price", "move_price"):
            _freeze(self, name, np.int64, (n,))
        _freeze(self, "skills", np.uint64, (n,))

    def __len__(self) -> int:
        return len(self.delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Other ways to serve orders: another meeting point, a pickup point instead of the door.

    One of them at most is in a plan, whichever is cheapest; each has visits of its own.

    Attributes
    ----------
    order : array of shape (n_options,)
        Whose option it is.
    delivery : array of shape (n_options,)
        Visit where it ends.
    pickup : array of shape (n_options,)
        Visit where it begins; ``ANY`` if there is none.
    """

    order: Numbers
    delivery: Numbers
    pickup: Numbers = field(default_factory=_any)

    def __post_init__(self) -> None:
        """Check the shapes."""
        for name in ("order", "delivery", "pickup"):
            _freeze(self, name, np.int32, (len(self.delivery),))

    def __len__(self) -> int:
        return len(self.delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class Couriers:
    """Who carries.

    Attributes
    ----------
    start_place, start_s : array of shape (n_couriers,)
        The next committed point, and when it is left.
    end_place, end_s : array of shape (n_couriers,)
        Where the day ends, and when it must have ended: the shift, or the legal hours that are
        left after those worked already, whichever comes first.
    capacity : array of shape (n_couriers, n_dims)
        What may be on board.
    load : array of shape (n_couriers, n_dims)
        What is on board at the start.
    next_price : array of shape (n_couriers,)
        Price of being sent elsewhere than to the next stop that was told.
    skills : array of shape (n_couriers,)
        Bits the courier has.
    """

    start_place: Numbers
    start_s: Numbers
    end_place: Numbers
    end_s: Numbers
    capacity: Numbers
    load: Numbers
    next_price: Numbers = field(default_factory=_zero)
    skills: Numbers = field(default_factory=_zero)

    def __post_init__(self) -> None:
        """Check the shapes."""
        n = len(self.start_place)
        for name in ("start_place", "start_s", "end_place", "end_s"):
            _freeze(self, name, np.int32, (n,))
        for name in ("capacity", "load"):
            _freeze_loads(self, name, n)
        _freeze(self, "next_price", np.int64, (n,))
        _freeze(self, "skills", np.uint64, (n,))

    def __len__(self) -> int:
        return len(self.start_place)
