"""This file knows the resident world as Python sees it: loaded, told events, asked for answers."""

from collections.abc import Callable, Iterable
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike
from recourse_kernel import Kernel, Params

from recourse.model.errors import Invalid
from recourse.planning.engine.answers import Answer, SearchParams
from recourse.planning.engine.facts import ANY, Couriers, Int32s, Orders, Travel, Visits

__all__ = ["World", "answer_within"]

_SLICE_STEPS = 50
"""Steps between two looks at the caller's clock: about a third of a millisecond."""


class World:
    """Couriers on the road with a plan that may break.

    Parameters
    ----------
    travel : Travel
        Ways between places.
    visits : Visits
        What is done where, and when.
    orders : Orders
        What has to be carried.
    couriers : Couriers
        Who carries.

    Raises
    ------
    Invalid
        If a number points to nothing.
    """

    def __init__(
        self, *, travel: Travel, visits: Visits, orders: Orders, couriers: Couriers
    ) -> None:
        _check_numbers(travel, visits, orders, couriers)
        self._visits, self._orders, self._couriers = visits, orders, couriers
        same = np.array_equal(travel.time_s, travel.price)
        self._kernel = Kernel(
            time=travel.time_s,
            price=None if same else travel.price,
            visits=_columns(
                visits.place,
                visits.earliest_s,
                visits.latest_s,
                visits.service_s,
                visits.due_s,
                visits.late_price,
            ),
            demand=visits.demand,
            orders=_columns(orders.pickup, orders.delivery, orders.only_courier),
            unserved_price=orders.unserved_price,
            move_price=orders.move_price,
            order_skills=orders.skills,
            couriers=_columns(
                couriers.start_place, couriers.start_s, couriers.end_place, couriers.end_s
            ),
            capacity=couriers.capacity,
            load=couriers.load,
            next_price=couriers.next_price,
            skills=couriers.skills,
        )
        self._plan: tuple[Int32s, ...] = ()
        self.load_routes([[]] * len(couriers))

    @property
    def routes(self) -> tuple[Int32s, ...]:
        """Visits of each courier, as was told."""
        return self._plan

    def load_routes(self, routes: Iterable[ArrayLike]) -> None:
        """Tell everybody a plan; orders that are in no route have no courier.

        Parameters
        ----------
        routes : iterable of arrays
            Visits of each courier in sequence.

        Raises
        ------
        Invalid
            If a visit is in two routes or a rule is broken.
        """
        plan = tuple(np.asarray(route, dtype=np.int32).reshape(-1) for route in routes)
        if len(plan) != len(self._couriers):
            raise Invalid(field="routes", why=f"are {len(plan)}, not {len(self._couriers)}")
        visits = np.concatenate([*plan, np.empty(0, dtype=np.int32)])
        self._check_whole(visits)
        try:
            self._kernel.load_routes(np.array([len(r) for r in plan], dtype=np.int32), visits)
        except ValueError as broken:
            raise Invalid(field="routes", why=str(broken)) from broken
        self._plan = plan

    def adopt(self, answer: Answer) -> None:
        """Tell everybody an answer.

        Parameters
        ----------
        answer : Answer
            An answer of this world, given since its last event.
        """
        self.load_routes(answer.routes)

    def drop_courier(self, courier: int) -> None:
        """Take a courier out: broken down, ill, gone. What they had not begun has no courier.

        Parameters
        ----------
        courier : int
            Who.
        """
        self._kernel.drop_courier(courier)
        empty = np.empty(0, dtype=np.int32)
        self._plan = (*self._plan[:courier], empty, *self._plan[courier + 1 :])

    def answer(
        self, *, iterations: int = 0, seed: int = 0, params: SearchParams | None = None
    ) -> Answer:
        """Find everybody without a courier a way out, and say what it costs.

        The same question has the same answer, to the byte. The plan that was told stays as it is.

        Parameters
        ----------
        iterations : int, optional
            Steps of search after the first answer.
        seed : int, optional
            Which sequence of dice.
        params : SearchParams, optional
            How to look.

        Returns
        -------
        Answer
            A complete plan.
        """
        self._kernel.ask(seed, _params(params))
        if iterations:
            self._kernel.work(iterations, 0.0, 1.0)
        return self._take()

    def answer_within(
        self,
        budget_s: float,
        *,
        clock: Callable[[], float],
        seed: int = 0,
        params: SearchParams | None = None,
    ) -> Answer:
        """Answer with whatever was found when the caller's clock has run out.

        Parameters
        ----------
        budget_s : float
            Seconds of that clock.
        clock : callable
            Says the time in seconds, for example ``time.thread_time``.
        seed : int, optional
            Which sequence of dice.
        params : SearchParams, optional
            How to look.

        Returns
        -------
        Answer
            A complete plan; the first answer even if there was no time at all.
        """
        began_s = clock()
        self._kernel.ask(seed, _params(params))
        while (spent := (clock() - began_s) / budget_s if budget_s > 0 else 1.0) < 1.0:
            self._kernel.work(_SLICE_STEPS, spent, spent)
        return self._take()

    def _take(self) -> Answer:
        """What the kernel has found; the question is closed."""
        lengths, visits, unserved, price, iterations, n_removed = self._kernel.answer()
        self._kernel.close()
        return Answer(
            routes=tuple(np.split(visits, np.cumsum(lengths)[:-1])),
            unserved=unserved,
            price=price,
            iterations=iterations,
            n_removed=n_removed,
        )

    def _check_whole(self, visits: Int32s) -> None:
        """Every visit once, and no order by half."""
        if len(visits) and not (visits.min() >= 0 and visits.max() < len(self._visits)):
            raise Invalid(field="routes", why="have a visit that does not exist")
        counts = np.bincount(visits, minlength=len(self._visits))
        if counts.max(initial=0) > 1:
            raise Invalid(field="routes", why=f"have visit {int(counts.argmax())} twice")
        paired = self._orders.pickup != ANY
        halves = counts[self._orders.pickup[paired]] != counts[self._orders.delivery[paired]]
        if halves.any():
            order = int(np.flatnonzero(paired)[halves.argmax()])
            raise Invalid(field="routes", why=f"have half of order {order}")


