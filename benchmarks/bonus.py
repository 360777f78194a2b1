"""Play city days with a staged bonus, with the fixed one and without any, on the same seeds.

`fixed` is the platform as it comes: the same extra pay with every question of a case, no budget.
`staged` has a budget of a day instead, from which every question, first ones too, gets what it is
worth; `none` has a budget of nothing. What was played is kept beside the JSON: a run that was cut
off goes on.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import Result
from recourse_sim.cities import load_or_generate
from recourse_sim.report import interval
from recourse_sim.runs import play_seeds
from recourse_sim.scenario import Wish, read_orders
from recourse_sim.tally import Tally

POLICIES = ("fixed", "staged", "none")
FIGURES = (
    *(f"after_loss_accepted_within_{n}_share" for n in (1, 2, 3)),
    *(f"accepted_within_{n}_share" for n in (1, 2, 3)),
    *("new_courier_p50_s", "new_courier_p95_s", "new_courier_share"),
    *("customers_chose_share", "perceived_cancel_share", "on_time_share"),
    *("remedies_per_order_cents", "bonus_per_order_cents", "cost_per_order_cents"),
)
"""What is compared, day by day."""

_ZERO = ("lost", "double_assigned", "reoffered_to_withdrawer", "orders_canceled_by_courier")
_CENT = 0.01


def main() -> int:
    """Play the days and compare them."""
    options = _options()
    seeds = range(options.seed, options.seed + options.seeds)
    days = _play(options, seeds)
    result = Result(
        name="bonus",
        seeds=tuple(seeds),
        budget=f"{options.budget} cents a day; city {options.city}, {options.couriers} couriers, "
        f"{options.orders} orders, hazards x {options.stress:g}",
    )
    values = {
        policy: {seed: _figures(day) for seed, day in by_seed.items()}
        for policy, by_seed in days.items()
    }
    result.figures = {"policies": _means(values), "staged_less": _gaps(values)}
    _print(result)
    _check(result, days, options.budget)
    return result.finish(options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bonus", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many days")
    parser.add_argument("--seed", type=int, default=7, help="the first of them")
    parser.add_argument("--policies", nargs="+", default=list(POLICIES), choices=POLICIES)
    parser.add_argument("--budget", type=int, default=20_000, help="cents of a day, for `staged`")
    parser.add_argument("--couriers", type=int, default=60)
    parser.add_argument("--orders", default="1500", help="a number, or the folder of a real day")
    parser.add_argument("--stress", type=float, default=10.0)
    parser.add_argument("--city", default="generated-1", help="imported city, or generated-N")
    parser.add_argument("--data", type=Path, default=Path("var"), help="folder of the cities")
    parser.add_argument("--json", type=Path, default=Path("out/bonus.json"))
    return parser.parse_args()


def _play(options: argparse.Namespace, seeds: range) -> dict[str, dict[int, Tally]]:
    """Every day with every policy, one day after the other; what was played before is read."""
    n_orders, real_day = read_orders(options.orders)
    wish = Wish(
        n_orders=n_orders,
        n_couriers=len(real_day.couriers) if real_day else options.couriers,
        stress=options.stress,
        real_day=real_day,
    )
    city = load_or_generate(options.data, options.city, tell=print)
    budgets = {"fixed": None, "staged": options.budget, "none": 0}
    days: dict[str, dict[int, Tally]] = {policy: {} for policy in options.policies}
    for seed in seeds:
        for policy in options.policies:
            found, _ = play_seeds(
                city,
                wish,
                seeds=[seed],
                policies=["recourse"],
                report_path=options.json,
                bonus_day_cents=budgets[policy],
            )
            day = days[policy][seed] = found["recourse"][seed]
            shown = {name: day.figures[name] for name in (*FIGURES[:3], FIGURES[-2], "runs")}
            print(f"{policy:<7} seed {seed:>3} {shown}", flush=True)
    return days


def _figures(day: Tally) -> dict[str, float]:
    """What is compared of one day; what there was none of is left out."""
    waits = day.figures["new_courier_s"]
    known = {
        **day.figures,
        "new_courier_p50_s": waits["p50"],
        "new_courier_p95_s": waits["p95"],
    }
    return {name: known[name] for name in FIGURES if known[name] is not None}


def _means(values: dict[str, dict[int, dict[str, float]]]) -> dict[str, Any]:
    """Mean and interval of each policy."""
    return {
        policy: {
            name: interval([day[name] for day in by_seed.values() if name in day])
            for name in FIGURES
            if any(name in day for day in by_seed.values())
        }
        for policy, by_seed in values.items()
    }


def _gaps(values: dict[str, dict[int, dict[str, float]]]) -> dict[str, Any]:
    """The staged bonus less each of the others, day by day."""
    ours = values.get("staged", {})
    found: dict[str, Any] = {}
    for policy, theirs in values.items():
        if policy == "staged" or not ours:
            continue
        found[policy] = {}
        for name in FIGURES:
            gaps = [
                ours[seed][name] - theirs[seed][name]
                for seed in theirs
                if name in theirs[seed] and name in ours[seed]
            ]
            if gaps:
                found[policy][name] = interval(gaps)
    return found


def _print(result: Result) -> None:
    """Every figure with its interval."""
    columns = dict(result.figures["policies"])
    columns |= {
        f"staged - {policy}": gaps for policy, gaps in result.figures["staged_less"].items()
    }
    print(f"{'':<38}" + "".join(f"{name:>28}" for name in columns))
    for name in FIGURES:
        cells = [_cell(found.get(name), name) for found in columns.values()]
        print(f"{name:<38}" + "".join(f"{cell:>28}" for cell in cells))


def _cell(found: dict[str, float] | None, name: str) -> str:
    """A mean with its 95 % interval; shares in per cent."""
    if found is None:
        return "-"
    times, unit = (100, " %") if name.endswith("_share") else (1, "")
    mean, low, high = (times * found[end] for end in ("mean", "low", "high"))
    return f"{mean:.2f}{unit} ({low:.2f} to {high:.2f})"


def _check(result: Result, days: dict[str, dict[int, Tally]], budget: int) -> None:
    """What is promised of every day, and of the budget."""
    for name in _ZERO:
        n = sum(int(day.figures[name]) for by_seed in days.values() for day in by_seed.values())
        result.at_most(f"{name}, all days", n, 0)
    for policy, most in (("staged", budget), ("none", 0)):
        earned = [
            day.figures["bonus_per_order_cents"] * day.figures["orders"]
            for day in days.get(policy, {}).values()
        ]
        if earned:
            # The figure is told in hundredths of a cent for each order.
            slack = _CENT * max(day.figures["orders"] for day in days[policy].values())
            result.at_most(f"cents earned on a day, {policy}", max(earned), most + slack)


if __name__ == "__main__":
    sys.exit(main())
