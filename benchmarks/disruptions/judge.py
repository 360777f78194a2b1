"""The judge of every answer: drives each route with plain numbers and knows nothing of any engine.

Import nothing here that plans, or whoever plans would examine itself; a contract holds that.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Courier", "Order", "Town", "Verdict", "Visit", "judge"]

NOBODY = -1


class Visit(NamedTuple):
    """What is done at a place: seconds, amounts in every dimension, and prices."""

    place: int
    earliest: int
    latest: int
    service: int
    demand: tuple[int, ...]
    due: int
    late_price: int
    price: int


class Order(NamedTuple):
    """What is to be carried; a way is the visit where it begins, or nobody, and where it ends."""

    ways: tuple[tuple[int, int], ...]
    unserved_price: int
    only_courier: int
    told_courier: int
    move_price: int
    skills: int
    is_open: bool


class Courier(NamedTuple):
    """Who carries, and what they were told."""

    start_place: int
    start: int
    end_place: int
    end: int
    capacity: tuple[int, ...]
    load: tuple[int, ...]
    told_next: int
    next_price: int
    skills: int
    profile: int
    second_price: int
    break_length: int
    break_by: int
    is_on_duty: bool


class Town(NamedTuple):
    """Everything that is known; ways by profile, from, to."""

    times: Sequence[Sequence[Sequence[int]]]
    prices: Sequence[Sequence[Sequence[int]]]
    periods: Sequence[int]
    permille: Sequence[Sequence[int]]
    driving: Sequence[int]
    serving: Sequence[int]
    doubt_permille: int
    visits: Sequence[Visit]
    orders: Sequence[Order]
    couriers: Sequence[Courier]


@dataclass(slots=True)
class Verdict:
    """What an answer is worth.

    Attributes
    ----------
    price : float
        Everything; a whole number where doubt has no price.
    doubt : float
        What uncertain times cost of that, on average.
    grain : float
        By how much whole sixteenths of a second may make that another number.
    broken : list of str
        Every rule that is broken, with where.
    starts : dict of int to int
        When each visit begins.
    """

    price: float = 0
    doubt: float = 0
    grain: float = 0
    broken: list[str] = field(default_factory=list)
    starts: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Day:
    """One courier's day with the break at one place."""

    price: int = 0
    doubt: float = 0
    broken: list[str] = field(default_factory=list)
    starts: dict[int, int] = field(default_factory=dict)


def judge(town: Town, routes: Sequence[Sequence[int]], unserved: Sequence[int]) -> Verdict:
    """Drive every route and price the answer.

    Parameters
    ----------
    town : Town
        The facts.
    routes : sequence of sequence of int
        Visits of each courier.
    unserved : sequence of int
        Orders that take their way out without a courier.

    Returns
    -------
    Verdict
        Price, and the rules that are broken.
    """
    verdict = Verdict()
    owner = {v: k for k, o in enumerate(town.orders) for way in o.ways for v in way if v != NOBODY}
    for courier, route in enumerate(routes):
        verdict.broken += _carries(town, courier, route, owner)
        day = _cheapest(town, courier, route, owner)
        verdict.price += day.price + day.doubt
        verdict.doubt += day.doubt
        verdict.broken += day.broken
        verdict.starts |= day.starts
        if town.doubt_permille:
            verdict.grain += sum(1 + town.visits[visit].late_price for visit in route)
    verdict.price += sum(town.orders[k].unserved_price for k in unserved)
    verdict.broken += _answers(town, routes, unserved, owner)
    return verdict


def _answers(
    town: Town, routes: Sequence[Sequence[int]], unserved: Sequence[int], owner: dict[int, int]
) -> Iterator[str]:
    """Every open order has one answer, whole, with one courier."""
    visits = [visit for route in routes for visit in route]
    if len(set(visits)) < len(visits):
        yield "a visit is made twice"
    where = {visit: (c, rank) for c, route in enumerate(routes) for rank, visit in enumerate(route)}
    done: dict[int, list[int]] = {}
    for visit in visits:
        done.setdefault(owner.get(visit, NOBODY), []).append(visit)
    for order, mine in done.items():
        if order == NOBODY or not town.orders[order].is_open:
            yield f"visits {mine} are nobody's business"
            continue
        found = [
            way
            for way in town.orders[order].ways
            if sorted(v for v in way if v != NOBODY) == sorted(mine)
        ]
        if not found:
            yield f"order {order} is served by {mine}, which is none of its ways"
            continue
        pickup, delivery = found[0]
        if pickup != NOBODY and (
            where[pickup][0] != where[delivery][0] or where[pickup][1] > where[delivery][1]
        ):
            yield f"order {order} is not collected before by the same courier"
    for order, facts in enumerate(town.orders):
        answers = (order in done) + list(unserved).count(order)
        if answers != (1 if facts.is_open else 0):
            yield f"order {order} has {answers} answers"


