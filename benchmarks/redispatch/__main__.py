"""Let couriers of a running plan drop out, and compare how everybody repairs it.

Every answer is judged by one checker that no solver shares. Budgets are processor time of one
thread; set-up is counted apart and charged to nobody. Rows are kept as they are found, so that a
run that was cut goes on, and peers are measured once. `make-plans` makes the plans that a folder of
instances lacks, and nothing else.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.redispatch import with_ortools, with_pyvrp, with_recourse, with_vroom
from benchmarks.redispatch.answers import Entrant
from benchmarks.redispatch.figures import Table, table
from benchmarks.redispatch.folder import Folder, known_faults
from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.plans import ITERATIONS, Plans
from benchmarks.redispatch.plot import draw
from benchmarks.redispatch.priced import with_prices
from benchmarks.redispatch.rows import Row, Rows, measure, recall
from benchmarks.redispatch.rules import check_rules
from benchmarks.redispatch.scenario import HANDOVER, PRICED, SERVICE, Scenario
from benchmarks.redispatch.speed import check_speed
from benchmarks.redispatch.targets import (
    LARGE,
    broken,
    check_calm,
    check_handover,
    check_priced,
    check_service,
)
from benchmarks.report import Result
from recourse.model.errors import Invalid

OURS = "recourse"
TITLES = {
    SERVICE: "A: anybody can serve an orphan",
    HANDOVER: "B: orphans must be fetched",
    PRICED: "C: as A, and much bends at a price",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, and say which targets are met."""
    given = _options(arguments)
    try:
        return _make_plans(given) if given.what == "make-plans" else _run(given)
    except Invalid as error:
        print(f"redispatch: {error}", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="redispatch", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("run", "make-plans"), default="run")
    parser.add_argument("--data", type=Path, help="folder of instances; without: towns made up")
    parser.add_argument("--instances", metavar="GLOB", help="files under it; default: all it names")
    parser.add_argument(
        "--solvers", nargs="+", metavar="NAME", help="who is measured; default: all"
    )
    parser.add_argument("--seeds", type=int, default=10, help="of ours")
    parser.add_argument("--peer-seeds", type=int, default=1, help="of peers that throw dice")
    parser.add_argument(
        "--budgets", nargs="+", type=int, metavar="MS", help="instead of each's own"
    )
    parser.add_argument("--events", type=int, default=400, help="first answers timed; 0: none")
    parser.add_argument("--disruptions", type=int, default=10_000, help="random ones; 0: none")
    parser.add_argument("--plans", type=Path, default=Path("out/redispatch-plans"))
    parser.add_argument("--iterations", type=int, default=ITERATIONS, help="for a plan made")
    parser.add_argument("--rows", type=Path, help="lines of JSON; default: beside --json")
    parser.add_argument("--json", type=Path, help="where to write the result")
    parser.add_argument("--plot", type=Path, help="where to draw it: .png, .svg or .pdf")
    return parser.parse_args(arguments)


def _folder(given: argparse.Namespace) -> Folder:
    if given.data is None or not given.data.is_dir():
        raise Invalid(field="--data", why=f"there is no folder {given.data or ''}")
    plans = Plans(data=given.data, made=given.plans, iterations=given.iterations)
    return Folder(data=given.data, plans=plans)


def _make_plans(given: argparse.Namespace) -> int:
    """Make the plans that are missing."""
    n_made = _folder(given).make_plans(given.instances)
    print(f"{n_made} plans made, in {given.plans}")
    return 0


def _run(given: argparse.Namespace) -> int:
    """Compare, then look at the engine alone."""
    seeds = tuple(range(1, given.seeds + 1))
    result = Result(
        name="redispatch",
        seeds=seeds,
        budget="processor time of one thread, set-up apart, by the line; "
        f"{given.peer_seeds} seed{'s' * (given.peer_seeds > 1)} of peers that throw dice",
    )
    scenarios = []
    if given.data is None:
        print("no --data: nobody is compared; the engine alone, in towns made up")
    else:
        scenarios = _folder(given).scenarios(given.instances)
        scenarios += [with_prices(s) for s in scenarios if _is_priced(s)]
        _compare(result, given, scenarios, seeds)
    check_speed(result, scenarios, n_events=given.events)
    check_rules(result, n=given.disruptions, seed=1)
    return result.finish(given.json)


def _is_priced(scenario: Scenario) -> bool:
    """Whether it comes in variant C too: not so large that a peer's costs by courier overflow."""
    wish = scenario.wish
    return wish.variant == SERVICE and wish.n_broken > 1 and scenario.n_customers < LARGE


def _entrants(names: Sequence[str] | None, budgets_ms: Sequence[int] | None) -> list[Entrant]:
    """Everybody there is, ours first; names that nobody has are refused."""
    modules = (with_recourse, with_pyvrp, with_vroom, with_ortools)
    found = [entrant for module in modules for entrant in module.entrants()]
    known = [entrant.name for entrant in found]
    if unknown := sorted(set(names or ()) - set(known)):
        raise Invalid(field="--solvers", why=f"no {', '.join(unknown)}; there are: {known}")
    return [entrant.with_budgets(budgets_ms) if budgets_ms else entrant for entrant in found]


