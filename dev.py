#!/usr/bin/env python3
"""The one command of the project: run it, test it, check it, measure it.

It needs Python 3.11 or newer and nothing else: no Node, no database, no broker. The first start
makes `.venv` from the hash-pinned files in `lock/`; later starts use it as it is. Whatever follows
the name of a command is passed on to the program it stands for.
"""

import argparse
import ast
import os
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - a stranger may well start it with an older one
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")

from tools.chromium import ensure_chromium
from tools.environment import PYTHON, ROOT, VENV, ensure, lock, surroundings
from tools.keepers import check
from tools.kernel import build_fuzz

BENCHMARKS = ROOT / "benchmarks"
COMPARED = {"initial": "peers", "redispatch": "peers"}
"""Benchmarks that compare with others, and the lock these come from."""

EXAMPLES = """\
examples:
  python3 dev.py run                     live a day in the city, with the console in a browser
  python3 dev.py run --headless --seed 7 the same day without pages, and its score
  python3 dev.py test                    every test, on real databases and a real browser
  python3 dev.py test tests/unit -k pay  some of them
  python3 dev.py check                   format, lint, types, imports, docstrings, spelling, locks
  python3 dev.py check types lint        only these
  python3 dev.py bench                   which benchmarks there are
  python3 dev.py bench races --help      what one of them can do
  python3 dev.py faults                  workers killed at every place, in every variant of a case
  python3 dev.py faults --soak           workers and PostgreSQL killed at random while cases come in
  python3 dev.py fuzz 10000 7            the kernel with sanitizers, on worlds drawn from seed 7
  python3 dev.py lock --upgrade          take newer packages
"""


def main() -> int:
    """Read the command line and do what it says.

    Returns
    -------
    int
        The exit status of what was run.
    """
    parser = argparse.ArgumentParser(
        prog="dev.py",
        usage="python3 dev.py {run,test,check,bench,faults,fuzz,lock} [...]",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command", help=" | ".join(COMMANDS))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on")
    given = parser.parse_args()
    try:
        return COMMANDS[given.command](given.rest)
    except subprocess.CalledProcessError as failed:
        words = " ".join(str(word) for word in failed.cmd)
        print(f"dev.py: `{words}` ended with {failed.returncode}", file=sys.stderr)
        return 1


def run(rest: list[str]) -> int:
    """Play a day in the simulated city."""
    ensure("run")
    return _become([str(PYTHON.parent / "recourse-sim"), "run", *rest])


def test(rest: list[str]) -> int:
    """Run the tests, two at a time."""
    ensure("dev")
    chromium = ensure_chromium(rest)
    found = {"RECOURSE_CHROMIUM": chromium} if chromium else {}
    return _become([str(PYTHON), "-m", "pytest", "-n", "2", "-q", *rest], **found)


def keep(rest: list[str]) -> int:
    """Run the keepers of the rules."""
    ensure("dev")
    return check(rest)


def bench(rest: list[str]) -> int:
    """Run a benchmark by name, or list them."""
    names = _benchmarks()
    if not rest:
        print("\n".join(f"{name:<12}{about}" for name, about in names.items()))
        return 0
    if rest[0] not in names:
        print(f"no benchmark {rest[0]!r}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    ensure("dev")
    if rest[0] in COMPARED:
        ensure(COMPARED[rest[0]])
    return _become([str(PYTHON), "-m", f"benchmarks.{rest[0]}", *rest[1:]])


def faults(rest: list[str]) -> int:
    """Kill workers at every place where it could hurt, or workers and database by the dice."""
    return bench(["faults", *rest])


def fuzz(rest: list[str]) -> int:
    """Run the kernel, built with sanitizers, on made-up worlds: how many, and from which seed."""
    program = build_fuzz(ROOT, VENV / "fuzz")
    if program is None:
        print("no compiler on this machine: the fetched one has no sanitizers", file=sys.stderr)
        return 2
    return _become([str(program), *rest])


def relock(rest: list[str]) -> int:
    """Write the lock files again."""
    lock(rest)
    return 0


def _benchmarks() -> dict[str, str]:
    """Name of every benchmark, with the first line of what it says about itself."""
    files = [*BENCHMARKS.glob("[a-z]*.py"), *BENCHMARKS.glob("[a-z]*/__main__.py")]
    found = {path.parent.name if path.stem == "__main__" else path.stem: path for path in files}
    return {name: _about(path) for name, path in sorted(found.items())}


def _about(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def _become(command: list[str], **more: str) -> int:
    """Turn this process into another, so that signals and the exit status are its own."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(command[0], command, surroundings() | more)  # noqa: S606 - that is the purpose


COMMANDS = {
    "run": run,
    "test": test,
    "check": keep,
    "bench": bench,
    "faults": faults,
    "fuzz": fuzz,
    "lock": relock,
}

if __name__ == "__main__":
    sys.exit(main())
