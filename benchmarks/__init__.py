"""Benchmarks: each is a module that is run by name, prints what it found and may write it as JSON.

Every result says on which machine, with which seeds, in which budget and with which versions it was
found, and ends in checks: a name, a value, a limit, and whether it was met.
"""

from benchmarks.report import Check, Result

__all__ = ["Check", "Result"]
