"""Kitchens, shops, lockers, stations and quarters of a generated town.

This file knows where trade settles.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recourse_sim.town.buildings import House
from recourse_sim.town.joined import Net
from recourse_sim.town.names import Namer
from recourse_sim.town.terrain import Terrain

__all__ = ["Spot", "settle_trade"]

_N_FOOD: Final = 240
_N_SHOPS: Final = 230
_N_LOCKERS: Final = 36
_N_QUARTERS: Final = 17
_FOOD: Final = (("restaurant", 0.42), ("fast_food", 0.28), ("cafe", 0.22), ("pub", 0.08))
_SHOPS: Final = (
    *(("supermarket", 0.10), ("convenience", 0.22), ("bakery", 0.12), ("florist", 0.06)),
    *(("clothes", 0.12), ("hardware", 0.06), ("books", 0.06), ("electronics", 0.06)),
    *(("greengrocer", 0.07), ("butcher", 0.05), ("bicycle", 0.04), ("pharmacy", 0.04)),
)
_CUISINES: Final = ("regional", "pizza", "noodles", "curry", "burger", "sushi", "vegan", "seafood")


class Spot(NamedTuple):
    """A point on the map with tags.

    Attributes
    ----------
    where : ndarray of float64, shape (2,)
        Metres east and north.
    tags : dict of str to str
        As in OpenStreetMap.
    """

    where: NDArray[np.float64]
    tags: dict[str, str]


def settle_trade(
    rng: np.random.Generator, ground: Terrain, net: Net, houses: list[House], namer: Namer
) -> list[Spot]:
    """Open kitchens and shops along the busy streets, and name the quarters.

    Parameters
    ----------
    rng : Generator
        Dice.
    ground : Terrain
        Where the railway runs.
    net : Net
        Streets.
    houses : list of House
        Where trade can settle; each house holds one at most.
    namer : Namer
        Gives names.

    Returns
    -------
    list of Spot
        Everything that is a point on the map.
    """
    order = _by_trade(rng, ground, houses)
    spots: list[Spot] = []
    for i in order[:_N_FOOD]:
        kind = _draw(rng, _FOOD)
        tags = {"amenity": kind, "name": namer.food(kind)}
        if kind in {"restaurant", "fast_food"}:
            tags["cuisine"] = _CUISINES[int(rng.integers(len(_CUISINES)))]
        spots.append(_in_house(houses[i], tags))
    for i in order[_N_FOOD : _N_FOOD + _N_SHOPS]:
        kind = _draw(rng, _SHOPS)
        key = "amenity" if kind == "pharmacy" else "shop"
        spots.append(_in_house(houses[i], {key: kind, "name": namer.shop(kind)}))
    spots.extend(_lockers(rng, houses, order[_N_FOOD + _N_SHOPS :]))
    spots.extend(_stations(ground, namer))
    spots.extend(_quarters(ground, net, namer))
    return spots


def _by_trade(rng: np.random.Generator, ground: Terrain, houses: list[House]) -> list[int]:
    """Houses from the one most attractive to trade to the least."""
    middles = np.array([house.middle for house in houses])
    away = np.hypot(*(middles - np.array(ground.old_town.centroid.coords[0])).T)
    rank = np.array([house.rank for house in houses])
    central = np.array([house.is_central for house in houses])
    pull = 3.0 * (rank <= 1) + 1.6 * (rank == 2) + 1.2 * central - away / 1400  # noqa: PLR2004
    lots: list[int] = np.argsort(-(pull + rng.gumbel(size=len(houses))), kind="stable").tolist()
    return lots


def _draw(rng: np.random.Generator, kinds: tuple[tuple[str, float], ...]) -> str:
    names, shares = zip(*kinds, strict=True)
    return str(names[int(np.searchsorted(np.cumsum(shares), rng.uniform() * sum(shares)))])


def _in_house(house: House, tags: dict[str, str]) -> Spot:
    address = {"addr:street": house.street, "addr:housenumber": str(house.number)}
    return Spot(house.middle, {**tags, **address})


def _lockers(rng: np.random.Generator, houses: list[House], order: list[int]) -> list[Spot]:
    """Parcel lockers spread over the town, each far from the others, and post offices."""
    chosen: list[int] = []
    for i in order:
        if len(chosen) == _N_LOCKERS:
            break
        if all(np.hypot(*(houses[i].middle - houses[j].middle)) > 480 for j in chosen):  # noqa: PLR2004
            chosen.append(i)
    spots = []
    for n, i in enumerate(chosen):
        is_office = n % 7 == 0
        tags = {"amenity": "post_office", "name": f"Post office {houses[i].street}"}
        if not is_office:
            corner = houses[i].outline[int(rng.integers(4))]
            tags = {
                "amenity": "parcel_locker",
                "name": f"Parcel locker {n}",
                "parcel_pickup": "yes",
            }
            spots.append(Spot(corner, tags))
            continue
        spots.append(_in_house(houses[i], tags))
    return spots


def _stations(ground: Terrain, namer: Namer) -> list[Spot]:
    length_m = ground.railway.length
    names = ["Central", namer.quarter(), namer.quarter()]
    near_m = ground.railway.project(ground.old_town.centroid)
    places_m = (near_m, (near_m + length_m) / 2, near_m / 2.2)
    return [
        Spot(
            np.array(ground.railway.interpolate(at_m).coords[0]),
            {"railway": "station", "name": f"{name} Station", "public_transport": "station"},
        )
        for name, at_m in zip(names, places_m, strict=True)
    ]


def _quarters(ground: Terrain, net: Net, namer: Namer) -> list[Spot]:
    """The town's name in its middle, and quarters as far from each other as can be."""
    inner = net.nodes[np.abs(net.nodes / [3150, 2650]).max(axis=1) < 1]
    centre = np.array(ground.old_town.centroid.coords[0])
    spots = [Spot(centre, {"place": "town", "name": namer.town()})]
    gap = np.hypot(*(inner - centre).T)
    for _ in range(_N_QUARTERS):
        far = inner[int(gap.argmax())]
        gap = np.minimum(gap, np.hypot(*(inner - far).T))
        spots.append(Spot(far, {"place": "suburb", "name": namer.quarter()}))
    return spots
