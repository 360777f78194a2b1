"""This file knows which engine does the work: the compiled kernel, or the plain reference."""

import warnings
from dataclasses import asdict
from typing import Protocol

import numpy as np

from recourse.planning.engine.answers import SearchParams
from recourse.planning.engine.arrays import Int32s, Numbers
from recourse.planning.engine.events import Acts
from recourse.planning.engine.facts import Couriers, Options, Orders, Visits
from recourse.planning.engine.reference import Reference, Spot
from recourse.planning.engine.rules import Rules
from recourse.planning.engine.ways import Travel, Ways

try:
    from recourse_kernel import Kernel, Params
except ImportError:  # built by `dev.py`, or `pip install ./kernel`
    HAS_KERNEL = False
else:
    HAS_KERNEL = True

__all__ = ["HAS_KERNEL", "Engine", "SlowEngine", "engine_of"]


class SlowEngine(UserWarning):
    """The compiled kernel is not installed; the reference answers, and slowly."""


class Engine(Acts, Protocol):
    """What does the work; both engines are used like this and nothing else."""

    def load_routes(self, lengths: Int32s, visits: Int32s) -> None:
        """Tell a plan; the routes lie one behind the other."""

    def told(self) -> list[list[int]]:
        """Routes as they were told."""

    def add_place(self, ways: Ways) -> int:
        """One place more; its number."""

    def change_place(self, place: int, ways: Ways) -> list[int]:
        """Other ways from and to a place; whoever is reached too late."""

    def ask(self, seed: int, params: SearchParams) -> None:
        """Begin with the first answer."""

    def work(self, n_steps: int, heat_from: float, heat_to: float) -> None:
        """Better it, in so many steps."""

    def answer(self) -> tuple[Int32s, Int32s, Int32s, int, int, int]:
        """Lengths, visits, unserved orders, price, steps, visits taken out."""

    def spot(self, order: int, courier: int) -> Spot | None:
        """Cheapest place of an order in a route of the plan that is worked on."""

    def price(self) -> int:
        """Price of the plan that is worked on."""

    def close(self) -> None:
        """Go back to what was told."""


def engine_of(rules: Rules, *, is_plain: bool) -> Engine:
    """Make the engine of a world.

    Parameters
    ----------
    rules : Rules
        The facts.
    is_plain : bool
        Take the reference although the kernel is there.

    Returns
    -------
    Engine
        The kernel where it is installed; otherwise the reference, with a warning.
    """
    if HAS_KERNEL and not is_plain:
        return Native(rules)
    if not is_plain:
        slow = "recourse_kernel is not installed: plans are put right by plain Python, slowly"
        warnings.warn(slow, SlowEngine, stacklevel=3)
    return Reference(rules)


