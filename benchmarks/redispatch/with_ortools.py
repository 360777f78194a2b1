"""OR-Tools' routing library as an entrant: guided local search from the running plan."""

from importlib.metadata import version

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.redispatch.answers import Answer, Entrant, cpu_s
from benchmarks.redispatch.bending import costs_of
from benchmarks.redispatch.scenario import Scenario, Visit

__all__ = ["entrants"]

WALL_FACTOR = 30
"""Its limit on the wall is only a rope: the budget of processor time is asked for by a callback."""


def entrants() -> list[Entrant]:
    """From the running plan."""
    return [
        Entrant(
            name="ortools-warm",
            version=version("ortools"),
            solve=_solve,
            budgets_ms=(100, 1_000, 10_000),
            has_dice=False,
        )
    ]


class _Model:
    """A scenario in the words of the routing library."""

    def __init__(self, scenario: Scenario) -> None:
        n, couriers = len(scenario.places), scenario.n_couriers
        self.index = pywrapcp.RoutingIndexManager(n, couriers, [*scenario.starts], [0] * couriers)
        self.routing = pywrapcp.RoutingModel(self.index)
        self._scenario = scenario
        self._add_costs()
        self._add_time()
        self._add_load()
        for visit, way_out in zip(scenario.visits, scenario.way_out, strict=True):
            self._add(visit, way_out)

    def _add_costs(self) -> None:
        scenario, routing = self._scenario, self.routing
        if not scenario.prices:
            evaluator = routing.RegisterTransitMatrix(scenario.distances.tolist())
            routing.SetArcCostEvaluatorOfAllVehicles(evaluator)
            return
        for k in range(scenario.n_couriers):
            evaluator = routing.RegisterTransitMatrix(costs_of(scenario, k).tolist())
            routing.SetArcCostEvaluatorOfVehicle(evaluator, k)

    def _add_time(self) -> None:
        scenario = self._scenario
        spent = (scenario.distances + scenario.service[:, None]).tolist()
        evaluator = self.routing.RegisterTransitMatrix(spent)
        self.routing.AddDimension(evaluator, scenario.horizon, scenario.horizon, False, "time")  # noqa: FBT003
        self.time = self.routing.GetDimensionOrDie("time")
        for k, free_at in enumerate(scenario.free_at):
            leaves = self.time.CumulVar(self.routing.Start(k))
            leaves.SetRange(free_at, scenario.horizon)
            self.routing.AddVariableMinimizedByFinalizer(leaves)
            self.time.CumulVar(self.routing.End(k)).SetMax(scenario.ends[k])

    def _add_load(self) -> None:
        scenario = self._scenario
        evaluator = self.routing.RegisterUnaryTransitVector(scenario.demand.tolist())
        self.routing.AddDimensionWithVehicleCapacity(
            evaluator,
            0,
            [*scenario.capacity],
            False,  # noqa: FBT003
            "load",
        )
        load = self.routing.GetDimensionOrDie("load")
        for k, on_board in enumerate(scenario.load):
            load.CumulVar(self.routing.Start(k)).SetValue(on_board)

    def _add(self, visit: Visit, way_out: int) -> None:
        """Add one request: it may be left out at a price, or both halves go on one route."""
        scenario, routing = self._scenario, self.routing
        nodes = [node for node in (visit.pickup, visit.node) if node >= 0]
        for node in nodes:
            window = int(scenario.earliest[node]), int(scenario.latest[node])
            self.time.CumulVar(self.index.NodeToIndex(node)).SetRange(*window)
        places = [self.index.NodeToIndex(node) for node in nodes]
        for place, price in zip(places, (way_out, 0), strict=False):
            routing.AddDisjunction([place], price)
        if scenario.prices:
            due = int(scenario.prices.due[visit.node])
            self.time.SetCumulVarSoftUpperBound(places[0], due, scenario.prices.late_price)
        if visit.holder >= 0:
            routing.VehicleVar(places[-1]).SetValues([-1, visit.holder])
        if visit.pickup >= 0:
            first, second = places
            routing.AddPickupAndDelivery(first, second)
            solver = routing.solver()
            solver.Add(routing.ActiveVar(first) == routing.ActiveVar(second))
            solver.Add(routing.VehicleVar(first) == routing.VehicleVar(second))
            solver.Add(self.time.CumulVar(first) <= self.time.CumulVar(second))


def _solve(scenario: Scenario, budget_s: float, seed: int) -> Answer:
    del seed  # guided local search throws no dice
    began_s = cpu_s()
    model = _Model(scenario)
    routing = model.routing
    asked = pywrapcp.DefaultRoutingSearchParameters()
    asked.time_limit.FromMilliseconds(int(WALL_FACTOR * 1_000 * budget_s))
    asked.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    asked.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    until_s = [float("inf")]
    over = routing.solver().CustomLimit(lambda: cpu_s() >= until_s[0])
    routing.AddSearchMonitor(over)
    routing.CloseModelWithParameters(asked)
    ready_s = cpu_s()
    until_s[0] = ready_s + budget_s
    told = [[model.index.NodeToIndex(node) for node in route] for route in scenario.plan]
    start = routing.ReadAssignmentFromRoutes(told, True)  # noqa: FBT003 - drop what cannot be
    found = routing.SolveFromAssignmentWithParameters(start, asked) if start else None
    done_s = cpu_s()
    return Answer(
        routes=_routes(model, found, scenario) if found else scenario.plan,
        solve_s=done_s - ready_s,
        setup_s=ready_s - began_s,
        notes={"took_the_plan": start is not None, "found": found is not None},
    )


def _routes(
    model: _Model, found: pywrapcp.Assignment, scenario: Scenario
) -> tuple[tuple[int, ...], ...]:
    """Nodes of each courier."""
    routes = []
    for k in range(scenario.n_couriers):
        at, nodes = found.Value(model.routing.NextVar(model.routing.Start(k))), []
        while not model.routing.IsEnd(at):
            nodes.append(model.index.IndexToNode(at))
            at = found.Value(model.routing.NextVar(at))
        routes.append(tuple(nodes))
    return tuple(routes)
