"""Rows of measurement, kept as lines of JSON: a run that was cut goes on where it stopped."""

import json
import random
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.redispatch.answers import Entrant, cpu_s
from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.scenario import Scenario

__all__ = ["Row", "Rows", "measure", "recall"]

N_STEPS, N_PLACES = 20_000, 1 << 18
_MAZE = array("l", random.Random(1).sample(range(N_PLACES), N_PLACES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer, judged.

    Attributes
    ----------
    scenario, digest : str
        Which scenario, and the hash of what was told.
    solver, version : str
        Who answered.
    budget_ms, seed : int
        With what.
    cost, distance : int
        In tenths of the instance's unit.
    n_unserved, n_unserved_orphans, n_moved : int
        Requests.
    broken : tuple of str
        Rules broken.
    solve_s, setup_s : float
        Processor seconds.
    pace_ms : float
        Processor milliseconds of a fixed piece of work, just before and after: on a crowded machine
        a second of processor time buys less. 0 where it was not looked at.
    notes : dict
        What the solver said of itself.
    """

    scenario: str
    digest: str
    solver: str
    version: str
    budget_ms: int
    seed: int
    cost: int
    distance: int
    n_unserved: int
    n_unserved_orphans: int
    n_moved: int
    broken: tuple[str, ...]
    solve_s: float
    setup_s: float
    pace_ms: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def way(self) -> str:
        """Solver and budget, for tables."""
        if not self.budget_ms:
            return self.solver
        budget = f"{self.budget_ms} ms" if self.budget_ms < 1_000 else f"{self.budget_ms / 1e3:g} s"
        return f"{self.solver} {budget}"

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same measurement."""
        return (self.digest, self.solver, self.version, self.budget_ms, self.seed)


class Rows:
    """All rows of a file.

    Parameters
    ----------
    file : Path
        Lines of JSON; made when the first row is kept.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows: dict[tuple[object, ...], Row] = {}
        for line in file.read_text().splitlines() if file.exists() else []:
            try:
                given = json.loads(line)
            except json.JSONDecodeError:
                continue  # the run was cut while this line was written
            row = Row(**{**given, "broken": tuple(given["broken"])})
            self._rows[row.key] = row

    def find(self, scenario: Scenario, entrant: Entrant, budget_ms: int, seed: int) -> Row | None:
        """A measurement that was made already.

        Parameters
        ----------
        scenario, entrant, budget_ms, seed
            What was measured.

        Returns
        -------
        Row or None
            None if there is none of this scenario and version.
        """
        key = (scenario.digest(), entrant.name, entrant.version, budget_ms, seed)
        return self._rows.get(key)

    def keep(self, row: Row) -> None:
        """Write a row down at once.

        Parameters
        ----------
        row : Row
            What was found.
        """
        self._rows[row.key] = row
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")

    def best_costs(self, scenarios: Iterable[Scenario]) -> dict[str, int]:
        """Lowest cost ever found of each scenario, by any version of any solver.

        Parameters
        ----------
        scenarios : iterable of Scenario
            Which.

        Returns
        -------
        dict of str to int
            By scenario; only answers that break no rule count.
        """
        digests = {scenario.digest(): scenario.id for scenario in scenarios}
        best: dict[str, int] = {}
        for row in self._rows.values():
            if row.digest in digests and not row.broken:
                name = digests[row.digest]
                best[name] = min(row.cost, best.get(name, row.cost))
        return best


def measure(
    rows: Rows,
    scenario: Scenario,
    entrant: Entrant,
    *,
    seeds: Sequence[int],
) -> list[Row]:
    """Let a solver answer, or take the rows of an earlier run.

    Parameters
    ----------
    rows : Rows
        Where they are kept.
    scenario : Scenario
        What is asked.
    entrant : Entrant
        Who answers.
    seeds : sequence of int
        With what; a solver without dice is asked with the first only.

    Returns
    -------
    list of Row
        One of each budget and seed.
    """
    found = []
    for budget_ms, seed in _wanted(entrant, scenario, seeds):
        row = rows.find(scenario, entrant, budget_ms, seed)
        if row is None:
            row = _ask(scenario, entrant, budget_ms, seed)
            rows.keep(row)
            print(f"{row.scenario:<16}{row.way:<24}{row.seed:>3}{row.cost / 10:>12,.1f}"
                  f"{row.n_unserved:>5}{row.solve_s:>8.3f} s", flush=True)  # fmt: skip
        found.append(row)
    return found


def recall(rows: Rows, scenario: Scenario, entrant: Entrant, *, seeds: Sequence[int]) -> list[Row]:
    """Take what an earlier run has found, and measure nothing.

    Parameters
    ----------
    rows, scenario, entrant, seeds
        As of `measure`.

    Returns
    -------
    list of Row
        Those there are.
    """
    found = [rows.find(scenario, entrant, *wanted) for wanted in _wanted(entrant, scenario, seeds)]
    return [row for row in found if row]


def _wanted(entrant: Entrant, scenario: Scenario, seeds: Sequence[int]) -> list[tuple[int, int]]:
    """Budgets and seeds; without dice, or without a search, one seed is enough."""
    if scenario.wish.variant not in entrant.variants:
        return []
    return [
        (budget_ms, seed)
        for budget_ms in entrant.budgets_ms
        for seed in (seeds if entrant.has_dice and budget_ms else seeds[:1])
    ]


def _ask(scenario: Scenario, entrant: Entrant, budget_ms: int, seed: int) -> Row:
    before_ms = _pace_ms()
    answer = entrant.solve(scenario, budget_ms / 1e3, seed)
    after_ms = _pace_ms()
    verdict = judge(scenario, answer.routes)
    return Row(
        scenario=scenario.id,
        digest=scenario.digest(),
        solver=entrant.name,
        version=entrant.version,
        budget_ms=budget_ms,
        seed=seed,
        solve_s=round(answer.solve_s, 6),
        setup_s=round(answer.setup_s, 6),
        pace_ms=round((before_ms + after_ms) / 2, 4),
        notes=answer.notes,
        **asdict(verdict),
    )


def _pace_ms() -> float:
    """Walk in random order through two megabytes, as searches do, and say how long that took."""
    began_s, at = cpu_s(), 0
    for _ in range(N_STEPS):
        at = _MAZE[at]
    return 1e3 * (cpu_s() - began_s)
