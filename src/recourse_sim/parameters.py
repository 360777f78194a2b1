"""This file knows every number the simulated day is made of, each with its unit and its source.

A source is a public figure, or the word *assumed*: then nobody measured it, and it was chosen so
that a default day can be carried with some slack. ``recourse-sim parameters`` prints this file as a
table. Shadowfax: 450,000 orders in India, January and February 2021; Meituan: 654,343 offers of
the TSL research challenge; Grubhub: seven days of mdrplib; DEFRA: UK conversion factors of 2025.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

__all__ = [
    "CourierParams",
    "CustomerParams",
    "DemandParams",
    "FleetParams",
    "HazardParams",
    "Parameters",
    "PhoneParams",
    "PriceParams",
    "TravelParams",
    "rows",
]

_ASSUMED = "assumed"
_SHADOWFAX = "Shadowfax"
_MEITUAN = "Meituan"
_GRUBHUB = "Grubhub"
_DEFRA = "DEFRA"


def _p(default: Any, unit: str, source: str, what: str) -> Any:  # noqa: ANN401
    """Field of a parameter with what a reader must know about it."""
    return field(default=default, metadata={"unit": unit, "source": source, "what": what})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandParams:
    """What is ordered, when, from where, and what is promised."""

    opens_s: int = _p(28_800, "s", _ASSUMED, "the day begins, after local midnight (08:00)")
    closes_s: int = _p(79_200, "s", _ASSUMED, "the day ends, after local midnight (22:00)")
    drain_s: int = _p(5_400, "s", _ASSUMED, "the last orders may still be brought for so long")
    p_parcel: float = _p(0.75, "share", _ASSUMED, "orders that are parcels of a station wave")
    p_meal: float = _p(
        0.80, "share", _ASSUMED, "on-demand orders that are meals; the rest groceries"
    )
    n_stations: int = _p(3, "sites", _ASSUMED, "stations per 1,500 orders, at least two")
    wave_s: tuple[int, ...] = _p(
        (30_600, 39_600, 48_600, 57_600, 66_600),
        "s",
        _ASSUMED,
        "waves leave 08:30, 11:00, 13:30, 16:00, 18:30; the platform's own default",
    )
    wave_window_s: int = _p(
        9_000, "s", _ASSUMED, "promised window of a parcel: 2 h 30 min from then"
    )
    cutoff_s: int = _p(1_800, "s", _ASSUMED, "parcels of a wave are known so long before it leaves")
    spread_s: int = _p(3_600, "s", _ASSUMED, "and come in over so long before that")
    reach_m: int = _p(6_500, "m", _ASSUMED, "parcels go to addresses this near to their station")
    half_hour_share: tuple[float, ...] = _p(
        (
            *(1, 1, 1.2, 1.5, 2, 2.6, 4.5, 6, 6.5, 6, 4.5, 3.5, 2.6, 2.4),
            *(2.4, 2.6, 3, 4, 5.2, 6.2, 6.5, 6, 5, 4, 3, 2.4, 1.6, 0.6),
        ),
        "weight",
        f"{_GRUBHUB}: busiest half hour 6 to 13 % of a day; shape {_ASSUMED}",
        "arrivals on demand by half hour from opening",
    )
    prep_median_s: int = _p(900, "s", f"{_GRUBHUB}: p50 15 min", "kitchen time, median")
    prep_sigma: float = _p(0.45, "ln s", f"{_GRUBHUB}: p90 30 min, trimmed", "kitchen time, spread")
    prep_most_s: int = _p(1_800, "s", _ASSUMED, "no kitchen takes longer")
    grocery_prep_s: int = _p(720, "s", _ASSUMED, "picking of a grocery basket")
    last_mile_median_m: int = _p(2_200, "m", f"{_GRUBHUB}: 2.0 km, {_SHADOWFAX}: 2.7 km", "median")
    last_mile_sigma: float = _p(0.55, "ln m", f"{_GRUBHUB}: p90 4.3 km", "distance to the customer")
    last_mile_most_m: int = _p(6_000, "m", _ASSUMED, "nobody farther is served on demand")
    ready_to_door_s: int = _p(
        3_000, "s", f"{_GRUBHUB}: target 40 min, limit 90", "promise after ready"
    )
    p_perishable_parcel: float = _p(0.15, "share", _ASSUMED, "parcels that are fresh food")
    p_perishable_grocery: float = _p(0.60, "share", _ASSUMED, "groceries that spoil")
    p_high_value: float = _p(0.04, "share", _ASSUMED, "parcels of high value")
    high_value_cents: int = _p(400_000, "cents", _ASSUMED, "median value of those")
    parcel_value_cents: int = _p(15_000, "cents", _ASSUMED, "median value of other parcels")
    meal_value_cents: int = _p(6_000, "cents", _ASSUMED, "median value of meals and groceries")
    value_sigma: float = _p(0.7, "ln cents", _ASSUMED, "spread of values")
    parcel_median_g: int = _p(1_500, "g", _ASSUMED, "median weight of a parcel; spread as values")
    meal_median_g: int = _p(1_200, "g", _ASSUMED, "median weight of a meal or basket")
    litres_per_kg: float = _p(4.0, "l/kg", _ASSUMED, "volume of what is carried")
    pickup_service_s: int = _p(
        120, "s", f"{_GRUBHUB}: 4 min, {_ASSUMED} shorter", "at the merchant"
    )
    dropoff_service_s: int = _p(
        120, "s", f"{_GRUBHUB}: 4 min with parking, {_ASSUMED}", "at the door"
    )
    n_points: int = _p(12, "sites", _ASSUMED, "pickup points per 1,500 orders")
    point_capacity: int = _p(40, "parcels", _ASSUMED, "what a point holds")
    p_chinese: float = _p(0.4, "share", _ASSUMED, "customers who read Chinese; the rest English")
    p_accepts_point: float = _p(
        0.30, "share", _ASSUMED, "customers with standing consent to a point"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetParams:
    """Who carries: contracts, vehicles, shifts, tenure."""

    p_station: float = _p(0.48, "share", _ASSUMED, "couriers of a station, on contract")
    p_flexible: float = _p(
        0.08, "share", _ASSUMED, "couriers with a van who take anything when asked"
    )
    p_station_van: float = _p(
        0.6, "share", _ASSUMED, "station couriers with a van; the rest e-bikes"
    )
    p_demand_scooter: float = _p(0.65, "share", _ASSUMED, "on-demand couriers with a scooter")
    station_shift_s: tuple[tuple[int, int], ...] = _p(
        ((28_800, 57_600), (47_400, 76_200), (28_800, 67_200)),
        "s",
        _ASSUMED,
        "shifts of station couriers: three early waves, three late waves, a long day of 10 h 40",
    )
    station_shift_share: tuple[float, ...] = _p(
        (0.47, 0.47, 0.06), "share", _ASSUMED, "who has which"
    )
    demand_shift_s: tuple[tuple[int, int], ...] = _p(
        ((28_800, 54_000), (37_800, 63_000), (54_000, 79_200), (39_600, 77_400)),
        "s",
        _ASSUMED,
        "shifts on demand: early, lunch and afternoon, evening, both peaks (10.5 h)",
    )
    demand_shift_share: tuple[float, ...] = _p(
        (0.15, 0.2, 0.4, 0.25), "share", _ASSUMED, "who has which"
    )
    tenure_median_orders: int = _p(
        300, "orders", f"{_SHADOWFAX}: median band 200 to 400", "done before"
    )
    tenure_sigma: float = _p(
        1.6, "ln orders", f"{_SHADOWFAX}: bands 20 to 3,200", "spread of tenure"
    )
    van_g: int = _p(800_000, "g", _ASSUMED, "what a van takes")
    van_ml: int = _p(4_000_000, "ml", _ASSUMED, "what a van takes")
    ebike_g: int = _p(90_000, "g", _ASSUMED, "what a cargo e-bike takes")
    ebike_ml: int = _p(320_000, "ml", _ASSUMED, "what a cargo e-bike takes")
    scooter_g: int = _p(25_000, "g", _ASSUMED, "what the box of a scooter takes")
    scooter_ml: int = _p(90_000, "ml", _ASSUMED, "what the box of a scooter takes")


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardParams:
    """Why couriers drop out: rates per hour on duty unless said otherwise, what raises them."""

    breakdown_per_h: float = _p(
        0.0030, "1/h", f"{_SHADOWFAX} ranks it; level {_ASSUMED}", "vehicle"
    )
    accident_per_h: float = _p(0.0004, "1/h", _ASSUMED, "an accident")
    illness_per_h: float = _p(0.0012, "1/h", _ASSUMED, "falling ill")
    fatigue_per_h: float = _p(0.0010, "1/h", _ASSUMED, "giving up exhausted, before the knee")
    fatigue_knee_h: float = _p(
        8.0, "h", "SAMR 2025 standard: 8 h a day", "hours from which it grows"
    )
    fatigue_growth: float = _p(
        2.0, "factor/h", _ASSUMED, "growth of the rate per hour after the knee"
    )
    silence_per_h: float = _p(0.0020, "1/h", _ASSUMED, "phone dead or courier gone")
    p_no_show: float = _p(0.012, "per shift", _ASSUMED, "courier never comes")
    p_economics: float = _p(
        0.0080,
        "per order",
        f"{_SHADOWFAX}: 1.16 % for all causes; the part {_ASSUMED}",
        "not worth it",
    )
    economics_assigned: float = _p(0.2, "factor", _ASSUMED, "of that for couriers on contract")
    p_after_pickup: float = _p(0.54, "share", f"{_SHADOWFAX}: 2,797 of 5,218", "drops after pickup")
    after_pickup_median_s: int = _p(
        420,
        "s",
        f"{_SHADOWFAX}: 30 min until recorded; {_ASSUMED} for shorter legs",
        "after it, median",
    )
    after_pickup_sigma: float = _p(
        0.74, "ln s", f"{_SHADOWFAX}: from the quartiles", "spread of that"
    )
    before_pickup_median_s: int = _p(240, "s", _ASSUMED, "others drop so long after accepting")
    per_km: float = _p(0.12, "1/km", f"{_SHADOWFAX}: 1.02 % at 1.1 km, 2.0 % at 10 km", "last mile")
    evening_factor: float = _p(1.4, "factor", f"{_SHADOWFAX}: up to 3 on Saturdays", "16 to 20 h")
    new_factor: float = _p(
        2.5, "factor", f"{_SHADOWFAX}: 15.3 % to 1.2 % by tenure", "first 50 orders"
    )
    old_factor: float = _p(0.6, "factor", f"{_SHADOWFAX}: as above", "after 1,600 orders")
    load_factor: float = _p(
        1.3, "factor", _ASSUMED, "breakdown and fatigue with 15 parcels or more"
    )
    hours_factor: float = _p(0.05, "1/h", _ASSUMED, "rise of accident and illness per hour worked")
    p_wet_day: float = _p(0.35, "per day", _ASSUMED, "days on which it rains for some hours")
    wet_hours: tuple[int, int] = _p((2, 6), "h", _ASSUMED, "how long it then rains, from and to")
    wet_factor: float = _p(1.6, "factor", f"{_SHADOWFAX} names weather; size {_ASSUMED}", "in rain")
    traffic_factor: float = _p(1.2, "factor", _ASSUMED, "breakdown and accident in the two peaks")
    p_silent_goes_on: float = _p(
        0.35, "share", _ASSUMED, "silent couriers who still make their stops"
    )
    silent_median_s: int = _p(3_600, "s", _ASSUMED, "until the silent come to light")
    silent_sigma: float = _p(0.7, "ln s", _ASSUMED, "spread of that")
    p_reports: float = _p(
        0.95, "share", _ASSUMED, "of those who can, report at once; others just stop"
    )
    report_median_s: int = _p(90, "s", _ASSUMED, "from the break to the report")
    p_sos: float = _p(0.5, "share", _ASSUMED, "accidents reported with the emergency button")


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierParams:
    """How couriers answer offers and go about their stops."""

    p_refuse: float = _p(0.1311, "per offer", f"{_MEITUAN}: 13.11 %", "offers declined")
    p_ignore: float = _p(
        0.03, "per offer", f"{_SHADOWFAX}: inaction 1.6 %; {_ASSUMED}", "not answered"
    )
    refuse_per_km: float = _p(
        0.02, "1/km", f"Rappi: distance predicts; size {_ASSUMED}", "farther away"
    )
    bonus_helps: float = _p(
        0.06, "1/100 cents", f"MSBA field test; size {_ASSUMED}", "less refusal"
    )
    answer_median_s: float = _p(37.0, "s", f"{_SHADOWFAX}: 14/37/63 s", "time to answer")
    answer_sigma: float = _p(
        0.75, "ln s", f"{_SHADOWFAX}: from the quartiles, less the tail", "spread"
    )
    late_start_median_s: int = _p(180, "s", _ASSUMED, "coming on duty after the shift began")
    late_start_most_s: int = _p(480, "s", _ASSUMED, "nobody who comes is later")
    service_sigma: float = _p(0.30, "ln s", _ASSUMED, "spread of the time at a stop")
    per_parcel_s: int = _p(5, "s", _ASSUMED, "loading at a station, per parcel")
    meet_s: int = _p(180, "s", _ASSUMED, "finding each other at a handover")
    meet_reach_m: int = _p(300, "m", _ASSUMED, "they find each other when this near")
    holder_waits_s: int = _p(
        5_400, "s", _ASSUMED, "how long who dropped out waits with the parcels"
    )
    giver_waits_s: int = _p(
        900, "s", _ASSUMED, "how long a holder under way waits to give a parcel away"
    )
    taker_waits_s: int = _p(600, "s", _ASSUMED, "how long who comes waits for a holder not there")


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelParams:
    """How true travel times differ from expected ones."""

    leg_sigma: float = _p(0.16, "ln", _ASSUMED, "noise of one leg")
    person_sigma: float = _p(0.07, "ln", _ASSUMED, "a courier's own pace, all day")
    wet_slower: float = _p(1.10, "factor", _ASSUMED, "in rain")
    setting_off_s: int = _p(5, "s", _ASSUMED, "from the stop to rolling")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneParams:
    """What phones report."""

    ping_every_s: int = _p(30, "s", _ASSUMED, "one batch of all phones on duty")
    noise_m: float = _p(12.0, "m", "urban fixes: 10 to 15 m", "error of a fix, one sigma per axis")
    p_gap: float = _p(0.01, "per ping", _ASSUMED, "a single ping is lost")
    dead_cell_m: int = _p(120, "m", _ASSUMED, "side of a dead spot")
    p_dead_cell: float = _p(
        0.01, "share", _ASSUMED, "cells without coverage; nobody waits in one, no site lies in one"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerParams:
    """What customers do when a notice lets them choose."""

    p_answers: float = _p(0.40, "per notice", _ASSUMED, "choose; the rest stay silent")
    answer_median_s: int = _p(180, "s", _ASSUMED, "time to choose")
    answer_sigma: float = _p(0.8, "ln s", _ASSUMED, "spread of that")
    likes: tuple[tuple[str, float], ...] = _p(
        (
            *(("courier", 0.62), ("next_wave", 0.12), ("pickup_point", 0.16)),
            *(("next_day", 0.05), ("refund", 0.05)),
        ),
        "weight",
        _ASSUMED,
        "which way is chosen among those offered",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceParams:
    """What a day costs and emits."""

    wage_cents_h: int = _p(3_000, "cents/h", _ASSUMED, "pay per hour on duty")
    van_cents_km: int = _p(180, "cents/km", _ASSUMED, "van, all in")
    scooter_cents_km: int = _p(40, "cents/km", _ASSUMED, "scooter, all in")
    ebike_cents_km: int = _p(15, "cents/km", _ASSUMED, "e-bike, all in")
    van_g_km: float = _p(
        345.84, "g CO2e/km", f"{_DEFRA}: diesel class III, 278.78 + 67.06", "van, WTW"
    )
    scooter_g_km: float = _p(83.19, "g CO2e/km", f"{_DEFRA}: small motorbike, TTW", "scooter")
    ebike_g_km: float = _p(
        13.9,
        "g CO2e/km",
        f"{_DEFRA} electric van, 1/15 of it (Gothenburg), China 2023 grid",
        "e-bike",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything a simulated day is made of."""

    demand: DemandParams = field(default_factory=DemandParams)
    fleet: FleetParams = field(default_factory=FleetParams)
    hazards: HazardParams = field(default_factory=HazardParams)
    courier: CourierParams = field(default_factory=CourierParams)
    travel: TravelParams = field(default_factory=TravelParams)
    phone: PhoneParams = field(default_factory=PhoneParams)
    customer: CustomerParams = field(default_factory=CustomerParams)
    price: PriceParams = field(default_factory=PriceParams)


def rows(parameters: Parameters) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, value, unit, meaning and source of every parameter, in order."""
    for group in fields(parameters):
        params = getattr(parameters, group.name)
        for one in fields(params):
            yield (
                f"{group.name}.{one.name}",
                str(getattr(params, one.name)),
                one.metadata["unit"],
                one.metadata["what"],
                one.metadata["source"],
            )
