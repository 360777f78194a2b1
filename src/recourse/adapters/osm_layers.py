"""Map layers out of an OpenStreetMap extract.

This file knows which things are drawn, in which layer and from which zoom.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import osmium
import osmium.filter
import shapely
from shapely.errors import GEOSException
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

__all__ = ["LAYERS", "Drawn", "read_layers"]

LAYERS: Final = ("earth", "water", "landuse", "building", "road", "rail", "place", "poi")

_ROAD_RANK: Final = {
    **dict.fromkeys(("motorway", "trunk"), 1),
    **dict.fromkeys(("motorway_link", "trunk_link", "primary"), 2),
    **dict.fromkeys(("primary_link", "secondary"), 3),
    **dict.fromkeys(("secondary_link", "tertiary", "tertiary_link"), 4),
    **dict.fromkeys(("residential", "unclassified", "living_street", "road"), 5),
    **dict.fromkeys(("service", "pedestrian"), 6),
    **dict.fromkeys(("footway", "path", "cycleway", "steps", "track", "bridleway"), 7),
}
_RANK_FROM_ZOOM: Final = {1: 6, 2: 8, 3: 9, 4: 10, 5: 11, 6: 13, 7: 14}
_RAILS: Final = frozenset({"rail", "subway", "light_rail", "tram", "narrow_gauge"})
_STREAMS: Final = frozenset({"river", "stream", "canal"})
_GREEN: Final = frozenset(
    {
        "park",
        "garden",
        "golf_course",
        "pitch",
        "playground",
        "nature_reserve",
        "forest",
        "grass",
        "wood",
    }
    | {"meadow", "recreation_ground", "cemetery", "village_green", "farmland", "orchard", "scrub"}
    | {"allotments", "heath", "vineyard"}
)
_GROUND: Final = frozenset(
    {"residential", "commercial", "retail", "industrial", "beach", "sand", "school", "university"}
    | {"hospital", "parking", "railway"}
)
_PLACE_FROM_ZOOM: Final = {"city": 6, "town": 8, "village": 10, "suburb": 10, "quarter": 11}
_STOREY_M: Final = 3.0

Tags = Mapping[str, str]


class Drawn(NamedTuple):
    """One thing on the map.

    Attributes
    ----------
    layer : str
        One of `LAYERS`, or "coast" for lines the sea is made of.
    shape : BaseGeometry
        Where it is, in degrees.
    properties : dict
        What a style may use.
    from_zoom : int
        First zoom at which it is drawn.
    """

    layer: str
    shape: BaseGeometry
    properties: dict[str, Any]
    from_zoom: int


def read_layers(pbf: Path) -> Iterator[Drawn]:
    """Read everything that is drawn on the map.

    Things with broken outlines or missing points are passed over.

    Parameters
    ----------
    pbf : Path
        An extract that `check_file` has let through.

    Yields
    ------
    Drawn
        Things in file order.
    """
    outline = osmium.geom.WKBFactory()
    things = osmium.FileProcessor(str(pbf)).with_locations().with_areas()
    for thing in things.with_filter(osmium.filter.EmptyTagFilter()):
        tags = dict(thing.tags)
        if isinstance(thing, osmium.osm.Node):
            yield from _point(tags, thing.location)
        elif isinstance(thing, osmium.osm.Way):
            yield from _line(tags, thing)
        elif isinstance(thing, osmium.osm.Area):
            drawn = _area_kind(tags)
            if drawn is not None:
                try:
                    shape = shapely.from_wkb(outline.create_multipolygon(thing))
                except (RuntimeError, osmium.InvalidLocationError, GEOSException):
                    continue
                yield Drawn(drawn[0], shape, drawn[1], drawn[2])


def _point(tags: Tags, where: osmium.osm.Location) -> Iterator[Drawn]:
    name = tags.get("name")
    if not name:
        return
    if "place" in tags:
        kind = tags["place"]
        yield Drawn(
            "place",
            Point(where.lon, where.lat),
            {"name": name, "kind": kind},
            _PLACE_FROM_ZOOM.get(kind, 12),
        )
    elif "amenity" in tags or "shop" in tags or tags.get("railway") == "station":
        kind = tags.get("amenity") or tags.get("shop") or "station"
        yield Drawn("poi", Point(where.lon, where.lat), {"name": name, "kind": kind}, 15)


def _line(tags: Tags, way: osmium.osm.Way) -> Iterator[Drawn]:
    road_class = tags.get("highway", "")
    rank = _ROAD_RANK.get(road_class)
    if rank is not None:
        properties: dict[str, Any] = {"c": rank, "kind": road_class}
        if tags.get("name"):
            properties["name"] = tags["name"]
        if tags.get("oneway") in {"yes", "1", "true"}:
            properties["ow"] = 1
        if tags.get("bridge", "no") != "no":
            properties["br"] = 1
        for part in _parts(way):
            yield Drawn("road", part, properties, _RANK_FROM_ZOOM[rank])
    elif tags.get("railway") in _RAILS:
        for part in _parts(way):
            yield Drawn("rail", part, {"kind": tags["railway"]}, 10)
    elif tags.get("waterway") in _STREAMS and not way.is_closed():
        for part in _parts(way):
            yield Drawn("water", part, {"kind": "line"}, 11)
    if tags.get("natural") == "coastline":
        for part in _parts(way):
            yield Drawn("coast", part, {}, 6)


def _parts(way: osmium.osm.Way) -> Iterator[LineString]:
    """Lines between the points that the extract holds."""
    run: list[tuple[float, float]] = []
    for ref in way.nodes:
        if ref.location.valid():
            run.append((ref.lon, ref.lat))
            continue
        if len(run) > 1:
            yield LineString(run)
        run = []
    if len(run) > 1:
        yield LineString(run)


def _area_kind(tags: Tags) -> tuple[str, dict[str, Any], int] | None:
    """Layer, properties and first zoom of an outline, or None if it is not drawn."""
    if tags.get("building", "no") != "no":
        return "building", _building(tags), 13
    wet = tags.get("natural") == "water" or tags.get("waterway") in {"riverbank", "dock"}
    if wet or tags.get("landuse") in {"reservoir", "basin"}:
        return "water", {"kind": "area"}, 6
    kind = tags.get("landuse") or tags.get("leisure") or tags.get("natural") or tags.get("amenity")
    if kind in _GREEN:
        return "landuse", {"kind": "green"}, 9
    if kind in _GROUND:
        return "landuse", {"kind": kind}, 11
    return None


def _building(tags: Tags) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    height_m = _number(tags.get("height", ""))
    storeys = _number(tags.get("building:levels", ""))
    if height_m or storeys:
        properties["h"] = height_m or _STOREY_M * storeys
    if tags.get("addr:housenumber"):
        properties["no"] = tags["addr:housenumber"]
    return properties


def _number(text: str) -> float:
    """First number of a text such as "12.5 m"; 0 if there is none."""
    found = re.match(r"\d+(?:\.\d+)?", text.strip())
    return float(found.group()) if found else 0.0
