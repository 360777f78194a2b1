"""Recourse keeps delivery promises when couriers cancel.

Read `recourse.flow` first: it tells the business from the order to what was learned of it, and
every other package is one stage of that story. This file knows the version and nothing else.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