class Native:
    """The compiled kernel.

    Parameters
    ----------
    rules : Rules
        The facts, and what was told.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        travel = rules.travel
        same = np.array_equal(travel.time_s, travel.price)
        self._kernel = Kernel(
            time=travel.time_s,
            price=None if same else travel.price,
            **_of_visits(rules.visits),
            **_of_orders(rules.orders),
            **_of_couriers(rules.couriers),
            options=np.array(
                [
                    (order, *option)
                    for order, options in enumerate(rules.options)
                    for option in options[1:]
                ],
                dtype=np.int32,
            ).reshape(-1, 3),
            **_of_times(travel),
            doubt_permille=travel.spread.weight_permille if travel.spread else 0,
        )
        self.work = self._kernel.work
        self.answer = self._kernel.answer
        self.spot = self._kernel.spot
        self.price = self._kernel.price
        self.close = self._kernel.close

    def load_routes(self, lengths: Int32s, visits: Int32s) -> None:
        """Tell a plan."""
        try:
            self._kernel.load_routes(lengths, visits)
        finally:
            self._rules.tell(self.told())

    def drop_courier(self, courier: int) -> list[int]:
        """Take a courier out."""
        self._rules.drop(courier, self.told()[courier])
        return self._kernel.drop_courier(courier)

    def told(self) -> list[list[int]]:
        """Routes as they were told."""
        lengths, visits = self._kernel.told()
        return [route.tolist() for route in np.split(visits, np.cumsum(lengths)[:-1])]

    def add_place(self, ways: Ways) -> int:
        """One place more; its number."""
        self._rules.set_place(self._rules.travel.n_places, ways)
        return self._kernel.add_place(*ways.arrays)

    def change_place(self, place: int, ways: Ways) -> list[int]:
        """Other ways from and to a place."""
        self._rules.set_place(place, ways)
        return self._kernel.change_place(place, *ways.arrays)

    def add_order(self, visits: Visits, order: Orders, options: Options) -> int:
        """One order more, whose numbers point to its visits; its number."""
        self._rules.add_order(visits, order, options)
        rows = _of_visits(visits)
        for k in range(len(visits)):
            self._kernel.add_visit(rows["visits"][k : k + 1], rows["demand"][k : k + 1])
        facts, unserved, move, skills = _of_orders(order).values()
        return self._kernel.add_order(facts, unserved, move, skills, _of_options(options))

    def add_courier(self, courier: Couriers) -> int:
        """One courier more; their number."""
        self._rules.add_courier(courier)
        facts, capacity, load, prices, skills = _of_couriers(courier).values()
        return self._kernel.add_courier(facts, capacity, load, prices, skills)

    def take_order_out(self, order: int) -> list[int]:
        """An order less."""
        self._rules.over.add(order)
        return self._kernel.take_order_out(order)

    def move_courier(self, courier: int, place: int, at_s: int) -> list[int]:
        """A courier is somewhere else, or later."""
        self._rules.move(courier, place, at_s)
        return self._kernel.move_courier(courier, place, at_s)

    def change_break(self, courier: int, break_s: int, by_s: int) -> list[int]:
        """A courier owes another break."""
        self._rules.owe_break(courier, break_s, by_s)
        return self._kernel.change_break(courier, break_s, by_s)

    def start_stop(self, courier: int, at_s: int) -> list[int]:
        """Service at the next stop, if there is one, has begun."""
        route = self.told()[courier]
        if route:
            self._rules.begin(courier, route, at_s)
        return self._kernel.start_stop(courier, at_s)

    def ask(self, seed: int, params: SearchParams) -> None:
        """Begin with the first answer."""
        dials = Params()
        for name, value in asdict(params).items():
            setattr(dials, name, value)
        self._kernel.ask(seed, dials)


def _of_times(travel: Travel) -> dict[str, Numbers]:
    """Times of day, and how uncertain times are, as the kernel takes them."""
    speeds, spread = travel.speeds, travel.spread
    none = np.empty((0, 0), dtype=np.int32)
    return {
        "periods": np.empty(0, dtype=np.int32) if speeds is None else speeds.begin_s,
        "speeds": none if speeds is None else speeds.permille,
        "doubts": none if spread is None else _columns(spread.driving, spread.serving),
    }


def _of_visits(visits: Visits) -> dict[str, Numbers]:
    """Visits as the kernel takes them."""
    windows = (visits.earliest_s, visits.latest_s, visits.service_s)
    facts = _columns(visits.place, *windows, visits.due_s, visits.late_price, visits.price)
    return {"visits": facts, "demand": visits.demand}


def _of_orders(orders: Orders) -> dict[str, Numbers]:
    """Orders as the kernel takes them."""
    return {
        "orders": _columns(orders.pickup, orders.delivery, orders.only_courier),
        "unserved_price": orders.unserved_price,
        "move_price": orders.move_price,
        "order_skills": orders.skills,
    }


def _of_options(options: Options) -> Numbers:
    """Options of one new order as the kernel takes them."""
    return _columns(np.zeros(len(options), dtype=np.int32), options.pickup, options.delivery)


def _of_couriers(couriers: Couriers) -> dict[str, Numbers]:
    """Couriers as the kernel takes them."""
    days = (couriers.start_place, couriers.start_s, couriers.end_place, couriers.end_s)
    return {
        "couriers": _columns(*days, couriers.profile, couriers.break_s, couriers.break_by_s),
        "capacity": couriers.capacity,
        "load": couriers.load,
        "courier_prices": np.stack([couriers.next_price, couriers.second_price], axis=1),
        "skills": couriers.skills,
    }


def _columns(*arrays: Int32s) -> Int32s:
    """Arrays side by side, one row for each thing."""
    return np.ascontiguousarray(np.stack(arrays, axis=1), dtype=np.int32)
