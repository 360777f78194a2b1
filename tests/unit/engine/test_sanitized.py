"""The kernel under sanitizers, on worlds drawn from any bytes."""

import subprocess
from pathlib import Path

from tools.kernel import build_fuzz, compilers

ROOT = Path(__file__).parents[3]


def test_nothing_is_broken_in_three_hundred_made_up_worlds() -> None:
    program = build_fuzz(ROOT, ROOT / ".venv" / "fuzz")
    assert (program is None) == (compilers() is None)
    if program is None:  # a fetched compiler has no sanitizers
        return
    done = subprocess.run([program, "300", "20"], capture_output=True, text=True, check=False)
    assert done.stdout == "300 worlds, nothing broken\n", done.stderr
