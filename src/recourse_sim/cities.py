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
    """Load an imported city; one called ``generated-N`` is made up from seed N if it is not there.

    A made-up city is written as OpenStreetMap data and passes through the importer of real ones.

    Parameters
    ----------
    data_dir : Path
        Folder of cities and databases.
    name : str
        Name of the city.
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
    """
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
