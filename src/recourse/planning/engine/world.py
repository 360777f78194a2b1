"""This file knows the resident world as Python sees it: loaded, told events, asked for answers."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from recourse.model.errors import Invalid, Stale
from recourse.planning.engine.answers import Answer, SearchParams
from recourse.planning.engine.arrays import Int32s, Numbers
from recourse.planning.engine.events import Events, event
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.native import Engine, engine_of
from recourse.planning.engine.reference import Reference
from recourse.planning.engine.rules import Rules
from recourse.planning.engine.ways import Travel, Ways

__all__ = ["World", "answer_within"]

_MOST_STEPS = 50
"""Steps between two looks at the caller's clock, at most: about half a millisecond."""


def _slice(left_s: float, step_s: float) -> int:
    """How many steps end in time even if they take twice as long as the last ones; at least one."""
    return min(_MOST_STEPS, max(1, int(left_s / (2 * max(step_s, 1e-9)))))


class World(Events):
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
    options : Options, optional
        Other ways to serve orders.
    is_plain : bool, optional
        Take the reference in plain Python although the compiled kernel is there.

    Attributes
    ----------
    rules : Rules
        The facts as they are now.
    engine : Engine
        Whoever does the work.
    n_questions : int
        How often it was asked, or made to forget what it was asked.

    Raises
    ------
    Invalid
        If a number points to nothing.
    """

    n_questions: int = 0

    def __init__(
        self,
        *,
        travel: Travel,
        visits: Visits,
        orders: Orders,
        couriers: Couriers,
        options: Options | None = None,
        is_plain: bool = False,
    ) -> None:
        _check_numbers(travel, visits, orders, couriers)
        if options is not None:
            _check_range("options.order", options.order, 0, len(orders))
            _check_range("options.delivery", options.delivery, 0, len(visits))
            _check_range("options.pickup", options.pickup, ANY, len(visits))
        self.rules = Rules(travel, visits, orders, couriers)
        for order, pickup, delivery in _rows(options):
            self.rules.add_option(order, pickup, delivery)
        self.engine = engine_of(self.rules, is_plain=is_plain)
        if len(couriers):
            self.load_routes([[]] * len(couriers))
        self.version = 0

    @property
    def routes(self) -> tuple[Int32s, ...]:
        """Visits of each courier, as was told; whatever is being looked for is given up."""
        self.n_questions += 1
        return tuple(np.array(route, dtype=np.int32) for route in self.engine.told())

    @property
    def is_plain(self) -> bool:
        """Whether the reference in plain Python does the work."""
        return isinstance(self.engine, Reference)

    @event
    def load_routes(self, routes: Iterable[ArrayLike]) -> None:
        """Tell everybody a plan; orders that are in no route have no courier.

        A plan that breaks a rule is refused, and then nobody is told to do anything.

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
        if len(plan) != len(self.rules.couriers):
            raise Invalid(field="routes", why=f"are {len(plan)}, not {len(self.rules.couriers)}")
        visits = np.concatenate([*plan, np.empty(0, dtype=np.int32)])
        self._check_whole(visits)
        try:
            self.engine.load_routes(np.array([len(r) for r in plan], dtype=np.int32), visits)
        except ValueError as broken:
            self.note("load_routes", {"routes": [[]] * len(plan)})
            raise Invalid(field="routes", why=str(broken)) from broken

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
    def change_place(self, place: int, ways: Ways) -> list[int]:
        """Know other ways from and to a place: a road was closed, or is open again.

        Parameters
        ----------
        place : int
            Which place.
        ways : Ways
            Between it and every place.

        Returns
        -------
        list of int
            Orders that would be reached too late now, and have no courier any more.
        """
        self._check("place", place)
        return self.engine.change_place(place, self._every_way(ways, self.rules.travel.n_places))

    def adopt(self, answer: Answer) -> None:
        """Tell everybody an answer.

        Parameters
        ----------
        answer : Answer
            An answer of this world, given since its last event.

        Raises
        ------
        Stale
            If something has happened since: ask again.
        """
        if answer.version != self.version:
            raise Stale(kind="plan", id="told", given=answer.version)
        self.load_routes(answer.routes)

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
        self.ask(seed=seed, params=params)
        if iterations:
            self.engine.work(iterations, 0.0, 1.0)
        return self._take()

    def ask(self, *, seed: int = 0, params: SearchParams | None = None) -> None:
        """Begin to look for an answer; `look` says what has been found so far.

        Parameters
        ----------
        seed : int, optional
            Which sequence of dice.
        params : SearchParams, optional
            How to look.
        """
        self.n_questions += 1
        self.engine.ask(seed, params or SearchParams())

    def look(self) -> Answer:
        """What has been found since `ask`; whoever looks on may find more.

        Returns
        -------
        Answer
            A complete plan.
        """
        lengths, visits, unserved, price, iterations, n_removed = self.engine.answer()
        return Answer(
            routes=tuple(np.split(visits, np.cumsum(lengths)[:-1])),
            unserved=unserved,
            price=price,
            iterations=iterations,
            n_removed=n_removed,
            version=self.version,
        )

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
        ends_s = clock() + budget_s
        self.ask(seed=seed, params=params)
        n_steps, before_s = 1, clock()
        while before_s < ends_s:
            spent = 1 - (ends_s - before_s) / budget_s
            self.engine.work(n_steps, spent, spent)
            after_s = clock()
            n_steps = _slice(ends_s - after_s, (after_s - before_s) / n_steps)
            before_s = after_s
        return self._take()

    @property
    def _acts(self) -> Engine:
        """Whoever carries out what happens."""
        return self.engine

    def _count(self, what: str) -> int:
        """How many there are."""
        return self.rules.count(what)

    def _every_way(self, ways: Ways, n_places: int) -> Ways:
        """Ways to every place, for every profile."""
        if ways.n_places != n_places:
            raise Invalid(field="ways", why=f"are {ways.n_places}, not {n_places}")
        return ways.for_profiles(self.rules.travel.n_profiles)

    def _take(self) -> Answer:
        """What the kernel has found; the question is closed."""
        answer = self.look()
        self.engine.close()
        return answer

    def _check_whole(self, visits: Int32s) -> None:
        """Every visit once, and no order by half."""
        if len(visits) and not (visits.min() >= 0 and visits.max() < len(self.rules.visits)):
            raise Invalid(field="routes", why="have a visit that does not exist")
        counts = np.bincount(visits, minlength=len(self.rules.visits))
        if counts.max(initial=0) > 1:
            raise Invalid(field="routes", why=f"have visit {int(counts.argmax())} twice")
        if gone := {self.rules.order_of[v] for v in visits} & self.rules.over:
            raise Invalid(field="routes", why=f"have order {min(gone)}, which is done or canceled")
        doors = [visit for visit in visits.tolist() if visit in self.rules.pickup_of]
        if len({self.rules.order_of[door] for door in doors}) < len(doors):
            raise Invalid(field="routes", why="serve an order twice")
        starts = {self.rules.pickup_of[door] for door in doors} - {ANY}
        if halves := starts ^ (set(visits.tolist()) - set(doors)):
            half = self.rules.order_of[min(halves)]
            raise Invalid(field="routes", why=f"have half of order {half}")


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


def _rows(options: Options | None) -> list[tuple[int, int, int]]:
    """Order, pickup and delivery of every option."""
    if options is None:
        return []
    columns = (options.order.tolist(), options.pickup.tolist(), options.delivery.tolist())
    return list(zip(*columns, strict=True))


def _check_numbers(travel: Travel, visits: Visits, orders: Orders, couriers: Couriers) -> None:
    """Every number points to something."""
    for name, numbers, least, limit in (
        ("place", visits.place, 0, travel.n_places),
        ("start_place", couriers.start_place, 0, travel.n_places),
        ("end_place", couriers.end_place, ANY, travel.n_places),
        ("profile", couriers.profile, 0, travel.n_profiles),
        ("delivery", orders.delivery, 0, len(visits)),
        ("pickup", orders.pickup, ANY, len(visits)),
        ("only_courier", orders.only_courier, ANY, len(couriers)),
    ):
        _check_range(name, numbers, least, limit)


def _check_range(name: str, numbers: Numbers, least: int, limit: int) -> None:
    """Numbers from the least up to, but not including, the limit."""
    if len(numbers) and not (least <= numbers.min() and numbers.max() < limit):
        raise Invalid(field=name, why=f"must be between {least} and {limit - 1}")
