"""Peers that lose the answer, hang, or answer 500: what is done outside must still be done once."""

from benchmarks.peers.hostile import Hostile, hostile
from benchmarks.peers.running import Found, run

__all__ = ["Found", "Hostile", "hostile", "run"]
