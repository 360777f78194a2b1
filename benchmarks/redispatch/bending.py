"""How peers are told what bends, as well as their words allow.

None of them knows a price of change. Costs may differ by courier in all of them, so each courier is
given distances in which going to somebody else's customer costs more, and leaving for another stop
than the next one told.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.redispatch.answers import Routes
from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.scenario import Scenario

__all__ = ["costs_of", "strict", "without_dear"]


def strict(scenario: Scenario) -> Scenario:
    """Make every promise a rule, for whoever knows no price of being late.

    Parameters
    ----------
    scenario : Scenario
        Of any variant.

    Returns
    -------
    Scenario
        The same where nothing bends.
    """
    return replace(scenario, latest=scenario.prices.due) if scenario.prices else scenario


def costs_of(scenario: Scenario, courier: int) -> NDArray[np.int64]:
    """Distances as one courier's change of plan would cost.

    Parameters
    ----------
    scenario : Scenario
        Of any variant.
    courier : int
        Who.

    Returns
    -------
    ndarray of int64, shape (n, n)
        The distances themselves where change costs nothing.
    """
    prices = scenario.prices
    if not prices:
        return scenario.distances
    costs = scenario.distances.copy()
    told = scenario.plan[courier]
    others = [node for k, route in enumerate(scenario.plan) if k != courier for node in route]
    costs[:, others] += prices.move_price
    if told:
        costs[scenario.starts[courier], :] += prices.turn_price
        costs[scenario.starts[courier], told[0]] -= prices.turn_price
    np.fill_diagonal(costs, 0)
    return costs


def without_dear(scenario: Scenario, routes: Iterable[Iterable[int]]) -> Routes:
    """Take out, one by one, orphans whose way out is cheaper than going there.

    For whoever serves all it can, whatever that costs.

    Parameters
    ----------
    scenario : Scenario
        Of any variant.
    routes : iterable of iterable of int
        An answer.

    Returns
    -------
    tuple of tuple of int
        An answer that is no dearer; the same where nothing bends.
    """
    kept = tuple(tuple(route) for route in routes)
    if not scenario.prices:
        return kept
    cost = judge(scenario, kept).cost
    for node in (visit.node for visit in scenario.visits if visit.is_orphan):
        tried = tuple(tuple(other for other in route if other != node) for route in kept)
        found = judge(scenario, tried)
        if found.cost < cost and not found.broken:
            kept, cost = tried, found.cost
    return kept
