"""How fast the engine is by itself: the first answer to an event, and rounds of its search."""

import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.scenario import SERVICE, Scenario, Wish, broken_down
from benchmarks.redispatch.towns import Size, make_town
from benchmarks.redispatch.with_recourse import Resident
from benchmarks.report import Result
from recourse.planning.engine import SearchParams

__all__ = ["check_speed"]

FIRST_TOWN = Size(n_customers=1_000, n_couriers=101, side=500, window=200)
"""One drops out: 1000 open visits for the 100 others."""

SEARCH_TOWN = Size(n_customers=511, n_couriers=91, side=500, window=200)
N_TOWNS = 4
LIMIT_MS = 5.0
LEAST_ROUNDS, LEAST_REMOVED = 100_000, 10
ROUNDS = 100_000
ROUND = SearchParams(mean_removed=11)
"""A round takes out at least `LEAST_REMOVED` on average; with the defaults it takes out fewer."""
LARGEST = "R1_10_5/k3/A"


def check_speed(result: Result, scenarios: Sequence[Scenario], *, n_events: int) -> None:
    """Targets 1 and 7.

    Parameters
    ----------
    result : Result
        Gets figures and checks.
    scenarios : sequence of Scenario
        Those at hand; one is measured by name if it is among them.
    n_events : int
        Breakdowns answered for the first; 0 leaves this out.
    """
    if not n_events:
        return
    first = _first_answers(n_events)
    result.figures["first answer"] = first
    result.at_most(
        "1: first answer at 1000 visits, 100 couriers, p99 ms", first["p99_ms"], LIMIT_MS
    )
    result.at_most("1: rules broken by first answers", first["n_broken"], 0)
    named = next((scenario for scenario in scenarios if scenario.id == LARGEST), None)
    rounds = _rounds(named or _town(SEARCH_TOWN, seed=1, n_broken=3))
    result.figures["rounds of search"] = rounds
    result.at_least("7: rounds a second", rounds["rounds_a_second"], LEAST_ROUNDS)
    result.at_least("7: visits removed a round", rounds["removed_a_round"], LEAST_REMOVED)


def _first_answers(n_events: int) -> dict[str, Any]:
    """Drop one courier after another out of full worlds and time the event with its answer."""
    dice, spent_ms, n_broken, n_unserved = random.Random(1), [], 0, 0
    for town in range(N_TOWNS):
        scenario = _town(FIRST_TOWN, seed=town, n_broken=0)
        for _ in range(n_events // N_TOWNS):
            resident = Resident(scenario)
            lost = dice.randrange(scenario.n_couriers)
            began_s = time.thread_time()
            resident.world.drop_courier(lost)
            answer = resident.world.answer()
            spent_ms.append(1e3 * (time.thread_time() - began_s))
            verdict = judge(scenario, resident.nodes(answer.routes))
            n_broken += bool(verdict.broken)
            n_unserved += verdict.n_unserved
    half, high, most = np.percentile(spent_ms, (50, 99, 100))
    return {
        "n_events": len(spent_ms),
        "n_open_visits": FIRST_TOWN.n_customers,
        "n_couriers": FIRST_TOWN.n_couriers - 1,
        "p50_ms": round(float(half), 3),
        "p99_ms": round(float(high), 3),
        "most_ms": round(float(most), 3),
        "n_broken": n_broken,
        "unserved_an_event": round(n_unserved / len(spent_ms), 2),
    }


def _rounds(scenario: Scenario) -> dict[str, Any]:
    """Search for a fixed number of rounds and see how long that took."""
    resident = Resident(scenario)
    resident.world.answer(iterations=1_000, seed=1, params=ROUND)
    began_s = time.thread_time()
    answer = resident.world.answer(iterations=ROUNDS, seed=1, params=ROUND)
    spent_s = time.thread_time() - began_s
    return {
        "scenario": scenario.id,
        "n_open_visits": len(scenario.visits),
        "n_couriers": scenario.n_couriers,
        "rounds": answer.iterations,
        "rounds_a_second": round(answer.iterations / spent_s),
        "removed_a_round": round(answer.n_removed / max(1, answer.iterations), 2),
    }


def _town(size: Size, *, seed: int, n_broken: int) -> Scenario:
    """The first moment of a made-up day."""
    town, plan = make_town(size, seed=seed)
    return broken_down(town, plan, Wish(n_broken=n_broken, variant=SERVICE, clock_share=0.0))
