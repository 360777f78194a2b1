"""What rows of measurement amount to: gaps, ratios with their intervals, tables."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.redispatch.rows import Row

__all__ = ["Ratio", "Table", "table"]

N_RESAMPLES = 4_000
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Cost of one way over that of another, scenario by scenario.

    Attributes
    ----------
    mean, median : float
        Over scenarios; each is the mean over its seeds.
    low, high : float
        95 % interval of the mean, scenarios drawn again with replacement.
    n, n_within : int
        Scenarios, and those where it is at most 1.005.
    """

    mean: float
    median: float
    low: float
    high: float
    n: int
    n_within: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by way and scenario.

    Attributes
    ----------
    rows : dict of str to dict of str to list of Row
        Way, then scenario, then seeds.
    best : dict of str to int
        Best cost known of each scenario.
    """

    rows: dict[str, dict[str, list[Row]]]
    best: dict[str, int]

    def cost(self, way: str, scenario: str) -> float:
        """Mean cost over seeds."""
        return statistics.fmean(row.cost for row in self.rows[way][scenario])

    def with_best_of(self, name: str, ways: Iterable[str]) -> "Table":
        """Add a way that is the best of others, scenario by scenario."""
        known = [way for way in ways if way in self.rows]
        best = {
            scenario: min(
                (self.rows[way][scenario] for way in known if scenario in self.rows[way]),
                key=lambda rows: statistics.fmean(row.cost for row in rows),
                default=[],
            )
            for scenario in self.best
        }
        found = {scenario: rows for scenario, rows in best.items() if rows}
        return Table({**self.rows, **({name: found} if found else {})}, self.best)

    def common(self, *ways: str) -> list[str]:
        """Scenarios that all of these ways have answered."""
        if any(way not in self.rows for way in ways):
            return []
        return [name for name in self.best if all(name in self.rows[way] for way in ways)]

    def ratio(self, way: str, other: str, scenarios: Iterable[str] | None = None) -> Ratio | None:
        """Cost of one way over another's; None where they share no scenario."""
        wanted = None if scenarios is None else set(scenarios)
        names = [name for name in self.common(way, other) if wanted is None or name in wanted]
        if not names:
            return None
        found = np.array([self.cost(way, name) / self.cost(other, name) for name in names])
        # The same draws in every run: an interval that moves by itself tells nobody anything.
        draws = np.random.Generator(np.random.PCG64(1)).integers(
            len(found), size=(N_RESAMPLES, len(found))
        )
        low, high = np.percentile(found[draws].mean(axis=1), INTERVAL)
        return Ratio(
            mean=float(found.mean()),
            median=float(np.median(found)),
            low=float(low),
            high=float(high),
            n=len(found),
            n_within=int((found <= 1.005).sum()),
        )

    def total(self, way: str, name: str, scenarios: Iterable[str]) -> float:
        """Sum over scenarios of the mean over seeds of one figure."""
        return sum(
            statistics.fmean(getattr(row, name) for row in self.rows[way][scenario])
            for scenario in scenarios
        )

    def line(self, way: str) -> dict[str, Any]:
        """One line of the table of all ways."""
        names = self.common(way)
        gaps = [100 * (self.cost(way, name) / self.best[name] - 1) for name in names]
        every = [row for name in names for row in self.rows[way][name]]
        return {
            "n_scenarios": len(names),
            "cpu_s": _rounded(statistics.fmean(row.solve_s for row in every)),
            "setup_s": _rounded(statistics.fmean(row.setup_s for row in every)),
            "pace_ms": _rounded(statistics.fmean(row.pace_ms for row in every)),
            "mean_gap_percent": round(statistics.fmean(gaps), 2),
            "median_gap_percent": round(statistics.median(gaps), 2),
            "worst_gap_percent": round(max(gaps), 2),
            "spread_of_seeds_percent": self._spread(way, names),
            "n_unserved": round(self.total(way, "n_unserved", names), 1),
            "moved_a_scenario": round(self.total(way, "n_moved", names) / len(names), 1),
            "n_broken": sum(bool(row.broken) for row in every),
        }

    def _spread(self, way: str, names: Sequence[str]) -> float:
        """Mean over scenarios of the standard deviation over seeds, in percent of the cost."""
        found = [
            100 * statistics.stdev(costs) / statistics.fmean(costs)
            for name in names
            if len(costs := [row.cost for row in self.rows[way][name]]) > 1
        ]
        return round(statistics.fmean(found), 2) if found else 0.0

    def scenario(self, name: str) -> dict[str, Any]:
        """Every way's figures of one scenario."""
        return {
            way: {
                "cost": round(self.cost(way, name) / 10, 1),
                "gap_percent": round(100 * (self.cost(way, name) / self.best[name] - 1), 2),
                "n_unserved": round(self.total(way, "n_unserved", [name]), 1),
                "n_moved": round(self.total(way, "n_moved", [name]), 1),
            }
            for way in self.rows
            if name in self.rows[way]
        }

    def ratios(self, ours: Sequence[str], others: Sequence[str]) -> list[dict[str, Any]]:
        """Every way of ours against every way of others, as percent of difference."""
        found = []
        for way in ours:
            for other in others:
                ratio = self.ratio(way, other)
                if ratio:
                    shares = asdict(ratio)
                    percent = {
                        f"{key}_percent": round(100 * (shares[key] - 1), 2)
                        for key in ("mean", "median", "low", "high")
                    }
                    counts = {"n": ratio.n, "n_at_most_half_percent_worse": ratio.n_within}
                    found.append({"way": way, "over": other, **percent, **counts})
        return found


def table(rows: Iterable[Row], best: dict[str, int]) -> Table:
    """Sort rows by way and scenario.

    Parameters
    ----------
    rows : iterable of Row
        All that count.
    best : dict of str to int
        Best cost known of each scenario; also says which scenarios there are.

    Returns
    -------
    Table
        The same, sorted; ways in the order in which they first come.
    """
    found: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if row.scenario in best:
            found.setdefault(row.way, {}).setdefault(row.scenario, []).append(row)
    return Table(found, best)


def _rounded(seconds: float) -> float:
    """Three digits that mean something."""
    return round(seconds, 2 - math.floor(math.log10(seconds))) if seconds > 0 else 0.0
