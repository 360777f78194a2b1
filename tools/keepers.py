"""Run every tool that keeps a rule, and say which of them failed. This file knows their names."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tools.environment import PYTHON, ROOT, surroundings

__all__ = ["check", "urls_in_locks"]

CODE = ("src", "tests", "benchmarks", "tools", "dev.py", "hatch_build.py")


class Keeper(NamedTuple):
    """A rule's keeper.

    Attributes
    ----------
    name : str
        What is printed when it fails.
    keeps : callable
        Looks at the checkout, prints what it found, and says whether the rule is kept.
    """

    name: str
    keeps: Callable[[], bool]


def check(names: list[str]) -> int:
    """Run keepers, also after one has failed, and name those that did.

    Parameters
    ----------
    names : list of str
        Which keepers to run; all of them if empty.

    Returns
    -------
    int
        0 if every rule is kept, else 1.
    """
    known = _keepers()
    if unknown := set(names) - {keeper.name for keeper in known}:
        sys.exit(f"no such keeper: {', '.join(sorted(unknown))}; there are {_names(known)}")
    chosen = [keeper for keeper in known if not names or keeper.name in names]
    failed = [keeper for keeper in chosen if not _holds(keeper)]
    print(f"check: {_names(failed)} failed" if failed else f"check: {_names(chosen)} passed")
    return 1 if failed else 0


def urls_in_locks(root: Path) -> list[str]:
    """Find lines of lock files that name a host.

    A lock that names a registry works only where that registry is reached, and leaks whose
    machine made it; a hash is enough to know the package by.

    Parameters
    ----------
    root : Path
        The checkout.

    Returns
    -------
    list of str
        ``file:line: text`` of each; empty when the locks are clean.
    """
    paths = [*sorted((root / "lock").iterdir()), root / "console" / "package-lock.json"]
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in paths
        if path.exists()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "://" in line
    ]


def _keepers() -> list[Keeper]:
    """Every keeper, the quick ones first."""
    code = [name for name in CODE if (ROOT / name).is_file() or any((ROOT / name).rglob("*.py"))]
    sources = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "src").rglob("*.py"))]
    python = str(PYTHON)
    return [
        Keeper("locks", _locks_are_clean),
        Keeper("format", _command(python, "-m", "ruff", "format", "--check", "--quiet", ".")),
        Keeper("lint", _command(python, "-m", "ruff", "check", "--quiet", ".")),
        Keeper("spelling", _command(python, "-m", "codespell_lib", ".")),
        Keeper("contracts", _command(str(PYTHON.parent / "lint-imports"), "--no-logo")),
        Keeper("docstrings", _command(python, "-m", "numpydoc", "lint", *sources)),
        Keeper("types", _command(python, "-m", "mypy", "--no-error-summary", *code)),
    ]


def _holds(keeper: Keeper) -> bool:
    """Run one keeper and print its name, its verdict and its seconds."""
    started_s = time.monotonic()
    kept = keeper.keeps()
    took_s = time.monotonic() - started_s
    print(f"{keeper.name:<11}{'ok' if kept else 'FAILED':<8}{took_s:5.1f} s", flush=True)
    return kept


def _command(*words: str) -> Callable[[], bool]:
    """Keep a rule by a command, whose output is shown only if it found something."""

    def keeps() -> bool:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=surroundings(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout + done.stderr)
        return done.returncode == 0

    return keeps


def _locks_are_clean() -> bool:
    """Print every line of a lock that names a host; whether there was none."""
    found = urls_in_locks(ROOT)
    print("".join(f"{line}\n" for line in found), end="")
    return not found


def _names(keepers: list[Keeper]) -> str:
    """The names of keepers, for a sentence."""
    return ", ".join(keeper.name for keeper in keepers)
