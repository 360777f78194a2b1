"""This file knows which engine does the work: the compiled kernel, or the plain reference."""

import warnings
from dataclasses import asdict
from typing import Protocol

import numpy as np

from recourse.planning.engine.answers import SearchParams
from recourse.planning.engine.facts import Int32s
from recourse.planning.engine.reference import Reference, Spot
from recourse.planning.engine.rules import Rules

try:
    from recourse_kernel import Kernel, Params
except ImportError:  # built by `dev.py`, or `pip install ./kernel`
    HAS_KERNEL = False
else:
    HAS_KERNEL = True

__all__ = ["HAS_KERNEL", "Engine", "SlowEngine", "engine_of"]


class SlowEngine(UserWarning):
    """The compiled kernel is not installed; the reference answers, and slowly."""


class Engine(Protocol):
    """What does the work; both engines are used like this and nothing else."""

    def load_routes(self, lengths: Int32s, visits: Int32s) -> None:
        """Tell a plan; the routes lie one behind the other."""

    def drop_courier(self, courier: int) -> None:
        """Take a courier out."""

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
        self._told: list[Int32s] = []
        travel, visits, orders, couriers = rules.travel, rules.visits, rules.orders, rules.couriers
        same = np.array_equal(travel.time_s, travel.price)
        windows = (visits.earliest_s, visits.latest_s, visits.service_s)
        days = (couriers.start_place, couriers.start_s, couriers.end_place, couriers.end_s)
        self._kernel = Kernel(
            time=travel.time_s,
            price=None if same else travel.price,
            visits=_columns(visits.place, *windows, visits.due_s, visits.late_price),
            demand=visits.demand,
            orders=_columns(orders.pickup, orders.delivery, orders.only_courier),
            unserved_price=orders.unserved_price,
            move_price=orders.move_price,
            order_skills=orders.skills,
            couriers=_columns(*days),
            capacity=couriers.capacity,
            load=couriers.load,
            next_price=couriers.next_price,
            skills=couriers.skills,
        )
        self.work = self._kernel.work
        self.answer = self._kernel.answer
        self.spot = self._kernel.spot
        self.price = self._kernel.price
        self.close = self._kernel.close

    def load_routes(self, lengths: Int32s, visits: Int32s) -> None:
        """Tell a plan."""
        self._told = [np.empty(0, dtype=np.int32) for _ in lengths]
        try:
            self._kernel.load_routes(lengths, visits)
            self._told = np.split(visits, np.cumsum(lengths)[:-1])
        finally:
            self._rules.tell([route.tolist() for route in self._told])

    def drop_courier(self, courier: int) -> None:
        """Take a courier out."""
        self._kernel.drop_courier(courier)
        self._rules.drop(courier, self._told[courier].tolist())
        self._told[courier] = np.empty(0, dtype=np.int32)

    def ask(self, seed: int, params: SearchParams) -> None:
        """Begin with the first answer."""
        dials = Params()
        for name, value in asdict(params).items():
            setattr(dials, name, value)
        self._kernel.ask(seed, dials)


def _columns(*arrays: Int32s) -> Int32s:
    """Arrays side by side, one row for each thing."""
    return np.ascontiguousarray(np.stack(arrays, axis=1), dtype=np.int32)
