"""This file knows who carries what: assignments, the offers that lead to them, and custody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from recourse.model.places import Place
from recourse.model.reasons import Reason

__all__ = [
    "ASSIGNMENT_LIVE",
    "ASSIGNMENT_MOVES",
    "OFFER_MOVES",
    "Assignment",
    "AssignmentStatus",
    "Custodian",
    "Custody",
    "Offer",
    "OfferStatus",
]


class AssignmentStatus(StrEnum):
    """Where one courier's duty to carry one order stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OFFER_EXPIRED = "offer_expired"
    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    LAPSED = "lapsed"
    TRANSFERRED = "transferred"


_A = AssignmentStatus
ASSIGNMENT_LIVE: frozenset[AssignmentStatus] = frozenset({_A.ACCEPTED, _A.ACTIVE})
_ENDS = frozenset({_A.COMPLETED, _A.WITHDRAWN, _A.REVOKED, _A.LAPSED, _A.TRANSFERRED})
ASSIGNMENT_MOVES: Mapping[AssignmentStatus, frozenset[AssignmentStatus]] = MappingProxyType(
    {
        _A.OFFERED: frozenset({_A.ACCEPTED, _A.ACTIVE, _A.DECLINED, _A.OFFER_EXPIRED, _A.REVOKED}),
        _A.ACCEPTED: frozenset({_A.ACTIVE}) | _ENDS,
        _A.ACTIVE: _ENDS,
        **dict.fromkeys(_ENDS | {_A.DECLINED, _A.OFFER_EXPIRED}, frozenset()),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One courier's duty to carry one order.

    Attributes
    ----------
    id, order_id, courier_id, offer_id : str
        Ours; what; who; the offer it came from (empty when assigned directly).
    status : AssignmentStatus
        Where the duty stands. At most one is accepted or active per order, and at most one offered.
    began_at : datetime
        When it was offered or given.
    accepted_at, ended_at : datetime or None
        When it became live, and when it ended.
    reason : Reason or None
        Why it ended, if not by completion.
    bonus_cents : int
        Extra pay agreed.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    order_id: str
    courier_id: str
    status: AssignmentStatus
    began_at: datetime
    offer_id: str = ""
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    reason: Reason | None = None
    bonus_cents: int = 0
    version: int = 0


class OfferStatus(StrEnum):
    """Where a question to a courier stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


_O = OfferStatus
_ANSWERS = frozenset({_O.ACCEPTED, _O.DECLINED, _O.EXPIRED, _O.REVOKED})
OFFER_MOVES: Mapping[OfferStatus, frozenset[OfferStatus]] = MappingProxyType(
    {_O.OPEN: _ANSWERS, **dict.fromkeys(_ANSWERS, frozenset())}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A question to a courier, with a deadline.

    Attributes
    ----------
    id, courier_id : str
        Ours, and whom we ask.
    order_ids : tuple of str
        What is asked for; accepted or declined together.
    status : OfferStatus
        Where the question stands.
    made_at, deadline_at : datetime
        When it was asked, and until when it may be answered.
    pay_cents, bonus_cents : int
        Base pay and the extra on top.
    case_ids : tuple of str
        The cases it belongs to, in the order of `order_ids`; empty for a first dispatch.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    courier_id: str
    order_ids: tuple[str, ...]
    status: OfferStatus
    made_at: datetime
    deadline_at: datetime
    pay_cents: int = 0
    bonus_cents: int = 0
    case_ids: tuple[str, ...] = ()
    version: int = 0


class Custodian(StrEnum):
    """Who may hold a parcel."""

    MERCHANT = "merchant"
    STATION = "station"
    COURIER = "courier"
    POINT = "point"
    CUSTOMER = "customer"
    NEIGHBOUR = "neighbour"
    """Somebody next door, whom the customer named; only with recorded consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One interval of one parcel in one pair of hands.

    Attributes
    ----------
    order_id : str
        Whose parcel; an order has one parcel.
    number : int
        1 for the first holder, rising by one; a successor begins when its predecessor ends.
    custodian : Custodian
        Kind of holder.
    holder_id : str
        Which merchant, station, courier, point or customer.
    from_at : datetime
        When it came into these hands.
    until_at : datetime or None
        When it left them; None while it is there.
    place : Place or None
        Where it was passed on, if known.
    version : int
        Row version; 0 before it is first recorded.
    """

    order_id: str
    number: int
    custodian: Custodian
    holder_id: str
    from_at: datetime
    until_at: datetime | None = None
    place: Place | None = None
    version: int = 0
