"""This file knows what is ordered on a day: who wants what, where, when, and what is promised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recourse.model.orders import OrderKind
from recourse.model.places import Place, SiteKind
from recourse_sim.chance import Chance
from recourse_sim.parameters import DemandParams
from recourse_sim.places import CityMap, SitePlan, columns, metres, plan_points, plan_stations

__all__ = ["DayPlan", "OrderPlan", "plan_demand"]

_ORDERS_PER_MERCHANT = 4
_TRIED_ADDRESSES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """One order as the merchant will post it, and what only the simulator knows of it.

    Attributes
    ----------
    external_id : str
        The merchant's name for it.
    kind : OrderKind
        What it is.
    site_id : str
        Station or merchant it comes from.
    pickup, dropoff : Place
        From where to where.
    placed_s, ready_s : float
        When it is posted, and when it can be collected; seconds after local midnight.
    earliest_s, latest_s : float
        The promised window.
    weight_g, volume_ml, service_s, value_cents : int
        What it weighs, takes, needs at the door and is worth.
    is_perishable : bool
        Whether waiting spoils it.
    locale : str
        ``"zh"`` or ``"en"``.
    accepts_point : bool
        Standing consent to a pickup point.
    """

    external_id: str
    kind: OrderKind
    site_id: str
    pickup: Place
    dropoff: Place
    placed_s: float
    ready_s: float
    earliest_s: float
    latest_s: float
    weight_g: int
    volume_ml: int
    service_s: int
    value_cents: int
    is_perishable: bool
    locale: str
    accepts_point: bool

    @property
    def is_parcel(self) -> bool:
        """Whether it leaves a station with a wave."""
        return self.kind is OrderKind.PARCEL


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """Everything ordered on a day.

    Attributes
    ----------
    sites : tuple of SitePlan
        Stations, merchants and points.
    orders : tuple of OrderPlan
        Oldest first.
    """

    sites: tuple[SitePlan, ...]
    orders: tuple[OrderPlan, ...]

    @property
    def stations(self) -> tuple[SitePlan, ...]:
        """Stations only."""
        return tuple(s for s in self.sites if s.kind is SiteKind.STATION)


def plan_demand(city: CityMap, chance: Chance, params: DemandParams, *, n_orders: int) -> DayPlan:
    """Draw a day of orders at the city's addresses.

    Parameters
    ----------
    city : CityMap
        Where they live.
    chance : Chance
        Luck of the day.
    params : DemandParams
        Shares, waves, curve, promises.
    n_orders : int
        How many; parcels are the stated share of them.

    Returns
    -------
    DayPlan
        The same for the same seed and city.
    """
    stations = plan_stations(city, chance, params, n_orders=n_orders)
    points = plan_points(city, chance, params, n_orders=n_orders)
    n_parcels = round(n_orders * params.p_parcel)
    parcels = _parcels(city, chance, params, stations, n_parcels)
    merchants, meals = _on_demand(city, chance, params, n_orders - n_parcels)
    orders = sorted((*parcels, *meals), key=lambda o: (o.placed_s, o.external_id))
    return DayPlan(sites=(*stations, *merchants, *points), orders=tuple(orders))


def _person(chance: Chance, params: DemandParams, external_id: str) -> tuple[str, bool]:
    """Language and standing consent of a customer."""
    return (
        "zh" if chance.happens(params.p_chinese, "locale", external_id) else "en",
        chance.happens(params.p_accepts_point, "consent", external_id),
    )


def _parcels(
    city: CityMap, chance: Chance, params: DemandParams, stations: list[SitePlan], n: int
) -> list[OrderPlan]:
    """Parcels of every wave of every station, in equal parts."""
    homes = columns(city.addresses)
    gap_m = metres(homes[:, None], columns(tuple(s.place for s in stations))[None])
    nearest = gap_m.argmin(axis=1)
    around = [
        np.flatnonzero((nearest == i) & (gap_m[:, i] <= params.reach_m))
        for i in range(len(stations))
    ]
    return [
        _parcel(city, chance, params, stations[i % len(stations)], around[i % len(stations)], i)
        for i in range(n)
    ]


def _parcel(
    city: CityMap,
    chance: Chance,
    params: DemandParams,
    station: SitePlan,
    homes: NDArray[np.int64],
    number: int,
) -> OrderPlan:
    name = f"p-{number + 1:05d}"
    wave_s = params.wave_s[int(chance.uniform("wave", name) * len(params.wave_s))]
    known_s = wave_s - params.cutoff_s - chance.uniform("posted", name) * params.spread_s
    home = city.addresses[int(homes[int(chance.uniform("home", name) * len(homes))])]
    is_dear = chance.happens(params.p_high_value, "dear", name)
    value = params.high_value_cents if is_dear else params.parcel_value_cents
    weight_g = min(
        20_000, chance.around(params.parcel_median_g, params.value_sigma, "weight", name)
    )
    locale, accepts = _person(chance, params, name)
    return OrderPlan(
        external_id=name,
        kind=OrderKind.PARCEL,
        site_id=station.id,
        pickup=station.place,
        dropoff=home,
        placed_s=round(known_s, 1),
        ready_s=wave_s,
        earliest_s=wave_s,
        latest_s=wave_s + params.wave_window_s,
        weight_g=int(weight_g),
        volume_ml=int(min(weight_g, 10_000) * params.litres_per_kg),
        service_s=params.dropoff_service_s,
        value_cents=int(chance.around(value, params.value_sigma, "value", name)),
        is_perishable=chance.happens(params.p_perishable_parcel, "perishable", name),
        locale=locale,
        accepts_point=accepts,
    )


def arrival_times(params: DemandParams, draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times of orders on demand from uniform draws, by the curve of the day.

    Parameters
    ----------
    params : DemandParams
        The curve.
    draws : ndarray of float64, shape (n,)
        Uniform on [0, 1).

    Returns
    -------
    ndarray of float64, shape (n,)
        Seconds after local midnight.
    """
    weights = np.array(params.half_hour_share, dtype=np.float64)
    edges = np.linspace(params.opens_s, params.closes_s - 2700, len(weights) + 1)
    return np.interp(draws, np.concatenate([[0.0], np.cumsum(weights) / weights.sum()]), edges)


