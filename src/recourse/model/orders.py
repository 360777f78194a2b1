"""This file knows what a customer was promised: the order, its promise and its states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from recourse.model.places import Place

__all__ = [
    "IN_HANDS",
    "ORDER_ENDS",
    "ORDER_MOVES",
    "ORDER_REOPENS",
    "Customer",
    "Order",
    "OrderKind",
    "OrderStatus",
    "Promise",
    "RecoveringStep",
    "Reopening",
]


class OrderKind(StrEnum):
    """What is carried, which decides how it is planned."""

    PARCEL = "parcel"
    MEAL = "meal"
    GROCERY = "grocery"
    RETURN = "return"


class OrderStatus(StrEnum):
    """Where the order stands for the customer."""

    CREATED = "created"
    SCHEDULED = "scheduled"
    DISPATCHING = "dispatching"
    ASSIGNED = "assigned"
    PICKUP_ENROUTE = "pickup_enroute"
    PICKUP_ARRIVED = "pickup_arrived"
    PICKED_UP = "picked_up"
    DROPOFF_ENROUTE = "dropoff_enroute"
    DROPOFF_ARRIVED = "dropoff_arrived"
    DELIVERED = "delivered"
    RECOVERING = "recovering"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    ATTEMPT_FAILED = "attempt_failed"
    RETURN_IN_PROGRESS = "return_in_progress"
    RETURNED = "returned"
    CANCELED = "canceled"
    FAILED = "failed"
    LOST = "lost"
    EXPIRED = "expired"


class RecoveringStep(StrEnum):
    """What a recovering order is waiting for."""

    REDISPATCHING = "redispatching"
    HANDOVER_PENDING = "handover_pending"
    AWAITING_CUSTOMER_CHOICE = "awaiting_customer_choice"
    RESHIPPING = "reshipping"


_S = OrderStatus
ORDER_ENDS: frozenset[OrderStatus] = frozenset(
    {_S.DELIVERED, _S.RETURNED, _S.CANCELED, _S.FAILED, _S.LOST, _S.EXPIRED}
)
ORDER_REOPENS: frozenset[OrderStatus] = frozenset({_S.CANCELED, _S.FAILED, _S.LOST, _S.EXPIRED})
"""Ends that may have been a mistake: nobody has the goods who should not give them back."""
IN_HANDS: frozenset[OrderStatus] = frozenset({_S.PICKED_UP, _S.DROPOFF_ENROUTE, _S.DROPOFF_ARRIVED})
_STOPPED = frozenset({_S.CANCELED, _S.FAILED})
_CARRIED_OFF = frozenset({_S.RECOVERING, _S.LOST, _S.RETURN_IN_PROGRESS, _S.FAILED})
ORDER_MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType(
    {
        _S.CREATED: frozenset({_S.SCHEDULED, _S.DISPATCHING, _S.ASSIGNED, _S.EXPIRED}) | _STOPPED,
        _S.SCHEDULED: frozenset({_S.DISPATCHING, _S.ASSIGNED, _S.EXPIRED}) | _STOPPED,
        _S.DISPATCHING: frozenset({_S.SCHEDULED, _S.ASSIGNED, _S.RECOVERING, _S.EXPIRED})
        | _STOPPED,
        _S.ASSIGNED: frozenset(
            {_S.PICKUP_ENROUTE, _S.PICKUP_ARRIVED, _S.PICKED_UP, _S.RECOVERING, _S.SCHEDULED}
        )
        | _STOPPED,
        _S.PICKUP_ENROUTE: frozenset({_S.PICKUP_ARRIVED, _S.PICKED_UP, _S.RECOVERING}) | _STOPPED,
        _S.PICKUP_ARRIVED: frozenset({_S.PICKED_UP, _S.RECOVERING}) | _STOPPED,
        _S.PICKED_UP: frozenset(
            {_S.DROPOFF_ENROUTE, _S.DROPOFF_ARRIVED, _S.DELIVERED, _S.AVAILABLE_FOR_PICKUP}
        )
        | _CARRIED_OFF,
        _S.DROPOFF_ENROUTE: frozenset(
            {_S.DROPOFF_ARRIVED, _S.DELIVERED, _S.AVAILABLE_FOR_PICKUP, _S.ATTEMPT_FAILED}
        )
        | _CARRIED_OFF,
        _S.DROPOFF_ARRIVED: frozenset({_S.DELIVERED, _S.ATTEMPT_FAILED, _S.AVAILABLE_FOR_PICKUP})
        | _CARRIED_OFF,
        _S.RECOVERING: frozenset(
            {
                _S.SCHEDULED,
                _S.ASSIGNED,
                _S.PICKED_UP,
                _S.RETURN_IN_PROGRESS,
                _S.AVAILABLE_FOR_PICKUP,
                _S.LOST,
                _S.EXPIRED,
            }
        )
        | _STOPPED,
        _S.AVAILABLE_FOR_PICKUP: frozenset(
            {_S.DELIVERED, _S.RETURN_IN_PROGRESS, _S.EXPIRED, _S.CANCELED}
        ),
        _S.ATTEMPT_FAILED: frozenset(
            {_S.DROPOFF_ENROUTE, _S.RECOVERING, _S.RETURN_IN_PROGRESS, _S.AVAILABLE_FOR_PICKUP}
        )
        | _STOPPED,
        _S.RETURN_IN_PROGRESS: frozenset(
            {_S.RETURNED, _S.RECOVERING, _S.ASSIGNED, _S.SCHEDULED, _S.LOST}
        ),
        **dict.fromkeys(ORDER_ENDS, frozenset()),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The person an order goes to.

    Attributes
    ----------
    id : str
        Stable id of the person at the merchant.
    name : str
        What the courier reads at the door.
    locale : str
        ``"zh"`` or ``"en"``: the language of every notice.
    contact : str
        Phone in E.164 or mail address; empty when there is only the in-app channel.
    accepts_pickup_point : bool
        Standing consent to a pickup point; without it a point is only ever proposed.
    note : str
        What the courier should know at the door.
    device : str
        What the merchant calls the device the order came from; counted when something is given.
    """

    id: str
    name: str = ""
    locale: str = "en"
    contact: str = ""
    accepts_pickup_point: bool = False
    note: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The window we told the customer.

    Attributes
    ----------
    earliest_at, latest_at : datetime
        The window; aware UTC instants.
    told_at : datetime
        When the customer was told.
    number : int
        1 for the promise of the order, rising by one with every new one.
    """

    earliest_at: datetime
    latest_at: datetime
    told_at: datetime
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a customer was promised.

    A courier's cancel ends an assignment, never an order.

    Attributes
    ----------
    id, external_id, merchant_id : str
        Ours, the merchant's own, and the merchant.
    kind : OrderKind
        What is carried.
    status : OrderStatus
        Where the order stands.
    step : RecoveringStep or None
        What a recovering order waits for; None in every other status.
    station_id : str
        Station whose wave carries it; empty when it is fetched from `pickup` on demand.
    pickup, dropoff : Place
        From where to where.
    pickup_ready_at : datetime
        When it can be collected.
    promise : Promise
        The promise in force.
    first_promise : Promise
        The promise made when the order was admitted; never changed.
    weight_g, volume_ml : int
        What it takes of a vehicle.
    service_s : int
        Seconds at the door.
    is_perishable : bool
        Whether waiting spoils it.
    value_cents : int
        Value of the goods in minor units of `currency`.
    currency : str
        ISO 4217.
    customer : Customer
        The person it goes to.
    created_at : datetime
        When it was admitted.
    not_before_at : datetime or None
        Begin of the slot its customer picked: nobody is at the door before it; None without one.
    ended_at : datetime or None
        When it reached a terminal status.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    external_id: str
    merchant_id: str
    kind: OrderKind
    status: OrderStatus
    pickup: Place
    dropoff: Place
    pickup_ready_at: datetime
    promise: Promise
    first_promise: Promise
    customer: Customer
    created_at: datetime
    station_id: str = ""
    step: RecoveringStep | None = None
    weight_g: int = 1_000
    volume_ml: int = 5_000
    service_s: int = 120
    is_perishable: bool = False
    value_cents: int = 0
    currency: str = "CNY"
    not_before_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """Somebody's word that an end of an order was a mistake; without it no end is undone.

    Attributes
    ----------
    order_id, case_id : str
        Which order; the case that goes on with it.
    ended_at : datetime
        Which end of that order was the mistake.
    at : datetime
        When it was said.
    actor, why : str
        Who said so, and their reason.
    """

    order_id: str
    ended_at: datetime
    case_id: str
    at: datetime
    actor: str
    why: str
