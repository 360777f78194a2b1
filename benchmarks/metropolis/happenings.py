"""Let things happen in a city and time each answer, in processor time of one thread."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.metropolis.towns import Town
from recourse.planning.engine.cut import CityAnswer

__all__ = ["Timed", "breakdowns", "daily", "storm", "wider"]

IMPROVE_S = 0.19
"""From the event to a better answer; the rest of 0.2 s is for one more step and handing over."""
STEPS = 3_000


@dataclass(slots=True)
class Timed:
    """What was timed, and what was broken meanwhile.

    Attributes
    ----------
    first_ms, better_ms : list of float
        From the event to its first answer, and to a better one.
    n_asked : list of int
        Couriers who were asked.
    saved, saved_more : int
        What first answers saved, of the price of doing nothing; what better ones saved beyond.
    n_unserved, n_orphans : int
        Orders left to their way out by better answers, and all of them.
    n_broken : int
        Rules broken, orders twice or nowhere.
    """

    first_ms: list[float] = field(default_factory=list)
    better_ms: list[float] = field(default_factory=list)
    n_asked: list[int] = field(default_factory=list)
    saved: int = 0
    saved_more: int = 0
    n_unserved: int = 0
    n_orphans: int = 0
    n_broken: int = 0

    def figures(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "n_events": len(self.first_ms),
            "first_p50_ms": round(float(np.percentile(self.first_ms, 50)), 2),
            "first_p99_ms": round(float(np.percentile(self.first_ms, 99)), 2),
            "better_most_ms": round(max(self.better_ms), 1),
            "asked": round(float(np.mean(self.n_asked)), 1),
            "saved_more": round(self.saved_more / max(1, self.saved), 4),
            "n_orphans": self.n_orphans,
            "n_unserved": self.n_unserved,
            "n_broken": self.n_broken,
        }


def breakdowns(town: Town, n_events: int, *, seed: int) -> Timed:
    """One courier after the other drops out and comes back as somebody new.

    Parameters
    ----------
    town : Town
        Where; it is changed.
    n_events : int
        How many.
    seed : int
        Whom.

    Returns
    -------
    Timed
        Times of all of them.
    """
    found, rng = Timed(), np.random.default_rng([seed, n_events])
    for courier in rng.permutation(len(town.couriers))[:n_events].tolist():
        began_s = time.thread_time()
        orphans = town.city.drop_courier(courier)
        first = town.city.answer(orphans)
        spent_s = time.thread_time() - began_s
        found.first_ms.append(1e3 * spent_s)
        left_s = IMPROVE_S - spent_s
        better = town.city.answer_within(orphans, left_s, clock=time.thread_time, seed=seed)
        found.better_ms.append(1e3 * (time.thread_time() - began_s))
        _note(found, town, orphans, first, better)
        town.city.adopt(better)
    return found


def storm(town: Town, n_lost: int, *, seed: int) -> dict[str, Any]:
    """Many drop out at once; each neighbourhood is answered and told before the next.

    Parameters
    ----------
    town : Town
        Where; it is changed.
    n_lost : int
        How many.
    seed : int
        Whom.

    Returns
    -------
    dict
        Seconds until everybody has a decision, and what it was.
    """
    rng = np.random.default_rng([seed, n_lost, 7])
    on_duty = [c for c in range(len(town.couriers)) if town.city.route(c)]
    lost = rng.permutation(on_duty)[:n_lost].tolist()
    began_s = time.thread_time()
    groups = [town.city.drop_courier(courier) for courier in lost]
    n_unserved = n_broken = 0
    answers = []
    for orphans in groups:
        answer = town.city.answer(orphans)
        town.city.adopt(answer)
        answers.append(answer)
    spent_s = time.thread_time() - began_s
    for orphans in groups:
        n_unserved += sum(town.city.courier_of(order) < 0 for order in orphans)
    for courier in {int(c) for answer in answers for c in answer.couriers}:
        n_broken += _broken(town, courier, town.city.route(courier))
    return {
        "n_lost": n_lost,
        "n_orphans": sum(map(len, groups)),
        "n_unserved": n_unserved,
        "n_broken": n_broken,
        "complete_s": round(spent_s, 3),
    }


def daily(town: Town, n_events: int, *, seed: int) -> dict[str, float]:
    """Couriers are late, begin stops, and customers cancel.

    Parameters
    ----------
    town : Town
        Where; it is changed.
    n_events : int
        How many of each kind.
    seed : int
        To whom it happens.

    Returns
    -------
    dict
        Median milliseconds of each kind.
    """
    rng = np.random.default_rng([seed, n_events, 3])
    busy = [c for c in range(len(town.couriers)) if len(town.city.route(c)) > 1]
    busy = rng.permutation(busy)[:n_events].tolist()

    def late(courier: int) -> None:
        place = int(town.couriers.start_place[courier])
        town.city.move_courier(courier, place=place, at_s=300)

    def begin(courier: int) -> None:
        town.city.start_stop(courier, at_s=300)

    def cancel(courier: int) -> None:
        if town.city.route(courier):
            town.city.take_order_out(town.city.route(courier)[-1])

    kinds: dict[str, Callable[[int], None]] = {"late": late, "begin": begin, "cancel": cancel}
    return {name: _median_ms(act, busy) for name, act in kinds.items()}


def wider(town: Town, n_events: int, *, seed: int) -> float:
    """How much more three times as many couriers would save, with the same steps of search.

    Parameters
    ----------
    town : Town
        Where; couriers are lost, and nothing is told.
    n_events : int
        How many breakdowns.
    seed : int
        Whom.

    Returns
    -------
    float
        Share of what was saved; below 0 if less.
    """
    rng = np.random.default_rng([seed, n_events, 5])
    narrow = wide = 0
    on_duty = [c for c in range(len(town.couriers)) if town.city.route(c)]
    for courier in rng.permutation(on_duty)[:n_events].tolist():
        orphans = town.city.drop_courier(courier)
        answers = [
            town.city.answer(orphans, iterations=STEPS, seed=seed, reach=reach)
            for reach in (None, 96)
        ]
        narrow += answers[0].told_price - answers[0].price
        wide += answers[1].told_price - answers[1].price
        town.city.adopt(answers[0])
    return wide / max(1, narrow) - 1


def _median_ms(act: Callable[[int], None], couriers: Sequence[int]) -> float:
    """Milliseconds of one kind of event."""
    spent_ms = []
    for courier in couriers:
        began_s = time.thread_time()
        act(courier)
        spent_ms.append(1e3 * (time.thread_time() - began_s))
    return round(float(np.median(spent_ms)), 3)


def _note(
    found: Timed, town: Town, orphans: list[int], first: CityAnswer, better: CityAnswer
) -> None:
    """Judge two answers."""
    found.n_orphans += len(orphans)
    found.n_unserved += len(better.unserved)
    found.n_asked.append(len(first.couriers))
    found.saved += first.told_price - first.price
    found.saved_more += first.price - better.price
    for answer in (first, better):
        served = [visit for route in answer.routes for visit in route.tolist()]
        kept = {v for c in answer.couriers.tolist() for v in town.city.route(c)}
        all_of_it = sorted([*served, *answer.unserved.tolist()])
        found.n_broken += all_of_it != sorted(kept | set(orphans))
        for courier, route in zip(answer.couriers.tolist(), answer.routes, strict=True):
            found.n_broken += _broken(town, courier, route.tolist())


def _broken(town: Town, courier: int, route: Sequence[int]) -> int:
    """Rules a route breaks, walked stop by stop. Orders and visits have the same numbers here."""
    visits, who = town.visits, town.couriers
    stops = [int(who.start_place[courier]), *(int(visits.place[v]) for v in route)]
    places, at = np.unique(np.array(stops, dtype=np.int32), return_inverse=True)
    ways_s = town.travel.travel_between(places).time_s[0]
    now_s, n_broken = int(who.start_s[courier]), 0
    for k, visit in enumerate(route):
        now_s = max(now_s + int(ways_s[at[k], at[k + 1]]), int(visits.earliest_s[visit]))
        n_broken += now_s > int(visits.latest_s[visit])
        now_s += int(visits.service_s[visit])
    load = int(visits.demand[list(route), 0].sum())
    return int(
        n_broken + (load > int(who.capacity[courier, 0])) + (now_s > int(who.end_s[courier]))
    )