def _on_demand(
    city: CityMap, chance: Chance, params: DemandParams, n: int
) -> tuple[list[SitePlan], list[OrderPlan]]:
    """Meals and groceries, and the merchants they come from."""
    if not n:
        return [], []
    sources = city.food or city.addresses
    n_merchants = min(len(sources), max(1, n // _ORDERS_PER_MERCHANT))
    chosen = chance.stream("merchants").choice(len(sources), size=n_merchants, replace=False)
    merchants = [
        SitePlan(
            id=f"m-{i + 1}",
            name=sources[k].address or f"Merchant {i + 1}",
            kind=SiteKind.MERCHANT,
            place=sources[k],
        )
        for i, k in enumerate(chosen.tolist())
    ]
    placed = np.sort(arrival_times(params, chance.stream("arrivals").random(n)))
    homes = columns(city.addresses)
    return merchants, [
        _meal(city, chance, params, merchants, homes, (i, float(t))) for i, t in enumerate(placed)
    ]


def _meal(
    city: CityMap,
    chance: Chance,
    params: DemandParams,
    merchants: list[SitePlan],
    homes: NDArray[np.float64],
    arrival: tuple[int, float],
) -> OrderPlan:
    number, placed_s = arrival
    name = f"d-{number + 1:05d}"
    merchant = merchants[int(chance.uniform("merchant", name) * len(merchants))]
    is_meal = chance.happens(params.p_meal, "meal", name)
    prep_s = min(
        params.prep_most_s, chance.around(params.prep_median_s, params.prep_sigma, "prep", name)
    )
    ready_s = round(placed_s + (prep_s if is_meal else params.grocery_prep_s), 1)
    weight_g = int(
        min(12_000, chance.around(params.meal_median_g, params.value_sigma, "weight", name))
    )
    locale, accepts = _person(chance, params, name)
    return OrderPlan(
        external_id=name,
        kind=OrderKind.MEAL if is_meal else OrderKind.GROCERY,
        site_id=merchant.id,
        pickup=merchant.place,
        dropoff=city.addresses[_home_near(merchant.place, homes, chance, params, name)],
        placed_s=round(placed_s, 1),
        ready_s=ready_s,
        earliest_s=ready_s,
        latest_s=ready_s + params.ready_to_door_s,
        weight_g=weight_g,
        volume_ml=int(weight_g * params.litres_per_kg),
        service_s=params.dropoff_service_s,
        value_cents=int(chance.around(params.meal_value_cents, params.value_sigma, "value", name)),
        is_perishable=is_meal or chance.happens(params.p_perishable_grocery, "perishable", name),
        locale=locale,
        accepts_point=accepts and not is_meal,
    )


def _home_near(
    place: Place, homes: NDArray[np.float64], chance: Chance, params: DemandParams, name: str
) -> int:
    """Address about as far from a merchant as a drawn distance."""
    tried = chance.stream("homes", name).integers(len(homes), size=_TRIED_ADDRESSES)
    wish_m = chance.around(params.last_mile_median_m, params.last_mile_sigma, "distance", name)
    gap_m = metres(homes[tried], np.array([place.lon, place.lat]))
    return int(tried[np.abs(gap_m - min(wish_m, params.last_mile_most_m)).argmin()])
