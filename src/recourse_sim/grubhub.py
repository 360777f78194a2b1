"""This file knows a real day as Grubhub published it (mdrplib), and how to lay it onto a city.

A folder holds ``orders.txt``, ``couriers.txt``, ``restaurants.txt`` and
``instance_parameters.txt``: tab-separated columns, places in metres on a plane, times in minutes
after the start of the day.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recourse.model.couriers import Contract, Vehicle
from recourse.model.errors import Invalid
from recourse.model.orders import OrderKind
from recourse.model.places import Place, SiteKind
from recourse_sim.chance import Chance
from recourse_sim.demand import DayPlan, OrderPlan
from recourse_sim.fleet import CourierPlan, capacity
from recourse_sim.parameters import Parameters
from recourse_sim.places import CityMap, SitePlan, columns, metres, plan_points

__all__ = ["RealDay", "lay_onto", "read_real_day"]

_COLUMNS = {
    "orders.txt": ("order", "x", "y", "placement_time", "restaurant", "ready_time"),
    "couriers.txt": ("courier", "x", "y", "on_time", "off_time"),
    "restaurants.txt": ("restaurant", "x", "y"),
    "instance_parameters.txt": (
        "meters_per_minute",
        "pickup service minutes",
        "dropoff service minutes",
        "target click-to-door",
    ),
}
_M_PER_DEGREE = 111_195.0
_BEGINS_S = 25_200
"""Minute 0 of the day, seconds after local midnight (07:00); assumed: the files do not say."""


@dataclass(frozen=True, slots=True, eq=False)
class RealDay:
    """One day as it was published.

    Attributes
    ----------
    restaurants, orders, couriers : list of dict
        Rows by column, in the order of the files.
    parameters : dict of str to str
        The single row of the instance's parameters.
    """

    restaurants: list[dict[str, str]]
    orders: list[dict[str, str]]
    couriers: list[dict[str, str]]
    parameters: dict[str, str]


def read_real_day(folder: Path) -> RealDay:
    """Read the four files of a day.

    Parameters
    ----------
    folder : Path
        Where they are.

    Returns
    -------
    RealDay
        Checked: every column is there, every number is one, every restaurant exists.

    Raises
    ------
    Invalid
        If a file or column is missing or a value is no number.
    """
    rows = {name: _read(folder / name, needed) for name, needed in _COLUMNS.items()}
    if not rows["instance_parameters.txt"] or not rows["orders.txt"]:
        raise Invalid(field="orders", why=f"{folder} holds no orders or no parameters")
    known = {row["restaurant"] for row in rows["restaurants.txt"]}
    for row in rows["orders.txt"]:
        if row["restaurant"] not in known:
            raise Invalid(field="orders.txt", why=f"{row['order']} names no restaurant of this day")
    return RealDay(
        rows["restaurants.txt"],
        rows["orders.txt"],
        rows["couriers.txt"],
        rows["instance_parameters.txt"][0],
    )


def _read(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    if not path.is_file():
        raise Invalid(field="orders", why=f"{path} is missing")
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines, delimiter="\t")
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise Invalid(field=path.name, why=f"has no column {', '.join(missing)}")
        rows = list(reader)
    texts = {"order", "courier", "restaurant"}
    for number, row in enumerate(rows, start=2):
        for name in needed:
            if name not in texts and not _is_number(row[name]):
                raise Invalid(field=path.name, why=f"line {number}: {name} is no number")
    return rows


def _is_number(text: str | None) -> bool:
    try:
        return bool(np.isfinite(float(text or "")))
    except ValueError:
        return False


def lay_onto(
    city: CityMap, day: RealDay, chance: Chance, params: Parameters
) -> tuple[DayPlan, tuple[CourierPlan, ...]]:
    """Lay a real day onto a city: its times and distances stay, its places become the city's.

    The middle of the day's restaurants is put on the middle of the city's food places; each
    restaurant becomes the nearest food place not yet taken, each customer an address that lies
    from it in the same direction and about as far.

    Parameters
    ----------
    city : CityMap
        Where.
    day : RealDay
        What.
    chance : Chance
        Luck of the day: vehicles, languages, values.
    params : Parameters
        What the files do not say.

    Returns
    -------
    tuple of DayPlan and tuple of CourierPlan
        Orders and couriers of that day.
    """
    plane = _Plane(city, day)
    sources = city.food or city.addresses
    chosen = plane.nearest_free(day.restaurants, columns(sources))
    merchants = {
        row["restaurant"]: SitePlan(
            id=f"m-{row['restaurant']}",
            name=sources[k].address or row["restaurant"],
            kind=SiteKind.MERCHANT,
            place=sources[k],
        )
        for row, k in zip(day.restaurants, chosen, strict=True)
    }
    real = {row["restaurant"]: row for row in day.restaurants}
    homes = columns(city.addresses)
    orders = [
        _order(
            city,
            homes,
            merchants[row["restaurant"]],
            (row, real[row["restaurant"]]),
            chance,
            params,
        )
        for row in day.orders
    ]
    points = plan_points(city, chance, params.demand, n_orders=len(orders))
    used = {order.site_id for order in orders}
    sites = (*(site for site in merchants.values() if site.id in used), *points)
    orders.sort(key=lambda order: (order.placed_s, order.external_id))
    fleet = tuple(_courier(row, plane, chance, params) for row in day.couriers)
    return DayPlan(sites=sites, orders=tuple(orders)), fleet


class _Plane:
    """The plane of the published day, put onto a city by moving its middle."""

    def __init__(self, city: CityMap, day: RealDay) -> None:
        self._city = city
        spots = columns(city.food or city.addresses)
        self._middle = np.median(spots, axis=0)
        self._origin = np.median([_xy(row) for row in day.restaurants], axis=0)

    def degrees(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitude and latitude of a point of the plane."""
        metres_away = xy - self._origin
        east = _M_PER_DEGREE * np.cos(np.radians(self._middle[1]))
        moved: NDArray[np.float64] = self._middle + metres_away / np.array([east, _M_PER_DEGREE])
        return moved

    def nearest_free(self, rows: list[dict[str, str]], spots: NDArray[np.float64]) -> list[int]:
        """Spot for each row, each used once while there are enough."""
        free = np.ones(len(spots), dtype=bool)
        chosen = []
        for row in rows:
            gap_m = metres(spots, self.degrees(_xy(row)))
            k = int(np.where(free, gap_m, np.inf).argmin()) if free.any() else int(gap_m.argmin())
            free[k] = False
            chosen.append(k)
        return chosen

    def home(self, row: dict[str, str]) -> Place:
        """Address nearest to where a row lies."""
        gap_m = metres(columns(self._city.addresses), self.degrees(_xy(row)))
        return self._city.addresses[int(gap_m.argmin())]


