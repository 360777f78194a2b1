"""What the engine promises beside others, as checks over the tables of both variants."""

import math
from collections.abc import Iterable, Sequence

from benchmarks.redispatch.figures import Table
from benchmarks.report import Result

__all__ = ["LARGE", "broken", "check_calm", "check_handover", "check_priced", "check_service"]

LARGE = 1_000
NEARLY_ALL = 10 / 14
LEAST_LEAD = 0.97
PEERS_AT = {
    "100 ms": ("pyvrp-warm 100 ms", "vroom-warm-x5 100 ms", "vroom-warm-x0", "ortools-warm 100 ms"),
    "1 s": (
        "pyvrp-warm 1 s",
        "pyvrp-cold 1 s",
        "vroom-warm-x5 1 s",
        "vroom-warm-x5",
        "vroom-cold-x0",
        "ortools-warm 1 s",
    ),
}


def check_service(result: Result, table: Table, sizes: dict[str, int]) -> None:
    """Targets 2, 3 and 4: anybody can serve an orphan.

    Parameters
    ----------
    result : Result
        Gets the checks.
    table : Table
        Rows of variant A.
    sizes : dict of str to int
        Customers of each scenario's instance.
    """
    for other in ("pyvrp-warm 1 s", "vroom-warm-x5"):
        _mean(result, table, "2", "recourse 10 ms", other, 1.0)
        shared = table.common("recourse 10 ms", other)
        if shared:
            more = table.total("recourse 10 ms", "n_unserved", shared) - table.total(
                other, "n_unserved", shared
            )
            result.at_most(f"2: unserved more, recourse 10 ms than {other}", more, 0)
    ahead = table.ratio("recourse 100 ms", "pyvrp-warm 10 s")
    if ahead:
        _mean(result, table, "3", "recourse 100 ms", "pyvrp-warm 10 s", 1.0)
        result.at_most("3: median cost, recourse 100 ms over pyvrp-warm 10 s", ahead.median, 1.0)
        result.at_least(
            f"3: of {ahead.n} scenarios, at most 0.5 % over pyvrp-warm 10 s",
            ahead.n_within,
            math.ceil(NEARLY_ALL * ahead.n - 1e-9),
        )
    large = [name for name, n in sizes.items() if n >= LARGE]
    _mean(result, table, "4", "recourse 100 ms", "pyvrp-warm 10 s", 0.9, scenarios=large)
    for budget, others in PEERS_AT.items():
        for other in others:
            _mean(result, table, "4", f"recourse {budget}", other, LEAST_LEAD)


def check_handover(result: Result, table: Table) -> None:
    """Target 5: orphans have to be fetched.

    Parameters
    ----------
    result : Result
        Gets the checks.
    table : Table
        Rows of variant B.
    """
    _mean(result, table, "5", "recourse 10 ms", "pyvrp-warm 10 s", 1.005)
    _mean(result, table, "5", "recourse 100 ms", "pyvrp-warm 10 s", 1.0)


def check_calm(result: Result, table: Table) -> None:
    """Target 6: half the moved visits for half a percent.

    Parameters
    ----------
    result : Result
        Gets the checks.
    table : Table
        Rows of variant A.
    """
    calm, free = "recourse-calm 100 ms", "recourse 100 ms"
    shared = table.common(calm, free)
    if shared:
        moved = table.total(free, "n_moved", shared)
        share = table.total(calm, "n_moved", shared) / moved if moved else 0.0
        result.at_most("6: visits moved, with a price of change over without", share, 0.5)
        _mean(result, table, "6", calm, free, 1.005)


def check_priced(result: Result, table: Table) -> None:
    """Variant C: beside the best of all peers in all their encodings, for each scenario anew.

    Parameters
    ----------
    result : Result
        Gets the checks.
    table : Table
        Rows of variant C.
    """
    peers = [way for way in table.rows if not way.startswith("recourse")]
    second = [way for way in peers if not way.endswith("10 s")]
    wide = table.with_best_of("best peer 10 s", peers).with_best_of("best peer 1 s", second)
    _mean(result, wide, "C", "recourse 100 ms", "best peer 1 s", 1.0)
    _mean(result, wide, "C", "recourse 1 s", "best peer 1 s", LEAST_LEAD)
    _mean(result, wide, "C", "recourse 1 s", "best peer 10 s", 1.0)


def _mean(
    result: Result,
    table: Table,
    target: str,
    way: str,
    other: str,
    limit: float,
    *,
    scenarios: Sequence[str] | None = None,
) -> None:
    """Check the mean of the ratios of cost, where both ways were measured."""
    ratio = table.ratio(way, other, scenarios)
    if ratio:
        which = "" if scenarios is None else f", {LARGE} customers and more"
        result.at_most(f"{target}: mean cost, {way} over {other}{which}", ratio.mean, limit)


def broken(tables: Iterable[Table], *, ours: str) -> list[str]:
    """Name every rule that an answer of ours broke.

    Parameters
    ----------
    tables : iterable of Table
        Where to look.
    ours : str
        How the names of our solvers begin.

    Returns
    -------
    list of str
        Scenario, budget, seed and rule of each.
    """
    return [
        f"{row.scenario} {row.way} seed {row.seed}: {rule}"
        for table in tables
        for by_scenario in table.rows.values()
        for rows in by_scenario.values()
        for row in rows
        if row.solver.startswith(ours)
        for rule in row.broken
    ]
