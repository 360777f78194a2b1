"""This file knows how a city becomes one to lay a day onto, and how one is made up."""

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recourse import app
from recourse.model.errors import NotFound
from recourse.model.places import Place
from recourse.settings import Settings
from recourse_sim.chance import Chance
from recourse_sim.places import CityMap
from recourse_sim.town import generate_town

__all__ = ["city_map", "load_or_generate"]

_GENERATED = re.compile(r"generated-(\d{1,9})")
_MOST_ADDRESSES = 40_000


def load_or_generate(
    data_dir: Path, name: str, *, tell: Callable[[str], None] = lambda _: None
) -> "app.City":
    """Load an imported city; a file, or one called ``generated-N``, is imported if it is not there.

    A made-up city is written as OpenStreetMap data and passes through the importer of real ones. A
    file that is newer than its city is imported again.

    Parameters
    ----------
    data_dir : Path
        Folder of cities and databases.
    name : str
        Name of the city, or an OpenStreetMap extract.
    tell : callable, optional
        Told what is going on.

    Returns
    -------
    City
        As ``recourse.app.city`` gives it.

    Raises
    ------
    NotFound
        If it was not imported and cannot be made up.
    Invalid
        If a file is no extract, or its roads lead nowhere.
    """
    file = Path(name)
    if file.is_file():
        return _city_of_file(data_dir, file, tell=tell)
    settings = Settings(data_dir=data_dir, city=name)
    try:
        return app.city(settings)
    except NotFound:
        found = _GENERATED.fullmatch(name)
        if found is None:
            raise
    tell(f"making up the city {name}")
    folder = Path(tempfile.mkdtemp(prefix="recourse-town-"))
    try:
        drawing = folder / "town.osm.pbf"
        generate_town(int(found[1]), drawing)
        tell(f"importing the city {name}")
        app.import_city(drawing, data_dir / "cities" / name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return app.city(settings)


def _city_of_file(data_dir: Path, file: Path, *, tell: Callable[[str], None]) -> "app.City":
    """City of an extract, imported unless that was done since the file was written."""
    settings = Settings(data_dir=data_dir, city=app.city_name(file))
    made = data_dir / "cities" / settings.city / "city.json"
    if not made.is_file() or made.stat().st_mtime < file.stat().st_mtime:
        tell(f"importing the city {settings.city} from {file}")
        app.import_city(file, made.parent)
    return app.city(settings)


def city_map(city: "app.City") -> CityMap:
    """Addresses and food places of a loaded city.

    Doors are taken as they are mapped; where there are very many, an even part of them.

    Parameters
    ----------
    city : City
        As ``recourse.app.city`` gives it.

    Returns
    -------
    CityMap
        The same for the same city.
    """
    doors = city.addresses
    rows = np.arange(len(doors))
    if len(rows) > _MOST_ADDRESSES:
        rows = np.sort(Chance(0).stream("doors").choice(rows, size=_MOST_ADDRESSES, replace=False))
    return CityMap(
        name=city.name,
        zone=city.zone,
        network=city.network,
        addresses=tuple(
            Place(lon=float(doors.lon[i]), lat=float(doors.lat[i]), address=doors.text(i)[:200])
            for i in rows.tolist()
        ),
        food=tuple(
            Place(lon=float(poi.lon), lat=float(poi.lat), address=poi.name[:200])
            for poi in city.food_places
        ),
        is_generated=city.generated,
    )
