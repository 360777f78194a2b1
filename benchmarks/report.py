"""Show results that benchmarks wrote: `report FILE...`; ends with 1 if a check was not met."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["Check", "Result", "machine", "versions"]

_PACKAGES = (
    "recourse", "recourse-kernel", "numpy", "scipy", "scikit-learn", "sqlalchemy", "psycopg",
    "pydantic", "ortools", "pyvroom", "pyvrp",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One promise and whether it was kept.

    Attributes
    ----------
    name : str
        What was looked at, with its unit.
    value : float
        What was found.
    limit : float
        What was promised.
    met : bool
        Whether the value is within the limit.
    """

    name: str
    value: float
    limit: float
    met: bool


@dataclass(slots=True, kw_only=True)
class Result:
    """What a benchmark found.

    Attributes
    ----------
    name : str
        Which benchmark.
    seeds : tuple of int
        Where its dice began.
    budget : str
        What it was allowed, in words: sizes, seconds, processes.
    figures : dict
        What was found, as plain data.
    checks : list of Check
        What was promised.
    """

    name: str
    seeds: tuple[int, ...]
    budget: str
    figures: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        """Whether every check was met."""
        return all(check.met for check in self.checks)

    def at_most(self, name: str, value: float, limit: float) -> None:
        """Check that a value does not pass a limit."""
        self.checks.append(Check(name=name, value=value, limit=limit, met=value <= limit))

    def at_least(self, name: str, value: float, limit: float) -> None:
        """Check that a value reaches a limit."""
        self.checks.append(Check(name=name, value=value, limit=limit, met=value >= limit))

    def data(self) -> dict[str, Any]:
        """Everything, as it is written."""
        return {
            "name": self.name,
            "seeds": list(self.seeds),
            "budget": self.budget,
            "machine": machine(),
            "versions": versions(),
            "figures": self.figures,
            "checks": [asdict(check) for check in self.checks],
        }

    def finish(self, file: Path | None = None) -> int:
        """Print the checks, write the file if one was asked for, and return the exit status."""
        _show(self.data())
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self.data(), indent=1, ensure_ascii=False) + "\n")
            print(f"written to {file}")
        return 0 if self.is_met else 1


def machine() -> dict[str, Any]:
    """What the figures were found on."""
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    memory = next((line for line in _lines(Path("/proc/meminfo")) if "MemTotal" in line), "")
    return {
        "processor": names[0] if names else platform.processor(),
        "n_cores": os.cpu_count(),
        "memory_gb": round(int(memory.split()[1]) / 1e6, 1) if memory else None,
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """With which Python and packages they were found."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _lines(path: Path) -> list[str]:
    """Lines of a file of the system, if there is one."""
    return path.read_text().splitlines() if path.exists() else []


def _show(data: dict[str, Any]) -> None:
    """Print a result as a table."""
    print(f"{data['name']}: {data['budget']}; seeds {data['seeds']}")
    for check in data["checks"]:
        mark = "met " if check["met"] else "MISS"
        print(f"  {mark} {check['name']:<58} {check['value']:>12,.6g}  limit {check['limit']:,.6g}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Show every file named."""
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="written with --json")
    found = [json.loads(file.read_text()) for file in parser.parse_args(arguments).files]
    for data in found:
        _show(data)
    return 0 if all(check["met"] for data in found for check in data["checks"]) else 1


if __name__ == "__main__":
    sys.exit(main())
