"""This file knows what can be wrong with a road: a closure or a slow-down, as it is reported."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["RoadEvent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadEvent:
    """A closure or slow-down of the roads in a circle.

    Attributes
    ----------
    id : str
        Ours.
    lon, lat : float
        Centre, WGS-84 degrees.
    radius_m : int
        Roads that touch the circle are concerned.
    factor : float
        Speed is multiplied by it; 0 closes the road.
    from_at, until_at : datetime
        When it holds.
    source : str
        Who said so.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    lon: float
    lat: float
    radius_m: int
    factor: float
    from_at: datetime
    until_at: datetime
    source: str
    version: int = 0
