"""This file knows where things are: a point on the map, and the fixed places of a city."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Place", "Site", "SiteKind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point that a courier can be sent to.

    Attributes
    ----------
    lon, lat : float
        WGS-84 degrees.
    address : str
        What a person reads; empty when only the point is known.
    """

    lon: float
    lat: float
    address: str = ""


class SiteKind(StrEnum):
    """What a fixed place is for."""

    STATION = "station"
    MERCHANT = "merchant"
    POINT = "point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A station, a merchant's door or a pickup point.

    Attributes
    ----------
    id : str
        Stable name, unique among sites.
    kind : SiteKind
        What the place is for.
    name : str
        What a person calls it.
    place : Place
        Where it is.
    capacity_parcels : int
        How many parcels a pickup point may hold at once; 0 means no bound.
    opens_s, closes_s : int
        Opening hours, seconds after local midnight.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    kind: SiteKind
    name: str
    place: Place
    capacity_parcels: int = 0
    opens_s: int = 0
    closes_s: int = 86_400
    version: int = 0
