"""A process that is killed in the middle of anything loses nothing it was told is written."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

from recourse.audit import audit
from tests.conformance.values import opened

ROOT = Path(__file__).parents[2]
N_KILLS = 6


def test_nothing_acknowledged_is_lost_by_a_kill(store_url: str) -> None:
    dice = Random(7)  # when to kill; the moment within a transaction is the machine's
    said: list[int] = []
    for _ in range(N_KILLS):
        first = said[-1] + 2 if said else 0  # the one after the last may be written but not said
        said += _write_and_be_killed(store_url, first, after_s=dice.uniform(0.02, 0.25))
        with opened(store_url) as store, store.begin() as tx:
            found = tx.orders([f"o-{number}" for number in said])
            assert len(found) == len(said)
    report = audit(store_url)
    assert report.lines() == report.lines()[:1]
    assert len(said) <= report.n_orders <= len(said) + N_KILLS
    assert len(said) > N_KILLS


def _write_and_be_killed(url: str, first: int, *, after_s: float) -> list[int]:
    """Numbers that a writer said were written before it was killed."""
    command = [sys.executable, "-m", "tests.conformance.writer", url, str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(after_s)
        writer.kill()
        lines += writer.stdout.readlines()
    return [int(line) for line in lines if line.endswith("\n")]
