"""This file knows what happens to a world that lives on, and whom it leaves without a courier."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from recourse.model.errors import Invalid
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits, with_row
from recourse.planning.engine.native import Engine
from recourse.planning.engine.rules import Rules
from recourse.planning.engine.ways import Ways

__all__ = ["Events", "Listener", "event"]

Listener = Callable[[str, Mapping[str, Any]], None]
"""Hears the name of everything that happens, and what was said about it."""

World = TypeVar("World", bound="Events")
Given = ParamSpec("Given")
Result = TypeVar("Result")


def event(
    method: Callable[Concatenate[World, Given], Result],
) -> Callable[Concatenate[World, Given], Result]:
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
    def happens(self: World, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        result = method(self, *args, **kwargs)
        said = dict(signature.bind(self, *args, **kwargs).arguments)
        self.note(method.__name__, {name: said[name] for name in list(said)[1:]})
        return result

    return happens


class Events:
    """Everything that can happen to a world. What has been told stays told unless it broke.

    Attributes
    ----------
    rules : Rules
        The facts as they are now.
    engine : Engine
        Whoever does the work.
    version : int
        Rises with everything that happens; an answer carries the one it was given on.
    listener : callable or None
        Who hears what happens, after it happened.
    """

    rules: Rules
    engine: Engine
    version: int = 0
    listener: Listener | None = None

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
    def drop_courier(self, courier: int) -> None:
        """Take a courier out: broken down, ill, gone. What they had not begun has no courier.

        Parameters
        ----------
        courier : int
            Who.
        """
        self._check("courier", courier, len(self.rules.couriers))
        self.engine.drop_courier(courier)

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
        self._check("start_place", int(courier.start_place[0]), self.rules.travel.n_places)
        self._check("profile", int(courier.profile[0]), self.rules.travel.n_profiles)
        if courier.end_place[0] != ANY:
            self._check("end_place", int(courier.end_place[0]), self.rules.travel.n_places)
        return self.engine.add_courier(courier)

    @event
    def move_courier(self, courier: int, *, place: int, at_s: int) -> None:
        """See a courier from another committed point, or from the same one at a later time.

        Whoever is reached too late now has no courier any more.

        Parameters
        ----------
        courier : int
            Who.
        place : int
            The next committed point.
        at_s : int
            When it is left.
        """
        self._check("courier", courier, len(self.rules.couriers))
        self._check("place", place, self.rules.travel.n_places)
        self.engine.move_courier(courier, place, at_s)

    @event
    def change_break(self, courier: int, *, break_s: int, by_s: int) -> None:
        """Let a courier owe another break: one was taken (see `move_courier`), or the law changes.

        Parameters
        ----------
        courier : int
            Who.
        break_s : int
            Length of the break that is owed now; 0 for none.
        by_s : int
            When it must have begun.
        """
        self._check("courier", courier, len(self.rules.couriers))
        self.engine.change_break(courier, break_s, by_s)

    @event
    def start_stop(self, courier: int, *, at_s: int) -> int:
        """Freeze the next stop of a courier, whose service has begun.

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
        int
            The visit, or ``ANY`` if the courier had none.
        """
        self._check("courier", courier, len(self.rules.couriers))
        return self.engine.start_stop(courier, at_s)

    @event
    def add_place(self, ways: Ways) -> int:
        """Know one place more.

        Parameters
        ----------
        ways : Ways
            Between it and every place there is, itself last.

        Returns
        -------
        int
            Its number.
        """
        return self.engine.add_place(self._every_way(ways, self.rules.travel.n_places + 1))

    @event
    def change_place(self, place: int, ways: Ways) -> None:
        """Know other ways from and to a place: a road was closed, or is open again.

        Parameters
        ----------
        place : int
            Which place.
        ways : Ways
            Between it and every place.
        """
        self._check("place", place, self.rules.travel.n_places)
        self.engine.change_place(place, self._every_way(ways, self.rules.travel.n_places))

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
            self._check("only_courier", only_courier, len(self.rules.couriers))
        rows = [delivery] if pickup is None else [pickup, delivery]
        for place in np.concatenate([row.place for row in rows]):
            self._check("place", int(place), self.rules.travel.n_places)
        if pickup is not None and len(pickup) != len(delivery):
            raise Invalid(field="pickup", why=f"has {len(pickup)} rows, not {len(delivery)}")
        doors = len(self.rules.visits) + np.arange(len(delivery)) + (len(pickup) if pickup else 0)
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
        return self.engine.add_order(_joined(rows), order, options)

    @event
    def take_order_out(self, order: int) -> None:
        """Forget an order that was canceled; it costs nothing any more.

        Parameters
        ----------
        order : int
            Which order.
        """
        self._check("order", order, len(self.rules.orders))
        self.engine.take_order_out(order)

    @staticmethod
    def _check(name: str, number: int, limit: int) -> None:
        """A number points to something."""
        if not 0 <= number < limit:
            raise Invalid(field=name, why=f"must be between 0 and {limit - 1}, got {number}")

    def _every_way(self, ways: Ways, n_places: int) -> Ways:
        """Ways to every place, for every profile."""
        if ways.n_places != n_places:
            raise Invalid(field="ways", why=f"are {ways.n_places}, not {n_places}")
        return ways.for_profiles(self.rules.travel.n_profiles)


def _joined(rows: list[Visits]) -> Visits:
    """Visits below each other."""
    both = rows[0]
    for row in rows[1:]:
        both = with_row(both, row)
    return both
