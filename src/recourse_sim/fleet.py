"""This file knows who carries on a day: contracts, vehicles, shifts and tenure."""

from dataclasses import dataclass

from recourse.model.couriers import Contract, Vehicle
from recourse.model.places import Place
from recourse_sim.chance import Chance
from recourse_sim.parameters import FleetParams
from recourse_sim.places import CityMap, SitePlan

__all__ = ["CourierPlan", "capacity", "plan_fleet"]

_GOLDEN = 0.6180339887498949
_NAMES = (
    *("Ana", "Ben", "Chen", "Dara", "Emil", "Fang", "Gia", "Hana", "Ivo", "Jun", "Kai", "Lin"),
    *("Mei", "Noor", "Omar", "Ping", "Qi", "Rosa", "Sam", "Tao", "Uma", "Vera", "Wei", "Xin"),
    *("Yan", "Zoe"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierPlan:
    """One courier as the operator registers them.

    Attributes
    ----------
    id, name : str
        Stable id, and what a customer reads.
    vehicle : Vehicle
        How they move.
    contract : Contract
        Whether they are asked or told.
    station_id : str
        Station whose waves they carry; empty on demand.
    start : Place
        Where the shift begins.
    shift_start_s, shift_end_s : float
        The hours agreed, seconds after local midnight.
    capacity_g, capacity_ml : int
        What the vehicle takes.
    orders_before : int
        Orders done before today.
    """

    id: str
    name: str
    vehicle: Vehicle
    contract: Contract
    station_id: str
    start: Place
    shift_start_s: float
    shift_end_s: float
    capacity_g: int
    capacity_ml: int
    orders_before: int


def capacity(vehicle: Vehicle, params: FleetParams) -> tuple[int, int]:
    """Grams and millilitres a vehicle takes."""
    return {
        Vehicle.VAN: (params.van_g, params.van_ml),
        Vehicle.EBIKE: (params.ebike_g, params.ebike_ml),
        Vehicle.SCOOTER: (params.scooter_g, params.scooter_ml),
        Vehicle.FOOT: (params.scooter_g // 2, params.scooter_ml // 2),
    }[vehicle]


def plan_fleet(
    city: CityMap,
    chance: Chance,
    params: FleetParams,
    *,
    stations: tuple[SitePlan, ...],
    n_couriers: int,
) -> list[CourierPlan]:
    """Draw the couriers of a day.

    Shares are met by spreading, not by drawing, so that a small fleet has them too.

    Parameters
    ----------
    city : CityMap
        Where they start.
    chance : Chance
        Luck of the day.
    params : FleetParams
        Shares, shifts, tenure.
    stations : tuple of SitePlan
        Whom the couriers on contract belong to, in turn.
    n_couriers : int
        How many.

    Returns
    -------
    list of CourierPlan
        The same for the same seed and city.
    """
    n_flexible = round(n_couriers * params.p_flexible)
    n_station = min(n_couriers - n_flexible, round(n_couriers * params.p_station))
    if not stations:
        n_station = 0
    fleet: list[CourierPlan] = []
    for i in range(n_couriers):
        if i < n_station:
            fleet.append(_of_station(chance, params, stations[i % len(stations)], i, len(stations)))
        else:
            is_flexible = i >= n_couriers - n_flexible
            fleet.append(_on_demand(city, chance, params, i, is_flexible=is_flexible))
    return fleet


def _spread(number: int, shares: tuple[float, ...]) -> int:
    """Which of some shares the number-th of a row belongs to, evenly spread."""
    at, total = (0.5 + number * _GOLDEN) % 1.0 * sum(shares), 0.0
    for i, share in enumerate(shares):
        total += share
        if at < total:
            return i
    return len(shares) - 1


def _tenure(chance: Chance, params: FleetParams, courier_id: str) -> int:
    return int(
        chance.around(params.tenure_median_orders, params.tenure_sigma, "tenure", courier_id)
    )


def _of_station(
    chance: Chance, params: FleetParams, station: SitePlan, number: int, n_stations: int
) -> CourierPlan:
    here = number // n_stations
    vans = (params.p_station_van, 1 - params.p_station_van)
    vehicle = (Vehicle.VAN, Vehicle.EBIKE)[_spread(here // 2, vans)]
    shift = params.station_shift_s[_spread(here, params.station_shift_share)]
    grams, millilitres = capacity(vehicle, params)
    courier_id = f"c-{number + 1:03d}"
    return CourierPlan(
        id=courier_id,
        name=_NAMES[number % len(_NAMES)],
        vehicle=vehicle,
        contract=Contract.ASSIGNED,
        station_id=station.id,
        start=station.place,
        shift_start_s=shift[0],
        shift_end_s=shift[1],
        capacity_g=grams,
        capacity_ml=millilitres,
        orders_before=_tenure(chance, params, courier_id),
    )


def _on_demand(
    city: CityMap, chance: Chance, params: FleetParams, number: int, *, is_flexible: bool
) -> CourierPlan:
    scooters = (params.p_demand_scooter, 1 - params.p_demand_scooter)
    vehicle = (Vehicle.SCOOTER, Vehicle.EBIKE)[_spread(number // 3, scooters)]
    shift = params.demand_shift_s[_spread(number, params.demand_shift_share)]
    courier_id = f"c-{number + 1:03d}"
    grams, millilitres = capacity(Vehicle.VAN if is_flexible else vehicle, params)
    starts = city.food or city.addresses
    return CourierPlan(
        id=courier_id,
        name=_NAMES[number % len(_NAMES)],
        vehicle=Vehicle.VAN if is_flexible else vehicle,
        contract=Contract.ASKED,
        station_id="",
        start=starts[int(chance.uniform("start", courier_id) * len(starts))],
        shift_start_s=shift[0],
        shift_end_s=shift[1],
        capacity_g=grams,
        capacity_ml=millilitres,
        orders_before=_tenure(chance, params, courier_id),
    )
