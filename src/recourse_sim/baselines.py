"""This file knows how reference days are played beside a live one, and shown beside it.

They run headless in a process of low priority, so that the live page stays quick; each curve is put
beside the live counters as soon as it is there.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recourse_sim.door import Door, Refused
from recourse_sim.policies import POLICIES
from recourse_sim.scenario import Wish

__all__ = ["Baselines"]

_NICE = 19
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _step_back() -> None:
    """Run at low priority, and end when whoever began this is killed (Linux)."""
    os.nice(_NICE)
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(eq=False)
class Baselines:
    """Reference days of the day that is played live.

    Attributes
    ----------
    folder : Path
        Where their tallies are kept.
    city : str
        Name of the city.
    data_dir : Path
        Folder of cities.
    orders : str
        What ``--orders`` was given.
    wish : Wish
        What is played.
    seed : int
        Luck.
    """

    folder: Path
    city: str
    data_dir: Path
    orders: str
    wish: Wish
    seed: int
    _process: subprocess.Popen[bytes] | None = None
    _shown: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Start playing them, unless all are kept already."""
        command = [sys.executable, "-m", "recourse_sim", "run", "--headless"]
        command += ["--city", self.city, "--data", str(self.data_dir), "--seed", str(self.seed)]
        command += ["--orders", self.orders, "--couriers", str(self.wish.n_couriers)]
        command += ["--stress", str(self.wish.stress), "--date", self.wish.local_date.isoformat()]
        command += ["--report", str(self.folder / "references.json")]
        log = (self.folder / "references.log").open("wb")
        with log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_step_back,  # noqa: PLW1509 - nothing but system calls
            )

    def show(self, door: Door) -> None:
        """Put every curve that is there beside the live counters."""
        for policy in POLICIES:
            if policy in self._shown:
                continue
            kept = sorted(
                (self.folder / "references.runs").glob(f"seed-{self.seed}-{policy}-*.json")
            )
            if kept:
                self._shown.add(policy)
                self._put(door, policy, json.loads(kept[-1].read_text())["series"])

    def _put(self, door: Door, policy: str, series: dict[str, Any]) -> None:
        times = [door.day.iso(t_s) for t_s in series["t_s"]]
        try:
            door.put_reference(policy, times, {k: v for k, v in series.items() if k != "t_s"})
        except Refused:
            self._shown.discard(policy)

    def end(self) -> None:
        """Stop playing them; what is kept stays."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
