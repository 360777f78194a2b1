"""Cancels arrive at a fixed rate, whatever the platform does: how long until somebody is told."""

from benchmarks.latency.load import Load, Told, played

__all__ = ["Load", "Told", "played"]
