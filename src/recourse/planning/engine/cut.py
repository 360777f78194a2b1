"""This file knows how to cut a few couriers and their orders out of a city: a world of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recourse.planning.engine.answers import Answer
from recourse.planning.engine.arrays import Int32s, Numbers
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.near_ways import WaysPort
from recourse.planning.engine.tables import Table
from recourse.planning.engine.world import World

__all__ = ["CityAnswer", "CityFacts", "Cut"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityAnswer:
    """What a neighbourhood does about its orphans, in the numbers of the city.

    Attributes
    ----------
    couriers : array
        Who was asked.
    routes : tuple of arrays
        Visits of each of them in sequence.
    unserved : array
        Orders asked about that take their way out without a courier.
    price : int
        Of all these routes and ways out.
    told_price : int
        The same if nothing is done: what was told, and every order asked about takes its way out.
    iterations : int
        Steps of the search; 0 for the first answer.
    versions : tuple of int
        Of what each courier had been told when it was asked.
    """

    couriers: Int32s
    routes: tuple[Int32s, ...]
    unserved: Int32s
    price: int
    told_price: int
    iterations: int
    versions: tuple[int, ...] = ()

    @property
    def gain(self) -> int:
        """What it saves beside doing nothing."""
        return self.told_price - self.price


@dataclass(slots=True, kw_only=True)
class CityFacts:
    """What is known of a city, in columns.

    Attributes
    ----------
    ways : WaysPort
        Whoever knows the ways.
    visits, orders, couriers : Table
        The facts.
    options : dict of int to list of tuple
        Pickup and delivery of every way to serve an order, for orders that have several.
    """

    ways: WaysPort
    visits: Table[Visits]
    orders: Table[Orders]
    couriers: Table[Couriers]
    options: dict[int, list[tuple[int, int]]]

    def ways_of(self, order: int) -> list[tuple[int, int]]:
        """Pickup (or ``ANY``) and delivery of every way to serve an order."""
        one = (int(self.orders["pickup"][order]), int(self.orders["delivery"][order]))
        return self.options.get(order, [one])


class Cut:
    """A few couriers, their orders and some orphans; a world in which the routes are told.

    Parameters
    ----------
    facts : CityFacts
        The city.
    couriers : sequence of int
        Who; if nobody, the world only knows the facts.
    routes : sequence of sequences of int
        Their visits.
    orders : iterable of int
        All their orders, and those that have no courier.
    place : int, optional
        A place that must be known too.
    """

    def __init__(
        self,
        facts: CityFacts,
        couriers: Sequence[int],
        routes: Sequence[Sequence[int]],
        orders: Iterable[int],
        *,
        place: int = ANY,
    ) -> None:
        self.couriers = np.array(couriers, dtype=np.int32)
        self._place = place
        held = facts.orders["only_courier"]
        mine = {ANY, *couriers}
        # Whoever has it in hand is not here: nothing of it can be decided here.
        wanted = set(orders)
        within = sorted(k for k in wanted if int(held[k]) in mine)
        self.orders = np.array(within, dtype=np.int32)
        self._elsewhere = np.array(sorted(wanted.difference(within)), dtype=np.int32)
        self._elsewhere_price = int(facts.orders["unserved_price"][self._elsewhere].sum())
        self._options = [(k, *way) for k in within for way in facts.ways_of(k)]
        used = {visit for _, *way in self._options for visit in way} - {ANY}
        self.visits = np.array(sorted(used), dtype=np.int32)
        self.world = self._world(facts)
        if not couriers:
            return
        self.world.load_routes([_local(self.visits, np.array(r, dtype=np.int32)) for r in routes])

    def globally(self, answer: Answer) -> CityAnswer:
        """The same answer in the numbers of the city.

        Parameters
        ----------
        answer : Answer
            Of this cut's world.

        Returns
        -------
        CityAnswer
            What it says.
        """
        return CityAnswer(
            couriers=self.couriers,
            routes=tuple(self.visits[route] for route in answer.routes),
            unserved=np.concatenate([self.orders[answer.unserved], self._elsewhere]),
            price=answer.price + self._elsewhere_price,
            told_price=self.world.engine.price() + self._elsewhere_price,
            iterations=answer.iterations,
        )

    def nobody(self) -> CityAnswer:
        """The answer where there is no courier: every order takes its way out."""
        out = self.world.rules.orders.unserved_price
        return CityAnswer(
            couriers=self.couriers,
            routes=(),
            unserved=np.concatenate([self.orders, self._elsewhere]),
            price=int(out.sum()) + self._elsewhere_price,
            told_price=int(out.sum()) + self._elsewhere_price,
            iterations=0,
        )

    def place_here(self, place: int) -> int:
        """A place of the city in the numbers of this world."""
        return int(_local(self._places, np.array([place]))[0])

    def route_of(self, courier: int) -> list[int]:
        """Visits of one of its couriers, as is told now."""
        found: list[int] = self.visits[self.world.routes[courier]].tolist()
        return found

    def _world(self, facts: CityFacts) -> World:
        """The facts, renumbered."""
        visits, couriers = facts.visits.rows(self.visits), facts.couriers.rows(self.couriers)
        ends = np.concatenate(
            [visits.place, couriers.start_place, couriers.end_place, [self._place]]
        )
        self._places = np.unique(ends[ends != ANY]).astype(np.int32)
        by_order: dict[int, list[tuple[int, int]]] = {}
        for order, pickup, delivery in self._options:
            by_order.setdefault(order, []).append((pickup, delivery))
        first = np.array([by_order[k][0] for k in self.orders.tolist()], dtype=np.int32)
        first = first.reshape(-1, 2)
        only = facts.orders["only_courier"][self.orders]
        return World(
            travel=facts.ways.travel_between(self._places),
            visits=facts.visits.rows(self.visits, place=_local(self._places, visits.place)),
            orders=facts.orders.rows(
                self.orders,
                pickup=_local(self.visits, first[:, 0]),
                delivery=_local(self.visits, first[:, 1]),
                only_courier=_local(self.couriers, only),
            ),
            options=self._others(by_order),
            couriers=facts.couriers.rows(
                self.couriers,
                start_place=_local(self._places, couriers.start_place),
                end_place=_local(self._places, couriers.end_place),
            ),
        )

    def _others(self, by_order: dict[int, list[tuple[int, int]]]) -> Options:
        """Every way to serve an order but its first."""
        more = [(k, *way) for k, ways in by_order.items() for way in ways[1:]]
        rows = np.array(more, dtype=np.int32).reshape(-1, 3)
        return Options(
            order=_local(self.orders, rows[:, 0]),
            pickup=_local(self.visits, rows[:, 1]),
            delivery=_local(self.visits, rows[:, 2]),
        )


def _local(numbers: Int32s, wanted: Numbers) -> Int32s:
    """Ranks of some numbers among sorted ones; ``ANY`` stays."""
    if not len(numbers):
        return np.full(len(wanted), ANY, dtype=np.int32)
    order = np.argsort(numbers, kind="stable")
    ranks = order[np.minimum(np.searchsorted(numbers[order], wanted), len(numbers) - 1)]
    found: Int32s = np.where(wanted == ANY, ANY, ranks).astype(np.int32)
    return found
