"""This file knows how far two places of one city lie apart as the crow flies."""

from math import cos, hypot, radians

from recourse.model.places import Place

__all__ = ["metres"]

_METRES_PER_DEGREE = 111_195.0


def metres(a: Place, b: Place) -> float:
    """Return straight metres between two places of a city."""
    east = (b.lon - a.lon) * cos(radians((a.lat + b.lat) / 2))
    return hypot(east, b.lat - a.lat) * _METRES_PER_DEGREE
