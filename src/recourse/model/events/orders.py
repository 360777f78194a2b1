"""This file knows what can happen to an order and its parcel."""

from dataclasses import dataclass

from recourse.model.assignments import Custodian
from recourse.model.events.base import Event
from recourse.model.orders import OrderKind, OrderStatus, Promise
from recourse.model.places import Place
from recourse.model.reasons import Attribution, ReasonCode

__all__ = [
    "CancelJudged",
    "CustodyPassed",
    "OrderAdmitted",
    "OrderChanged",
    "OrderEnded",
    "OrderMoved",
    "PromiseMade",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAdmitted(Event):
    """An order was taken on, with its first promise and its first custodian."""

    order_id: str
    merchant_id: str
    kind: OrderKind
    station_id: str
    promise: Promise
    custodian: Custodian
    holder_id: str
    value_cents: int
    is_perishable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(Event):
    """A merchant changed where, when or with which note an order is brought."""

    order_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoved(Event):
    """An order went from one status to another."""

    order_id: str
    was: OrderStatus
    now: OrderStatus
    code: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnded(Event):
    """An order reached a terminal status."""

    order_id: str
    status: OrderStatus
    actor: str
    code: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(Event):
    """A customer was promised a new window."""

    order_id: str
    promise: Promise
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyPassed(Event):
    """A parcel passed from one pair of hands to another."""

    order_id: str
    number: int
    from_custodian: Custodian
    from_holder_id: str
    to_custodian: Custodian
    to_holder_id: str
    place: Place | None = None
    consent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJudged(Event):
    """It was judged whom a merchant's cancel counts against, and on which evidence."""

    order_id: str
    courier_id: str
    code: ReasonCode
    attribution: Attribution
    evidence: tuple[str, ...]
