"""Whole days to be planned: an instance as a world in which nobody was told anything."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.redispatch.scenario import whole_day
from benchmarks.redispatch.towns import Size, make_town
from recourse.adapters.benchmark_files import BenchmarkInstance
from recourse.planning.engine import Couriers, Orders, Travel, Visits, World

__all__ = ["made_up", "world_of"]


def made_up(seed: int) -> BenchmarkInstance:
    """A town of 200 doors.

    Parameters
    ----------
    seed : int
        Where the dice begin.

    Returns
    -------
    BenchmarkInstance
        As if read from a file.
    """
    size = Size(n_customers=200, n_couriers=20, side=150, window=120, service=10, spare_share=0.5)
    return make_town(size, seed=seed)[0]


def world_of(instance: BenchmarkInstance) -> World:
    """A day in whole tenths; leaving a door out costs four times the width of the map.

    Parameters
    ----------
    instance : BenchmarkInstance
        Without pairs.

    Returns
    -------
    World
        Every vehicle at the depot, and nobody told anything.
    """
    day = whole_day(instance)
    n, n_couriers = instance.n_customers, instance.n_vehicles
    return World(
        travel=Travel(time_s=day.distances, price=day.distances),
        visits=Visits(
            place=np.arange(1, n + 1),
            earliest_s=_whole(day.earliest[1:]),
            latest_s=_whole(day.latest[1:]),
            service_s=_whole(day.service[1:]),
            demand=_whole(day.demand[1:])[:, None],
        ),
        orders=Orders(delivery=np.arange(n), unserved_price=np.full(n, day.penalty)),
        couriers=Couriers(
            start_place=np.zeros(n_couriers),
            start_s=np.zeros(n_couriers),
            end_place=np.zeros(n_couriers),
            end_s=np.full(n_couriers, day.horizon),
            capacity=np.full((n_couriers, 1), day.capacity),
            load=np.zeros((n_couriers, 1)),
        ),
    )


def _whole(values: NDArray[np.int64]) -> NDArray[np.int32]:
    """Whole numbers of the engine's size."""
    return np.asarray(values, dtype=np.int32)
