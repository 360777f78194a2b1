"""Days on which one thing after the other goes wrong; every answer is judged, and given again."""

import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np

from benchmarks.disruptions.asked import price_from_scratch, town_of
from benchmarks.disruptions.judge import Verdict, judge
from benchmarks.disruptions.towns import draw_town, draw_visit, far_places
from recourse.planning.engine import ANY, Answer, Couriers, Visits, Ways, World
from recourse.planning.engine.agreed import AgreedRelay, call_off, is_broken, tell_relay
from recourse.planning.engine.journal import Journal, play
from recourse.planning.engine.relay import find_relay

__all__ = ["Found", "live"]

SEARCHES = (0, 10, 60)
TOLERATED = 0.02
"""Share by which the average of a normal time may be another number when it is told in a table."""


@dataclass(slots=True)
class Found:
    """What went wrong, and how often."""

    n: int = 0
    n_relays: int = 0
    n_unserved: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    mispriced: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)


def live(found: Found, seed: int, n_disruptions: int) -> None:
    """Live one day, and live it again from what was written down.

    Parameters
    ----------
    found : Found
        Gets whatever is wrong.
    seed : int
        Of the town and of the day.
    n_disruptions : int
        How many.
    """
    day = _Day(found, seed)
    for _ in range(n_disruptions):
        day.disrupt()
    day.live_again()


class _Day:
    """A world, what was written down of it, and every answer it gave."""

    def __init__(self, found: Found, seed: int) -> None:
        self._found, self._seed, self._dice = found, seed, Random(f"day {seed}")
        self._world = draw_town(seed)
        self._journal = Journal(self._world)
        self._relays: list[AgreedRelay] = []
        self._asked: list[tuple[int, int, int, str]] = []
        self._world.adopt(self._ask())

    def disrupt(self) -> None:
        """Let something happen, answer, be judged, and mostly tell what was answered."""
        kind = self._dice.choice(sorted(KINDS))
        KINDS[kind](self._world, self._dice)
        self._found.n += 1
        self._found.kinds[kind] += 1
        answer = self._answer()
        self._found.n_unserved += len(answer.unserved)
        if self._dice.random() < 0.8:
            self._world.adopt(answer)
            if self._dice.random() < 0.5:
                self._hand_on(answer)

    def live_again(self) -> None:
        """Let the same happen to the same facts: every answer has to be the same, to the byte."""
        world = draw_town(self._seed)
        written = json.loads(json.dumps(self._journal.entries))
        ends = [0, *(at for at, *_ in self._asked)]
        for (before, now), (_, steps, dice, digest) in zip(
            pairwise(ends), self._asked, strict=True
        ):
            play(world, written[before:now])
            if _digest(world.answer(iterations=steps, seed=dice)) != digest:
                self._found.unlike.append(f"town {self._seed}, after {now} events")
                return

    def _ask(self) -> Answer:
        """Ask, and remember what was said and when."""
        steps, dice = self._dice.choice(SEARCHES), self._dice.randrange(1 << 30)
        answer = self._world.answer(iterations=steps, seed=dice)
        self._asked.append((len(self._journal.entries), steps, dice, _digest(answer)))
        return answer

    def _answer(self) -> Answer:
        """Ask until no meeting is left that only one of two would come to, and be judged."""
        while True:
            answer = self._ask()
            lost = [one for one in self._relays if is_broken(self._world, one, answer)]
            for one in lost:
                call_off(self._world, one)
                self._relays.remove(one)
            if not lost:
                break
        self._judge(answer)
        return answer

    def _judge(self, answer: Answer) -> None:
        """Note what is wrong with an answer."""
        name = f"town {self._seed}, after {len(self._journal.entries)} events"
        routes = [route.tolist() for route in answer.routes]
        verdict = judge(town_of(self._world), routes, answer.unserved.tolist())
        broken = verdict.broken + self._missed(verdict)
        if broken:
            self._found.broken.append(f"{name}: {broken[0]}")
        if answer.price != price_from_scratch(self._world, answer):
            self._found.drifted.append(name)
        allowed = verdict.grain + TOLERATED * verdict.doubt
        if abs(answer.price - verdict.price) > allowed:
            self._found.mispriced.append(f"{name}: {answer.price} told, {verdict.price} summed")

    def _missed(self, verdict: Verdict) -> list[str]:
        """Meetings at which the two are not at the same second."""
        rules, missed = self._world.rules, []
        for one in self._relays:
            has_taken = rules.orders.pickup[one.take] == ANY
            if has_taken or not {one.give, one.take}.isdisjoint(rules.over):
                continue
            visits = [rules.visits_of(order)[0] for order in (one.give, one.take)]
            met = {verdict.starts[visit] for visit in visits if visit in verdict.starts}
            if len(met) > 1:
                missed.append(f"two who are to meet begin at {sorted(met)}")
        return missed

    def _hand_on(self, answer: Answer) -> None:
        """Let somebody hand on what they have on board, if that is cheaper."""
        world, rules = self._world, self._world.rules
        told = world.answer()
        agreed = {order for one in self._relays for order in (one.give, one.take)}
        left = 2  # orders for which it is tried
        for order in answer.unserved.tolist():
            holder = int(rules.orders.only_courier[order])
            door = int(rules.orders.delivery[order])
            is_on_board = holder != ANY and rules.orders.pickup[order] == ANY
            if not is_on_board or holder in rules.off_duty or order in agreed:
                continue
            if rules.visits.demand[door].max() > 0 or [*map(len, told.routes)] != [
                *map(len, world.routes)
            ]:
                continue
            left -= 1
            if left < 0:
                return
            n = rules.travel.n_places
            places = [self._dice.randrange(n) for _ in range(3)]
            names = [f"c{k}" for k in range(len(rules.couriers))]
            choice = find_relay(
                world, told, order, places=places, courier_ids=names, n_takers=3, n_tried=12
            )
            if choice.relay is not None and choice.gain:
                self._relays.append(tell_relay(world, choice.relay))
                self._found.n_relays += 1
                return


