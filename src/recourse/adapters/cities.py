"""Cities in folders: imported once, loaded in a moment.

This file knows what a city folder holds and how it is written and read.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import osmium
from numpy.typing import NDArray

from recourse.adapters.addresses import Addresses, AddressMatch
from recourse.adapters.city_report import CityReport, make_report
from recourse.adapters.doors import all_doors
from recourse.adapters.osm import check_file, in_order, read_roads
from recourse.adapters.osm_places import PlacesRead, Poi, read_places
from recourse.adapters.tiles import build_tiles
from recourse.model.errors import Invalid, NotFound
from recourse.roads import RoadNetwork, build_network

__all__ = ["City", "city_name", "import_city", "load_city"]

FORMAT: Final = 1
GENERATOR: Final = "recourse town"
_BETWEEN: Final = "\0"
_OSM_CREDIT: Final = "© OpenStreetMap contributors"

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class City:
    """A city to deliver in.

    Attributes
    ----------
    name : str
        Name of its folder.
    zone : str
        IANA time zone.
    bbox : tuple of float
        West, south, east, north in degrees.
    attribution : str
        What every map must show.
    generated : bool
        Whether the city was made up by the simulator.
    network : RoadNetwork
        Its roads.
    addresses : Addresses
        Its doors.
    pois : tuple of Poi
        Kitchens, shops and stations, and which of them could hold parcels.
    areas : tuple of tuple
        Named parts of the city: longitude, latitude, name, kind.
    tiles : Path
        Archive of map tiles.
    report : CityReport
        What the import found.
    """

    name: str
    zone: str
    bbox: tuple[float, float, float, float]
    attribution: str
    generated: bool
    network: RoadNetwork
    addresses: Addresses
    pois: tuple[Poi, ...]
    areas: tuple[tuple[float, float, str, str], ...]
    tiles: Path
    report: CityReport

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the roads, in degrees."""
        return float(np.median(self.network.lon)), float(np.median(self.network.lat))

    @property
    def food_places(self) -> tuple[Poi, ...]:
        """Places that cook."""
        return tuple(poi for poi in self.pois if poi.kind == "food")

    @property
    def shops(self) -> tuple[Poi, ...]:
        """Places that sell."""
        return tuple(poi for poi in self.pois if poi.kind == "shop")

    @property
    def point_candidates(self) -> tuple[Poi, ...]:
        """Places where parcels could wait for pickup."""
        return tuple(poi for poi in self.pois if poi.is_point)

    def match_address(self, text: str) -> tuple[AddressMatch, ...]:
        """Find the doors that a written address may mean, best first (see `Addresses.match`)."""
        return self.addresses.match(text)


def city_name(file: Path) -> str:
    """Return the name a city gets from its file.

    Parameters
    ----------
    file : Path
        Extract of a city.

    Returns
    -------
    str
        The file's name without its endings, fit for a folder.

    Examples
    --------
    >>> city_name(Path("maps") / "new town.osm.pbf")
    'new-town'
    """
    stem = file.name.split(".", 1)[0]
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in stem) or "city"