def _measured(
    kept: Rows, given: argparse.Namespace, scenarios: list[Scenario], seeds: tuple[int, ...]
) -> list[Row]:
    """Everybody on every scenario: measured now or before."""
    found: list[Row] = []
    entrants = _entrants(given.solvers, given.budgets)
    for scenario in scenarios:
        for entrant in entrants:
            is_asked = not given.solvers or entrant.name in given.solvers
            wanted = seeds if entrant.name.startswith(OURS) else range(1, given.peer_seeds + 1)
            found += (measure if is_asked else recall)(kept, scenario, entrant, seeds=wanted)
    return found


def _compare(
    result: Result, given: argparse.Namespace, scenarios: list[Scenario], seeds: tuple[int, ...]
) -> None:
    """Measure everybody, and check what was promised."""
    kept = Rows(given.rows or (given.json or Path("out/redispatch.json")).with_suffix(".jsonl"))
    found = _measured(kept, given, scenarios, seeds)
    nothing = {scenario.id: judge(scenario, scenario.plan).cost for scenario in scenarios}
    best = nothing | kept.best_costs(scenarios)
    tables = {
        variant: table(found, {s.id: best[s.id] for s in scenarios if s.wish.variant == variant})
        for variant in TITLES
    }
    faults = known_faults(scenarios, nothing)
    result.figures |= _figures(tables, scenarios, nothing, best)
    result.figures["unlike published"] = faults
    result.figures["broken"] = broken(tables.values(), ours=OURS)
    result.at_most("published scenarios that came out otherwise", len(faults), 0)
    check_service(result, tables[SERVICE], {s.id: s.n_customers for s in scenarios})
    check_handover(result, tables[HANDOVER])
    check_calm(result, tables[SERVICE])
    check_priced(result, tables[PRICED])
    result.at_most("8: rules broken by answers above", len(result.figures["broken"]), 0)
    _show(tables)
    if given.plot:
        draw({TITLES[v]: one for v, one in tables.items() if one.rows}, given.plot)
        print(f"drawn in {given.plot}")


def _figures(
    tables: dict[str, Table],
    scenarios: list[Scenario],
    nothing: dict[str, int],
    best: dict[str, int],
) -> dict[str, object]:
    """Everything found, as plain data."""
    return {
        "scenarios": {
            s.id: {
                "n_couriers": s.n_couriers,
                "n_open_visits": len(s.visits),
                "n_orphans": s.n_orphans,
                "do_nothing_cost": nothing[s.id] / 10,
                "best_known_cost": best[s.id] / 10,
                "digest": s.digest(),
                "ways": tables[s.wish.variant].scenario(s.id),
            }
            for s in scenarios
        },
        "table": {v: {way: one.line(way) for way in one.rows} for v, one in tables.items()},
        "ratios": {
            v: one.ratios(
                [way for way in one.rows if way.startswith(OURS)],
                [way for way in one.rows if not way.startswith(OURS)],
            )
            for v, one in tables.items()
        },
    }


def _show(tables: dict[str, Table]) -> None:
    """Print the table of each variant, then its scenarios."""
    for variant, one in tables.items():
        if one.rows:
            print(f"\n{TITLES[variant]}")
            print(f"{'':<24}{'cpu s':>9}{'mean %':>9}{'median %':>10}{'unserved':>10}{'moved':>8}")
        for way in one.rows:
            line = one.line(way)
            print(
                f"{way:<24}{line['cpu_s']:>9.4g}{line['mean_gap_percent']:>9.2f}"
                f"{line['median_gap_percent']:>10.2f}{line['n_unserved']:>10.1f}"
                f"{line['moved_a_scenario']:>8.1f}"
            )
        _show_scenarios(one)
    print()


def _show_scenarios(one: Table) -> None:
    """Print our gaps on each scenario, and the smallest of all peers with its name."""
    ours = [way for way in one.rows if way.startswith(OURS)]
    if ours:
        titles = "".join(f"{way.removeprefix(OURS).strip(' -') or 'first':>14}" for way in ours)
        print(f"\n{'gap, %':<18}{'best known':>12}{titles}   best peer")
    for name, best in one.best.items() if ours else ():
        gaps = {way: cells["gap_percent"] for way, cells in one.scenario(name).items()}
        mine = "".join(f"{gaps[way]:>14.2f}" if way in gaps else f"{'':>14}" for way in ours)
        peers = {way: gap for way, gap in gaps.items() if way not in ours}
        first = min(peers, key=lambda way: peers[way], default="")
        shown = f"{peers[first]:>8.2f}  {first}" if first else ""
        print(f"{name:<18}{best / 10:>12,.1f}{mine}   {shown}")


if __name__ == "__main__":
    sys.exit(main())
