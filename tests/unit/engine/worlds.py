"""Small worlds with every rule in them, drawn at random."""

from dataclasses import replace
from typing import Any

import numpy as np

from recourse.planning.engine import Couriers, Options, Orders, Travel, Visits, World
from recourse.planning.engine.facts import ANY
from recourse.planning.engine.speeds import Speeds
from recourse.planning.engine.spread import Spread


def facts(
    seed: int, *, n_orders: int = 7, n_couriers: int = 3, has_large: bool = False
) -> dict[str, Any]:
    """Return a town with windows, loads of two kinds, skills, pairs, pinned parcels and prices.

    In every second one there are scooters and vans, and days without a way home; some couriers
    owe a break. In some it matters when a way is gone, or how uncertain times are. In some, if that
    is wanted, numbers are large: lateness that does not fit 32 bits, dear ways.
    """
    late = 10_000_000 if has_large and seed % 7 == 3 else 1
    dear = 1_000 if has_large and seed % 7 == 5 else 1
    rng = np.random.default_rng(seed)  # noqa: TID251 - a test draws its own worlds
    paired = rng.random(n_orders) < 0.4
    n_visits = n_orders + int(paired.sum())
    n_other = n_orders // 2
    pickup = np.full(n_orders, ANY)
    pickup[paired] = np.arange(n_orders, n_visits)
    demand = rng.integers(-3, 4, (n_visits, 2))
    demand[pickup[paired]] = rng.integers(0, 4, (int(paired.sum()), 2))
    demand[np.flatnonzero(paired)] = -demand[pickup[paired]]
    # Some orders may also be served elsewhere: the visits of the option have the same loads.
    whose = rng.choice(np.flatnonzero(paired), n_other) if paired.any() else np.empty(0, dtype=int)
    n_plain, n_visits = n_visits, n_visits + 2 * len(whose)
    demand = np.concatenate([demand, demand[pickup[whose]], demand[whose]])
    others = Options(
        order=whose,
        pickup=n_plain + np.arange(len(whose)),
        delivery=n_plain + len(whose) + np.arange(len(whose)),
    )
    earliest_s = rng.integers(0, 600, n_visits)
    window_s = rng.integers(100, 1_200, n_visits)
    pinned = (rng.random(n_orders) < 0.2) & ~paired
    n_profiles = 1 + seed % 2
    end_place = n_visits + n_couriers + np.arange(n_couriers)
    is_open = rng.random(n_couriers) < 0.4 * (seed % 2)
    times = np.random.default_rng([seed, 1])  # noqa: TID251 - a test draws its own worlds
    travel = replace(
        _travel(rng, n_places=n_visits + 2 * n_couriers, n_profiles=n_profiles, dear=dear),
        speeds=_speeds(times, n_profiles=n_profiles) if seed % 3 == 0 else None,
        spread=_spread(times, n_profiles=n_profiles) if seed % 5 < 2 else None,
    )
    return {
        "travel": travel,
        "visits": Visits(
            place=rng.permutation(n_visits),
            earliest_s=earliest_s,
            latest_s=earliest_s + window_s,
            service_s=rng.integers(0, 60, n_visits),
            demand=demand,
            due_s=earliest_s + window_s // 2,
            late_price=rng.integers(0, 3, n_visits) * late,
            price=rng.integers(0, 2, n_visits) * rng.integers(0, 200, n_visits),
        ),
        "orders": Orders(
            delivery=np.arange(n_orders),
            pickup=pickup,
            unserved_price=rng.integers(200, 4_000, n_orders) * late,
            only_courier=np.where(pinned, rng.integers(0, n_couriers, n_orders), ANY),
            move_price=rng.integers(0, 100, n_orders),
            skills=rng.integers(0, 2, n_orders) * rng.integers(0, 4, n_orders),
        ),
        "options": others,
        "couriers": Couriers(
            start_place=n_visits + np.arange(n_couriers),
            start_s=rng.integers(0, 300, n_couriers),
            end_place=np.where(is_open, ANY, end_place),
            end_s=rng.integers(1_200, 3_000, n_couriers),
            capacity=rng.integers(4, 9, (n_couriers, 2)),
            load=rng.integers(0, 4, (n_couriers, 2)),
            next_price=rng.integers(0, 60, n_couriers),
            skills=rng.integers(1, 4, n_couriers),
            profile=rng.integers(0, n_profiles, n_couriers),
            second_price=rng.integers(0, 2, n_couriers) * rng.integers(0, 4, n_couriers),
            break_s=rng.integers(0, 2, n_couriers) * rng.integers(0, 400, n_couriers),
            break_by_s=rng.integers(100, 1_600, n_couriers),
        ),
    }


def _speeds(rng: np.random.Generator, *, n_profiles: int) -> Speeds:
    """Two changes of pace in a day."""
    begin_s = np.cumsum(rng.integers(1, 700, 3)) - 200
    return Speeds(begin_s=begin_s, permille=rng.integers(300, 2_000, (n_profiles, 3)))


def _spread(rng: np.random.Generator, *, n_profiles: int) -> Spread:
    """Ways and stops of which nobody knows how long they take."""
    return Spread(
        driving=rng.integers(0, 200, n_profiles),
        serving=rng.integers(0, 100, n_profiles),
        weight_permille=int(rng.integers(0, 2_001)),
    )


def _travel(rng: np.random.Generator, *, n_places: int, n_profiles: int, dear: int) -> Travel:
    """Ways with one-way streets: no way round is shorter, in time or in price."""
    at = rng.integers(0, 300, (n_places, 2))
    straight = np.abs(at[:, None] - at[None, :]).sum(-1)
    uphill = np.maximum(0, at[None, :, 0] - at[:, None, 0]) // 2
    crossing = np.abs(at[:, None, 1] - at[None, :, 1])
    time_s = [straight + uphill, straight + crossing][:n_profiles]
    price = [2 * straight, straight + 2 * uphill][:n_profiles]
    return Travel(time_s=np.stack(time_s), price=dear * np.stack(price))


def twins(seed: int, **sizes: int) -> tuple[World, World]:
    """Return the same world twice: worked on by the kernel, and by the reference."""
    drawn = facts(seed, has_large=True, **sizes)
    return World(**drawn), World(**drawn, is_plain=True)
