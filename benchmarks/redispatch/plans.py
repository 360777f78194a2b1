"""The plans that were running: brought with the instances, or made once and kept.

A plan that is missing is made by PyVRP with a fixed number of iterations and one seed, the same for
every instance, and kept with hashes of itself and of what it is for.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.redispatch.scenario import UNIT, Day, whole_day
from recourse.adapters.benchmark_files import BenchmarkInstance, read_instance, read_routes
from recourse.model.errors import Invalid

__all__ = ["ITERATIONS", "Plans", "instance", "plan_hash"]

ITERATIONS = 2_000
FACTOR, N_TRIES = 4, 4
"""Where no plan serves everybody, it is looked for longer, so often."""

SEED = 1

Routes = tuple[tuple[int, ...], ...]


@lru_cache(maxsize=512)
def instance(path: Path) -> BenchmarkInstance:
    """A file, read once.

    Parameters
    ----------
    path : Path
        Which.

    Returns
    -------
    BenchmarkInstance
        What it says.
    """
    return read_instance(path)


def plan_hash(routes: Routes) -> str:
    """Hash of a plan.

    Parameters
    ----------
    routes : tuple of tuple of int
        Customers of each vehicle.

    Returns
    -------
    str
        Equal for equal plans.
    """
    return hashlib.sha256(json.dumps(routes).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Where plans are.

    Attributes
    ----------
    data : Path
        The instances; plans that came with them are in `plans/`, there or beside a file.
    made : Path
        Where plans are kept that did not.
    iterations : int
        How long PyVRP looks for each of those.
    """

    data: Path
    made: Path
    iterations: int = ITERATIONS

    def file(self, path: Path) -> Path:
        """Where the plan of an instance is, or will be.

        Parameters
        ----------
        path : Path
            The instance.

        Returns
        -------
        Path
            A file that may not exist yet.
        """
        folders = [self.data / "plans", path.parent / "plans", path.parent.parent / "plans"]
        names = [f"{path.stem.upper()}.json", f"{path.stem.upper()}.sol"]
        kept = [folder / name for folder in folders for name in names]
        return next((file for file in kept if file.exists()), self.made / names[0])

    def read(self, path: Path) -> Routes:
        """The plan of an instance, made if need be, and checked.

        Parameters
        ----------
        path : Path
            The instance.

        Returns
        -------
        tuple of tuple of int
            Customers of each vehicle.

        Raises
        ------
        Invalid
            If it is not of this instance, was changed, or leaves somebody out.
        """
        file, asked = self.file(path), instance(path)
        if not file.exists():
            self.make(path)
        if file.suffix == ".sol":
            routes = read_routes(file, n_customers=asked.n_customers)
        else:
            kept = json.loads(file.read_text())
            routes = tuple(tuple(route) for route in kept["routes"] if route)
            if kept.get("sha256", plan_hash(routes)) != plan_hash(routes):
                raise Invalid(field=file.name, why="was changed after it was made; delete it")
            if kept.get("instance_sha256", _file_hash(path)) != _file_hash(path):
                raise Invalid(field=file.name, why=f"is not of this {path.name}; delete it")
        if sorted(c for route in routes for c in route) != list(range(1, asked.n_customers + 1)):
            raise Invalid(field=file.name, why="does not visit every customer once")
        return routes

    def make(self, path: Path) -> None:
        """Make the plan of an instance and keep it.

        Parameters
        ----------
        path : Path
            The instance.

        Raises
        ------
        Invalid
            If none was found that serves everybody.
        """
        asked = instance(path)
        day = whole_day(asked)
        for iterations in (self.iterations * FACTOR**k for k in range(N_TRIES)):
            print(f"{asked.name}: making a plan, {iterations} iterations of PyVRP", flush=True)
            if routes := _found(asked, day, iterations):
                break
        else:
            raise Invalid(field=path.name, why="no plan serves everybody; give it --iterations")
        kept: dict[str, Any] = {
            "name": asked.name.upper(),
            "solver": f"PyVRP, {iterations} iterations, seed {SEED}",
            "cost": _cost(routes, day.distances) / UNIT,
            "instance_sha256": _file_hash(path),
            "sha256": plan_hash(routes),
            "routes": routes,
        }
        self.made.mkdir(parents=True, exist_ok=True)
        self.file(path).write_text(json.dumps(kept) + "\n")


def _found(asked: BenchmarkInstance, day: Day, iterations: int) -> Routes | None:
    """What PyVRP finds in so many iterations; None if it does not serve everybody."""
    # Only here: a data folder that brings its plans needs no PyVRP to be looked at.
    from benchmarks.redispatch.with_pyvrp import plan_from_nothing  # noqa: PLC0415

    return plan_from_nothing(
        distances=day.distances,
        windows=list(zip(day.earliest.tolist(), day.latest.tolist(), strict=True)),
        service=day.service.tolist(),
        demand=day.demand.tolist(),
        fleet=(asked.n_vehicles, asked.capacity),
        iterations=iterations,
        seed=SEED,
    )


def _cost(routes: Routes, distances: np.ndarray) -> int:
    """Distance of all routes."""
    legs = [leg for route in routes for leg in zip((0, *route), (*route, 0), strict=True)]
    return sum(int(distances[leg]) for leg in legs)


def _file_hash(path: Path) -> str:
    """Hash of an instance's words, whatever its line ends."""
    return hashlib.sha256(b"\n".join(path.read_bytes().split())).hexdigest()
