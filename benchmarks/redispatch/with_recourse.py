"""Our own engine as an entrant: a resident world, asked again and again."""

import hashlib
import time
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.redispatch.answers import Answer, Entrant, Routes, cpu_s
from benchmarks.redispatch.scenario import Scenario
from recourse.planning import engine
from recourse.planning.engine import (
    Couriers,
    Orders,
    SearchParams,
    Travel,
    Visits,
    World,
    answer_within,
)

__all__ = ["Resident", "engine_version", "entrants"]

CALM_SHARE = 0.0007
"""Price of giving a visit to another courier than was told, as a share of the first answer's."""


def entrants() -> list[Entrant]:
    """The first answer and three budgets; and one that pays for moving a visit."""
    number = engine_version()
    return [
        Entrant(
            name="recourse",
            version=number,
            solve=_solve,
            budgets_ms=(0, 10, 100, 1_000),
            has_dice=True,
        ),
        Entrant(
            name="recourse-calm",
            version=f"{number}-{CALM_SHARE}",
            solve=partial(_solve, move_share=CALM_SHARE),
            budgets_ms=(100,),
            has_dice=True,
            variants="A",
        ),
    ]


def engine_version() -> str:
    """Hash of the engine's code, compiled or not: figures of older code are measured again."""
    folder = Path(engine.__path__[0])
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in {".py", ".so", ".pyd"}]
    told = hashlib.sha256()
    for path in [*files, *_compiled()]:
        told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()[:12]


def _compiled() -> list[Path]:
    """Files of the compiled kernel, where it is installed."""
    found = find_spec("recourse_kernel")
    folders = found.submodule_search_locations if found else None
    return [path for folder in folders or () for path in sorted(Path(folder).glob("*.so"))]


class Resident:
    """A world that holds a scenario, in the numbers of the engine.

    Parameters
    ----------
    scenario : Scenario
        What is left of a day.
    move_price : int
        Price of giving a visit to another courier than was told, where the scenario has none.
    """

    def __init__(self, scenario: Scenario, *, move_price: int = 0) -> None:
        pickups = [visit.pickup for visit in scenario.visits if visit.pickup >= 0]
        nodes = sorted([*(visit.node for visit in scenario.visits), *pickups])
        self._nodes = np.array(nodes)
        prices = scenario.prices
        number = {node: k for k, node in enumerate(nodes)} | {-1: -1}
        place = _places(scenario, nodes)
        used = list(place)
        asked, n = scenario.visits, scenario.n_couriers
        distances = _whole(scenario.distances[np.ix_(used, used)])
        self.world = World(
            travel=Travel(time_s=distances, price=distances),
            visits=Visits(
                place=_whole([place[node] for node in nodes]),
                earliest_s=_whole(scenario.earliest[nodes]),
                latest_s=_whole(scenario.latest[nodes]),
                service_s=_whole(scenario.service[nodes]),
                demand=_whole(scenario.demand[nodes])[:, None],
                **_due(scenario, nodes),
            ),
            orders=Orders(
                delivery=_whole([number[visit.node] for visit in asked]),
                pickup=_whole([number[visit.pickup] for visit in asked]),
                unserved_price=np.array(scenario.way_out, dtype=np.int64),
                only_courier=_whole([visit.holder for visit in asked]),
                move_price=np.full(len(asked), prices.move_price if prices else move_price),
            ),
            couriers=Couriers(
                start_place=_whole([place[node] for node in scenario.starts]),
                start_s=_whole(scenario.free_at),
                end_place=_whole([place[0]] * n),
                end_s=_whole(scenario.ends),
                capacity=_whole(scenario.capacity)[:, None],
                load=_whole(scenario.load)[:, None],
                next_price=np.full(n, prices.turn_price if prices else 0),
            ),
        )
        self.world.load_routes([[number[node] for node in route] for route in scenario.plan])

    def nodes(self, routes: Sequence[np.ndarray]) -> Routes:
        """Routes of the engine as nodes of the scenario.

        Parameters
        ----------
        routes : sequence of ndarray
            Visits of each courier.

        Returns
        -------
        tuple of tuple of int
            The same in nodes.
        """
        return tuple(tuple(self._nodes[route].tolist()) for route in routes)


def _places(scenario: Scenario, nodes: list[int]) -> dict[int, int]:
    """Number every node that somebody may still go to, one route after the other.

    What is asked for together lies together in memory then.
    """
    routes = zip(scenario.starts, scenario.plan, strict=True)
    along = [node for start, route in routes for node in (start, *route)]
    return {node: k for k, node in enumerate(dict.fromkeys([*along, *nodes, 0]))}


def _due(scenario: Scenario, nodes: list[int]) -> dict[str, NDArray[np.int32]]:
    """What was promised, and the price of missing it, where there is one."""
    prices = scenario.prices
    if not prices:
        return {}
    return {
        "due_s": _whole(prices.due[nodes]),
        "late_price": _whole([prices.late_price] * len(nodes)),
    }


def _whole(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
    """Whole numbers of the engine's size."""
    return np.asarray(values, dtype=np.int32)


def _solve(scenario: Scenario, budget_s: float, seed: int, *, move_share: float = 0.0) -> Answer:
    began_s = cpu_s()
    resident = Resident(scenario)
    if move_share:
        first = resident.world.answer()
        resident = Resident(scenario, move_price=round(move_share * first.price))
    ready_s = cpu_s()
    if budget_s:
        params = SearchParams()
        found = answer_within(
            resident.world, budget_s=budget_s, seed=seed, clock=time.thread_time, params=params
        )
    else:
        found = resident.world.answer()
    done_s = cpu_s()
    return Answer(
        routes=resident.nodes(found.routes),
        solve_s=done_s - ready_s,
        setup_s=ready_s - began_s,
        notes={"iterations": found.iterations, "removed": found.n_removed, "price": found.price},
    )
