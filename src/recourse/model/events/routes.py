"""This file knows what can happen on the road: routes, stops, closures."""

from dataclasses import dataclass
from datetime import datetime

from recourse.model.events.base import Event
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind

__all__ = [
    "RoadEventBegan",
    "RoadEventEnded",
    "RouteChanged",
    "StopCompleted",
    "StopContacted",
    "StopFailed",
    "StopReached",
    "WavePlanned",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChanged(Event):
    """A courier's stops, or their order, changed."""

    courier_id: str
    version: int
    stop_ids: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlanned(Event):
    """A station's wave was planned."""

    station_id: str
    n_orders: int
    n_couriers: int
    unplanned: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReached(Event):
    """A courier arrived at a stop."""

    courier_id: str
    stop_id: str
    kind: StopKind
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCompleted(Event):
    """A courier finished a stop."""

    courier_id: str
    stop_id: str
    kind: StopKind
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopContacted(Event):
    """A courier at a stop had the platform reach out to who should be there."""

    courier_id: str
    stop_id: str
    kind: StopKind
    order_id: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFailed(Event):
    """A courier could not do what a stop asks."""

    courier_id: str
    stop_id: str
    kind: StopKind
    order_ids: tuple[str, ...]
    code: ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadEventBegan(Event):
    """A road was closed or slowed down."""

    road_event_id: str
    factor: float
    until_at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadEventEnded(Event):
    """A closure or slow-down is over."""

    road_event_id: str
