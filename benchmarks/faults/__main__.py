"""Kill workers at every place between an effect and its record; nothing may be lost or doubled.

Every variant of a case is played in a tiny town: before or after the pickup, each cause, each kind
of holder, each answer of the customer and of the courier, and turns such as a second loss. The
worker is a process of its own, killed by SIGKILL at a named place; when its lease has run out,
another goes on. What it came to is held against the calm run of the same variant, and read by the
auditor. A run that was stopped goes on where it was. `--soak` lets workers and PostgreSQL be killed
at random moments instead, `--zombie` stops a worker and lets it come back late.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from rich.progress import track

from benchmarks.faults.rules import unreached
from benchmarks.faults.soak import soak
from benchmarks.faults.sweep import Journal, Plan, Played, play_all
from benchmarks.faults.variants import variants
from benchmarks.faults.verdict import Faulty
from benchmarks.faults.zombie import wake
from benchmarks.report import Result
from recourse.durable import FaultPoint
from tests.servers import Postgres

_POINTS = (
    FaultPoint.AFTER_LEASE,
    FaultPoint.BEFORE_RECORD,
    FaultPoint.BEFORE_COMMIT,
    FaultPoint.AFTER_COMMIT,
)


def main() -> int:
    """Sweep, or soak, and check what is left."""
    given = _arguments()
    if given.soak:
        return soak(given).finish(given.json)
    if given.zombie:
        return wake(given).finish(given.json)
    return _sweep(given).finish(given.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, help="1000; 20000 with --soak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--stages", type=int, default=3, help="processes that play beside each other"
    )
    parser.add_argument(
        "--together", type=int, default=16, help="cases beside each other in each process"
    )
    parser.add_argument("--anew", action="store_true", help="forget what was played before")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--soak", action="store_true", help="kill workers and PostgreSQL at random")
    parser.add_argument("--workers", type=int, default=4, help="of the soak")
    parser.add_argument(
        "--zombie", action="store_true", help="stop a worker, let it come back late"
    )
    parser.add_argument("--stopped-s", type=float, default=60, help="how long it is stopped")
    given = parser.parse_args()
    given.cases = given.cases or (20_000 if given.soak else 1_000)
    return given


def _sweep(given: argparse.Namespace) -> Result:
    """Play the cases that were not played yet."""
    plan = Plan(n_cases=given.cases, seed=given.seed)
    path = Path("out") / "faults" / f"{given.db}-{given.seed}.jsonl"
    if given.anew:
        path.unlink(missing_ok=True)
    journal = Journal(path, plan.mark())
    left = [number for number in range(plan.n_cases) if number not in journal.played]
    with _server(given.db) as server:
        told: Iterable[Played] = play_all(
            plan, left, n_stages=given.stages, n_together=given.together, server=server
        )
        for played in track(told, total=len(left), description="cases", disable=not left):
            journal.add(played)
            if not played.is_clean:
                print(f"case {played.number} ({played.variant}): {played.error or played.faulty}")
    kept = [journal.played[number] for number in range(plan.n_cases)]
    result = Result(
        name="faults",
        seeds=(given.seed,),
        budget=f"{plan.n_cases} cases on {given.db}, {len(left)} of them now, "
        f"{given.stages} beside each other",
    )
    _check(result, kept)
    return result


def _check(result: Result, played: list[Played]) -> None:
    """Write down what was found."""
    points: Counter[str] = Counter()
    for one in played:
        points.update(one.points)
    n_variants = len(variants())
    result.figures = {
        "variants": n_variants,
        "deaths": sum(one.n_deaths for one in played),
        "deaths_at": dict(sorted(points.items())),
        "faulty": [one.number for one in played if not one.is_clean],
    }
    for field in fields(Faulty):
        total = sum(getattr(one.faulty, field.name) for one in played)
        result.at_most(_SAYS[field.name], total, 0)
    result.at_most("stories that broke off", sum(bool(one.error) for one in played), 0)
    result.at_most("variants nobody played", n_variants - len({one.variant for one in played}), 0)
    result.at_most("kinds of place where nobody died", sum(not points[p] for p in _POINTS), 0)
    missed = unreached(rule for one in played for rule in one.rules)
    result.at_most("rules of the case machine no variant comes to", len(missed), 0)
    if missed:
        print(f"no variant comes to: {', '.join(missed)}")


_SAYS = {
    "lost": "lost parcels",
    "doubled_remedies": "doubled remedies",
    "doubled_notices": "doubled notices",
    "doubled_offers": "doubled offers",
    "unended": "orders and cases without an end",
    "broken": "findings of the auditor, and parked commands",
    "different": "cases that ended otherwise than the calm run",
}


@contextmanager
def _server(name: str) -> Iterator[str]:
    """Address of a PostgreSQL server, or nothing for SQLite."""
    if name == "sqlite":
        yield ""
        return
    with Postgres() as server:
        yield server.url()


if __name__ == "__main__":
    sys.exit(main())
