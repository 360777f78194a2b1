"""Worlds with every rule in them, drawn at random."""

from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recourse.planning.engine import ANY, Couriers, Options, Orders, Travel, Visits, World
from recourse.planning.engine.speeds import Speeds
from recourse.planning.engine.spread import Spread

__all__ = ["draw_town", "draw_visit", "far_places"]

Rows = NDArray[Any]

SIDE_M, N_DIMS, N_SKILLS, DAY_S = 6_000, 3, 3, 14_400
KG = (1, 1, 0)


def draw_town(seed: int) -> World:
    """A town, its orders and couriers; nobody has been told anything.

    Two profiles with ways that differ there and back; speeds that change with the hour; doubt,
    whose price is nothing in one town of three; loads of three kinds; skills; pairs; parcels on
    board; several ways to serve an order; soft and hard windows; breaks, and days without a way
    home.

    Parameters
    ----------
    seed : int
        Where the dice begin.

    Returns
    -------
    World
        Of two to seven couriers.
    """
    dice = Random(seed)
    n_couriers = dice.randint(2, 7)
    orders = [_order(dice, n_couriers) for _ in range(n_couriers * dice.randint(2, 5))]
    visits = [visit for order in orders for way in order["ways"] for visit in way]
    number = {id(visit): k for k, visit in enumerate(visits)}
    numbered = [[[number[id(visit)] for visit in way] for way in order["ways"]] for order in orders]
    n_places = len(visits) + 2 * n_couriers
    first = [ways[0] for ways in numbered]
    others = [(k, *_ends(way)) for k, ways in enumerate(numbered) for way in ways[1:]]
    option_rows = np.array(others, dtype=np.int32).reshape(-1, 3)
    return World(
        travel=_travel(dice, n_places),
        visits=_visits(visits, np.arange(len(visits))),
        orders=Orders(
            delivery=np.array([_ends(way)[1] for way in first]),
            pickup=np.array([_ends(way)[0] for way in first]),
            **{
                name: np.array([order[name] for order in orders])
                for name in ("unserved_price", "only_courier", "move_price", "skills")
            },
        ),
        options=Options(
            order=option_rows[:, 0], pickup=option_rows[:, 1], delivery=option_rows[:, 2]
        ),
        couriers=_couriers(dice, n_couriers, len(visits), orders),
    )


