"""Variant C: what a breakdown is like outside a benchmark, with a price for everything that bends.

On top of variant A: hours already worked end a courier's day sooner. Each orphan has its own ways
out without a courier, and the cheapest has a price. The window that was promised may be missed, at
a price by the minute, up to an hour. A visit that changes hands and a courier who is turned around
cost something too.
"""

import random
from dataclasses import replace

import numpy as np

from benchmarks.redispatch.prices import Prices
from benchmarks.redispatch.scenario import PRICED, UNIT, Scenario

__all__ = ["with_prices"]

N_POINTS = 6
LATEST_SHARE = 0.08
"""How long a promise can be missed at all, as a share of the day."""

LATE_PRICE = 3
MOVE_SHARE, TURN_SHARE = 0.004, 0.008
WAYS_OUT = (("pickup point", 0.4, 0.06), ("next wave", 0.4, 0.25), ("refund", 0.2, 1.0))
"""Name, how many orphans take it at best, price as a share of the penalty."""


def with_prices(scenario: Scenario) -> Scenario:
    """Give prices to what bends.

    Parameters
    ----------
    scenario : Scenario
        Of variant A.

    Returns
    -------
    Scenario
        The same breakdown in variant C.
    """
    dice = random.Random(f"{scenario.id}-prices")
    served = [visit.node for visit in scenario.visits]
    latest = scenario.latest.copy()
    latest[served] += int(LATEST_SHARE * scenario.horizon)
    prices = Prices(
        ends=tuple(_end(scenario, k, dice) for k in range(scenario.n_couriers)),
        way_out=_ways_out(scenario, dice),
        due=scenario.latest.copy(),
        late_price=LATE_PRICE,
        move_price=int(MOVE_SHARE * scenario.penalty),
        turn_price=int(TURN_SHARE * scenario.penalty),
    )
    return replace(
        scenario, wish=replace(scenario.wish, variant=PRICED), latest=latest, prices=prices
    )


def _end(scenario: Scenario, courier: int, dice: random.Random) -> int:
    """End of a courier's legal hours; never before the plan that was told is done."""
    at, time = scenario.starts[courier], scenario.free_at[courier]
    for node in (*scenario.plan[courier], 0):
        time = max(time + int(scenario.distances[at, node]), int(scenario.earliest[node]))
        time += int(scenario.service[node])
        at = node
    left = scenario.horizon - scenario.clock
    return min(scenario.horizon, max(time, scenario.clock + int(dice.uniform(0.5, 1.2) * left)))


def _ways_out(scenario: Scenario, dice: random.Random) -> tuple[int, ...]:
    """Price of the cheapest way out; who has not lost a courier was promised one at full price."""
    low, high = scenario.places.min(axis=0), scenario.places.max(axis=0)
    points = np.array(
        [[dice.uniform(low[axis], high[axis]) for axis in (0, 1)] for _ in range(N_POINTS)]
    )
    shares = [share for _, share, _ in WAYS_OUT]
    found = []
    for visit in scenario.visits:
        name, _, price = dice.choices(WAYS_OUT, weights=shares)[0]
        across = points - scenario.places[visit.node]
        walk = int(UNIT * np.sqrt((across**2).sum(axis=1)).min()) if name == "pickup point" else 0
        cheapest = min(scenario.penalty, int(price * scenario.penalty) + 2 * walk)
        found.append(cheapest if visit.is_orphan else scenario.penalty)
    return tuple(found)
