"""Break a city of ten thousand couriers and a hundred thousand visits, and see what it costs.

A city of equal density is made in five sizes from the roads of an imported one, laid side by side
until they are enough; ways come by neighbourhood. Everything is counted in processor time of one
thread. Laying out the ways takes some minutes the first time, and is kept.
"""

import argparse
import gc
import resource
import sys
import time
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.metropolis.happenings import breakdowns, daily, storm, wider
from benchmarks.metropolis.plot import draw
from benchmarks.metropolis.streets import Rows, Streets, lay_streets, near_rows
from benchmarks.metropolis.towns import NODES_EACH, VISITS_EACH, Town, make_town
from benchmarks.report import Result
from recourse_sim.cities import load_or_generate

PLACES_EACH = 8
N_PAIRS_SIDE = 100
SLOPE, FIRST_MS, BETTER_MS, STORM_S, MEMORY_GB = 0.1, 20.0, 200.0, 2.0, 4.0


def main() -> int:
    """Make the cities, break them, and check what it cost."""
    parser = argparse.ArgumentParser(prog="metropolis", description=__doc__)
    parser.add_argument("--couriers", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=100, help="breakdowns in each city")
    parser.add_argument("--city", default="generated-1", help="an imported city")
    parser.add_argument("--data-dir", type=Path, default=Path(gettempdir()) / "recourse-bench")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="where to draw the curve: .png, .svg or .pdf")
    given = parser.parse_args()
    result = Result(
        name="metropolis",
        seeds=(given.seed,),
        budget=f"{given.couriers} couriers, {VISITS_EACH} visits each, roads of {given.city}",
    )
    city = load_or_generate(given.data_dir, given.city, tell=print)
    streets = lay_streets(city.network, NODES_EACH * given.couriers)
    rows = _rows(given, streets)
    result.figures["streets"] = {"n_nodes": len(streets.at_m), "n_tiles": streets.n_tiles}
    curve: dict[int, dict[str, Any]] = {}
    for n_couriers in _sizes(given.couriers):
        print(f"{n_couriers} couriers ...", flush=True)
        town = make_town(rows, streets.at_m, n_couriers, seed=given.seed)
        gc.freeze()  # a resident city is not searched for garbage at every event
        breakdowns(town, 5, seed=given.seed)  # warms up
        _fit(town, streets, seed=given.seed)
        found = breakdowns(town, min(given.events, n_couriers // 4), seed=given.seed)
        curve[n_couriers] = found.figures() | {"daily_ms": daily(town, 50, seed=given.seed)}
    result.figures["curve"] = {str(n): figures for n, figures in curve.items()}
    largest = make_town(rows, streets.at_m, given.couriers, seed=given.seed)
    gc.freeze()
    result.figures["error"] = _error(largest, streets, given)
    result.figures["wider"] = round(wider(largest, 20, seed=given.seed), 4)
    result.figures["storm"] = storm(largest, given.couriers // 100, seed=given.seed)
    _check(result, curve)
    if given.plot:
        draw(curve, given.plot)
        print(f"drawn in {given.plot}")
    return result.finish(given.json)


def _check(result: Result, curve: dict[int, dict[str, Any]]) -> None:
    """What was promised."""
    sizes = np.log([*curve])
    last, events = curve[max(curve)], result.figures["storm"]
    result.at_most("first answer to a breakdown, p99 ms", last["first_p99_ms"], FIRST_MS)
    result.at_most("better answer after a breakdown, ms at most", last["better_most_ms"], BETTER_MS)
    result.at_most("hundredth part of all at once, s", events["complete_s"], STORM_S)
    spent = np.log([one["first_p50_ms"] for one in curve.values()])
    slope = float(np.polyfit(sizes, spent, 1)[0])
    result.at_most("log-log slope of a breakdown over the city's size", slope, SLOPE)
    for kind in last["daily_ms"]:
        spent = np.log([max(1e-3, one["daily_ms"][kind]) for one in curve.values()])
        slope = float(np.polyfit(sizes, spent, 1)[0])
        result.at_most(f"log-log slope of an event: {kind}", slope, SLOPE)
    n_broken = events["n_broken"] + sum(one["n_broken"] for one in curve.values())
    result.at_most("rules broken", n_broken, 0)
    held_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    result.at_most("memory of all cities together, GB", held_gb, MEMORY_GB)
    near = result.figures["error"]["in a neighbourhood"]
    result.at_most("error of ways in a neighbourhood, median", near["median"], 0.05)


def _sizes(most: int) -> list[int]:
    """Five sizes from a hundredth of the most."""
    return [round(most / 100 * 10 ** (k / 2)) for k in range(5)]


def _rows(given: argparse.Namespace, streets: Streets) -> Rows:
    """Ways computed ahead, or found again from an earlier run."""
    n = min(len(streets.at_m), PLACES_EACH * given.couriers)
    name = f"ways-{given.city}-{len(streets.at_m)}-{n}-{given.seed}.npz"
    kept = given.data_dir / name
    if kept.exists():
        with np.load(kept) as columns:
            return Rows(**columns)
    print(f"computing the ways of {n} places ahead ...", flush=True)
    began_s = time.process_time()
    rng = np.random.default_rng(given.seed)
    rows = near_rows(streets, np.sort(rng.permutation(len(streets.at_m))[:n]))
    given.data_dir.mkdir(parents=True, exist_ok=True)
    np.savez(kept, **{name: getattr(rows, name) for name in Rows.__slots__})
    print(f"... {time.process_time() - began_s:.0f} s of processor time", flush=True)
    return rows


def _fit(town: Town, streets: Streets, *, seed: int) -> None:
    """Let the ways of a city learn from four hundred exact ones."""
    places, exact_s = _pairs(town, streets, side=20, seed=[seed, len(town.couriers)])
    town.travel.fit(0, places, exact_s)


def _error(town: Town, streets: Streets, given: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Ways as the city has them beside exact ones: ten thousand pairs, twice."""
    _fit(town, streets, seed=given.seed)
    found = {}
    for name, is_near in (("anywhere", False), ("in a neighbourhood", True)):
        pairs, exact_s = _pairs(
            town, streets, side=N_PAIRS_SIDE, seed=[given.seed, 99], is_near=is_near
        )
        errors = [
            abs(float(town.travel.travel_between(pair).time_s[0, 0, 1]) / exact - 1)
            for pair, exact in zip(pairs, exact_s, strict=True)
            if exact >= 1 and pair[0] != pair[1]
        ]
        found[name] = {
            "n_pairs": len(errors),
            "median": round(float(np.median(errors)), 4),
            "p95": round(float(np.percentile(errors, 95)), 4),
            "mean_s": round(float(np.mean(exact_s)), 1),
        }
    return found


def _pairs(
    town: Town, streets: Streets, *, side: int, seed: list[int], is_near: bool = False
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of places and the exact seconds between them.

    In a neighbourhood: from a place to those of the couriers who would be asked for help there.
    """
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, town.travel.n_places, side)
    pairs, exact_s = [], []
    for start in starts.tolist():
        ends = (
            _around(town, start, rng, side) if is_near else rng.integers(0, len(town.nodes), side)
        )
        pairs.append(np.stack([np.full(side, start), ends], axis=1))
        exact_s.append(streets.exact_s(town.nodes[[start]], town.nodes[ends])[0])
    return np.concatenate(pairs).astype(np.int32), np.concatenate(exact_s)


def _around(town: Town, start: int, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Places of a neighbourhood."""
    order = int(np.flatnonzero(town.visits.place == start)[:1].sum())
    asked = town.city.answer([order]).couriers.tolist()
    theirs = [int(town.visits.place[visit]) for c in asked for visit in town.city.route(c)]
    return rng.choice(theirs, n)


if __name__ == "__main__":
    sys.exit(main())
