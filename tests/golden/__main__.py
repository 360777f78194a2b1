"""Replay the recorded days: ``python -m tests.golden [--accept] [day ...]``."""

import argparse
import sys

from tests.golden.days import FOLDER, days, differences, kept, replay


def main() -> int:
    """Say in words what changed; with ``--accept`` keep it."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="keep the new results")
    parser.add_argument("day", nargs="*", help="only these days")
    given = parser.parse_args()
    n_changed = 0
    for name in given.day or days():
        before, after = kept(name), replay(name)
        if before == after:
            continue
        n_changed += 1
        sys.stdout.write(f"{name}\n")
        for line in differences(before, after) or ["a fact that is not told in words"]:
            sys.stdout.write(f"  {line}\n")
        if given.accept:
            (FOLDER / name / "decisions.jsonl").write_text(after)
    return int(n_changed > 0 and not given.accept)


if __name__ == "__main__":
    sys.exit(main())
