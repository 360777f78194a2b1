"""A town that is made up, for machines that have no map of a real one.

This package knows how to draw a plausible town from a seed and write it in the format in
which real cities come, so that it passes the same importer.
"""

from recourse_sim.town.generate import generate_town

__all__ = ["generate_town"]
