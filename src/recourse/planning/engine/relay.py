"""This file knows relays: two couriers on the road meet, one hands a parcel over and both go on.

Whoever is there first waits for the other. The time of the meeting is agreed for both, and kept by
both like a window that leaves no room, so each route can still be judged alone.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from recourse.model.cases import Loss, Rejection, Way
from recourse.model.errors import Invalid
from recourse.planning.engine.answers import Answer
from recourse.planning.engine.arrays import Numbers
from recourse.planning.engine.decide import loss_of
from recourse.planning.engine.facts import ANY, Visits, with_row
from recourse.planning.engine.rules import Breach, Rules, Walk
from recourse.planning.engine.world import World

__all__ = ["Relay", "RelayChoice", "find_relay"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayChoice:
    """The cheapest relay of an order, and why nobody else takes it over.

    Attributes
    ----------
    relay : Relay or None
        The cheapest; None if nobody can.
    told_price : int
        What the order costs now: in the holder's route, or by its way out without a courier.
    rejections : tuple of Rejection
        Every other courier who was asked, nearest first; by courier id.
    """

    relay: Relay | None
    told_price: int
    rejections: tuple[Rejection, ...]

    @property
    def gain(self) -> int:
        """What the relay saves; 0 if there is none that does."""
        return max(0, self.told_price - self.relay.price) if self.relay else 0


@dataclass(slots=True)
class _Asked:
    """What came of asking one courier."""

    best: Relay | None = None
    breaches: list[Breach] = field(default_factory=list)


def find_relay(
    world: World,
    answer: Answer,
    order: int,
    *,
    places: Sequence[int],
    courier_ids: Sequence[str],
    handover_s: int = 60,
    n_takers: int = 8,
) -> RelayChoice:
    """Find the cheapest way to hand on a parcel that a courier has on board.

    Every place in both routes is looked at, cheapest ways first, until the ways alone cost more
    than the best found; whatever comes of waiting for each other is worked out from scratch.

    Parameters
    ----------
    world : World
        The facts.
    answer : Answer
        Routes to begin from; the order may be in its holder's route or in none.
    order : int
        An order that is in the hands of one courier.
    places : sequence of int
        Where they might meet.
    courier_ids : sequence of str
        What couriers are called outside.
    handover_s : int, optional
        Seconds it takes.
    n_takers : int, optional
        How many couriers are asked, nearest to the places first.

    Returns
    -------
    RelayChoice
        Nothing is told before `tell_relay`.

    Raises
    ------
    Invalid
        If no courier on duty has the parcel on board.
    """
    rules = world.rules
    giver = int(rules.orders.only_courier[order])
    leaves = rules.visits.demand[int(rules.orders.delivery[order])]
    if giver == ANY or rules.orders.pickup[order] != ANY or leaves.max() > 0:
        raise Invalid(field="order", why="is on nobody's board")
    if giver in rules.off_duty:
        raise Invalid(field="order", why="is with somebody who is off duty: say where to meet them")
    routes = [[int(v) for v in route if rules.order_of[v] != order] for route in answer.routes]
    search = _Search(rules, routes, order, giver, list(places), handover_s)
    asked = {taker: search.ask(taker) for taker in search.takers(n_takers)}
    found = [one.best for one in asked.values() if one.best]
    relay = min(found, key=lambda one: (one.price, one.taker), default=None)
    lost = [
        _rejection(courier_ids[taker], one, relay)
        for taker, one in asked.items()
        if relay is None or taker != relay.taker
    ]
    return RelayChoice(
        relay=relay,
        told_price=_told_price(rules, answer, order, giver, routes[giver]),
        rejections=tuple(sorted(lost, key=lambda one: (one.loss is not Loss.PRICE, one.amount))),
    )


def _told_price(rules: Rules, answer: Answer, order: int, giver: int, without: list[int]) -> int:
    """What the order costs as it is."""
    route = [int(visit) for visit in answer.routes[giver]]
    if route == without:
        return int(rules.orders.unserved_price[order])
    return rules.walk(giver, route).price - rules.walk(giver, without).price


def _rejection(courier_id: str, asked: _Asked, relay: Relay | None) -> Rejection:
    """Why a courier does not take it over."""
    if asked.best and relay:
        more = asked.best.price - relay.price
        return Rejection(way=Way.HANDOVER, loss=Loss.PRICE, courier_id=courier_id, amount=more)
    worst = max(asked.breaches, key=lambda one: one.amount)
    loss = loss_of(worst.rule)
    return Rejection(way=Way.HANDOVER, loss=loss, courier_id=courier_id, amount=worst.amount)


class _Search:
    """Routes without the order, and two visits more for each place: giving and taking."""

    def __init__(
        self,
        rules: Rules,
        routes: list[list[int]],
        order: int,
        giver: int,
        places: list[int],
        handover_s: int,
    ) -> None:
        self._routes, self._order, self._giver, self._places = routes, order, giver, places
        self._door = int(rules.orders.delivery[order])
        self._handover_s = handover_s
        self._rules = _with_meetings(rules, places, rules.visits.demand[self._door], handover_s)
        self._n = len(rules.visits)
        self._price = {c: self._rules.walk(c, route).price for c, route in enumerate(routes)}

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

    def ask(self, taker: int) -> _Asked:
        """Look for the cheapest relay to one courier."""
        asked = _Asked()
        barred = [one for one in self._rules.may_carry(self._order, taker) if not _in_hand(one)]
        if barred:
            asked.breaches = barred
            return asked
        for bound, *ranks in sorted(self._ways(taker)):
            if asked.best and bound >= asked.best.price:
                break
            self._try(asked, taker, *ranks)
        return asked

    def _ways(self, taker: int) -> Iterator[tuple[int, int, int, int, int]]:
        """What the ways cost more; which place, and the three ranks."""
        door = int(self._rules.visits.place[self._door])
        drop = self._detours(taker, door)
        square, stops = self._square(taker), self._stops(taker)
        is_idle = not self._routes[taker]
        for k, place in enumerate(self._places):
            give, take = self._detours(self._giver, place), self._detours(taker, place)
            for j, there in enumerate(take):
                joint = int(square[stops[j], place]) + int(square[place, door])
                joint += _leg(square, door, stops[j + 1])
                joint -= 0 if is_idle else _leg(square, stops[j], stops[j + 1])
                for i, more in enumerate(give):
                    yield more + joint, k, i, j, j
                    for d in range(j + 1, len(drop)):
                        yield more + there + drop[d], k, i, j, d

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

    def _try(self, asked: _Asked, taker: int, k: int, i: int, j: int, d: int) -> None:
        """Let both drive it; the later of the two says when they meet."""
        give, take = self._n + 2 * k, self._n + 2 * k + 1
        theirs = self._routes[taker]
        routes = {
            self._giver: [*self._routes[self._giver][:i], give, *self._routes[self._giver][i:]],
            taker: [*theirs[:j], take, *theirs[j:d], self._door, *theirs[d:]],
        }
        free = {courier: self._rules.walk(courier, route) for courier, route in routes.items()}
        there_s = {self._giver: free[self._giver].starts_s[i], taker: free[taker].starts_s[j]}
        at_s = max(there_s.values())
        agreed = {give: at_s, take: at_s}
        walks = {c: self._rules.walk(c, route, agreed) for c, route in routes.items()}
        breaches = [breach for walk in walks.values() for breach in walk.breaches]
        if breaches:
            if not asked.breaches or _amount(breaches) < _amount(asked.breaches):
                asked.breaches = breaches
            return
        price = sum(walk.price - self._price[c] for c, walk in walks.items())
        if asked.best and price >= asked.best.price:
            return
        due_s = int(self._rules.visits.due_s[self._door])
        asked.best = Relay(
            order=self._order,
            giver=self._giver,
            taker=taker,
            place=self._places[k],
            at_s=at_s,
            giver_waits_s=self._wait_s(self._giver, walks[self._giver], routes[self._giver], i),
            taker_waits_s=self._wait_s(taker, walks[taker], routes[taker], j),
            late_s=max(0, walks[taker].starts_s[d + 1] - due_s),
            price=price,
            give_rank=i,
            take_rank=j,
            door_rank=d,
            handover_s=self._handover_s,
        )

    def _wait_s(self, courier: int, walk: Walk, route: list[int], rank: int) -> int:
        """How long a courier is there before service at a rank begins; a break is not waiting."""
        rules = self._rules
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
