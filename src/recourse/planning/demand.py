"""This file knows what is to be placed on routes, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recourse.model.cases import Rejection
from recourse.model.couriers import Vehicle
from recourse.model.places import Place
from recourse.model.routes import Route, StopKind

__all__ = ["FARTHER", "Demand", "Insertion", "Placement"]

FARTHER = "farther"
"""Key of `Placement.n_losers` for couriers who were not tried because enough others are nearer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """An order that needs a place on somebody's route.

    Attributes
    ----------
    order_id : str
        Which order.
    dropoff : Place
        Where it goes.
    latest_at : datetime
        End of the promise: service at `dropoff` may begin no later.
    pickup : Place or None
        Where it is collected; None if `from_courier_id` has it on board and shall carry it.
    pickup_kind : StopKind
        `PICKUP` at a site, or `TAKE` from another courier.
    pickup_site_id : str
        Station or merchant of the pickup; empty if it is only a place.
    from_courier_id : str
        Who has the parcel in hand; with `TAKE` never its next courier.
    pickup_ready_at : datetime or None
        When it can be collected; None means at once.
    dropoff_kind : StopKind
        `DROPOFF`, `POINT` or `RETURN`.
    dropoff_site_id : str
        Point, station or merchant it goes to; empty at a customer's door.
    earliest_at : datetime or None
        When service at `dropoff` may begin; None means at once.
    service_s : int
        Seconds at `dropoff`.
    weight_g, volume_ml : int
        What it takes of a vehicle.
    is_perishable : bool
        Whether waiting spoils it; carried along for the caller, not priced here.
    weight : int
        Priority, at least 1: multiplies the price of lateness.
    excluded : frozenset of str
        Couriers never to be asked for it.
    dropped_by : str
        The one of `excluded` who dropped it; empty if nobody did.
    vehicles : frozenset of Vehicle
        What may carry it; empty means anything.

    Examples
    --------
    >>> from datetime import UTC
    >>> Demand(
    ...     order_id="o-1",
    ...     pickup=Place(lon=121.4, lat=31.2),
    ...     dropoff=Place(lon=121.5, lat=31.2),
    ...     latest_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    ... ).pickup_kind.value
    'pickup'
    """

    order_id: str
    dropoff: Place
    latest_at: datetime
    pickup: Place | None = None
    pickup_kind: StopKind = StopKind.PICKUP
    pickup_site_id: str = ""
    from_courier_id: str = ""
    pickup_ready_at: datetime | None = None
    dropoff_kind: StopKind = StopKind.DROPOFF
    dropoff_site_id: str = ""
    earliest_at: datetime | None = None
    service_s: int = 120
    weight_g: int = 1_000
    volume_ml: int = 5_000
    is_perishable: bool = False
    weight: int = 1
    excluded: frozenset[str] = frozenset()
    dropped_by: str = ""
    vehicles: frozenset[Vehicle] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """One order given a place on one route.

    Attributes
    ----------
    order_id, courier_id : str
        What, and who carries it.
    route : Route
        The courier's complete new route with arrival times, all orders of the call included;
        its version is the one it was made from.
    arrival_at : datetime
        When the courier reaches the dropoff.
    late_s : int
        Seconds past the promise; 0 when it is kept.
    added_s, added_m : int
        How much later the route ends and how much longer it is, at the moment of placing.
    cost_cents : int
        Price of placing it: distance, time, lateness, change.
    """

    order_id: str
    courier_id: str
    route: Route
    arrival_at: datetime
    late_s: int
    added_s: int
    added_m: int
    cost_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What came of placing several orders together.

    Attributes
    ----------
    insertions : tuple of Insertion
        In the order of decision. All insertions of one courier carry the same final route.
    unplaced : tuple of str
        Orders nobody can carry, sorted.
    rejections : mapping of str to tuple of Rejection
        For every order the couriers who lost it, nearest first, at most `n_kept`.
    n_losers : mapping of str to mapping of str to int
        For every order how many couriers lost by each reason (values of `Loss`), and under
        ``"farther"`` how many were never tried.
    plan_version : int
        Version of the world the decision was made on.
    """

    insertions: tuple[Insertion, ...]
    unplaced: tuple[str, ...]
    rejections: Mapping[str, tuple[Rejection, ...]]
    n_losers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    plan_version: int = 0
