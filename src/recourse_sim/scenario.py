"""This file knows how a day is set up: generated demand or a real day's, on a city."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from recourse.model.errors import Invalid
from recourse_sim.chance import Chance
from recourse_sim.day import Scenario
from recourse_sim.demand import plan_demand
from recourse_sim.fleet import plan_fleet
from recourse_sim.grubhub import RealDay, lay_onto, read_real_day
from recourse_sim.hours import Day
from recourse_sim.parameters import Parameters
from recourse_sim.places import CityMap

__all__ = ["Wish", "make_scenario", "read_orders"]

_LEAST_ADDRESSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be played.

    Attributes
    ----------
    n_orders : int
        Orders of the day; those of the real day if there is one.
    n_couriers : int
        Couriers of the day; those of the real day if there is one.
    stress : float
        Every hazard is multiplied by it.
    local_date : date
        Which day it is.
    real_day : RealDay or None
        Orders and shifts of a real day.
    planner : str
        Who betters plans of several orders: see `Settings.planner`.
    params : Parameters
        Every number.
    """

    n_orders: int
    n_couriers: int
    stress: float = 1.0
    local_date: date = date(2026, 3, 2)
    real_day: RealDay | None = None
    planner: str = "engine"
    params: Parameters = Parameters()  # noqa: RUF009 - frozen through and through


def read_orders(text: str) -> tuple[int, RealDay | None]:
    """Read what ``--orders`` was given: a number, or the folder of a real day.

    Parameters
    ----------
    text : str
        ``"1500"`` or a path.

    Returns
    -------
    tuple of int and RealDay or None
        How many orders, and the real day if it is one.

    Raises
    ------
    Invalid
        If it is neither.
    """
    if text.isdecimal():
        if not int(text):
            raise Invalid(field="orders", why="a day has at least one order")
        return int(text), None
    folder = Path(text)
    if not folder.is_dir():
        raise Invalid(field="orders", why=f"{text} is neither a number nor a folder")
    real = read_real_day(folder)
    return len(real.orders), real


def make_scenario(city: CityMap, wish: Wish, *, seed: int) -> Scenario:
    """Set a day up.

    Parameters
    ----------
    city : CityMap
        Where.
    wish : Wish
        What.
    seed : int
        Luck.

    Returns
    -------
    Scenario
        The same for the same arguments.

    Raises
    ------
    Invalid
        If nobody could live in the city, or there is nobody to carry.
    """
    if len(city.addresses) < _LEAST_ADDRESSES:
        raise Invalid(field="city", why=f"{city.name} has only {len(city.addresses)} addresses")
    chance, params = Chance(seed), wish.params
    day = Day.of(wish.local_date, city.zone)
    if wish.real_day is not None:
        plan, fleet = lay_onto(city, wish.real_day, chance, params)
    else:
        if wish.n_couriers < 1:
            raise Invalid(field="couriers", why="somebody must carry")
        plan = plan_demand(city, chance, params.demand, n_orders=wish.n_orders)
        fleet = tuple(
            plan_fleet(
                city, chance, params.fleet, stations=plan.stations, n_couriers=wish.n_couriers
            )
        )
    return Scenario(seed=seed, day=day, params=params, plan=plan, fleet=fleet, stress=wish.stress)
