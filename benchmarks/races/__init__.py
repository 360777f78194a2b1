"""Races: processes that want the same orders at the same moment."""

from benchmarks.races.running import broken_by_sql, race
from benchmarks.races.start import prepare

__all__ = ["broken_by_sql", "prepare", "race"]
