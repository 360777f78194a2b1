"""This file knows what can happen to whatever lives on, a world or a whole city, and says it once.

`Events` is the front of both: it refuses what cannot be meant, counts versions and tells whoever
listens. `Acts` is what it needs of whoever carries it out: an engine, or a city.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np

from recourse.model.errors import Invalid
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits, with_row

__all__ = ["Acts", "Events", "Listener", "event"]

Listener = Callable[[str, Mapping[str, Any]], None]
"""Hears the name of everything that happens, and what was said about it."""

Living = TypeVar("Living", bound="Events")
Given = ParamSpec("Given")
Result = TypeVar("Result")


def event(
    method: Callable[Concatenate[Living, Given], Result],
) -> Callable[Concatenate[Living, Given], Result]:
    """Let a method be something that happens: the plan has another version, and listeners hear.

    Parameters
    ----------
    method : callable
        Of `Events`.

    Returns
    -------
    callable
        The same.
    """
    signature = inspect.signature(method)

    @wraps(method)
    def happens(self: Living, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        result = method(self, *args, **kwargs)
        said = dict(signature.bind(self, *args, **kwargs).arguments)
        self.note(method.__name__, {name: said[name] for name in list(said)[1:]})
        return result

    return happens


class Acts(Protocol):
    """Carries out what happens. Numbers are good ones; lists are of orders, in rising order."""

    def drop_courier(self, courier: int) -> list[int]:
        """A courier is gone; whoever has none any more."""

    def add_courier(self, courier: Couriers) -> int:
        """One courier more; their number."""

    def move_courier(self, courier: int, place: int, at_s: int) -> list[int]:
        """A courier is somewhere else, or later; whoever is reached too late."""

    def change_break(self, courier: int, break_s: int, by_s: int) -> list[int]:
        """A courier owes another break; whoever is reached too late."""

    def start_stop(self, courier: int, at_s: int) -> list[int]:
        """Service at the next stop, if there is one, has begun; whoever is reached too late."""

    def add_order(self, visits: Visits, order: Orders, options: Options) -> int:
        """One order more, whose numbers point to its visits; its number."""

    def take_order_out(self, order: int) -> list[int]:
        """An order less; whoever has no room any more."""


class Events(ABC):
    """Everything that can happen to what lives on. What has been told stays told unless it broke.

    Attributes
    ----------
    version : int
        Rises with everything that happens; an answer carries the one it was given on.
    listener : callable or None
        Who hears what happens, after it happened.
    """

    version: int = 0
    listener: Listener | None = None

    @property
    @abstractmethod
    def _acts(self) -> Acts:
        """Whoever carries it out."""

    @abstractmethod
    def _count(self, what: str) -> int:
        """How many couriers, orders, visits, places or profiles there are; ask in the singular."""

    def note(self, name: str, said: Mapping[str, Any]) -> None:
        """Something has happened.

        Parameters
        ----------
        name : str
            What: a method of this class, or ``"load_routes"``.
        said : mapping of str to value
            What was said about it.
        """
        self.version += 1
        if self.listener is not None:
            self.listener(name, said)

    @event
    def drop_courier(self, courier: int) -> list[int]:
        """Take a courier out: broken down, ill, gone. What they had not begun has no courier.

        Parameters
        ----------
        courier : int
            Who.

        Returns
        -------
        list of int
            Their orders.
        """
        self._check("courier", courier)
        return self._acts.drop_courier(courier)

    @event
    def add_courier(self, courier: Couriers) -> int:
        """Let a courier come on duty, with nothing to do yet.

        Parameters
        ----------
        courier : Couriers
            One row.

        Returns
        -------
        int
            Their number.
        """
        self._check("place", int(courier.start_place[0]), field="start_place")
        self._check("profile", int(courier.profile[0]))
        if courier.end_place[0] != ANY:
            self._check("place", int(courier.end_place[0]), field="end_place")
        return self._acts.add_courier(courier)

    @event
    def move_courier(self, courier: int, *, place: int, at_s: int) -> list[int]:
        """See a courier from another committed point, or from the same one at a later time.

        Parameters
        ----------
        courier : int
            Who.
        place : int
            The next committed point.
        at_s : int
            When it is left.

        Returns
        -------
        list of int
            Orders that would be reached too late now, and have no courier any more.
        """
        self._check("courier", courier)
        self._check("place", place)
        return self._acts.move_courier(courier, place, at_s)

    @event
    def change_break(self, courier: int, *, break_s: int, by_s: int) -> list[int]:
        """Let a courier owe another break: one was taken (see `move_courier`), or the law changes.

        Parameters
        ----------
        courier : int
            Who.
        break_s : int
            Length of the break that is owed now; 0 for none.
        by_s : int
            When it must have begun.

        Returns
        -------
        list of int
            Orders that would be reached too late now, and have no courier any more.
        """
        self._check("courier", courier)
        return self._acts.change_break(courier, break_s, by_s)

    @event
    def start_stop(self, courier: int, *, at_s: int) -> list[int]:
        """Freeze the next stop of a courier, if there is one: its service has begun.

        The courier is seen from its end on. An order that was delivered is done; one that was
        collected is in this courier's hands and no other's.

        Parameters
        ----------
        courier : int
            Who.
        at_s : int
            When service began; if it ended at another time, call `move_courier` then.

        Returns
        -------
        list of int
            Orders that would be reached too late now, and have no courier any more.
        """
        self._check("courier", courier)
        return self._acts.start_stop(courier, at_s)

    @event
    def add_order(
        self,
        *,
        delivery: Visits,
        unserved_price: int,
        pickup: Visits | None = None,
        move_price: int = 0,
        skills: int = 0,
        only_courier: int = ANY,
    ) -> int:
        """Take an order, which has no courier yet.

        Several rows are several ways to serve it, for example one for each meeting point.

        Parameters
        ----------
        delivery : Visits
            One row for each way.
        unserved_price : int
            Price of its best way out without a courier.
        pickup : Visits, optional
            As many rows.
        move_price : int, optional
            Price of giving it to another courier later.
        skills : int, optional
            Bits a courier must have.
        only_courier : int, optional
            Who has the parcel in hand, or is the only one who may have it.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        Invalid
            If a place does not exist, or ways begin that do not end.
        """
        if only_courier != ANY:
            self._check("courier", only_courier, field="only_courier")
        rows = [delivery] if pickup is None else [pickup, delivery]
        for place in np.concatenate([row.place for row in rows]):
            self._check("place", int(place))
        if pickup is not None and len(pickup) != len(delivery):
            raise Invalid(field="pickup", why=f"has {len(pickup)} rows, not {len(delivery)}")
        doors = self._count("visit") + np.arange(len(delivery)) + (len(pickup) if pickup else 0)
        starts = np.full(len(doors), ANY) if pickup is None else doors - len(pickup)
        options = Options(order=np.zeros(len(doors) - 1), pickup=starts[1:], delivery=doors[1:])
        order = Orders(
            pickup=starts[:1],
            delivery=doors[:1],
            unserved_price=np.array(unserved_price),
            move_price=np.array(move_price),
            skills=np.array(skills),
            only_courier=np.array(only_courier),
        )
        return self._acts.add_order(_joined(rows), order, options)

    @event
    def take_order_out(self, order: int) -> list[int]:
        """Forget an order that was canceled; it costs nothing any more.

        Parameters
        ----------
        order : int
            Which order.

        Returns
        -------
        list of int
            Orders whose courier has no room for them any more.
        """
        self._check("order", order)
        return self._acts.take_order_out(order)

    def _check(self, what: str, number: int, *, field: str = "") -> None:
        """A number points to something."""
        limit = self._count(what)
        if not 0 <= number < limit:
            why = f"must be between 0 and {limit - 1}, got {number}"
            raise Invalid(field=field or what, why=why)


def _joined(rows: list[Visits]) -> Visits:
    """Visits below each other."""
    both = rows[0]
    for row in rows[1:]:
        both = with_row(both, row)
    return both
