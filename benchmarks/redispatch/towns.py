"""Instances made from a seed, each with a plan that keeps every rule: for the rules, not for ranks.

The plan comes first and the windows are laid around it, so that a plan exists whatever the sizes.
"""

import math
import random
from dataclasses import dataclass

import numpy as np

from recourse.adapters.benchmark_files import BenchmarkInstance

__all__ = ["Size", "make_town"]

Routes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a town is, and how tight its day.

    Attributes
    ----------
    n_customers, n_couriers : int
        Customers, and couriers who share them evenly.
    side : int
        Length of the square it lies on.
    window : int
        Mean width of a customer's window, in units of the instance.
    service : int
        How long each visit takes.
    spare_share : float
        Capacity beyond the fullest route, as a share of it.
    """

    n_customers: int
    n_couriers: int
    side: int = 200
    window: int = 60
    service: int = 10
    spare_share: float = 0.3


def make_town(size: Size, *, seed: int) -> tuple[BenchmarkInstance, Routes]:
    """Make a town and a plan for its day.

    Parameters
    ----------
    size : Size
        How large.
    seed : int
        Equal seeds make equal towns.

    Returns
    -------
    BenchmarkInstance, tuple of tuple of int
        The town and the plan.
    """
    dice = random.Random(f"{size}-{seed}")
    n = size.n_customers
    places = np.array([(dice.randint(0, size.side), dice.randint(0, size.side)) for _ in range(n)])
    places = np.vstack([[size.side // 2, size.side // 2], places]).astype(float)
    demands = np.array([0, *(dice.randint(1, 30) for _ in range(n))])
    routes = _sweep(places, size.n_couriers)
    due, ready = np.zeros(n + 1), np.zeros(n + 1)
    home = max(_lay_windows(route, places, ready, due, size, dice) for route in routes)
    due[0] = math.ceil(home) + size.window
    fullest = max(int(demands[list(route)].sum()) for route in routes)
    service = np.full(n + 1, float(size.service))
    service[0] = 0.0
    town = BenchmarkInstance(
        name=f"TOWN{n}-{size.n_couriers}-{seed}",
        n_vehicles=len(routes),
        capacity=math.ceil(fullest * (1 + size.spare_share)),
        places=places,
        demands=demands,
        ready=ready,
        due=due,
        service=service,
        partners=np.zeros(n + 1, dtype=np.int64),
    )
    return town, routes


def _sweep(places: np.ndarray, n_couriers: int) -> Routes:
    """Cut the customers, by their direction from the depot, into equal routes, each from near."""
    offset = places[1:] - places[0]
    by_angle = 1 + np.argsort(np.arctan2(offset[:, 1], offset[:, 0]), kind="stable")
    routes = []
    for part in np.array_split(by_angle, n_couriers):
        left, at, route = [int(c) for c in part], 0, []
        while left:
            here = places[at]
            at = min(left, key=lambda c: (float(np.hypot(*(places[c] - here))), c))
            left.remove(at)
            route.append(at)
        if route:
            routes.append(tuple(route))
    return tuple(routes)


def _lay_windows(
    route: tuple[int, ...],
    places: np.ndarray,
    ready: np.ndarray,
    due: np.ndarray,
    size: Size,
    dice: random.Random,
) -> float:
    """Drive a route and open every window around the moment it is reached; when it is home."""
    time, at = float(dice.randint(0, size.window)), 0
    for customer in route:
        time += math.ceil(float(np.hypot(*(places[customer] - places[at])))) + 1
        early = dice.randint(0, 2 * size.window)
        ready[customer] = max(0.0, time - early)
        due[customer] = time + dice.randint(1, 2 * size.window)
        time += size.service
        at = customer
    return time + float(np.hypot(*(places[at] - places[0]))) + 1
