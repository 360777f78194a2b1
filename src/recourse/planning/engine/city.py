"""This file knows the state of a whole city: facts in columns, who has what, and who is near."""

from collections.abc import Collection, Iterable

import numpy as np

from recourse.model.errors import Invalid
from recourse.planning.engine.cut import CityFacts, Cut
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.grid import Grid
from recourse.planning.engine.near_ways import WaysPort
from recourse.planning.engine.tables import Table

__all__ = ["City"]

_NEAR_ORDERS, _NEAR_COURIERS = 20, 8
"""Near orders and near couriers looked at for each orphan; more for a reach of more than 32."""


class City:
    """Facts of a city and the plan that was told; every change takes as long as what it touches.

    Parameters
    ----------
    ways : WaysPort
        Whoever knows the ways between its places.
    visits, orders, couriers : Visits, Orders, Couriers
        As in a `World`.
    options : Options or None
        Other ways to serve orders.
    cell_m : float
        Side of a cell of the grid, in metres.
    """

    def __init__(
        self,
        ways: WaysPort,
        visits: Visits,
        orders: Orders,
        couriers: Couriers,
        options: Options | None,
        cell_m: float,
    ) -> None:
        self.facts = CityFacts(
            ways=ways,
            visits=Table(visits),
            orders=Table(orders),
            couriers=Table(couriers),
            options={},
        )
        self.order_of = [ANY] * len(visits)
        self.routes: list[list[int]] = [[] for _ in range(len(couriers))]
        self.versions = [0] * len(couriers)
        self.taker = [ANY] * len(orders)
        self.over: set[int] = set()
        self.off_duty: set[int] = set()
        self._orders_near, self._couriers_near = Grid(cell_m), Grid(cell_m)
        self._note_options(options)
        for order in range(len(orders)):
            self.enter(order)
        for courier in range(len(couriers)):
            self.come(courier)

    def enter(self, order: int) -> None:
        """Let an order be found where it begins and where it ends."""
        for way in self.facts.ways_of(order):
            for visit in way:
                if visit != ANY:
                    self.order_of[visit] = order
        for at_m in self.points_m(order):
            self._orders_near.add(order, at_m)

    def leave(self, order: int) -> None:
        """Let an order be over: nobody finds it any more."""
        self.over.add(order)
        self.taker[order] = ANY
        for at_m in self.points_m(order):
            self._orders_near.drop(order, at_m)

    def come(self, courier: int) -> None:
        """Let a courier be found where they are."""
        self._couriers_near.add(courier, self._start_m(courier))

    def go(self, courier: int) -> None:
        """Let a courier be found there no more."""
        self._couriers_near.drop(courier, self._start_m(courier))

    def points_m(self, order: int) -> list[tuple[float, float]]:
        """Where an order is to be found: at its door, and where it is taken up."""
        pickup, delivery = self.facts.ways_of(order)[0]
        found = [self._at_m(int(self.facts.visits["place"][delivery]))]
        if pickup != ANY:
            start_m = self._at_m(int(self.facts.visits["place"][pickup]))
            found += [start_m] if start_m != found[0] else []
        return found

    def tell(self, courier: int, route: list[int]) -> None:
        """Tell a courier a route; what was in the old one and is in no new one has no courier."""
        for order in self.orders_in(self.routes[courier]):
            if self.taker[order] == courier:
                self.taker[order] = ANY
        self.routes[courier] = route
        self.versions[courier] += 1
        for order in self.orders_in(route):
            self.taker[order] = courier

    def orders_in(self, route: Iterable[int]) -> set[int]:
        """Orders whose visits these are."""
        return {self.order_of[visit] for visit in route}

    def cut(self, couriers: list[int], orders: Iterable[int] = (), *, place: int = ANY) -> Cut:
        """Make a world of some couriers with their routes, and of some orphans.

        Parameters
        ----------
        couriers : list of int
            Who.
        orders : iterable of int, optional
            Orphans.
        place : int, optional
            A place that must be known too.

        Returns
        -------
        Cut
            With the routes told.
        """
        routes = [self.routes[courier] for courier in couriers]
        within = set(orders).union(*(self.orders_in(route) for route in routes))
        return Cut(self.facts, couriers, routes, within, place=place)

    def near(self, orphans: Collection[int], reach: int) -> list[int]:
        """Find whoever could help: couriers of near orders, and couriers who are near.

        Parameters
        ----------
        orphans : collection of int
            Orders.
        reach : int
            How many couriers, at most.

        Returns
        -------
        list of int
            In rising order.
        """
        points = [at_m for order in orphans for at_m in self.points_m(order)]
        held = self.facts.orders["only_courier"]
        holders = {int(held[order]) for order in orphans} - {ANY} - self.off_duty
        ranks = dict.fromkeys(holders, -1)
        n_orders, n_couriers = (max(n, n * reach // 32) for n in (_NEAR_ORDERS, _NEAR_COURIERS))
        for at_m in points:
            takers = (self.taker[k] for k in self._orders_near.nearest(at_m, n_orders))
            nearest = self._couriers_near.nearest(at_m, n_couriers)
            for found in (takers, nearest):
                for rank, courier in enumerate(one for one in found if one != ANY):
                    ranks[courier] = min(rank, ranks.get(courier, rank))
        return sorted(sorted(ranks, key=lambda one: (ranks[one], one))[:reach])

    def check(self, name: str, number: int, limit: int) -> None:
        """Refuse a number that points to nothing."""
        if not 0 <= number < limit:
            raise Invalid(field=name, why=f"must be between 0 and {limit - 1}, got {number}")

    def _note_options(self, options: Options | None) -> None:
        """Remember every way to serve an order that has several."""
        if options is None:
            return
        columns = (options.order, options.pickup, options.delivery)
        for order, pickup, delivery in zip(*(one.tolist() for one in columns), strict=True):
            ways = self.facts.ways_of(order)
            self.facts.options[order] = [*ways, (pickup, delivery)]

    def _start_m(self, courier: int) -> tuple[float, float]:
        """Where a courier is seen from."""
        return self._at_m(int(self.facts.couriers["start_place"][courier]))

    def _at_m(self, place: int) -> tuple[float, float]:
        """Where a place is."""
        east_m, north_m = self.facts.ways.at_m(np.array([place], dtype=np.int32))[0].tolist()
        return east_m, north_m
