"""This file knows the people who carry: their vehicles, shifts, states, and where they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from recourse.model.places import Place

__all__ = [
    "COURIER_MOVES",
    "ON_DUTY",
    "Contract",
    "Courier",
    "CourierState",
    "Progress",
    "Vehicle",
]


class Vehicle(StrEnum):
    """How a courier moves."""

    EBIKE = "ebike"
    SCOOTER = "scooter"
    VAN = "van"
    FOOT = "foot"


class Contract(StrEnum):
    """Whether a courier is asked or told."""

    ASKED = "asked"
    ASSIGNED = "assigned"


class CourierState(StrEnum):
    """What a courier can be counted on for now."""

    OFFLINE = "offline"
    IDLE = "idle"
    ACTIVE = "active"
    ON_BREAK = "on_break"
    UNAVAILABLE = "unavailable"
    SIGNAL_LOST = "signal_lost"
    DELAYED = "delayed"
    FATIGUE_WARNING = "fatigue_warning"
    REST_REQUIRED = "rest_required"
    SOS = "sos"


_C = CourierState
ON_DUTY: frozenset[CourierState] = frozenset(
    {_C.IDLE, _C.ACTIVE, _C.DELAYED, _C.FATIGUE_WARNING, _C.ON_BREAK}
)
_WORKING = frozenset(
    {_C.IDLE, _C.ACTIVE, _C.DELAYED, _C.FATIGUE_WARNING, _C.REST_REQUIRED, _C.ON_BREAK}
)
_OUT = frozenset({_C.UNAVAILABLE, _C.SIGNAL_LOST, _C.SOS, _C.OFFLINE})
COURIER_MOVES: Mapping[CourierState, frozenset[CourierState]] = MappingProxyType(
    {
        _C.OFFLINE: frozenset({_C.IDLE, _C.UNAVAILABLE}),
        **{s: (_WORKING | _OUT) - {s} for s in _WORKING},
        _C.UNAVAILABLE: frozenset({_C.IDLE, _C.OFFLINE, _C.SOS, _C.SIGNAL_LOST}),
        _C.SIGNAL_LOST: frozenset({_C.IDLE, _C.ACTIVE, _C.OFFLINE, _C.UNAVAILABLE, _C.SOS}),
        _C.SOS: frozenset({_C.UNAVAILABLE, _C.OFFLINE, _C.IDLE}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """A person who carries.

    Attributes
    ----------
    id, name : str
        Stable id, and what a customer reads.
    vehicle : Vehicle
        How they move.
    contract : Contract
        `ASKED`: every order is an offer; `ASSIGNED`: routes are given.
    station_id : str
        Station whose waves they carry; empty for on-demand couriers.
    start : Place
        Where the shift begins.
    shift_start_at, shift_end_at : datetime
        The hours agreed.
    capacity_g, capacity_ml : int
        What the vehicle takes at once.
    state : CourierState
        What they can be counted on for.
    state_since_at : datetime
        When they took that state.
    duty_since_at : datetime or None
        When they came on duty today; None while off duty.
    orders_before : int
        Orders completed before today: tenure.
    worked_s : int
        Seconds worked in earlier spells of the same day.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    name: str
    vehicle: Vehicle
    contract: Contract
    start: Place
    shift_start_at: datetime
    shift_end_at: datetime
    capacity_g: int
    capacity_ml: int
    state: CourierState
    state_since_at: datetime
    station_id: str = ""
    duty_since_at: datetime | None = None
    orders_before: int = 0
    worked_s: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a courier is, and how far along the route.

    Attributes
    ----------
    courier_id : str
        Whose.
    lon, lat : float
        Last believed position, WGS-84 degrees.
    pinged_at : datetime
        When the phone measured it.
    still_since_at : datetime or None
        Since when the position has not changed; None while moving.
    next_arrival_at : datetime or None
        Expected arrival at the next stop; None without a route.
    delay_s : int
        Expected minus planned arrival at the next stop, in seconds; negative when early.
    is_silent : bool
        Whether contact has been lost.
    p_drop : float
        Calibrated probability that the courier drops out within the hour.
    version : int
        Row version; 0 before it is first recorded.
    """

    courier_id: str
    lon: float
    lat: float
    pinged_at: datetime
    still_since_at: datetime | None = None
    next_arrival_at: datetime | None = None
    delay_s: int = 0
    is_silent: bool = False
    p_drop: float = 0.0
    version: int = 0
