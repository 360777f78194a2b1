"""This file knows a street that fits on a line: the smallest world in which a plan can be wrong."""

import numpy as np

from recourse.planning.engine.facts import Couriers, Orders, Visits
from recourse.planning.engine.ways import Travel
from recourse.planning.engine.world import World

__all__ = ["street_world"]


def street_world(*, move_price: int = 0) -> World:
    """Six doors on a street and three couriers; a metre is a second and a cent.

    Parameters
    ----------
    move_price : int, optional
        Cents to give a told order to another courier.

    Returns
    -------
    World
        Nobody has been told anything.

    Examples
    --------
    >>> street_world().answer(iterations=100).price
    1200
    """
    at_m = np.array([100, 200, 300, 900, 1_000, 1_100, 0, 500, 1_200])
    ways = np.abs(at_m[:, None] - at_m)
    return World(
        travel=Travel(time_s=ways, price=ways),
        visits=Visits(
            place=np.arange(6),
            earliest_s=np.zeros(6),
            latest_s=np.full(6, 1_500),
            service_s=np.full(6, 10),
            demand=np.ones(6),
        ),
        orders=Orders(
            delivery=np.arange(6),
            unserved_price=np.full(6, 5_000),
            move_price=np.full(6, move_price),
        ),
        couriers=Couriers(
            start_place=np.arange(6, 9),
            start_s=np.zeros(3),
            end_place=np.arange(6, 9),
            end_s=np.full(3, 4_000),
            capacity=np.array([3, 2, 5]),
            load=np.zeros(3),
        ),
    )