def draw_visit(dice: Random, demand: tuple[int, ...]) -> dict[str, Any]:
    """One visit but for its place.

    Parameters
    ----------
    dice : Random
        The dice.
    demand : tuple of int
        What comes on board.

    Returns
    -------
    dict
        Fields of a visit.
    """
    earliest_s = dice.randrange(0, DAY_S // 2)
    latest_s = earliest_s + dice.randrange(600, 7_200)
    return {
        "earliest_s": earliest_s,
        "latest_s": latest_s,
        "service_s": dice.randrange(0, 300),
        "demand": demand,
        "due_s": dice.randrange(earliest_s, latest_s),
        "late_price": dice.choice((0, 1, 3)),
        "price": dice.choice((0, 0, 150)),
    }


def far_places(dice: Random, n: int, n_others: int) -> tuple[Rows, Rows]:
    """Ways to and from new places, as if they lay anywhere: seconds out and in.

    Parameters
    ----------
    dice : Random
        The dice.
    n : int
        How many profiles.
    n_others : int
        How many places there are.

    Returns
    -------
    tuple of array
        Each of shape (n, n_others + 1), nothing to itself.
    """
    sides = []
    for _ in range(2):
        side = np.array([[dice.randrange(60, 1_500) for _ in range(n_others)] for _ in range(n)])
        sides.append(np.concatenate([side, np.zeros((n, 1), dtype=int)], axis=1))
    return sides[0], sides[1]


def _order(dice: Random, n_couriers: int) -> dict[str, Any]:
    """An order, with the visits of each of its ways."""
    load = (dice.randint(0, 3), dice.randint(0, 2), dice.randint(0, 1))
    off = tuple(-amount for amount in load)
    is_pair, is_on_board = dice.random() < 0.4, dice.random() < 0.25
    n_ways = dice.choice((1, 1, 2, 3)) if not is_on_board else 1
    pairs = [
        [draw_visit(dice, load), draw_visit(dice, off)]
        if is_pair and not is_on_board
        else [draw_visit(dice, off)]
        for _ in range(n_ways)
    ]
    return {
        "ways": pairs,
        "unserved_price": dice.randrange(500, 9_000),
        "only_courier": dice.randrange(n_couriers) if is_on_board else ANY,
        "move_price": dice.choice((0, 40, 300)),
        "skills": dice.choice((0, 0, 0, 1, 2)),
        "load": load if is_on_board or not is_pair else (0, 0, 0),
    }


def _ends(way: list[int]) -> tuple[int, int]:
    """Where a way begins and ends."""
    return (way[0] if len(way) > 1 else ANY), way[-1]


def _visits(rows: list[dict[str, Any]], places: Rows) -> Visits:
    """Rows as columns."""
    return Visits(place=places, **{name: np.array([row[name] for row in rows]) for name in rows[0]})


def _couriers(dice: Random, n: int, n_visits: int, orders: list[dict[str, Any]]) -> Couriers:
    """Who carries; what is bound to somebody is on board."""
    load = np.zeros((n, N_DIMS), dtype=int)
    for order in orders:
        if order["only_courier"] != ANY:
            load[order["only_courier"]] += order["load"]
    spare = np.array([[dice.randrange(2, 9) for _ in range(N_DIMS)] for _ in range(n)])
    ends = [n_visits + n + k if dice.random() < 0.7 else ANY for k in range(n)]
    start_s = np.array([dice.randrange(0, 1_800) for _ in range(n)])
    return Couriers(
        start_place=n_visits + np.arange(n),
        start_s=start_s,
        end_place=np.array(ends),
        end_s=np.array([dice.randrange(5_000, DAY_S) for _ in range(n)]),
        capacity=load + spare,
        load=load + np.array([[dice.randint(0, 1) for _ in range(N_DIMS)] for _ in range(n)]),
        next_price=np.array([dice.choice((0, 25)) for _ in range(n)]),
        skills=np.array([dice.randrange(1 << N_SKILLS) for _ in range(n)]),
        profile=np.array([dice.randrange(2) for _ in range(n)]),
        second_price=np.array([dice.choice((0, 0, 1)) for _ in range(n)]),
        break_s=np.array([dice.choice((0, 0, 1_200, 2_700)) for _ in range(n)]),
        break_by_s=start_s + np.array([dice.randrange(0, 9_000) for _ in range(n)]),
    )


def _travel(dice: Random, n_places: int) -> Travel:
    """Streets as a grid, uphill in one direction, for a scooter and for a van."""
    at_m = np.array([[dice.randrange(SIDE_M) for _ in range(2)] for _ in range(n_places)])
    apart_m = np.abs(at_m[:, None] - at_m).sum(-1)
    uphill_m = np.maximum(0, at_m[None, :, 0] - at_m[:, None, 0]) // 2
    times = np.stack([(apart_m + uphill_m) // 7, apart_m // 9])
    begin_s = np.array(sorted(dice.sample(range(-600, DAY_S), 3)))
    return Travel(
        time_s=times,
        price=np.stack([apart_m // 10, apart_m // 8 + uphill_m // 10]),
        speeds=Speeds(
            begin_s=begin_s,
            permille=np.array([[dice.randrange(400, 1_600) for _ in range(3)] for _ in range(2)]),
        ),
        spread=Spread(
            driving=np.array([dice.randrange(0, 120) for _ in range(2)]),
            serving=np.array([dice.randrange(0, 60) for _ in range(2)]),
            weight_permille=dice.choice((0, 1_000, 2_000)),
        ),
    )
