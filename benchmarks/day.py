"""Time simulated days of several sizes: CPU seconds of all policies, and how they grow.

Each size, `COURIERS:ORDERS`, is played headless with every policy on the same city and seed. The
exponent is the slope of a straight line through the logarithms of CPU time and orders: 1 is
proportional, 2 is every pair. A day does the same however often it is played, so with `--times` the
least is taken: what it costs more at another time is due to what else the machine does.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.report import Result
from recourse.app import City
from recourse_sim.cities import city_map, load_or_generate
from recourse_sim.places import CityMap
from recourse_sim.policies import POLICIES, Bench, examine
from recourse_sim.scenario import Wish, make_scenario

MOST_CPU_S = 150.0
MOST_EXPONENT = 1.2
SIZES = ("60:1500", "150:3750", "300:7500", "600:15000")


def main() -> int:
    """Play the days and say whether the limits were kept."""
    options = _options()
    city = load_or_generate(options.data, options.city, tell=print)
    town = city_map(city)
    result = Result(
        name="day",
        seeds=(options.seed,),
        budget=f"one process, city {options.city}, sizes {' '.join(options.sizes)}, "
        f"the least of {options.times}",
    )
    for size in options.sizes:
        rounds = [_round(city, town, size, options) for _ in range(options.times)]
        result.figures[size] = {
            policy: min((played[policy] for played in rounds), key=lambda one: one["cpu_s"])
            for policy in options.policies
        }
    _check(result, has_all=set(options.policies) == set(POLICIES))
    return result.finish(options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), help="COURIERS:ORDERS, rising")
    parser.add_argument("--policies", nargs="+", default=list(POLICIES), choices=POLICIES)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--times", type=int, default=1, help="how often each day is played")
    parser.add_argument("--city", default="generated-1", help="imported city, or generated-N")
    parser.add_argument("--data", type=Path, default=Path("var"), help="folder of the cities")
    parser.add_argument("--json", type=Path, help="where to write the result")
    options = parser.parse_args()
    if options.times < 1:
        parser.error("argument --times: a day is played once at least")
    return options


def _round(
    city: City, town: CityMap, size: str, options: argparse.Namespace
) -> dict[str, dict[str, float]]:
    """Play a day of a size once with every policy."""
    # A bench of its own: travel times learned by another day would flatter.
    bench = Bench(city)
    return {policy: _play(bench, town, size, policy, options.seed) for policy in options.policies}


def _play(bench: Bench, town: CityMap, size: str, policy: str, seed: int) -> dict[str, float]:
    """Play one day and return what it cost."""
    couriers, orders = (int(part) for part in size.split(":"))
    scenario = make_scenario(town, Wish(n_orders=orders, n_couriers=couriers), seed=seed)
    began_s, wall_s = time.process_time(), time.monotonic()
    figures = examine(bench, scenario, policy).figures
    found = {
        "cpu_s": round(time.process_time() - began_s, 1),
        "wall_s": round(time.monotonic() - wall_s, 1),
        "calls": figures["calls"],
        "on_time_share": figures["on_time_share"],
        "lost": figures["lost"],
    }
    print(f"{couriers:>4} couriers {orders:>6} orders {policy:<11} {found}", flush=True)
    return found


def _check(result: Result, *, has_all: bool) -> None:
    """CPU time of the default day, and the growth over all sizes."""
    cpu_s = {
        size: sum(one["cpu_s"] for one in by_policy.values())
        for size, by_policy in result.figures.items()
    }
    if SIZES[0] in cpu_s and has_all:
        result.at_most("CPU seconds of the default day", cpu_s[SIZES[0]], MOST_CPU_S)
    if len(cpu_s) > 1:
        sizes = [math.log(int(size.split(":")[1])) for size in cpu_s]
        slope = float(np.polyfit(sizes, [math.log(spent) for spent in cpu_s.values()], 1)[0])
        result.at_most("exponent of CPU time in orders", slope, MOST_EXPONENT)


if __name__ == "__main__":
    sys.exit(main())
