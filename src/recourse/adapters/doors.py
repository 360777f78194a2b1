"""Where parcels can be brought: house numbers and, where they are few, buildings.

This file knows when a building may stand for an address and on which street it lies.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from recourse.adapters.addresses import Addresses
from recourse.adapters.osm_places import Door, PlacesRead
from recourse.roads import RoadNetwork
from recourse.roads.network import metres_between

__all__ = ["all_doors"]

_FEW_SHARE: Final = 0.5
_STREET_WITHIN_M: Final = 80.0
_SAMPLE_M: Final = 25.0


def all_doors(places: PlacesRead, network: RoadNetwork) -> Addresses:
    """Gather the doors of a city.

    Buildings join the mapped house numbers only where those are fewer than half as many as
    the buildings: each then stands for a door on the nearest named street within 80 m.

    Parameters
    ----------
    places : PlacesRead
        House numbers and buildings as mapped.
    network : RoadNetwork
        Roads, for the names of streets.

    Returns
    -------
    Addresses
        House numbers first, then buildings.
    """
    are_few = len(places.addresses) < _FEW_SHARE * len(places.buildings)
    doors = [*places.addresses, *(places.buildings if are_few else [])]
    lon = np.array([door.lon for door in doors])
    lat = np.array([door.lat for door in doors])
    nearest = _nearest_streets(network, lon, lat)
    street = [door.street or name for door, name in zip(doors, nearest, strict=True)]
    kept = [i for i, name in enumerate(street) if name]
    chosen: list[Door] = [doors[i] for i in kept]
    return Addresses(
        lon=lon[kept],
        lat=lat[kept],
        street=tuple(street[i] for i in kept),
        housenumber=tuple(door.number for door in chosen),
        is_building=np.array([i >= len(places.addresses) for i in kept], dtype=bool),
    )


def _nearest_streets(
    network: RoadNetwork, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> list[str]:
    """Name of the nearest named street within 80 m of each point, or ""."""
    named_lon, named_lat, name = _street_points(network)
    if not len(name) or not len(lon):
        return [""] * len(lon)
    scale = np.array([np.cos(np.radians(network.lat.mean())), 1.0]) * 111_195.0
    tree = cKDTree(np.column_stack([named_lon, named_lat]) * scale)
    gap_m, at = tree.query(
        np.column_stack([lon, lat]) * scale, distance_upper_bound=_STREET_WITHIN_M
    )
    found = np.isfinite(gap_m)
    return [
        network.names[name[i]] if ok else ""
        for i, ok in zip(at.tolist(), found.tolist(), strict=True)
    ]


def _street_points(
    network: RoadNetwork,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    """Points every 25 m along streets that have a name, each with its name."""
    sizes = np.diff(network.shape_start)
    edge = np.repeat(np.arange(network.n_edges), sizes)
    inner = np.ones(len(edge), dtype=bool)
    inner[network.shape_start[1:] - 1] = False
    leads = (network.twin < 0) | (np.arange(network.n_edges) < network.twin)
    at = np.flatnonzero(inner & (network.name[edge] > 0) & leads[edge])
    lon, lat, to_lon, to_lat = (
        network.shape_lon[at],
        network.shape_lat[at],
        network.shape_lon[at + 1],
        network.shape_lat[at + 1],
    )
    n_cuts = np.maximum(1, np.ceil(metres_between(lon, lat, to_lon, to_lat) / _SAMPLE_M)).astype(
        int
    )
    piece = np.repeat(np.arange(len(at)), n_cuts)
    share = (np.arange(len(piece)) - np.repeat(np.cumsum(n_cuts) - n_cuts, n_cuts) + 0.5) / n_cuts[
        piece
    ]
    points_lon = lon[piece] + share * (to_lon - lon)[piece]
    points_lat = lat[piece] + share * (to_lat - lat)[piece]
    return points_lon, points_lat, network.name[edge[at]][piece]
