"""PyVRP as an entrant: one vehicle type per courier, unserved requests as lost prizes.

Parcels on board have no word in PyVRP 0.14 for who must bring them. Each courier gets a profile in
which every other courier's parcels are out of reach, which is as close as it comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np
import pyvrp

from benchmarks.redispatch.answers import Answer, Entrant, Routes, cpu_s
from benchmarks.redispatch.bending import costs_of, strict
from benchmarks.redispatch.scenario import Scenario

__all__ = ["entrants", "plan_from_nothing"]

OUT_OF_REACH = 1 << 30


def entrants() -> list[Entrant]:
    """From the running plan at three budgets, and from nothing at two.

    In variant C a promise is a rule, or it is forgotten: `pyvrp-loose` forgets it.
    """
    number = version("pyvrp")
    return [
        Entrant(
            name=name,
            version=number,
            solve=partial(_solve, is_warm=name != "pyvrp-cold", is_strict=name != "pyvrp-loose"),
            budgets_ms=budgets_ms,
            has_dice=True,
            variants=variants,
        )
        for name, budgets_ms, variants in (
            ("pyvrp-warm", (100, 1_000, 10_000), "ABC"),
            ("pyvrp-cold", (1_000, 10_000), "AB"),
            ("pyvrp-loose", (100, 1_000, 10_000), "C"),
        )
    ]


@dataclass(slots=True)
class _Spent:
    """Stops PyVRP after so much processor time."""

    until_s: float

    def __call__(self, best_cost: float) -> bool:
        """Whether it is over."""
        del best_cost
        return cpu_s() >= self.until_s


@dataclass(slots=True)
class _Model:
    """A scenario in PyVRP's words, with the nodes behind its numbers."""

    data: pyvrp.ProblemData
    clients: list[int]
    shipments: list[tuple[int, int]]

    def solution(self, plan: Routes) -> pyvrp.Solution:
        """The running plan; orphans are on no route."""
        kinds = pyvrp.ActivityType
        done_at = {node: (kinds.CLIENT, k) for k, node in enumerate(self.clients)}
        for k, (pickup, delivery) in enumerate(self.shipments):
            done_at |= {pickup: (kinds.PICKUP, k), delivery: (kinds.DELIVERY, k)}
        routes = [
            pyvrp.Route(self.data, [pyvrp.Activity(*done_at[node]) for node in route], courier)
            for courier, route in enumerate(plan)
            if route
        ]
        return pyvrp.Solution(self.data, routes)

    def node(self, activity: pyvrp.Activity) -> int:
        """Where something is done; -1 for a depot."""
        number: int = activity.idx
        if activity.is_client():
            return self.clients[number]
        if activity.is_pickup():
            return self.shipments[number][0]
        return self.shipments[number][1] if activity.is_delivery() else -1


def _solve(
    scenario: Scenario, budget_s: float, seed: int, *, is_warm: bool, is_strict: bool
) -> Answer:
    began_s = cpu_s()
    scenario = strict(scenario) if is_strict else scenario
    model = _model(scenario)
    start = model.solution(scenario.plan) if is_warm else None
    ready_s = cpu_s()
    found = pyvrp.solve(
        model.data,
        _Spent(ready_s + budget_s),
        seed=seed,
        collect_stats=False,
        display=False,
        initial_solution=start,
    )
    done_s = cpu_s()
    routes: list[tuple[int, ...]] = [()] * scenario.n_couriers
    for route in found.best.routes():
        nodes = (model.node(activity) for activity in route)
        routes[route.vehicle_type()] = tuple(node for node in nodes if node >= 0)
    return Answer(
        routes=tuple(routes),
        solve_s=done_s - ready_s,
        setup_s=ready_s - began_s,
        notes={"iterations": found.num_iterations, "is_feasible": found.is_feasible()},
    )


