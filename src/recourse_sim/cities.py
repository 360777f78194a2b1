"""This file knows how a city of the platform becomes one to lay a day onto."""

from pathlib import Path
from typing import Protocol

import numpy as np

from recourse import app
from recourse.model.places import Place
from recourse.settings import Settings
from recourse_sim.chance import Chance
from recourse_sim.places import CityMap

__all__ = ["LoadedCity", "city_map", "load"]

_MOST_ADDRESSES = 40_000


class LoadedCity(Protocol):
    """What is needed of a loaded city (see ``recourse.app.city``)."""

    name: str
    zone: str
    generated: bool


def load(data_dir: Path, name: str) -> "app.City":
    """Load an imported city."""
    return app.city(Settings(data_dir=data_dir, city=name))


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
            Place(lon=float(doors.lon[i]), lat=float(doors.lat[i]), address=doors.text(i))
            for i in rows.tolist()
        ),
        food=tuple(
            Place(lon=float(poi.lon), lat=float(poi.lat), address=poi.name) for poi in city.food_places
        ),
        is_generated=city.generated,
    )
