"""This file knows how what happens is carried out in a city: in a world of whom it touches."""

from collections.abc import Callable

from recourse.planning.engine.city import City
from recourse.planning.engine.cut import Cut
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.world import World

__all__ = ["CityActs"]


class CityActs:
    """Carries out in a city what an engine carries out in a world: see `Acts`.

    Parameters
    ----------
    city : City
        Which.
    """

    def __init__(self, city: City) -> None:
        self._city = city

    def drop_courier(self, courier: int) -> list[int]:
        """A courier is gone; whoever has none any more."""
        city = self._city
        orphans = sorted(city.orders_in(city.routes[courier]))
        city.tell(courier, [])
        if courier not in city.off_duty:
            city.go(courier)
        city.off_duty.add(courier)
        return orphans

    def add_courier(self, courier: Couriers) -> int:
        """One courier more; their number."""
        number = int(self._city.facts.couriers.append(courier)[0])
        self._city.routes.append([])
        self._city.versions.append(0)
        self._city.come(number)
        return number

    def move_courier(self, courier: int, place: int, at_s: int) -> list[int]:
        """A courier is somewhere else, or later; whoever is reached too late."""
        cut = self._city.cut([courier], place=place)
        cut.world.move_courier(0, place=cut.place_here(place), at_s=at_s)
        return self._seen_from(courier, cut, place, at_s)

    def change_break(self, courier: int, break_s: int, by_s: int) -> list[int]:
        """A courier owes another break; whoever is reached too late."""
        cut = self._city.cut([courier])
        facts = self._city.facts.couriers
        facts["break_s"][courier], facts["break_by_s"][courier] = break_s, by_s
        return self._told(
            courier, cut, lambda world: world.change_break(0, break_s=break_s, by_s=by_s)
        )

    def start_stop(self, courier: int, at_s: int) -> list[int]:
        """Service at the next stop, if there is one, has begun; whoever is reached too late."""
        city = self._city
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

    def add_order(self, visits: Visits, order: Orders, options: Options) -> int:
        """One order more, whose numbers point to its visits; its number."""
        city = self._city
        city.facts.visits.append(visits)
        number = int(city.facts.orders.append(order)[0])
        if len(options):
            others = zip(options.pickup.tolist(), options.delivery.tolist(), strict=True)
            city.facts.options[number] = [*city.facts.ways_of(number), *others]
        city.order_of += [number] * len(visits)
        city.taker.append(ANY)
        city.enter(number)
        return number

    def take_order_out(self, order: int) -> list[int]:
        """An order less; whoever has no room any more."""
        city, courier = self._city, self._city.taker[order]
        lost: list[int] = []
        if courier != ANY:
            cut = city.cut([courier])
            here = cut.orders.tolist().index(order)
            lost = self._told(courier, cut, lambda world: world.take_order_out(here))
        if order not in city.over:
            city.leave(order)
        return lost

    def _told(self, courier: int, cut: Cut, happen: Callable[[World], list[int]]) -> list[int]:
        """Let something happen to one courier; the orders that were lost."""
        lost = cut.orders[happen(cut.world)].tolist()
        self._city.tell(courier, cut.route_of(0))
        return list(lost)

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
