"""Which scenarios a folder of data holds, and the plans that were running.

The folder has instances anywhere in it, `scenarios.json` where it names its own, and plans under
`plans/`. Plans that are missing are made by PyVRP with a fixed number of iterations and kept, with
hashes, in a folder of the user's.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.redispatch.scenario import (
    HANDOVER,
    SERVICE,
    Scenario,
    Wish,
    broken_down,
    whole_day,
)
from recourse.adapters.benchmark_files import BenchmarkInstance, read_instance, read_routes
from recourse.model.errors import Invalid

__all__ = ["Folder", "known_faults"]

KNOWN = Path(__file__).with_name("known_scenarios.json")
PLAN_ITERATIONS = 2_000
PLAN_SEED = 1

Routes = tuple[tuple[int, ...], ...]
Asked = list[tuple[Path, Wish]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of instances, and one for plans that have to be made.

    Attributes
    ----------
    data : Path
        The instances.
    made : Path
        Where plans are kept that did not come with them.
    iterations : int
        How long PyVRP looks for each of those.
    """

    data: Path
    made: Path
    iterations: int = PLAN_ITERATIONS

    def scenarios(self, pattern: str | None) -> list[Scenario]:
        """All scenarios, in variant A and then B.

        Parameters
        ----------
        pattern : str or None
            Which files, under the folder; None for those that `scenarios.json` names, or all.

        Returns
        -------
        list of Scenario
            In the order of the files.

        Raises
        ------
        Invalid
            If there is none.
        """
        asked = self._listed() if pattern is None else None
        if asked is None:
            asked = self._every(pattern or "**/*.txt")
            asked = [(path, wish) for path, wish in asked if not _instance(path).has_pairs]
        if not asked:
            raise Invalid(field="--instances", why=f"no file of {self.data} fits {pattern!r}")
        return [self._scenario(path, wish) for path, wish in asked]

    def make_plans(self, pattern: str | None) -> int:
        """Make every plan that is missing.

        Parameters
        ----------
        pattern : str or None
            As of `scenarios`.

        Returns
        -------
        int
            How many were made.
        """
        asked = self._listed() if pattern is None else None
        paths = {path for path, _ in asked or self._every(pattern or "**/*.txt")}
        missing = [path for path in sorted(paths) if not self._plan_file(path).exists()]
        for path in missing:
            self._make(path)
        return len(missing)

    def _scenario(self, path: Path, wish: Wish) -> Scenario:
        return broken_down(_instance(path), self._plan(path), wish)

    def _listed(self) -> Asked | None:
        """What `scenarios.json` names, if there is one."""
        file = self.data / "scenarios.json"
        if not file.exists():
            return None
        listed = json.loads(file.read_text())
        by_name = {path.stem.upper(): path for path in sorted(self.data.rglob("*.txt"))}
        chance = {"seed": listed["seed"], "clock_share": listed["tfrac"]}
        found = []
        for variant, kind in ((SERVICE, "tune"), (HANDOVER, "handover")):
            for name, n_broken in listed.get(kind, []):
                if name not in by_name:
                    raise Invalid(
                        field=f"scenarios.json, {kind}", why=f"no file {name.lower()}.txt"
                    )
                found.append((by_name[name], Wish(n_broken=n_broken, variant=variant, **chance)))
        return found

    def _every(self, pattern: str) -> Asked:
        """One and three couriers lost of every instance, and three with parcels on board."""
        paths = sorted(p for p in self.data.glob(pattern) if p.is_file() and p.suffix == ".txt")
        wishes = [(SERVICE, 3), (SERVICE, 1), (HANDOVER, 3)]
        return [
            (path, Wish(n_broken=n, variant=variant)) for variant, n in wishes for path in paths
        ]

    def _plan_file(self, path: Path) -> Path:
        """Where the plan of an instance is, or will be."""
        name = path.stem.upper()
        kept = [self.data / "plans" / f"{name}{ending}" for ending in (".json", ".sol")]
        return next((file for file in kept if file.exists()), self.made / f"{name}.json")

    def _plan(self, path: Path) -> Routes:
        """The plan of an instance, made if need be, and checked."""
        file = self._plan_file(path)
        if not file.exists():
            self._make(path)
        instance = _instance(path)
        if file.suffix == ".sol":
            return read_routes(file, n_customers=instance.n_customers)
        kept = json.loads(file.read_text())
        routes: Routes = tuple(tuple(route) for route in kept["routes"])
        if "sha256" in kept and kept["sha256"] != _hash(kept["routes"]):
            raise Invalid(field=file.name, why="was changed after it was made; delete it")
        if "instance_sha256" in kept and kept["instance_sha256"] != _file_hash(path):
            raise Invalid(field=file.name, why=f"is not of this {path.name}; delete it")
        if sorted(c for route in routes for c in route) != list(range(1, instance.n_customers + 1)):
            raise Invalid(field=file.name, why="does not visit every customer once")
        return routes

    def _make(self, path: Path) -> None:
        """Make the plan of an instance and keep it."""
        # Only here: a data folder that brings its plans needs no PyVRP to be looked at.
        from benchmarks.redispatch.with_pyvrp import plan_from_nothing  # noqa: PLC0415

        instance = _instance(path)
        print(f"{instance.name}: making a plan, {self.iterations} iterations of PyVRP", flush=True)
        day = whole_day(instance)
        routes = plan_from_nothing(
            distances=day.distances,
            windows=list(zip(day.earliest.tolist(), day.latest.tolist(), strict=True)),
            service=day.service.tolist(),
            demand=day.demand.tolist(),
            fleet=(instance.n_vehicles, instance.capacity),
            iterations=self.iterations,
            seed=PLAN_SEED,
        )
        kept: dict[str, Any] = {
            "name": instance.name.upper(),
            "solver": f"PyVRP, {self.iterations} iterations, seed {PLAN_SEED}",
            "cost": _cost(routes, day.distances) / 10,
            "instance_sha256": _file_hash(path),
            "sha256": _hash(routes),
            "routes": routes,
        }
        self.made.mkdir(parents=True, exist_ok=True)
        self._plan_file(path).write_text(json.dumps(kept) + "\n")


@lru_cache(maxsize=512)
def _instance(path: Path) -> BenchmarkInstance:
    """A file, read once."""
    return read_instance(path)


def known_faults(scenarios: Sequence[Scenario], costs: dict[str, int]) -> list[str]:
    """Scenarios with a published name that came out otherwise than published.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Those at hand.
    costs : dict of str to int
        Cost of doing nothing, by scenario.

    Returns
    -------
    list of str
        What differs; empty when all published ones at hand agree.
    """
    known = json.loads(KNOWN.read_text())
    found = []
    for scenario in scenarios:
        was = known.get(scenario.id)
        now = {
            "n_orphans": scenario.n_orphans,
            "do_nothing_cost": costs[scenario.id],
            "digest": scenario.digest(),
        }
        if was and was != now:
            found.append(f"{scenario.id}: {was} was published, {now} came out")
    return found


def _cost(routes: Routes, distances: np.ndarray) -> int:
    """Distance of all routes."""
    legs = [leg for route in routes for leg in zip((0, *route), (*route, 0), strict=True)]
    return sum(int(distances[leg]) for leg in legs)


def _hash(routes: object) -> str:
    """Hash of a plan."""
    return hashlib.sha256(json.dumps(routes).encode()).hexdigest()


def _file_hash(path: Path) -> str:
    """Hash of an instance's numbers, whatever its line ends."""
    return hashlib.sha256(b"\n".join(path.read_bytes().split())).hexdigest()