def _model(scenario: Scenario) -> _Model:
    clients = [v.node for v in scenario.visits if v.pickup < 0]
    shipments = [(v.pickup, v.node) for v in scenario.visits if v.pickup >= 0]
    prize = dict(zip((v.node for v in scenario.visits), scenario.way_out, strict=True))
    costs, times = _matrices(scenario)
    data = pyvrp.ProblemData(
        [pyvrp.Location(float(x), float(y)) for x, y in scenario.places],
        [_client(scenario, node, prize[node]) for node in clients],
        [
            pyvrp.Depot(0, tw_late=scenario.horizon),
            *(pyvrp.Depot(start) for start in scenario.starts),
        ],
        [
            pyvrp.VehicleType(
                1,
                [scenario.capacity[k] - (0 if scenario.is_handover else scenario.load[k])],
                start_depot=1 + k,
                end_depot=0,
                tw_early=scenario.free_at[k],
                tw_late=scenario.ends[k],
                profile=k if len(costs) > 1 else 0,
            )
            for k in range(scenario.n_couriers)
        ],
        costs,
        times,
        shipments=[_shipment(scenario, pickup, node, prize[node]) for pickup, node in shipments],
    )
    return _Model(data, clients, shipments)


def _client(scenario: Scenario, node: int, prize: int) -> pyvrp.Client:
    amount = [abs(int(scenario.demand[node]))]
    return pyvrp.Client(
        node,
        delivery=amount if scenario.is_handover else [],
        pickup=[] if scenario.is_handover else amount,
        service_duration=int(scenario.service[node]),
        tw_early=int(scenario.earliest[node]),
        tw_late=int(scenario.latest[node]),
        prize=prize,
        required=False,
    )


def _shipment(scenario: Scenario, pickup: int, node: int, prize: int) -> pyvrp.Shipment:
    return pyvrp.Shipment(
        pickup,
        node,
        pickup_tw_early=int(scenario.earliest[pickup]),
        pickup_tw_late=int(scenario.latest[pickup]),
        pickup_service_duration=int(scenario.service[pickup]),
        delivery_tw_early=int(scenario.earliest[node]),
        delivery_tw_late=int(scenario.latest[node]),
        delivery_service_duration=int(scenario.service[node]),
        amount=[int(scenario.demand[pickup])],
        prize=prize,
        required=False,
    )


def _matrices(scenario: Scenario) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Costs and times; of each courier where parcels are on board or change has a price."""
    couriers = range(scenario.n_couriers)
    if scenario.prices:
        return [costs_of(scenario, k) for k in couriers], [scenario.distances] * len(couriers)
    if not scenario.is_handover:
        return [scenario.distances], [scenario.distances]
    matrices = []
    for courier in couriers:
        closed = [v.node for v in scenario.visits if v.holder not in {-1, courier}]
        matrix = scenario.distances.copy()
        matrix[:, closed] = matrix[closed, :] = OUT_OF_REACH
        matrix[closed, closed] = 0
        matrices.append(matrix)
    return matrices, matrices


def plan_from_nothing(
    *,
    distances: np.ndarray,
    windows: Sequence[tuple[int, int]],
    service: Sequence[int],
    demand: Sequence[int],
    fleet: tuple[int, int],
    iterations: int,
    seed: int,
) -> Routes | None:
    """A plan for a whole day by a fixed number of iterations, the same on every machine.

    Parameters
    ----------
    distances : ndarray of int64, shape (n, n)
        Between all places; 0 is the depot.
    windows : sequence of (int, int)
        Earliest and latest start of service at each place.
    service, demand : sequence of int
        Of each place.
    fleet : (int, int)
        Vehicles and what each holds.
    iterations, seed : int
        How long to look, and where the dice begin.

    Returns
    -------
    tuple of tuple of int, or None
        Customers of each vehicle that goes out; None if no plan was found that serves everybody.
    """
    n = len(windows)
    horizon = windows[0][1]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(n)],
        [
            pyvrp.Client(
                k,
                delivery=[demand[k]],
                service_duration=service[k],
                tw_early=windows[k][0],
                tw_late=windows[k][1],
            )
            for k in range(1, n)
        ],
        [pyvrp.Depot(0, tw_late=horizon)],
        [pyvrp.VehicleType(fleet[0], [fleet[1]], tw_late=horizon)],
        [distances],
        [distances],
    )
    stop = pyvrp.stop.MaxIterations(iterations)
    found = pyvrp.solve(data, stop, seed=seed, collect_stats=False, display=False)
    if not found.is_feasible():
        return None
    return tuple(
        tuple(activity.idx + 1 for activity in route if activity.is_client())
        for route in found.best.routes()
    )
