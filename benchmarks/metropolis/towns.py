"""A working day of a city of any size, at the same density: who is where, with what to bring."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.metropolis.streets import Rows
from recourse.planning.engine import ANY, Couriers, Metropolis, Orders, Visits
from recourse.planning.engine.near_ways import NearTravel

__all__ = ["NODES_EACH", "VISITS_EACH", "Town", "make_town"]

VISITS_EACH = 10
NODES_EACH = 16
"""Nodes of the road network for each courier: how dense the city is."""
SERVICE_S, CAPACITY, DEMAND = 120, 16, 1
EARLY_S, LATE_S = 1_800, (600, 3_600)
WAY_OUT_PRICE = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A city with its plan told.

    Attributes
    ----------
    city : Metropolis
        Who answers.
    travel : NearTravel
        Its ways.
    nodes : array of shape (n_places,)
        Node of the streets of each place.
    visits, couriers : Visits, Couriers
        What was drawn.
    """

    city: Metropolis
    travel: NearTravel
    nodes: NDArray[np.int64]
    visits: Visits
    couriers: Couriers


def make_town(rows: Rows, at_m: NDArray[np.float64], n_couriers: int, *, seed: int) -> Town:
    """Draw a day: visits at places around the middle, ten for each courier, none too late.

    Parameters
    ----------
    rows : Rows
        Ways computed ahead, of more places than are needed.
    at_m : array
        Where nodes are.
    n_couriers : int
        How many couriers.
    seed : int
        Which dice.

    Returns
    -------
    Town
        With the plan told.
    """
    rng = np.random.default_rng([seed, n_couriers])
    middle_m = np.median(at_m, axis=0)
    away_m = np.abs(at_m[rows.nodes] - middle_m).max(axis=1)
    share = n_couriers * NODES_EACH / len(at_m)
    inner = np.argsort(away_m, kind="stable")[: max(1, round(share * len(rows.nodes)))]
    places = np.sort(inner)
    travel = rows.travel(at_m, places)
    n_visits = n_couriers * VISITS_EACH
    place = rng.integers(0, travel.n_places, n_visits).astype(np.int32)
    groups = _groups(travel.at_m(place), np.arange(n_visits))
    visits, couriers, routes = _day(travel, place, groups, rng)
    city = Metropolis(
        ways=travel,
        visits=visits,
        orders=Orders(
            delivery=np.arange(n_visits), unserved_price=np.full(n_visits, WAY_OUT_PRICE)
        ),
        couriers=couriers,
    )
    city.load_routes(routes)
    nodes = rows.nodes[places]
    return Town(city=city, travel=travel, nodes=nodes, visits=visits, couriers=couriers)


def _groups(at_m: NDArray[np.float64], numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Halve the city again and again, until there are ten visits in each part."""
    if len(numbers) <= VISITS_EACH:
        return [numbers]
    axis = int(np.argmax(np.ptp(at_m[numbers], axis=0)))
    ranked = numbers[np.argsort(at_m[numbers, axis], kind="stable")]
    half = len(numbers) // VISITS_EACH // 2 * VISITS_EACH
    return _groups(at_m, ranked[:half]) + _groups(at_m, ranked[half:])


def _day(
    travel: NearTravel,
    place: NDArray[np.int32],
    groups: list[NDArray[np.int64]],
    rng: np.random.Generator,
) -> tuple[Visits, Couriers, list[NDArray[np.int64]]]:
    """Each group from its nearest to its farthest neighbour; windows around when it is served."""
    starts_s = np.zeros(len(place), dtype=np.int64)
    routes, begins = [], []
    for group in groups:
        where, at = np.unique(place[group], return_inverse=True)
        ways_s = travel.travel_between(where).time_s[0]
        route, here, now_s = [], int(at[0]), 0
        left = list(range(len(group)))
        begins.append(int(where[here]))
        while left:
            following = min(left, key=lambda k: (int(ways_s[here, at[k]]), k))
            left.remove(following)
            now_s += int(ways_s[here, at[following]])
            starts_s[group[following]], here = now_s, int(at[following])
            now_s += SERVICE_S
            route.append(int(group[following]))
        routes.append(np.array(route))
    n, n_visits = len(groups), len(place)
    visits = Visits(
        place=place,
        earliest_s=np.maximum(0, starts_s - rng.integers(0, EARLY_S, n_visits)),
        latest_s=starts_s + rng.integers(*LATE_S, n_visits),
        service_s=np.full(n_visits, SERVICE_S),
        demand=np.full(n_visits, DEMAND),
    )
    couriers = Couriers(
        start_place=np.array(begins),
        start_s=np.zeros(n),
        end_place=np.full(n, ANY),
        end_s=np.full(n, 6 * 3_600),
        capacity=np.full(n, CAPACITY),
        load=np.zeros(n),
    )
    return visits, couriers, routes