def _digest(answer: Answer) -> str:
    """All of an answer in a few letters."""
    parts = [route.tobytes() for route in answer.routes]
    parts += [answer.unserved.tobytes(), str(answer.price).encode()]
    return sha256(b"|".join(parts)).hexdigest()


def _somebody(world: World, dice: Random) -> int:
    return dice.randrange(len(world.rules.couriers))


def break_down(world: World, dice: Random) -> None:
    """One to three couriers drop out; never the last."""
    on_duty = sorted(set(range(len(world.rules.couriers))) - world.rules.off_duty)
    for courier in dice.sample(on_duty, min(dice.randint(1, 3), len(on_duty) - 1)):
        world.drop_courier(courier)


def fall_behind(world: World, dice: Random) -> None:
    """Somebody is later than thought, or somewhere else."""
    courier, rules = _somebody(world, dice), world.rules
    place = int(rules.couriers.start_place[courier])
    if dice.random() < 0.3:
        place = dice.randrange(rules.travel.n_places)
    later_s = int(rules.couriers.start_s[courier]) + dice.randrange(0, 1_800)
    world.move_courier(courier, place=place, at_s=later_s)


def begin_stops(world: World, dice: Random) -> None:
    """Somebody gets on with the day."""
    courier = _somebody(world, dice)
    for _ in range(dice.randint(1, 3)):
        route = [int(visit) for visit in world.routes[courier]]
        if route:
            start_s = world.rules.walk(courier, route).starts_s[0]
            world.start_stop(courier, at_s=start_s + dice.randrange(-60, 300))


def close_road(world: World, dice: Random) -> None:
    """A place is far from everything for a while."""
    n = world.rules.travel.n_places
    out_s, in_s = far_places(dice, 2, n - 1)
    place = dice.randrange(n)
    sides = [np.insert(side[:, :-1], place, 0, axis=1) for side in (out_s, in_s)]
    world.change_place(
        place,
        Ways(time_out_s=sides[0], time_in_s=sides[1], price_out=sides[0], price_in=sides[1]),
    )


def cancel(world: World, dice: Random) -> None:
    """An order is no longer wanted."""
    world.take_order_out(dice.randrange(len(world.rules.orders)))


def order_comes_in(world: World, dice: Random) -> None:
    """Somebody wants something, in one way or in several."""
    load, n_ways = (dice.randint(0, 2), 1, 0), dice.choice((1, 2))
    is_pair = dice.random() < 0.5
    places = []
    for _ in range(n_ways * (1 + is_pair)):
        out_s, in_s = far_places(dice, 2, world.rules.travel.n_places)
        places.append(
            world.add_place(Ways(time_out_s=out_s, time_in_s=in_s, price_out=out_s, price_in=in_s))
        )
    off = tuple(-amount for amount in load)
    world.add_order(
        delivery=_rows(dice, off, places[:n_ways]),
        pickup=_rows(dice, load, places[n_ways:]) if is_pair else None,
        unserved_price=dice.randrange(1_000, 9_000),
        move_price=dice.choice((0, 40)),
        skills=dice.choice((0, 1)),
    )


def courier_comes_in(world: World, dice: Random) -> None:
    """Somebody comes on duty."""
    n = world.rules.travel.n_places
    world.add_courier(
        Couriers(
            start_place=np.array([dice.randrange(n)]),
            start_s=np.array([dice.randrange(0, 3_600)]),
            end_place=np.array([dice.choice((ANY, dice.randrange(n)))]),
            end_s=np.array([dice.randrange(6_000, 14_400)]),
            capacity=np.array([[6, 6, 3]]),
            load=np.zeros((1, 3)),
            skills=np.array([dice.randrange(8)]),
            profile=np.array([dice.randrange(2)]),
            second_price=np.array([dice.choice((0, 1))]),
            break_s=np.array([dice.choice((0, 1_200))]),
            break_by_s=np.array([dice.randrange(3_600, 9_000)]),
        )
    )


def owe_break(world: World, dice: Random) -> None:
    """Somebody has rested, or has worked longer than thought."""
    owed_s, by_s = dice.choice((0, 1_200, 2_700)), dice.randrange(0, 9_000)
    world.change_break(_somebody(world, dice), break_s=owed_s, by_s=by_s)


def _rows(dice: Random, demand: tuple[int, ...], places: list[int]) -> Visits:
    """Visits at some places."""
    rows: list[dict[str, Any]] = [draw_visit(dice, demand) for _ in places]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Visits(place=np.array(places), **columns)


KINDS = {
    "a courier drops out": break_down,
    "a courier falls behind": fall_behind,
    "stops begin": begin_stops,
    "a road is closed": close_road,
    "an order is canceled": cancel,
    "an order comes in": order_comes_in,
    "a courier comes in": courier_comes_in,
    "a break is owed": owe_break,
}
