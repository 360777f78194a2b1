"""This file knows where a courier is on the way from one stop to the next."""

from dataclasses import dataclass

import numpy as np

from recourse_sim.ways import Way, Ways

__all__ = ["Leg"]


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """One move along a way.

    Attributes
    ----------
    way : Way
        The way, with expected times.
    stop_id : str
        Where it leads.
    begins_s : float
        When it begins, seconds after local midnight.
    pace : float
        How many times longer than expected it takes.
    """

    way: Way
    stop_id: str
    begins_s: float
    pace: float

    @property
    def ends_s(self) -> float:
        """When it ends, seconds after local midnight."""
        return self.begins_s + self.way.drive_s * self.pace

    def share(self, t_s: float) -> float:
        """How much of it is done, from 0 to 1."""
        drive_s = self.way.drive_s * self.pace
        return 1.0 if drive_s <= 0 else min(1.0, max(0.0, (t_s - self.begins_s) / drive_s))

    def position(self, t_s: float, ways: Ways) -> tuple[float, float]:
        """Longitude and latitude at a moment, straight between the nodes passed."""
        done_s = (t_s - self.begins_s) / self.pace
        passed, nodes = self.way.passed_s, self.way.nodes
        i = int(np.searchsorted(passed, done_s, side="right"))
        if i <= 0 or i >= len(nodes):
            return ways.point(int(nodes[0 if i <= 0 else -1]))
        (lon, lat), (to_lon, to_lat) = ways.point(int(nodes[i - 1])), ways.point(int(nodes[i]))
        share = (done_s - passed[i - 1]) / max(1e-9, passed[i] - passed[i - 1])
        return lon + (to_lon - lon) * share, lat + (to_lat - lat) * share

    def next_node(self, t_s: float) -> int:
        """Node that is passed next at a moment: where a courier can turn to something else."""
        done_s = (t_s - self.begins_s) / self.pace
        i = int(np.searchsorted(self.way.passed_s, done_s, side="left"))
        return int(self.way.nodes[min(i, len(self.way.nodes) - 1)])
