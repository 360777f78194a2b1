"""How fast each kind of courier moves on each class of road, by the hour.

This file knows speeds, signal delays and the five periods of a day.
"""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ALL_BITS",
    "ROAD_CLASSES",
    "Period",
    "Profile",
    "busiest_s",
    "class_kmh",
    "period_at",
    "profile_bit",
    "signal_delay_ms",
]

ROAD_CLASSES: Final = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "pedestrian",
    "track",
    "cycleway",
    "path",
    "footway",
    "steps",
)
"""The classes an edge may have; `road_class` of a network indexes this tuple."""


class Profile(StrEnum):
    """What a courier moves with."""

    EBIKE = "ebike"
    SCOOTER = "scooter"
    VAN = "van"
    FOOT = "foot"


class Period(StrEnum):
    """A part of the day with its own traffic."""

    NIGHT = "night"
    MORNING_PEAK = "morning_peak"
    MIDDAY = "midday"
    EVENING_PEAK = "evening_peak"
    EVENING = "evening"


ALL_BITS: Final = 0b1111
"""The access bits of all profiles together."""

_PROFILES: Final = tuple(Profile)
_MOTOR: Final = frozenset({Profile.SCOOTER, Profile.VAN})

# Seconds after local midnight at which each period begins; before the first it is night.
_BEGINS_S: Final = (
    (23_400, Period.MORNING_PEAK),
    (34_200, Period.MIDDAY),
    (56_700, Period.EVENING_PEAK),
    (67_500, Period.EVENING),
    (79_200, Period.NIGHT),
)

# Free-flow speed where nothing is posted, in km/h, in the order of ROAD_CLASSES.
_UNPOSTED_KMH: Final = np.array(
    [100, 60, 80, 50, 50, 45, 50, 40, 45, 35, 40, 40, 12, 18, 30, 8, 15, 8, 8, 5, 5],
    dtype=np.float64,
)

# Share of the posted speed that a van keeps between signals when streets are empty: parked
# cars, give-way lines and turns are in it; signals are not, they are counted one by one.
_KEPT_SHARE: Final = np.array(
    [
        0.95,
        0.85,
        0.88,
        0.8,
        0.78,
        0.75,
        0.75,
        0.72,
        0.72,
        0.7,
        0.68,
        0.62,
        0.9,
        0.75,
        0.62,
        *([0.8] * 6),
    ]
)

_TRAFFIC: Final = {
    Profile.VAN: {
        Period.NIGHT: 1.0,
        Period.MORNING_PEAK: 0.70,
        Period.MIDDAY: 0.82,
        Period.EVENING_PEAK: 0.65,
        Period.EVENING: 0.90,
    },
    Profile.SCOOTER: {
        Period.NIGHT: 1.0,
        Period.MORNING_PEAK: 0.86,
        Period.MIDDAY: 0.92,
        Period.EVENING_PEAK: 0.83,
        Period.EVENING: 0.96,
    },
}

# 15 km/h is the most an e-bike may be expected to make in arrival times.
_EBIKE_KMH: Final = np.array(
    [15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 12, 12, 15, 8, 12, 15, 11, 9, 3],
    dtype=np.float64,
)
_FOOT_KMH: Final = np.array([4.8] * 20 + [2.2])
_SIGNAL_S: Final = {Profile.EBIKE: 11, Profile.SCOOTER: 13, Profile.VAN: 16, Profile.FOOT: 10}
_SCOOTER_TOP_KMH: Final = 45.0


def profile_bit(profile: Profile) -> int:
    """Access bit of a profile, a power of two."""
    return 1 << _PROFILES.index(profile)


def period_at(profile: Profile, at_s_of_day: int) -> Period:
    """Period whose traffic holds for a profile at a time of day (seconds after local midnight)."""
    if profile not in _MOTOR:
        return Period.NIGHT
    period = Period.NIGHT
    for begins_s, name in _BEGINS_S:
        if at_s_of_day % 86_400 >= begins_s:
            period = name
    return period


def busiest_s(profile: Profile, at_s_of_day: int, *, ahead_s: int) -> int:
    """When traffic is heaviest between a time of day and some time ahead of it.

    Parameters
    ----------
    profile : Profile
        Way of moving.
    at_s_of_day : int
        Seconds after local midnight.
    ahead_s : int
        How far ahead to look, seconds.

    Returns
    -------
    int
        Seconds after local midnight; the earliest of several instants that are as bad.

    Examples
    --------
    A quarter of an hour before the evening peak, a van is about to meet it:

    >>> busiest_s(Profile.VAN, 15 * 3600 + 1800, ahead_s=1800) / 3600
    15.75
    """
    if profile not in _MOTOR:
        return at_s_of_day
    share = _TRAFFIC[profile]
    begins = [s for s, _ in _BEGINS_S if at_s_of_day < s <= at_s_of_day + ahead_s]
    return min([at_s_of_day, *begins], key=lambda s: share[period_at(profile, s)])


def signal_delay_ms(profile: Profile) -> int:
    """Mean wait at one traffic signal, in milliseconds."""
    return _SIGNAL_S[profile] * 1000


def class_kmh(
    profile: Profile,
    period: Period,
    road_class: NDArray[np.uint8],
    posted_kmh: NDArray[np.uint8],
) -> NDArray[np.float64]:
    """Speed between signals of a profile on each edge, in km/h; shape (n_edges,)."""
    if profile is Profile.FOOT:
        return _FOOT_KMH[road_class]
    if profile is Profile.EBIKE:
        return _EBIKE_KMH[road_class]
    free = np.where(posted_kmh > 0, posted_kmh.astype(np.float64), _UNPOSTED_KMH[road_class])
    kept = free * _KEPT_SHARE[road_class]
    if profile is Profile.SCOOTER:
        kept = np.minimum(kept * 1.05, _SCOOTER_TOP_KMH)
    slowed: NDArray[np.float64] = np.maximum(kept * _TRAFFIC[profile][period], 3.0)
    return slowed
