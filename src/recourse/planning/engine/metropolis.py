"""This file knows a city too large for one world, and answers where something happened.

Nothing that an event costs grows with the city: facts are columns that change in place, who is near
is asked of a grid, and the answer is that of a world of a few couriers cut out around the orphans.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from recourse.model.errors import Invalid
from recourse.planning.engine.city import City
from recourse.planning.engine.city_acts import CityActs
from recourse.planning.engine.city_answers import CityAnswers
from recourse.planning.engine.cut import CityAnswer, Cut
from recourse.planning.engine.events import Acts, Events, event
from recourse.planning.engine.facts import Couriers, Options, Orders, Visits
from recourse.planning.engine.near_ways import WaysPort

__all__ = ["Metropolis"]

_BATCH = 24
"""Couriers whose routes are checked together."""


class Metropolis(Events, CityAnswers):
    """Ten thousand couriers on the road with a plan that may break.

    Parameters
    ----------
    ways : WaysPort
        Whoever knows the ways between its places, for example `NearTravel`.
    visits, orders, couriers : Visits, Orders, Couriers
        As in a `World`.
    options : Options, optional
        Other ways to serve orders.
    cell_m : float, optional
        Side of a cell of the grid, in metres: a few couriers should fit.
    reach : int, optional
        How many couriers are asked about one breakdown, at most.
    """

    def __init__(
        self,
        *,
        ways: WaysPort,
        visits: Visits,
        orders: Orders,
        couriers: Couriers,
        options: Options | None = None,
        cell_m: float = 500.0,
        reach: int = 32,
    ) -> None:
        self._city = City(ways, visits, orders, couriers, options, cell_m)
        self._city_acts = CityActs(self._city)
        self._reach = reach

    def route(self, courier: int) -> tuple[int, ...]:
        """Visits of a courier, as was told."""
        return tuple(self._city.routes[courier])

    @property
    def n_couriers(self) -> int:
        """How many couriers there are, on duty or not."""
        return len(self._city.routes)

    def courier_of(self, order: int) -> int:
        """Who was told to carry an order; ``ANY`` if nobody was."""
        return self._city.taker[order]

    @property
    def _acts(self) -> Acts:
        """Whoever carries out what happens."""
        return self._city_acts

    def _count(self, what: str) -> int:
        """How many there are."""
        facts = self._city.facts
        if what in {"place", "profile"}:
            return facts.ways.n_places if what == "place" else facts.ways.n_profiles
        return {
            "courier": len(facts.couriers),
            "order": len(facts.orders),
            "visit": len(facts.visits),
        }[what]

    @event
    def load_routes(self, routes: Sequence[ArrayLike]) -> None:
        """Tell everybody a plan.

        Parameters
        ----------
        routes : sequence of arrays
            Visits of each courier in sequence.

        Raises
        ------
        Invalid
            If a route breaks a rule or an order is in two.
        """
        city = self._city
        if len(routes) != len(city.routes):
            raise Invalid(field="routes", why=f"are {len(routes)}, not {len(city.routes)}")
        told = [np.asarray(route, dtype=np.int32).tolist() for route in routes]
        orders = [city.orders_in(route) for route in told]
        if len(set().union(*orders)) < sum(map(len, orders)):
            raise Invalid(field="routes", why="serve an order twice")
        for first in range(0, len(told), _BATCH):
            some = list(range(first, min(first + _BATCH, len(told))))
            within = set().union(*(orders[courier] for courier in some))
            Cut(city.facts, some, [told[courier] for courier in some], within)
        for courier, route in enumerate(told):
            city.tell(courier, route)

    @event
    def tell(self, couriers: Sequence[int], routes: Sequence[Sequence[int]]) -> None:
        """Tell a few couriers their routes, as an answer has them; nothing is checked again.

        Parameters
        ----------
        couriers : sequence of int
            Who.
        routes : sequence of sequences of int
            Visits of each, in sequence.
        """
        for courier in couriers:
            self._city.tell(courier, [])
        for courier, route in zip(couriers, routes, strict=True):
            self._city.tell(courier, list(route))

    def adopt(self, answer: CityAnswer) -> None:
        """Tell a neighbourhood an answer.

        Parameters
        ----------
        answer : CityAnswer
            Given since the last event that touched one of its couriers or orders.

        Raises
        ------
        Stale
            If one of its couriers has been told something else, or one of its orders is done,
            canceled or somebody else's: ask again.
        """
        self.check_date(answer)
        self.tell(answer.couriers.tolist(), [route.tolist() for route in answer.routes])
