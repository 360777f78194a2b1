"""This file knows what a route is worth and what it breaks, one stop after the other, from scratch.

It is the plain statement of the rules that the compiled kernel keeps with running sums. Nothing
here is fast; everything here can be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from recourse.planning.engine.facts import (
    ANY,
    Couriers,
    Options,
    Orders,
    Visits,
    with_change,
    with_row,
)
from recourse.planning.engine.spread import TICKS, UncertainTime
from recourse.planning.engine.ways import Travel, Ways

__all__ = ["Breach", "Rule", "Rules", "Walk"]


class Rule(StrEnum):
    """What a route may not do."""

    LATE = "late"
    OVER_CAPACITY = "over_capacity"
    BEYOND_END = "beyond_end"
    NO_SKILL = "no_skill"
    NOT_IN_HANDS = "not_in_hands"
    OFF_DUTY = "off_duty"


class Breach(NamedTuple):
    """A rule that a route breaks, by how much, and at which visit.

    Attributes
    ----------
    rule : Rule
        Which rule.
    amount : int
        Seconds too late, or units too much; 0 where there is no measure.
    visit : int
        At which visit; ``ANY`` for the end of the day.
    """

    rule: Rule
    amount: int
    visit: int


@dataclass(slots=True)
class Walk:
    """A route as it would be driven.

    Attributes
    ----------
    starts_s : list of int
        When service begins at each visit.
    ends_s : int
        When the courier is at the end of the day's way.
    legs_price, late_price, risk_price, change_price, stops_price, seconds_price : int
        What the ways cost, what being late costs, what it costs more that times are uncertain,
        what it costs to have said something else, what is paid at the stops themselves, and what
        the courier's time costs.
    breaches : list of Breach
        Everything that is not allowed; empty for a sound route.
    rest : int
        Rank after which a break is taken (0: before the first stop); past the last stop, or
        ``ANY``, for none.
    is_allowed : bool
        Whether that break begins in time, or the day ends before it has to.
    """

    starts_s: list[int] = field(default_factory=list)
    ends_s: int = 0
    legs_price: int = 0
    late_price: int = 0
    risk_price: int = 0
    change_price: int = 0
    stops_price: int = 0
    seconds_price: int = 0
    breaches: list[Breach] = field(default_factory=list)
    rest: int = ANY
    is_allowed: bool = True

    @property
    def is_late(self) -> bool:
        """Whether a window or the end of the day is missed."""
        return any(one.rule in (Rule.LATE, Rule.BEYOND_END) for one in self.breaches)

    @property
    def price(self) -> int:
        """All terms together."""
        at_stops = self.late_price + self.risk_price + self.change_price + self.stops_price
        return self.legs_price + self.seconds_price + at_stops

    @property
    def is_sound(self) -> bool:
        """Whether nothing is broken."""
        return not self.breaches


@dataclass(slots=True)
class Rules:
    """Facts of a world, and what was told; ways to judge a route by them.

    Attributes
    ----------
    travel, visits, orders, couriers : Travel, Visits, Orders, Couriers
        The facts.
    options : list of list of tuple
        Pickup (or ``ANY``) and delivery of every way to serve each order.
    order_of : list of int
        Order of each visit; ``ANY`` for a visit of none.
    pickup_of : dict of int to int
        Pickup of each delivery; ``ANY`` if there is none.
    told_courier : list of int
        Who was told to carry each order; ``ANY`` for an order nobody was told.
    told_next : list of int
        The next stop each courier was told; ``ANY`` for none.
    off_duty : set of int
        Couriers who are gone.
    over : set of int
        Orders that are done or canceled.
    """

    travel: Travel
    visits: Visits
    orders: Orders
    couriers: Couriers
    options: list[list[tuple[int, int]]] = field(init=False)
    order_of: list[int] = field(init=False)
    pickup_of: dict[int, int] = field(default_factory=dict)
    told_courier: list[int] = field(init=False)
    told_next: list[int] = field(init=False)
    off_duty: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find the order of every visit."""
        self.order_of = [ANY] * len(self.visits)
        self.options = []
        for order in range(len(self.orders)):
            self.options.append([])
            both = (int(self.orders.pickup[order]), int(self.orders.delivery[order]))
            self.add_option(order, *both)
        self.told_courier = [ANY] * len(self.orders)
        self.told_next = [ANY] * len(self.couriers)

    def count(self, what: str) -> int:
        """How many there are: of couriers, orders, visits, places or profiles, in the singular."""
        return {
            "courier": len(self.couriers),
            "order": len(self.orders),
            "visit": len(self.visits),
            "place": self.travel.n_places,
            "profile": self.travel.n_profiles,
        }[what]

    def visits_of(self, order: int, option: int = 0) -> list[int]:
        """Visits of an order in sequence, served in one of its ways."""
        return [visit for visit in self.options[order][option] if visit != ANY]

    def add_option(self, order: int, pickup: int, delivery: int) -> None:
        """Remember a way to serve an order."""
        self.options[order].append((pickup, delivery))
        self.pickup_of[delivery] = pickup
        for visit in self.visits_of(order, -1):
            self.order_of[visit] = order

    def tell(self, plan: Sequence[Sequence[int]]) -> None:
        """Remember what everybody is told: changing it has its price from here on."""
        self.told_courier = [ANY] * len(self.orders)
        for courier, route in enumerate(plan):
            self.told_next[courier] = int(route[0]) if len(route) else ANY
            for visit in route:
                self.told_courier[self.order_of[visit]] = courier

    def drop(self, courier: int, route: Sequence[int]) -> None:
        """Remember that a courier is gone, and nobody is told what they were told."""
        for visit in route:
            self.told_courier[self.order_of[visit]] = ANY
        self.off_duty.add(courier)
        self.told_next[courier] = ANY

    def add_order(self, visits: Visits, order: Orders, options: Options) -> None:
        """Remember one order more, with its visits."""
        for k in range(len(visits)):
            row = {name: getattr(visits, name)[k : k + 1] for name in visits.__dataclass_fields__}
            self.visits = with_row(self.visits, Visits(**row))
        self.orders = with_row(self.orders, order)
        self.order_of += [len(self.orders) - 1] * len(visits)
        self.told_courier.append(ANY)
        self.options.append([])
        self.add_option(len(self.orders) - 1, int(order.pickup[0]), int(order.delivery[0]))
        for pickup, delivery in zip(options.pickup, options.delivery, strict=True):
            self.add_option(len(self.orders) - 1, int(pickup), int(delivery))

    def add_courier(self, courier: Couriers) -> None:
        """Remember one courier more."""
        self.couriers = with_row(self.couriers, courier)
        self.told_next.append(ANY)

    def set_place(self, place: int, ways: Ways) -> None:
        """Remember other ways from and to a place, which may be new."""
        self.travel = self.travel.with_place(place, ways)

    def move(self, courier: int, place: int, at_s: int) -> None:
        """Remember that a courier's next committed point is another."""
        self.couriers = with_change(self.couriers, courier, start_place=place, start_s=at_s)

    def owe_break(self, courier: int, break_s: int, by_s: int) -> None:
        """Remember that a courier owes another break."""
        self.couriers = with_change(self.couriers, courier, break_s=break_s, break_by_s=by_s)

    def begin(self, courier: int, route: Sequence[int], at_s: int) -> None:
        """Remember that service at the first stop of a route has begun."""
        visit = int(route[0])
        order = self.order_of[visit]
        if visit in self.pickup_of:
            self.over.add(order)
        else:
            door = next(to for at, to in self.options[order] if at == visit)
            self.orders = with_change(
                self.orders, order, pickup=ANY, delivery=door, only_courier=courier
            )
            self.options[order] = []
            self.add_option(order, ANY, door)
        load = self.couriers.load[courier] + self.visits.demand[visit]
        self.couriers = with_change(self.couriers, courier, load=load)
        self.told_next[courier] = int(route[1]) if len(route) > 1 else ANY
        done_s = max(at_s, int(self.visits.earliest_s[visit])) + int(self.visits.service_s[visit])
        self.move(courier, int(self.visits.place[visit]), done_s)

    def may_carry(self, order: int, courier: int) -> list[Breach]:
        """Why a courier may not carry an order whatever the route; empty if they may."""
        only = int(self.orders.only_courier[order])
        lacking = int(self.orders.skills[order]) & ~int(self.couriers.skills[courier])
        found = {
            Rule.OFF_DUTY: courier in self.off_duty,
            Rule.NOT_IN_HANDS: only not in (ANY, courier),
            Rule.NO_SKILL: lacking != 0,
        }
        return [Breach(rule, 0, ANY) for rule, is_broken in found.items() if is_broken]

    def walk(
        self, courier: int, route: Sequence[int], agreed_s: Mapping[int, int] | None = None
    ) -> Walk:
        """Drive a route in thought.

        Parameters
        ----------
        courier : int
            Who drives.
        route : sequence of int
            Visits in sequence.
        agreed_s : mapping of int to int, optional
            Seconds at which service at some visits has to begin, neither sooner nor later.

        Returns
        -------
        Walk
            Times, prices and whatever is broken. A break that is owed is taken where the day
            costs least, of equals as late as may be; one that is overdue, at once.
        """
        agreed = agreed_s or {}
        if not self.couriers.break_s[courier] or not len(route):
            return self._day(courier, route, ANY, agreed)
        ranks = range(len(route) + 1, -1, -1)
        days = [self._day(courier, route, rank, agreed) for rank in ranks]
        days = [day for day in days if day.is_allowed]
        timely = [day for day in days if not day.is_late]
        return min(timely, key=lambda day: day.price) if timely else days[0]

    def _day(
        self, courier: int, route: Sequence[int], rest: int, agreed_s: Mapping[int, int]
    ) -> Walk:
        """Drive a route with the break after a stop; 0 is before all, past the last is none."""
        walk = Walk(rest=rest)
        told = self.told_next[courier]
        if told != ANY and told != (route[0] if len(route) else ANY):
            walk.change_price += int(self.couriers.next_price[courier])
        if not len(route):
            return walk
        place = int(self.couriers.start_place[courier])
        began_s = int(self.couriers.start_s[courier])
        now_s = self._rest(walk, courier, 0, began_s)
        load = self.couriers.load[courier].astype(int)
        for rank, visit in enumerate(route):
            there = int(self.visits.place[visit])
            now_s = self._drive(walk, courier, place, there, now_s)
            earliest_s, latest_s = self._window(visit, agreed_s)
            now_s = self._serve(walk, courier, visit, max(now_s, earliest_s), latest_s)
            now_s = self._rest(walk, courier, rank + 1, now_s)
            self._load(walk, courier, visit, load)
            load = load + self.visits.demand[visit]
            place = there
        end = int(self.couriers.end_place[courier])
        walk.ends_s = now_s if end == ANY else self._drive(walk, courier, place, end, now_s)
        if rest > len(route):
            walk.is_allowed = walk.ends_s <= int(self.couriers.break_by_s[courier])
        walk.seconds_price = (walk.ends_s - began_s) * int(self.couriers.second_price[courier])
        over_s = walk.ends_s - int(self.couriers.end_s[courier])
        if over_s > 0:
            walk.breaches.append(Breach(Rule.BEYOND_END, over_s, ANY))
        self._doubt(walk, courier, route, agreed_s)
        return walk

    def _window(self, visit: int, agreed_s: Mapping[int, int]) -> tuple[int, int]:
        """Between when service may begin."""
        if visit in agreed_s:
            return agreed_s[visit], agreed_s[visit]
        return int(self.visits.earliest_s[visit]), int(self.visits.latest_s[visit])

    def _doubt(
        self, walk: Walk, courier: int, route: Sequence[int], agreed_s: Mapping[int, int]
    ) -> None:
        """Price what lateness costs more on average for times being uncertain."""
        spread = self.travel.spread
        if spread is None or not spread.weight_permille:
            return
        profile = int(self.couriers.profile[courier])
        driving, serving = int(spread.driving[profile]), int(spread.serving[profile])
        left_s = int(self.couriers.start_s[courier])
        uncertain = UncertainTime(left_s)
        for rank, (visit, start_s) in enumerate(zip(route, walk.starts_s, strict=True)):
            if rank == walk.rest:
                rest_s = int(self.couriers.break_s[courier])
                uncertain.go(rest_s, 0)
                left_s += rest_s
            place = self._place_before(courier, route, rank)
            way_s = int(self.travel.time_s[profile, place, int(self.visits.place[visit])])
            uncertain.go(self.travel.arrive_s(profile, left_s, way_s) - left_s, driving)
            uncertain.wait(self._window(visit, agreed_s)[0])
            past_due_s = max(0, start_s - int(self.visits.due_s[visit]))
            more = max(0, uncertain.late(int(self.visits.due_s[visit])) - TICKS * past_due_s)
            weight = int(self.visits.late_price[visit]) * spread.weight_permille
            walk.risk_price += more * weight // (TICKS * 1_000)
            uncertain.go(int(self.visits.service_s[visit]), serving)
            left_s = start_s + int(self.visits.service_s[visit])

    def _place_before(self, courier: int, route: Sequence[int], rank: int) -> int:
        """Where a courier comes from to a stop."""
        if rank == 0:
            return int(self.couriers.start_place[courier])
        return int(self.visits.place[route[rank - 1]])

    def _rest(self, walk: Walk, courier: int, rank: int, now_s: int) -> int:
        """Take the break if this is where it is; the second at which the courier goes on."""
        if rank != walk.rest:
            return now_s
        walk.is_allowed = rank == 0 or now_s <= int(self.couriers.break_by_s[courier])
        return now_s + int(self.couriers.break_s[courier])

    def _drive(self, walk: Walk, courier: int, start: int, end: int, now_s: int) -> int:
        """Go from one place to another; the second of arrival."""
        profile = int(self.couriers.profile[courier])
        walk.legs_price += int(self.travel.price[profile, start, end])
        return self.travel.arrive_s(profile, now_s, int(self.travel.time_s[profile, start, end]))

    def _serve(self, walk: Walk, courier: int, visit: int, start_s: int, latest_s: int) -> int:
        """Serve a visit; the second at which the courier leaves."""
        walk.starts_s.append(start_s)
        late_s = start_s - latest_s
        if late_s > 0:
            walk.breaches.append(Breach(Rule.LATE, late_s, visit))
        past_due_s = max(0, start_s - int(self.visits.due_s[visit]))
        walk.late_price += past_due_s * int(self.visits.late_price[visit])
        order = self.order_of[visit]
        walk.stops_price += int(self.visits.price[visit])
        if visit in self.pickup_of and self.told_courier[order] not in (ANY, courier):
            walk.change_price += int(self.orders.move_price[order])
        return start_s + int(self.visits.service_s[visit])

    def _load(self, walk: Walk, courier: int, visit: int, load: Sequence[int]) -> None:
        """Note what does not fit. What a visit does not add to is not asked."""
        rows = zip(load, self.visits.demand[visit], self.couriers.capacity[courier], strict=True)
        for had, more, limit in rows:
            if more > 0 and had + more > limit:
                walk.breaches.append(Breach(Rule.OVER_CAPACITY, int(had + more - limit), visit))
