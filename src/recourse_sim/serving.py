"""This file knows how a day is played by the clock against a served platform."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recourse import app
from recourse_sim.scenario import Wish

__all__ = ["Serving", "serve_day"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Serving:
    """What is served."""

    city: "app.City"
    wish: Wish
    seed: int
    data_dir: Path
    speed: float
    port: int
    is_anew: bool
    say: Callable[[str], None]


def serve_day(serving: Serving) -> None:
    """Play the day."""
    raise NotImplementedError
