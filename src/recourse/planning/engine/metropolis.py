"""This file knows a city too large for one world, and answers where something happened.

Nothing that an event costs grows with the city: facts are columns that change in place, who is near
is asked of a grid, and the answer is that of a world of a few couriers cut out around the orphans.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from recourse.model.errors import Invalid
from recourse.planning.engine.city import City
from recourse.planning.engine.city_answers import CityAnswers
from recourse.planning.engine.cut import Cut
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.near_ways import WaysPort

__all__ = ["Metropolis"]

_BATCH = 24
"""Couriers whose routes are checked together."""


class Metropolis(CityAnswers):
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

    def drop_courier(self, courier: int) -> list[int]:
        """Take a courier out. What they had not begun has no courier.

        Parameters
        ----------
        courier : int
            Who.

        Returns
        -------
        list of int
            Their orders.
        """
        city = self._city
        city.check("courier", courier, len(city.routes))
        orphans = sorted(city.orders_in(city.routes[courier]))
        city.tell(courier, [])
        if courier not in city.off_duty:
            city.go(courier)
        city.off_duty.add(courier)
        return orphans

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
        city = self._city
        city.check("courier", courier, len(city.routes))
        cut = city.cut([courier], place=place)
        cut.world.move_courier(0, place=cut.place_here(place), at_s=at_s)
        return self._seen_from(courier, cut, place, at_s)

    def start_stop(self, courier: int, *, at_s: int) -> list[int]:
        """Freeze the next stop of a courier, whose service has begun.

        Parameters
        ----------
        courier : int
            Who.
        at_s : int
            When service began.

        Returns
        -------
        list of int
            Orders that would be reached too late now, and have no courier any more.
        """
        city = self._city
        city.check("courier", courier, len(city.routes))
        if not city.routes[courier]:
            return []
        started = city.routes[courier][0]
        order = city.order_of[started]
        cut = city.cut([courier])
        cut.world.start_stop(0, at_s=at_s)
        rules = cut.world.rules
        city.facts.couriers["load"][courier] = rules.couriers.load[0]
        door = next((to for at, to in city.facts.ways_of(order) if at == started), ANY)
        if door == ANY:
            city.leave(order)
        else:
            self._take_in_hand(order, door, courier)
        place = int(city.facts.visits["place"][started])
        return self._seen_from(courier, cut, place, int(rules.couriers.start_s[0]))

    def add_order(
        self,
        *,
        delivery: Visits,
        unserved_price: int,
        pickup: Visits | None = None,
        move_price: int = 0,
        skills: int = 0,
    ) -> int:
        """Take an order, which has no courier yet. Several rows are several ways to serve it.

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

        Returns
        -------
        int
            Its number.
        """
        city = self._city
        starts = np.full(len(delivery), ANY)
        if pickup is not None:
            starts = city.facts.visits.append(pickup)
        doors = city.facts.visits.append(delivery)
        city.order_of += [ANY] * (len(city.facts.visits) - len(city.order_of))
        row = Orders(
            delivery=doors[:1],
            pickup=starts[:1],
            unserved_price=np.array(unserved_price),
            move_price=np.array(move_price),
            skills=np.array(skills),
        )
        order = int(city.facts.orders.append(row)[0])
        if len(doors) > 1:
            city.facts.options[order] = list(zip(starts.tolist(), doors.tolist(), strict=True))
        city.taker.append(ANY)
        city.enter(order)
        return order

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
        city = self._city
        city.check("order", order, len(city.facts.orders))
        courier = city.taker[order]
        lost: list[int] = []
        if courier != ANY:
            before = city.orders_in(city.routes[courier])
            cut = city.cut([courier])
            cut.world.take_order_out(cut.orders.tolist().index(order))
            city.tell(courier, cut.route_of(0))
            lost = sorted(before - city.orders_in(city.routes[courier]) - {order})
        if order not in city.over:
            city.leave(order)
        return lost

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
        number = int(self._city.facts.couriers.append(courier)[0])
        self._city.routes.append([])
        self._city.versions.append(0)
        self._city.come(number)
        return number

    def _seen_from(self, courier: int, cut: Cut, place: int, at_s: int) -> list[int]:
        """Take over what became of one courier; the orders that were lost."""
        city = self._city
        before = city.orders_in(city.routes[courier]) - city.over
        city.tell(courier, cut.route_of(0))
        if courier not in city.off_duty:
            city.go(courier)
        city.facts.couriers["start_place"][courier] = place
        city.facts.couriers["start_s"][courier] = at_s
        if courier not in city.off_duty:
            city.come(courier)
        return sorted(before - city.orders_in(city.routes[courier]))

    def _take_in_hand(self, order: int, door: int, courier: int) -> None:
        """An order was collected: nobody else can bring it now."""
        city = self._city
        city.leave(order)
        city.over.discard(order)
        city.facts.options.pop(order, None)
        city.facts.orders["pickup"][order] = ANY
        city.facts.orders["delivery"][order] = door
        city.facts.orders["only_courier"][order] = courier
        city.enter(order)