def _xy(row: dict[str, str]) -> NDArray[np.float64]:
    return np.array([float(row["x"]), float(row["y"])])


def _order(
    city: CityMap,
    homes: NDArray[np.float64],
    merchant: SitePlan,
    rows: tuple[dict[str, str], dict[str, str]],
    chance: Chance,
    params: Parameters,
) -> OrderPlan:
    row, restaurant = rows
    name, demand = f"g-{row['order']}", params.demand
    place = np.array([merchant.place.lon, merchant.place.lat])
    wish_m = _xy(row) - _xy(restaurant)
    scale = np.array([np.cos(np.radians(place[1])), 1.0]) * _M_PER_DEGREE
    home = city.addresses[int(metres(homes, place + wish_m / scale).argmin())]
    placed_s = _BEGINS_S + 60 * float(row["placement_time"])
    ready_s = _BEGINS_S + 60 * float(row["ready_time"])
    weight_g = int(
        min(12_000, chance.around(demand.meal_median_g, demand.value_sigma, "weight", name))
    )
    return OrderPlan(
        external_id=name,
        kind=OrderKind.MEAL,
        site_id=merchant.id,
        pickup=merchant.place,
        dropoff=home,
        placed_s=placed_s,
        ready_s=max(ready_s, placed_s),
        earliest_s=max(ready_s, placed_s),
        latest_s=max(ready_s, placed_s) + demand.ready_to_door_s,
        weight_g=weight_g,
        volume_ml=int(weight_g * demand.litres_per_kg),
        service_s=demand.dropoff_service_s,
        value_cents=int(chance.around(demand.meal_value_cents, demand.value_sigma, "value", name)),
        is_perishable=True,
        locale="zh" if chance.happens(demand.p_chinese, "locale", name) else "en",
        accepts_point=False,
    )


def _courier(row: dict[str, str], plane: _Plane, chance: Chance, params: Parameters) -> CourierPlan:
    courier_id = f"c-{row['courier']}"
    # The files plan with 320 m a minute: more than an e-bike may be counted on for.
    vehicle = Vehicle.SCOOTER
    grams, millilitres = capacity(vehicle, params.fleet)
    tenure = chance.around(
        params.fleet.tenure_median_orders, params.fleet.tenure_sigma, "tenure", courier_id
    )
    return CourierPlan(
        id=courier_id,
        name=f"Courier {row['courier']}",
        vehicle=vehicle,
        contract=Contract.ASKED,
        station_id="",
        start=plane.home(row),
        shift_start_s=_BEGINS_S + 60 * float(row["on_time"]),
        shift_end_s=_BEGINS_S + 60 * float(row["off_time"]),
        capacity_g=grams,
        capacity_ml=millilitres,
        orders_before=int(tenure),
    )
