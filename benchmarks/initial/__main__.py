"""Plan a whole day from nothing: the engine that repairs plans, PyVRP, and one after the other.

Instances of Solomon, or of Gehring and Homberger, from a folder; or towns made up here. Everybody
has the same processor time, building the model included, and is judged by code that plans nothing.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.disruptions.asked import town_of
from benchmarks.disruptions.judge import judge
from benchmarks.initial.days import made_up, world_of
from benchmarks.report import Result
from recourse.adapters.benchmark_files import BenchmarkInstance, read_instance
from recourse.adapters.pyvrp_plan import plan_with_pyvrp
from recourse.planning.engine import World

PATTERN = "**/*_[24]_1.txt"
N_MADE_UP = 4
MOST_OVER = 1.1
"""Times the budget that anybody may take: slices and iterations are finished."""

Plan = Callable[[World, float, int], Sequence[Sequence[int]]]


def main() -> int:
    """Plan every day, judge it, and compare."""
    parser = argparse.ArgumentParser(prog="initial", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of instances; none: towns made up")
    parser.add_argument("--instances", default=PATTERN, help="which files of it, as a pattern")
    parser.add_argument("--budgets", type=float, nargs="+", default=[1.0, 5.0], help="seconds")
    parser.add_argument("--seeds", type=int, default=1, help="how many, from 1")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    days = _days(given.data, given.instances)
    result = Result(
        name="initial",
        seeds=tuple(range(1, given.seeds + 1)),
        budget=f"{len(days)} days; {', '.join(map(str, given.budgets))} s of one thread each",
    )
    rows = [
        _row(day, name, budget_s, seed)
        for day in days
        for budget_s in given.budgets
        for name in PLANNERS
        for seed in result.seeds
    ]
    result.figures["rows"] = rows
    result.figures["over_pyvrp"] = {
        str(budget_s): {name: _compared(rows, name, budget_s) for name in PLANNERS}
        for budget_s in given.budgets
    }
    _check(result, rows)
    return result.finish(given.json)


def _days(data: Path | None, pattern: str) -> list[BenchmarkInstance]:
    """What is to be planned."""
    if data is None:
        return [made_up(seed) for seed in range(N_MADE_UP)]
    found = [read_instance(path) for path in sorted(data.glob(pattern))]
    if not found:
        sys.exit(f"no file of {data} fits {pattern!r}")
    return [one for one in found if not one.has_pairs]


def _row(day: BenchmarkInstance, name: str, budget_s: float, seed: int) -> dict[str, Any]:
    """One plan, judged."""
    began_s = time.process_time()
    world = world_of(day)
    if name == "pyvrp":  # it makes a model of its own from the same facts, on its own time
        began_s = time.process_time()
    left_s = budget_s - (time.process_time() - began_s)
    routes = PLANNERS[name](world, left_s, seed)
    spent_s = time.process_time() - began_s
    told = [list(map(int, route)) for route in routes]
    served = {visit for route in told for visit in route}
    unserved = sorted(set(range(len(world.rules.orders))) - served)
    verdict = judge(town_of(world), told, unserved)
    world.load_routes(told)
    row = {
        "day": day.name,
        "planner": name,
        "budget_s": budget_s,
        "seed": seed,
        "cost": verdict.price,
        "told": int(world.engine.price()),
        "unserved": len(unserved),
        "routes": sum(map(bool, told)),
        "cpu_s": round(spent_s, 3),
        "broken": verdict.broken,
    }
    print(
        f"{day.name:<10} {name:<12} {budget_s:>5} s  {verdict.price:>9,.0f}"
        f"  {row['unserved']:>3} left out  {row['routes']:>3} routes",
        flush=True,
    )
    return row


def _with_engine(world: World, budget_s: float, seed: int) -> Sequence[Sequence[int]]:
    answer = world.answer_within(budget_s, clock=time.process_time, seed=seed)
    return [route.tolist() for route in answer.routes]


def _with_pyvrp(world: World, budget_s: float, seed: int) -> Sequence[Sequence[int]]:
    until_s = time.process_time() + budget_s

    def is_over(best_price: float) -> bool:
        del best_price
        return time.process_time() >= until_s

    return plan_with_pyvrp(world.rules, is_over=is_over, seed=seed)


def _with_both(world: World, budget_s: float, seed: int) -> Sequence[Sequence[int]]:
    """Half the time for PyVRP, the other half for the engine, which begins where it ended."""
    until_s = time.process_time() + budget_s
    world.load_routes(_with_pyvrp(world, budget_s / 2, seed))
    return _with_engine(world, until_s - time.process_time(), seed)


PLANNERS: dict[str, Plan] = {
    "recourse": _with_engine,
    "pyvrp": _with_pyvrp,
    "both": _with_both,
}


def _compared(rows: list[dict[str, Any]], name: str, budget_s: float) -> dict[str, float]:
    """Costs over those of PyVRP on the same day with the same dice and time."""
    costs = {
        (row["planner"], row["day"], row["seed"]): row["cost"]
        for row in rows
        if row["budget_s"] == budget_s
    }
    ratios = [
        cost / costs["pyvrp", day, seed]
        for (planner, day, seed), cost in costs.items()
        if planner == name
    ]
    return {
        "mean": round(fmean(ratios), 4),
        "median": round(median(ratios), 4),
        "n": len(ratios),
        "n_cheaper": sum(ratio < 1 for ratio in ratios),
    }


def _check(result: Result, rows: list[dict[str, Any]]) -> None:
    """What is promised."""
    n_broken = sum(bool(row["broken"]) for row in rows)
    result.at_most("plans that break a rule", n_broken, 0)
    n_other = sum(row["told"] != row["cost"] for row in rows)
    result.at_most("prices that are not the judge's", n_other, 0)
    over = max(row["cpu_s"] / row["budget_s"] for row in rows)
    result.at_most("processor time, in budgets", over, MOST_OVER)
    for budget_s, found in result.figures["over_pyvrp"].items():
        share = found["recourse"]["mean"]
        result.at_most(f"mean cost over PyVRP's in {budget_s} s", share, 1.0)
        result.at_most(f"the same, begun with PyVRP, in {budget_s} s", found["both"]["mean"], 1.0)


if __name__ == "__main__":
    sys.exit(main())