def import_city(
    pbf: Path,
    into: Path,
    *,
    zone: str | None = None,
    with_tiles: bool = True,
    progress: Progress | None = None,
) -> City:
    """Make a city folder of an OpenStreetMap extract.

    The folder appears whole or not at all: it is written beside its place and then
    renamed. A folder that is there already is replaced.

    Parameters
    ----------
    pbf : Path
        Extract of any city.
    into : Path
        Folder of the city; its last part becomes the city's name.
    zone : str, optional
        IANA time zone; by default that of the middle of the roads.
    with_tiles : bool, optional
        Whether to draw the map tiles too, which takes most of the time.
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    City
        The city, as `load_city` gives it.

    Raises
    ------
    Invalid
        If the file is no extract, holds no roads, or `zone` is no time zone.
    """
    tell = progress or (lambda _: None)
    if zone is not None:
        _check_zone(zone)
    check_file(pbf)
    _check_target(into)
    into.parent.mkdir(parents=True, exist_ok=True)
    fresh = into.with_name(f".{into.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        with in_order(pbf) as ordered:
            source = _Source(pbf, ordered, zone, into.name)
            _write(fresh, source, tell)
            if with_tiles:
                tell("drawing the map")
                _draw(fresh, ordered)
        if into.exists():
            shutil.rmtree(into)
        fresh.rename(into)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return load_city(into)


def load_city(folder: Path) -> City:
    """Load a city that was imported.

    Parameters
    ----------
    folder : Path
        Folder of the city.

    Returns
    -------
    City
        The city.

    Raises
    ------
    NotFound
        If there is no city in that folder.
    Invalid
        If the folder was written by another version or is damaged.
    """
    if not (folder / "city.json").is_file():
        raise NotFound(kind="city", id=str(folder))
    try:
        facts = _read_json(folder / "city.json")
        if facts.get("format") != FORMAT:
            given = facts.get("format")
            why = f"{folder} has format {given}, not {FORMAT}; import the city again"
            raise Invalid(field="city", why=why)
        with np.load(folder / "roads.npz") as columns:
            arrays = {f.name: columns[f.name] for f in fields(RoadNetwork) if f.name != "names"}
            names = tuple(bytes(columns["names"]).decode().split(_BETWEEN))
        places = _read_json(folder / "places.json")
        with np.load(folder / "places.npz") as columns:
            addresses = _addresses(places, dict(columns))
    except (OSError, ValueError, KeyError) as damage:
        why = f"{folder} is damaged ({damage}); import the city again"
        raise Invalid(field="city", why=why) from damage
    return City(
        name=facts["name"],
        zone=facts["zone"],
        bbox=tuple(facts["bbox"]),
        attribution=facts["attribution"],
        generated=facts["generated"],
        network=RoadNetwork(**arrays, names=names),
        addresses=addresses,
        pois=tuple(Poi(*row) for row in places["pois"]),
        areas=tuple((lon, lat, name, kind) for lon, lat, name, kind in places["areas"]),
        tiles=folder / "tiles.pmtiles",
        report=CityReport(**facts["report"]),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """What is imported: the file as given, the same in order, and what the user asked for."""

    given: Path
    ordered: Path
    zone: str | None
    name: str


def _draw(folder: Path, ordered: Path) -> None:
    facts = _read_json(folder / "city.json")
    attribution = str(facts["attribution"])
    build_tiles(ordered, folder / "tiles.pmtiles", bbox=facts["bbox"], attribution=attribution)


def _write(folder: Path, source: _Source, tell: Progress) -> None:
    """Write everything but the tiles."""
    tell("reading roads")
    roads = read_roads(source.ordered, named=source.given)
    tell("joining roads")
    network = build_network(roads.survey)
    if not network.main.any():
        why = f"the roads of {source.given} lead nowhere; take a larger extract"
        raise Invalid(field="file", why=why)
    tell("reading doors and shops")
    places = read_places(source.ordered)
    doors = all_doors(places, network)
    middle = float(np.median(network.lon)), float(np.median(network.lat))
    seed = _town_seed(source.given)
    facts = {
        "format": FORMAT,
        "name": source.name,
        "zone": source.zone or _zone_at(*middle),
        "bbox": _bbox(source.given, network),
        "attribution": _OSM_CREDIT
        if seed is None
        else f"Generated city (seed {seed}), not a real place",
        "generated": seed is not None,
        "report": make_report(roads, network, places, doors, generated=seed is not None).as_dict(),
    }
    np.savez(
        folder / "roads.npz",
        allow_pickle=False,
        names=np.frombuffer(_BETWEEN.join(network.names).encode(), dtype=np.uint8),
        **network.columns(),
    )
    _write_places(folder, places, doors)
    (folder / "city.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8"
    )


def _write_places(folder: Path, places: PlacesRead, doors: Addresses) -> None:
    """Write doors and points of interest."""
    np.savez(folder / "places.npz", lon=doors.lon, lat=doors.lat, is_building=doors.is_building)
    streets = {street: i for i, street in enumerate(dict.fromkeys(doors.street))}
    text = {
        "streets": list(streets),
        "street": [streets[street] for street in doors.street],
        "housenumber": doors.housenumber,
        "pois": [[getattr(poi, f.name) for f in fields(Poi)] for poi in places.pois],
        "areas": places.areas,
    }
    (folder / "places.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")


def _addresses(places: dict[str, Any], columns: dict[str, NDArray[Any]]) -> Addresses:
    streets = places["streets"]
    return Addresses(
        lon=columns["lon"],
        lat=columns["lat"],
        street=tuple(streets[i] for i in places["street"]),
        housenumber=tuple(places["housenumber"]),
        is_building=columns["is_building"],
    )


def _read_json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        why = f"{zone!r} is no IANA time zone; write it like Europe/Lisbon or leave it out"
        raise Invalid(field="zone", why=why) from unknown


def _check_target(into: Path) -> None:
    """Refuse to replace what is not a city."""
    if (
        into.exists()
        and not (into / "city.json").is_file()
        and (into.is_file() or any(into.iterdir()))
    ):
        raise Invalid(
            field="into", why=f"{into} is there already and is no city; name another folder"
        )


def _zone_at(lon: float, lat: float) -> str:
    from tzfpy import get_tz  # noqa: PLC0415 - loads 5 MB of borders, needed at import only

    zone: str = get_tz(lon, lat)
    return zone or "UTC"


def _header(pbf: Path) -> osmium.io.Header:
    with osmium.io.Reader(str(pbf)) as reader:
        return reader.header()


def _town_seed(pbf: Path) -> str | None:
    """Seed of a generated town, or None for a real city."""
    generator: str = _header(pbf).get("generator") or ""
    return generator.rsplit(" ", 1)[-1] if generator.startswith(GENERATOR) else None


def _bbox(pbf: Path, network: RoadNetwork) -> list[float]:
    """Box of the extract, or of its roads if the file does not say or says the whole world."""
    box = _header(pbf).box()
    roads = [
        float(f(a))
        for f, a in (
            (np.min, network.shape_lon),
            (np.min, network.shape_lat),
            (np.max, network.shape_lon),
            (np.max, network.shape_lat),
        )
    ]
    if not box.valid():
        return roads
    west, south, east, north = (
        box.bottom_left.lon,
        box.bottom_left.lat,
        box.top_right.lon,
        box.top_right.lat,
    )
    is_snug = (east - west) * (north - south) <= 4 * max(
        1e-9, (roads[2] - roads[0]) * (roads[3] - roads[1])
    )
    return [west, south, east, north] if is_snug else roads
