"""This file knows how the cheapest relay of a parcel is looked for, in two routes at once."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from recourse.model.cases import Loss
from recourse.planning.engine.arrays import Numbers
from recourse.planning.engine.decide import loss_of
from recourse.planning.engine.facts import ANY, Visits, with_row
from recourse.planning.engine.rules import Breach, Rules, Walk

__all__ = ["Asked", "Relay", "Search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """One way to hand a parcel on.

    Attributes
    ----------
    order, giver, taker, place : int
        What, from whom, to whom, and where they meet.
    at_s : int
        When the parcel begins to change hands: neither is there later.
    giver_waits_s, taker_waits_s : int
        How long each has waited by then; one of them not at all.
    late_s : int
        Seconds past due at the door.
    price : int
        What both routes cost more than without the order.
    give_rank, take_rank, door_rank : int
        How many stops of the giver's route come before the meeting, and of the taker's before the
        meeting and before the door; the order itself is in neither of these routes.
    handover_s : int
        How long the meeting takes.
    """

    order: int
    giver: int
    taker: int
    place: int
    at_s: int
    giver_waits_s: int
    taker_waits_s: int
    late_s: int
    price: int
    give_rank: int
    take_rank: int
    door_rank: int
    handover_s: int


@dataclass(slots=True)
class Asked:
    """What came of asking one courier: the best, what it would cost at least, or why not."""

    best: Relay | None = None
    least_price: int | None = None
    breaches: list[Breach] = field(default_factory=list)

    def note(self, breaches: list[Breach]) -> None:
        """Remember what comes closest to being sound."""
        if not self.breaches or _amount(breaches) < _amount(self.breaches):
            self.breaches = breaches


class _Side(NamedTuple):
    """One of the two who meet, if nobody has to wait."""

    k: int
    courier: int
    rank: int
    door_rank: int
    route: list[int]
    walk: Walk
    price: int


class Search:
    """Routes without the order, and two visits more for each place: giving and taking."""

    def __init__(
        self,
        rules: Rules,
        routes: list[list[int]],
        order: int,
        giver: int,
        places: list[int],
        handover_s: int,
        told_price: int,
    ) -> None:
        self._routes, self._order, self._giver, self._places = routes, order, giver, places
        self._door = int(rules.orders.delivery[order])
        self._handover_s, self._told_price = handover_s, told_price
        self._rules = _with_meetings(rules, places, rules.visits.demand[self._door], handover_s)
        self._n = len(rules.visits)
        self._price = {c: self._rules.walk(c, route).price for c, route in enumerate(routes)}
        self._gives = [
            self._side(giver, k, i) for k in range(len(places)) for i in self._ranks(giver)
        ]

    def takers(self, n: int) -> list[int]:
        """Couriers who are nearest to where they might meet, or to the door."""
        rules, near = self._rules, []
        goals = [*self._places, int(rules.visits.place[self._door])]
        for courier, route in enumerate(self._routes):
            if courier == self._giver or courier in rules.off_duty:
                continue
            stops = [int(rules.couriers.start_place[courier])]
            stops += [int(rules.visits.place[visit]) for visit in route]
            time_s = rules.travel.time_s[int(rules.couriers.profile[courier])]
            near.append((int(time_s[np.ix_(stops, goals)].min()), courier))
        return [courier for _, courier in sorted(near)[:n]]

    def ask(self, taker: int, n_tried: int) -> Asked:
        """Look for the cheapest relay to one courier."""
        asked = Asked()
        barred = [one for one in self._rules.may_carry(self._order, taker) if not _in_hand(one)]
        if barred:
            asked.breaches = barred
            return asked
        takes = self._takes(asked, taker, n_tried)
        gives = [one for one in self._gives if one.walk.is_sound]
        if not gives:
            asked.note(min((one.walk.breaches for one in self._gives), key=_amount))
            return asked
        pairs = [(g.price + t.price, g, t) for t in takes for g in gives if g.k == t.k]
        for bound, give, take in sorted(pairs, key=lambda pair: pair[0]):
            least = self._told_price if asked.best is None else asked.best.price
            if bound >= least:
                if asked.best is None:
                    asked.least_price = bound
                break
            self._meet(asked, give, take)
        if asked.best is None and asked.least_price is None and not asked.breaches:
            # Where the taker could be, the giver cannot.
            unsound = [one.walk.breaches for one in self._gives if not one.walk.is_sound]
            asked.note(min(unsound, key=_amount))
        return asked

    def _takes(self, asked: Asked, taker: int, n_tried: int) -> list["_Side"]:
        """Places in a taker's route that can be driven if nobody has to wait, and may pay."""
        least: dict[int, int] = {}
        for give in self._gives:
            if give.walk.is_sound:
                least[give.k] = min(give.price, least.get(give.k, give.price))
        found = []
        for legs, k, j, d in sorted(self._ways(taker))[:n_tried]:
            bound = legs + least.get(k, 0)
            if bound >= self._told_price:
                asked.least_price = asked.least_price or bound
                continue
            side = self._side(taker, k, j, d)
            if side.walk.is_sound:
                found.append(side)
            else:
                asked.note(side.walk.breaches)
        if found:
            asked.least_price = None
        return found

    def _ways(self, taker: int) -> Iterator[tuple[int, int, int, int]]:
        """What a taker's ways cost more; which place, and the two ranks."""
        door = int(self._rules.visits.place[self._door])
        drop = self._detours(taker, door)
        square, stops = self._square(taker), self._stops(taker)
        is_idle = not self._routes[taker]
        for k, place in enumerate(self._places):
            for j, there in enumerate(self._detours(taker, place)):
                joint = int(square[stops[j], place]) + int(square[place, door])
                joint += _leg(square, door, stops[j + 1])
                joint -= 0 if is_idle else _leg(square, stops[j], stops[j + 1])
                yield joint, k, j, j
                for d in range(j + 1, len(drop)):
                    yield there + drop[d], k, j, d

    def _ranks(self, courier: int) -> range:
        """Where in a route something can go."""
        return range(len(self._routes[courier]) + 1)

    def _side(self, courier: int, k: int, rank: int, door_rank: int = ANY) -> "_Side":
        """One of the two, who need not wait; a taker also goes to the door."""
        theirs, give = self._routes[courier], self._n + 2 * k
        if door_rank == ANY:
            route = [*theirs[:rank], give, *theirs[rank:]]
        else:
            to_door = [*theirs[rank:door_rank], self._door]
            route = [*theirs[:rank], give + 1, *to_door, *theirs[door_rank:]]
        walk = self._rules.walk(courier, route)
        return _Side(k, courier, rank, door_rank, route, walk, walk.price - self._price[courier])

    def _square(self, courier: int) -> Numbers:
        """What ways cost somebody."""
        found: Numbers = self._rules.travel.price[int(self._rules.couriers.profile[courier])]
        return found

    def _stops(self, courier: int) -> list[int]:
        """Places of a route, with both ends."""
        couriers, visits = self._rules.couriers, self._rules.visits
        middle = [int(visits.place[visit]) for visit in self._routes[courier]]
        return [int(couriers.start_place[courier]), *middle, int(couriers.end_place[courier])]

    def _detours(self, courier: int, place: int) -> list[int]:
        """What it costs more to go by a place after each rank; an empty day has no way yet."""
        square, stops = self._square(courier), self._stops(courier)
        is_idle = not self._routes[courier]
        return [
            int(square[a, place]) + _leg(square, place, b) - (0 if is_idle else _leg(square, a, b))
            for a, b in pairwise(stops)
        ]

    def _meet(self, asked: Asked, give: "_Side", take: "_Side") -> None:
        """Let the later of the two say when they meet, and both keep it."""
        both = (give, take)
        at_s = max(one.walk.starts_s[one.rank] for one in both)
        walks = [self._keeping(one, at_s) for one in both]
        if breaches := [breach for walk in walks for breach in walk.breaches]:
            asked.note(breaches)
            return
        pairs = zip(walks, both, strict=True)
        price = sum(walk.price - self._price[one.courier] for walk, one in pairs)
        if asked.best and price >= asked.best.price:
            return
        due_s = int(self._rules.visits.due_s[self._door])
        late_s = max(0, walks[1].starts_s[take.door_rank + 1] - due_s)
        waits_s = [self._wait_s(one, walk) for one, walk in zip(both, walks, strict=True)]
        asked.least_price = price
        asked.best = Relay(
            order=self._order,
            giver=give.courier,
            taker=take.courier,
            place=self._places[give.k],
            at_s=at_s,
            giver_waits_s=waits_s[0],
            taker_waits_s=waits_s[1],
            late_s=late_s,
            price=price,
            give_rank=give.rank,
            take_rank=take.rank,
            door_rank=take.door_rank,
            handover_s=self._handover_s,
        )

    def _keeping(self, one: "_Side", at_s: int) -> Walk:
        """The day of somebody who keeps a time; who comes just then may wait where times vary."""
        is_certain = self._rules.travel.spread is None
        if is_certain and one.walk.starts_s[one.rank] == at_s:
            return one.walk
        return self._rules.walk(one.courier, one.route, {one.route[one.rank]: at_s})

    def _wait_s(self, one: "_Side", walk: Walk) -> int:
        """How long a courier is there before the meeting; a break is not waiting."""
        rules, courier, route, rank = self._rules, one.courier, one.route, one.rank
        left_s = int(rules.couriers.start_s[courier])
        if rank:
            left_s = walk.starts_s[rank - 1] + int(rules.visits.service_s[route[rank - 1]])
        if walk.rest == rank:
            left_s += int(rules.couriers.break_s[courier])
        place = self._stop_before(courier, route, rank)
        profile = int(rules.couriers.profile[courier])
        way_s = int(rules.travel.time_s[profile, place, int(rules.visits.place[route[rank]])])
        return walk.starts_s[rank] - rules.travel.arrive_s(profile, left_s, way_s)

    def _stop_before(self, courier: int, route: list[int], rank: int) -> int:
        """Where a courier comes from."""
        if rank == 0:
            return int(self._rules.couriers.start_place[courier])
        return int(self._rules.visits.place[route[rank - 1]])


def _with_meetings(rules: Rules, places: list[int], leaves: Numbers, handover_s: int) -> Rules:
    """The same rules with two visits for each place: a parcel leaves, a parcel comes on board."""
    scratch = copy(rules)
    n = len(places)
    scratch.visits = with_row(
        rules.visits,
        Visits(
            place=np.repeat(places, 2),
            earliest_s=np.zeros(2 * n),
            latest_s=np.full(2 * n, np.iinfo(np.int32).max // 2),
            service_s=np.full(2 * n, handover_s),
            demand=np.tile(np.stack([leaves, -leaves]), (n, 1)),
        ),
    )
    scratch.order_of = [*rules.order_of, *[ANY] * (2 * n)]
    return scratch


def _leg(square: Numbers, a: int, b: int) -> int:
    """What a way costs; none to nowhere."""
    return 0 if b == ANY else int(square[a, b])


def _in_hand(breach: Breach) -> bool:
    """Whether it is only that somebody else holds the parcel: that is what a relay changes."""
    return loss_of(breach.rule) is Loss.NOT_IN_HANDS


def _amount(breaches: list[Breach]) -> tuple[int, int]:
    """How far from sound."""
    return len({one.rule for one in breaches}), sum(one.amount for one in breaches)
