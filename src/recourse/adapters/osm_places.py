"""Doors, kitchens, shops and pickup points out of an OpenStreetMap extract.

This file knows which tags make a place that couriers are sent to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import osmium
import osmium.filter

__all__ = ["Door", "PlacesRead", "Poi", "read_places"]

FOOD: Final = frozenset(
    {
        "restaurant",
        "fast_food",
        "cafe",
        "food_court",
        "ice_cream",
        "bar",
        "pub",
        "biergarten",
        "deli",
    }
)
_POINT_AMENITIES: Final = frozenset({"parcel_locker", "post_office", "fuel", "post_depot"})
_POINT_SHOPS: Final = frozenset(
    {"convenience", "kiosk", "supermarket", "newsagent", "variety_store"}
)
_NOT_DOORS: Final = frozenset(
    {
        "garage",
        "garages",
        "carport",
        "shed",
        "roof",
        "hut",
        "greenhouse",
        "service",
        "kiosk",
        "ruins",
    }
    | {
        "construction",
        "no",
        "transformer_tower",
        "storage_tank",
        "silo",
        "barn",
        "stable",
        "bridge",
    }
)
_MIN_DOOR_M2: Final = 30.0
_DEG_M: Final = 111_195.0

_Thing = (
    osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation | osmium.osm.Area | osmium.osm.Changeset
)


@dataclass(frozen=True, slots=True)
class Door:
    """A place that a parcel can be brought to.

    Attributes
    ----------
    lon, lat : float
        Degrees.
    street, number : str
        As mapped; both empty for a building without address.
    """

    lon: float
    lat: float
    street: str
    number: str


@dataclass(frozen=True, slots=True)
class Poi:
    """A place that parcels come from or can wait at.

    Attributes
    ----------
    lon, lat : float
        Degrees.
    name : str
        As mapped, maybe empty.
    kind : str
        "food", "shop" or "station".
    tag : str
        What exactly, such as "restaurant" or "bakery".
    is_point : bool
        Whether parcels could be left there for pickup.
    street, number : str
        As mapped, maybe empty.
    """

    lon: float
    lat: float
    name: str
    kind: str
    tag: str
    is_point: bool
    street: str
    number: str


@dataclass(slots=True)
class PlacesRead:
    """What was found.

    Attributes
    ----------
    addresses : list of Door
        Places with a house number.
    buildings : list of Door
        Buildings large enough to live or work in that have no house number.
    pois : list of Poi
        Kitchens, shops, stations and pickup points.
    areas : list of tuple
        Named parts of the city: longitude, latitude, name, kind.
    """

    addresses: list[Door] = field(default_factory=list)
    buildings: list[Door] = field(default_factory=list)
    pois: list[Poi] = field(default_factory=list)
    areas: list[tuple[float, float, str, str]] = field(default_factory=list)


def read_places(pbf: Path) -> PlacesRead:
    """Read everything that is not a road but that couriers go to.

    A building outline stands at the middle of its corners. Buildings drawn as
    relations are passed over: there are few, and their parts are mapped as ways.

    Parameters
    ----------
    pbf : Path
        An extract that `check_file` has let through.

    Returns
    -------
    PlacesRead
        Places in file order.
    """
    read = PlacesRead()
    keys = osmium.filter.KeyFilter(
        "building", "addr:housenumber", "amenity", "shop", "place", "railway", "public_transport"
    )
    kinds = osmium.osm.NODE | osmium.osm.WAY
    for thing in osmium.FileProcessor(str(pbf), kinds).with_locations().with_filter(keys):
        where = _middle(thing)
        if where is not None:
            _note(read, dict(thing.tags), *where)
    return read


def _note(read: PlacesRead, tags: dict[str, str], lon: float, lat: float, area_m2: float) -> None:
    number = tags.get("addr:housenumber", "")
    street = tags.get("addr:street") or tags.get("addr:place", "")
    if number:
        read.addresses.append(Door(lon, lat, street, number))
    elif tags.get("building", "no") not in _NOT_DOORS and area_m2 >= _MIN_DOOR_M2:
        read.buildings.append(Door(lon, lat, street, ""))
    if "place" in tags and "name" in tags:
        read.areas.append((lon, lat, tags["name"], tags["place"]))
    kind = _kind(tags)
    if kind:
        name, tag = tags.get("name", ""), tags.get("amenity") or tags.get("shop") or "station"
        read.pois.append(Poi(lon, lat, name, kind, tag, _is_point(tags), street, number))


def _kind(tags: dict[str, str]) -> str:
    amenity, shop = tags.get("amenity", ""), tags.get("shop", "")
    if amenity in FOOD:
        return "food"
    if (shop and shop not in {"no", "vacant"}) or amenity in {
        "pharmacy",
        "marketplace",
        *_POINT_AMENITIES,
    }:
        return "shop"
    if tags.get("railway") in {"station", "halt"} or amenity == "bus_station":
        return "station"
    return ""


def _is_point(tags: dict[str, str]) -> bool:
    is_locker = tags.get("vending") in {"parcel_pickup", "parcel_mail_in;parcel_pickup"}
    return is_locker or tags.get("amenity") in _POINT_AMENITIES or tags.get("shop") in _POINT_SHOPS


def _middle(thing: _Thing) -> tuple[float, float, float] | None:
    """Longitude, latitude and area in square metres of a node or outline."""
    if isinstance(thing, osmium.osm.Node):
        return thing.location.lon, thing.location.lat, 0.0
    corners = list(_corners(thing)) if isinstance(thing, osmium.osm.Way) else []
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if not corners:
        return None
    lon = sum(x for x, _ in corners) / len(corners)
    lat = sum(y for _, y in corners) / len(corners)
    return lon, lat, _area_m2(corners, lat)


def _corners(way: osmium.osm.Way) -> Iterator[tuple[float, float]]:
    for ref in way.nodes:
        if ref.location.valid():
            yield ref.lon, ref.lat


def _area_m2(corners: list[tuple[float, float]], lat: float) -> float:
    """Area of a small outline; near enough for telling a shed from a house."""
    double = 0.0
    x0, y0 = corners[0]
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        double += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    shrink = max(0.01, 1.0 - (lat / 90.0) ** 2)  # close enough to the cosine for this use
    return abs(double) / 2 * _DEG_M**2 * shrink
