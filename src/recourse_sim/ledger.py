"""This file knows what was already played: a small file for each seed and policy."""

import json
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

from recourse_sim.tally import Tally

__all__ = ["Ledger"]


class Ledger:
    """Tallies kept in a folder.

    Parameters
    ----------
    folder : Path
        Where they are kept; made when first needed.
    setting : dict
        Everything that a tally depends on besides seed and policy; a tally of another setting is
        not taken for one of this.
    """

    def __init__(self, folder: Path, setting: dict[str, Any]) -> None:
        self._folder = folder
        text = json.dumps(setting, sort_keys=True, default=str)
        self.fingerprint = blake2b(text.encode(), digest_size=8).hexdigest()

    def _path(self, seed: int, policy: str) -> Path:
        return self._folder / f"seed-{seed}-{policy}-{self.fingerprint}.json"

    def read(self, seed: int, policy: str) -> Tally | None:
        """Tally that was kept, or None."""
        path = self._path(seed, policy)
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        return Tally(kept["figures"], kept["series"], kept["waits_s"])

    def keep(self, seed: int, policy: str, found: Tally) -> None:
        """Keep a tally; the file appears whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(seed, policy)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(found)))
        part.replace(path)

    def clear(self) -> None:
        """Forget everything of this setting."""
        if self._folder.is_dir():
            for path in self._folder.glob(f"seed-*-{self.fingerprint}.json"):
                path.unlink()