def answer_within(
    world: World,
    *,
    budget_s: float,
    clock: Callable[[], float],
    seed: int = 0,
    params: SearchParams | None = None,
) -> Answer:
    """Ask a world and answer when the caller's clock has run out: see `World.answer_within`.

    Parameters
    ----------
    world : World
        Who is asked.
    budget_s : float
        Seconds of that clock.
    clock : callable
        Says the time in seconds.
    seed : int, optional
        Which sequence of dice.
    params : SearchParams, optional
        How to look.

    Returns
    -------
    Answer
        A complete plan.
    """
    return world.answer_within(budget_s, clock=clock, seed=seed, params=params)


def _params(params: SearchParams | None) -> Params:
    """The dials as the kernel has them."""
    dials = Params()
    for name, value in asdict(params or SearchParams()).items():
        setattr(dials, name, value)
    return dials


def _columns(*arrays: Int32s) -> Int32s:
    """Arrays side by side, one row for each thing."""
    return np.ascontiguousarray(np.stack(arrays, axis=1), dtype=np.int32)


def _check_numbers(travel: Travel, visits: Visits, orders: Orders, couriers: Couriers) -> None:
    """Every number points to something."""
    for name, numbers, least, limit in (
        ("place", visits.place, 0, travel.n_places),
        ("start_place", couriers.start_place, 0, travel.n_places),
        ("end_place", couriers.end_place, 0, travel.n_places),
        ("delivery", orders.delivery, 0, len(visits)),
        ("pickup", orders.pickup, ANY, len(visits)),
        ("only_courier", orders.only_courier, ANY, len(couriers)),
    ):
        if len(numbers) and not (least <= numbers.min() and numbers.max() < limit):
            raise Invalid(field=name, why=f"must be between {least} and {limit - 1}")