def _carries(
    town: Town, courier: int, route: Sequence[int], owner: dict[int, int]
) -> Iterator[str]:
    """Who may carry what, and how much of it at once."""
    who, load = town.couriers[courier], list(town.couriers[courier].load)
    if route and not who.is_on_duty:
        yield f"courier {courier} is off duty"
    for visit in route:
        order = town.orders[owner[visit]]
        if order.skills & ~who.skills:
            yield f"courier {courier} lacks a skill for {visit}"
        if order.only_courier not in (NOBODY, courier):
            yield f"courier {courier} does not have what {visit} needs"
        for dim, more in enumerate(town.visits[visit].demand):
            load[dim] += more
            if more > 0 and load[dim] > who.capacity[dim]:
                yield f"courier {courier} carries {load[dim]} of {who.capacity[dim]} after {visit}"


def _cheapest(town: Town, courier: int, route: Sequence[int], owner: dict[int, int]) -> _Day:
    """The day with its break where that costs least."""
    who = town.couriers[courier]
    if not route:
        is_turned = who.told_next != NOBODY
        return _Day(price=who.next_price if is_turned else 0)
    if not who.break_length:
        return _drive(town, courier, route, owner, NOBODY)
    days = [_drive(town, courier, route, owner, rest) for rest in range(len(route) + 2)]
    sound = [day for day in days if not day.broken]
    return min(sound or days, key=lambda day: (day.price + day.doubt, len(day.broken)))


def _drive(
    town: Town, courier: int, route: Sequence[int], owner: dict[int, int], rest: int
) -> _Day:
    """Drive a day with the break after so many stops."""
    who, day = town.couriers[courier], _Day()
    profile, now, place = who.profile, who.start, who.start_place
    doubt = _Doubt(now)
    if who.told_next not in (NOBODY, route[0]):
        day.price += who.next_price
    for rank, number in enumerate(route):
        if rank == rest:
            now = _pause(day, who, rank, now, doubt)
        visit = town.visits[number]
        arrives = _arrive(town, profile, now, town.times[profile][place][visit.place])
        day.price += town.prices[profile][place][visit.place] + visit.price
        doubt.go(arrives - now, town.driving[profile])
        doubt.wait(visit.earliest)
        start = day.starts[number] = max(arrives, visit.earliest)
        if start > visit.latest:
            day.broken.append(f"courier {courier} begins {number} {start - visit.latest} s late")
        late = max(0, start - visit.due)
        day.price += late * visit.late_price
        more = max(0.0, doubt.late(visit.due) - late)
        day.doubt += more * visit.late_price * town.doubt_permille / 1000
        doubt.go(visit.service, town.serving[profile])
        order = town.orders[owner[number]]
        is_moved = order.told_courier not in (NOBODY, courier)
        if is_moved and number in [delivery for _, delivery in order.ways]:
            day.price += order.move_price
        now, place = start + visit.service, visit.place
    if rest == len(route):
        now = _pause(day, who, rest, now, doubt)
    if who.end_place != NOBODY:
        day.price += town.prices[profile][place][who.end_place]
        now = _arrive(town, profile, now, town.times[profile][place][who.end_place])
    if rest == len(route) + 1 and now > who.break_by:
        day.broken.append(f"courier {courier} does not rest")
    if now > who.end:
        day.broken.append(f"courier {courier} ends the day {now - who.end} s late")
    day.price += who.second_price * (now - who.start)
    return day


def _pause(day: _Day, who: Courier, rank: int, now: int, doubt: "_Doubt") -> int:
    """Take the break; one that is overdue at the start is taken at once."""
    if rank and now > who.break_by:
        day.broken.append("a break begins too late")
    doubt.go(who.break_length, 0)
    return now + who.break_length


def _arrive(town: Town, profile: int, leaves: int, way: int) -> int:
    """The first second by which enough of a way could be gone."""
    if not town.periods:
        return leaves + way

    def gone(until: int) -> int:
        ends = [*town.periods[1:], math.inf]
        begins = [-math.inf, *town.periods[1:]]
        total = 0
        for begin, end, speed in zip(begins, ends, town.permille[profile], strict=True):
            total += int(max(0, min(end, until) - max(begin, leaves))) * speed
        return total

    low, high = leaves, leaves + 1000 * way + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if gone(middle) >= 1000 * way else (middle + 1, high)
    return low


class _Doubt:
    """A time that is normal, give or take."""

    def __init__(self, at: int) -> None:
        self.mean, self.variance = float(at), 0.0

    def go(self, seconds: int, dispersion: int) -> None:
        """Let time pass."""
        self.mean += seconds
        self.variance += seconds * dispersion

    def wait(self, until: int) -> None:
        """Go on no earlier than that."""
        if self.variance == 0:
            self.mean = max(self.mean, until)
            return
        sd = math.sqrt(self.variance)
        z = (until - self.mean) / sd
        first = _beyond(z)
        second = (1 + z * z) * _upper(z) - z * _density(z)
        self.mean = until + sd * first
        self.variance *= max(0.0, second - first * first)

    def late(self, due: int) -> float:
        """Seconds after a time, on average."""
        if self.variance == 0:
            return max(0.0, self.mean - due)
        sd = math.sqrt(self.variance)
        return sd * _beyond((due - self.mean) / sd)


def _upper(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _beyond(z: float) -> float:
    return _density(z) - z * _upper(z)
