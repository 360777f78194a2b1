"""This file knows the values the engine is built from, as arrays: visits, orders, couriers.

Seconds are counted from an instant of the caller's choice. Prices are whole numbers of any unit,
the same everywhere. Every array is turned into its type and frozen when the value is made.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np

from recourse.planning.engine.arrays import Numbers, freeze, freeze_loads

__all__ = [
    "ANY",
    "NEVER_DUE",
    "Couriers",
    "Options",
    "Orders",
    "Visits",
    "with_change",
    "with_row",
]

Facts = TypeVar("Facts", "Visits", "Orders", "Couriers")

ANY = -1
"""No pickup; no courier in particular; nowhere in particular."""
NEVER_DUE = 2**31 - 1
"""Due so late that lateness costs nothing."""


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
            freeze(self, name, np.int32, (n,))
        freeze_loads(self, "demand", n)

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
            freeze(self, name, np.int32, (n,))
        for name in ("unserved_price", "move_price"):
            freeze(self, name, np.int64, (n,))
        freeze(self, "skills", np.uint64, (n,))

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
            freeze(self, name, np.int32, (len(self.delivery),))

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
        Where the day ends (``ANY``: at the last stop, with no way home), and when it must have
        ended: the shift, or the legal hours that are left after those worked already, whichever
        comes first.
    capacity : array of shape (n_couriers, n_dims)
        What may be on board.
    load : array of shape (n_couriers, n_dims)
        What is on board at the start.
    next_price : array of shape (n_couriers,)
        Price of being sent elsewhere than to the next stop that was told.
    skills : array of shape (n_couriers,)
        Bits the courier has.
    profile : array of shape (n_couriers,)
        Whose ways are theirs: which square of `Travel`.
    second_price : array of shape (n_couriers,)
        Price of a second between ``start_s`` and the end of the day's way, driving, serving or
        waiting; who has nothing to do costs nothing.
    break_s, break_by_s : array of shape (n_couriers,)
        A break of this length is owed (0: none), and when it must have begun. It is taken before
        the first stop, where a stop ends, or while waiting for the next; not at all if the day
        ends before it has to begin.
    """

    start_place: Numbers
    start_s: Numbers
    end_place: Numbers
    end_s: Numbers
    capacity: Numbers
    load: Numbers
    next_price: Numbers = field(default_factory=_zero)
    skills: Numbers = field(default_factory=_zero)
    profile: Numbers = field(default_factory=_zero)
    second_price: Numbers = field(default_factory=_zero)
    break_s: Numbers = field(default_factory=_zero)
    break_by_s: Numbers = field(default_factory=_never)

    def __post_init__(self) -> None:
        """Check the shapes."""
        n = len(self.start_place)
        places, times = ("start_place", "end_place"), ("start_s", "end_s", "break_s", "break_by_s")
        for name in (*places, *times, "profile"):
            freeze(self, name, np.int32, (n,))
        for name in ("capacity", "load"):
            freeze_loads(self, name, n)
        freeze(self, "next_price", np.int64, (n,))
        freeze(self, "second_price", np.int64, (n,))
        freeze(self, "skills", np.uint64, (n,))

    def __len__(self) -> int:
        return len(self.start_place)
