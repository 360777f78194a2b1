"""VROOM as an entrant, through pyvroom: skills pin parcels on board, steps carry the running plan.

VROOM stops by itself. Its own limit is a time on the wall; where it is asked to keep a budget of
processor time it is given more of the wall until it has used that budget, so that a busy machine
takes nothing away from it.
"""

from datetime import timedelta
from functools import partial
from importlib.metadata import version

import numpy as np
import vroom

from benchmarks.redispatch.answers import Answer, Entrant, cpu_s
from benchmarks.redispatch.bending import costs_of, strict, without_dear
from benchmarks.redispatch.scenario import Scenario, Visit

__all__ = ["entrants"]

MOST_TRIES = 4
USED_ENOUGH = 0.9


def entrants() -> list[Entrant]:
    """Warm and cold, at the shallowest and the deepest exploration."""
    ways = [
        ("warm", 0, (0,), "AB"),
        ("warm", 5, (0, 100, 1_000), "ABC"),
        ("cold", 0, (0,), "AB"),
        ("cold", 5, (0,), "AB"),
    ]
    return [
        Entrant(
            name=f"vroom-{start}-x{level}",
            version=version("pyvroom"),
            solve=partial(_solve, level=level, is_warm=start == "warm"),
            budgets_ms=budgets_ms,
            has_dice=False,
            variants=variants,
        )
        for start, level, budgets_ms, variants in ways
    ]


def _solve(scenario: Scenario, budget_s: float, seed: int, *, level: int, is_warm: bool) -> Answer:
    del seed  # VROOM has no dice
    wall_s = budget_s
    for left in reversed(range(MOST_TRIES)):
        answer, is_cut = _once(scenario, wall_s, level=level, is_warm=is_warm)
        if not is_cut or answer.solve_s >= USED_ENOUGH * budget_s or not left:
            break
        wall_s *= max(1.1, budget_s / max(answer.solve_s, 1e-3))
    return answer


def _once(scenario: Scenario, wall_s: float, *, level: int, is_warm: bool) -> tuple[Answer, bool]:
    """One run, and whether the wall's clock may have cut it."""
    began_s = cpu_s()
    model = _model(scenario, is_warm=is_warm)
    ready_s = cpu_s()
    limit = {"timeout": timedelta(seconds=wall_s)} if wall_s else {}
    found = model.solve(exploration_level=level, nb_threads=1, **limit)
    done_s = cpu_s()
    routes: list[list[int]] = [[] for _ in range(scenario.n_couriers)]
    steps = found.routes
    for vehicle, kind, node in zip(steps.vehicle_id, steps.type, steps.id, strict=True):
        if kind not in {"start", "end"}:
            routes[int(vehicle) - 1].append(int(node))
    answer = Answer(
        routes=without_dear(scenario, routes),
        solve_s=done_s - ready_s,
        setup_s=ready_s - began_s,
        notes={"unassigned": len(found.unassigned)},
    )
    return answer, bool(wall_s)


def _model(scenario: Scenario, *, is_warm: bool) -> vroom.Input:
    scenario = strict(scenario)
    model = vroom.Input()
    profiles = [f"{k}" for k in range(scenario.n_couriers)] if scenario.prices else ["0"]
    for k, profile in enumerate(profiles):
        model.set_durations_matrix(profile, scenario.distances.astype(np.uint32))
        if scenario.prices:
            model.set_costs_matrix(profile, costs_of(scenario, k).astype(np.uint32))
    for visit in scenario.visits:
        _add(model, scenario, visit)
    for k in range(scenario.n_couriers):
        told = scenario.plan[k] if is_warm else ()
        steps = [vroom.VehicleStepSingle(node) for node in told]
        holds = scenario.capacity[k] - (0 if scenario.is_handover else scenario.load[k])
        model.add_vehicle(
            vroom.Vehicle(
                k + 1,
                start=scenario.starts[k],
                end=0,
                capacity=[holds],
                time_window=vroom.TimeWindow(scenario.free_at[k], scenario.ends[k]),
                profile=profiles[k % len(profiles)],
                skills={k + 1} if scenario.is_handover else None,
                steps=[vroom.VehicleStepStart(), *steps, vroom.VehicleStepEnd()] if steps else [],
            )
        )
    return model


def _add(model: vroom.Input, scenario: Scenario, visit: Visit) -> None:
    """Add one request."""
    amount, nothing = vroom.Amount([abs(int(scenario.demand[visit.node]))]), vroom.Amount([0])
    if visit.pickup < 0:
        model.add_job(
            vroom.Job(
                visit.node,
                location=visit.node,
                default_service=int(scenario.service[visit.node]),
                time_windows=_windows(scenario, visit.node),
                delivery=amount if scenario.is_handover else nothing,
                pickup=nothing if scenario.is_handover else amount,
                skills={visit.holder + 1} if visit.holder >= 0 else set(),
            )
        )
        return
    ends = (
        vroom.ShipmentStep(
            node,
            location=node,
            default_service=int(scenario.service[node]),
            time_windows=_windows(scenario, node),
        )
        for node in (visit.pickup, visit.node)
    )
    model.add_job(vroom.Shipment(*ends, amount=amount))


def _windows(scenario: Scenario, node: int) -> list[vroom.TimeWindow]:
    return [vroom.TimeWindow(int(scenario.earliest[node]), int(scenario.latest[node]))]
