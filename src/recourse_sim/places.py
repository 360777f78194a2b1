"""This file knows the city as the simulator sees it, and the sites of a day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recourse.model.places import Place, SiteKind
from recourse.roads import RoadNetwork
from recourse_sim.chance import Chance
from recourse_sim.parameters import DemandParams

__all__ = ["CityMap", "SitePlan", "metres", "plan_points", "plan_stations"]

_M_PER_DEGREE = 111_195.0
_LLOYD_ROUNDS = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class CityMap:
    """A city to lay a day onto.

    Attributes
    ----------
    name, zone : str
        What it is called, and the IANA name of its zone.
    network : RoadNetwork
        Its roads.
    addresses, food : tuple of Place
        Where people live, and where meals come from.
    is_generated : bool
        Whether it was made from a seed and is no real place.
    """

    name: str
    zone: str
    network: RoadNetwork
    addresses: tuple[Place, ...]
    food: tuple[Place, ...]
    is_generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """A station, merchant or pickup point that the day needs.

    Attributes
    ----------
    id, name : str
        Stable id and what people call it.
    kind : SiteKind
        What it is for.
    place : Place
        Where it is.
    capacity_parcels : int
        What a point holds; 0 is no bound.
    """

    id: str
    name: str
    kind: SiteKind
    place: Place
    capacity_parcels: int = 0


def columns(places: tuple[Place, ...]) -> NDArray[np.float64]:
    """Degrees of places, shape (n, 2): longitude, latitude."""
    return np.array([(p.lon, p.lat) for p in places], dtype=np.float64).reshape(-1, 2)


def metres(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance in metres between points in degrees (last axis), flat within a city; broadcasts."""
    middle = np.cos(np.radians((one[..., 1] + two[..., 1]) / 2))
    east = (one[..., 0] - two[..., 0]) * middle
    gap: NDArray[np.float64] = np.hypot(east, one[..., 1] - two[..., 1]) * _M_PER_DEGREE
    return gap


def plan_stations(
    city: CityMap, chance: Chance, params: DemandParams, *, n_orders: int
) -> list[SitePlan]:
    """Stations spread over the city's addresses.

    Parameters
    ----------
    city : CityMap
        Where.
    chance : Chance
        Luck of the day.
    params : DemandParams
        How many.
    n_orders : int
        Size of the day.

    Returns
    -------
    list of SitePlan
        Each at an address in the middle of its part of the city.
    """
    n = max(1, round(params.n_stations * n_orders / 1500))
    if n_orders >= 300:  # noqa: PLR2004 - below that a second station would have nobody to serve
        n = max(2, n)
    points = columns(city.addresses)
    rng = chance.stream("stations")
    middles = points[rng.choice(len(points), size=min(n, len(points)), replace=False)]
    for _ in range(_LLOYD_ROUNDS):
        nearest = metres(points[:, None], middles[None]).argmin(axis=1)
        middles = np.array(
            [
                points[nearest == i].mean(axis=0) if (nearest == i).any() else m
                for i, m in enumerate(middles)
            ]
        )
    chosen = metres(points[:, None], middles[None]).argmin(axis=0)
    return [
        SitePlan(
            id=f"st-{i + 1}",
            name=f"Station {i + 1}",
            kind=SiteKind.STATION,
            place=city.addresses[k],
        )
        for i, k in enumerate(chosen.tolist())
    ]


def plan_points(
    city: CityMap, chance: Chance, params: DemandParams, *, n_orders: int
) -> list[SitePlan]:
    """Pickup points at addresses of the city."""
    n = min(max(2, round(params.n_points * n_orders / 1500)), len(city.addresses))
    chosen = chance.stream("points").choice(len(city.addresses), size=n, replace=False)
    return [
        SitePlan(
            id=f"pt-{i + 1}",
            name=f"Pickup point {i + 1}",
            kind=SiteKind.POINT,
            place=city.addresses[k],
            capacity_parcels=params.point_capacity,
        )
        for i, k in enumerate(chosen.tolist())
    ]
