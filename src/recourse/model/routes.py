"""This file knows who goes where in which order: stops, routes and their numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recourse.model.places import Place

__all__ = ["Route", "Stop", "StopKind", "StopStatus"]


class StopKind(StrEnum):
    """What a courier does at a stop."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"
    TAKE = "take"
    """Take parcels over from another courier (handover)."""
    GIVE = "give"
    """Wait for the courier who takes parcels over."""
    RETURN = "return"
    """Bring parcels back to a station or merchant."""
    POINT = "point"
    """Leave parcels at a pickup point the customer agreed to."""


class StopStatus(StrEnum):
    """How far a visit has come; a visit that is done leaves the route."""

    PLANNED = "planned"
    STARTED = "started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit.

    Attributes
    ----------
    id : str
        Unique among stops.
    kind : StopKind
        What is done there.
    order_ids : tuple of str
        For which orders.
    place : Place
        Where.
    earliest_at, latest_at : datetime
        The window in which service may begin; `latest_at` is the promise or a deadline.
    arrival_at : datetime
        Planned arrival.
    service_s : int
        Seconds spent there.
    status : StopStatus
        `STARTED` once the courier is there: it is then frozen.
    from_courier_id : str
        For `TAKE`: who hands over; empty otherwise.
    site_id : str
        Station, merchant or point it happens at; empty at a customer's door.
    """

    id: str
    kind: StopKind
    order_ids: tuple[str, ...]
    place: Place
    earliest_at: datetime
    latest_at: datetime
    arrival_at: datetime
    service_s: int = 120
    status: StopStatus = StopStatus.PLANNED
    from_courier_id: str = ""
    site_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One courier's stops still to be made, in order.

    Attributes
    ----------
    courier_id : str
        Whose.
    stops : tuple of Stop
        In visiting order; the first may be started.
    changed_at : datetime
        When the route last changed.
    version : int
        Route version; 0 before it is first recorded. A decision carries the version it was made on.
    """

    courier_id: str
    stops: tuple[Stop, ...]
    changed_at: datetime
    version: int = 0

    @property
    def ends_at(self) -> datetime | None:
        """When the last stop is planned to be done; None without stops."""
        if not self.stops:
            return None
        last = self.stops[-1]
        return max(last.arrival_at, last.earliest_at) + timedelta(seconds=last.service_s)
