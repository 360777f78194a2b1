"""This file knows how a broken plan is put right: the disruption, the ways out, the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from recourse.model.places import Place
from recourse.model.reasons import Reason, ReasonCode

__all__ = [
    "CASE_MOVES",
    "CASE_OPEN",
    "Case",
    "CaseStatus",
    "Decision",
    "Disruption",
    "Loss",
    "Option",
    "Rejection",
    "Way",
]


class Way(StrEnum):
    """A way out of a disruption for one order."""

    COURIER = "courier"
    """Another courier fetches it where it lies: merchant, station or point."""
    HANDOVER = "handover"
    """Another courier meets the holder and takes it over."""
    EXPRESS = "express"
    """A courier with nothing else to do brings it straight; only at the customer's word."""
    NEXT_WAVE = "next_wave"
    """It leaves the station with the next wave."""
    PICKUP_POINT = "pickup_point"
    """The customer fetches it at a point; only with recorded consent."""
    BRING_BACK = "bring_back"
    """The holder brings it back, and it starts again from there."""
    RESHIP = "reship"
    """A replacement is sent; what the first holder has is returned later."""
    SLOT = "slot"
    """It is delivered later today, in a slot that the customer picks."""
    NEXT_DAY = "next_day"
    """It is delivered tomorrow."""
    REFUND = "refund"
    """The order ends and the money goes back."""
    HUMAN = "human"
    """A dispatcher decides, with all options and reasons before them."""


class Loss(StrEnum):
    """Why an option was not taken."""

    DROPPED_IT = "dropped_it"
    REFUSED_IT = "refused_it"
    OFF_DUTY = "off_duty"
    HAS_OPEN_OFFER = "has_open_offer"
    WAITS_FOR_THEM = "waits_for_them"
    LATE = "late"
    OVER_CAPACITY = "over_capacity"
    BEYOND_SHIFT = "beyond_shift"
    BEYOND_HOURS = "beyond_hours"
    NO_ACCESS = "no_access"
    NO_CONSENT = "no_consent"
    NO_POINT_NEAR = "no_point_near"
    NO_WAVE_LEFT = "no_wave_left"
    SLOTS_FULL = "slots_full"
    HOLDER_GONE = "holder_gone"
    NOT_IN_HANDS = "not_in_hands"
    PERISHABLE = "perishable"
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way out for one order, with its price.

    Attributes
    ----------
    way : Way
        Which way.
    courier_id : str
        Who would carry it; empty where nobody in particular would.
    site_id : str
        Station or point it would go to; empty otherwise.
    arrival_at : datetime or None
        When the customer would have it; None for a refund or a human.
    late_s : int
        Seconds past the promise in force; 0 when it is kept.
    cost_cents : int
        Price of taking it: distance, lateness, change, remedy.
    """

    way: Way
    courier_id: str = ""
    site_id: str = ""
    arrival_at: datetime | None = None
    late_s: int = 0
    cost_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why one option lost.

    Attributes
    ----------
    way : Way
        Which way it was.
    loss : Loss
        Why it lost.
    courier_id : str
        Whom it concerned; empty where nobody in particular.
    amount : int
        By how much: seconds for `LATE`, `BEYOND_SHIFT` and `BEYOND_HOURS`, grams or millilitres for
        `OVER_CAPACITY`, cents for `PRICE`, metres for `NO_POINT_NEAR`; 0 where there is no measure.
    """

    way: Way
    loss: Loss
    courier_id: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The way taken for one order, and why each other way was not.

    Attributes
    ----------
    order_id : str
        For which order.
    option : Option
        The way taken.
    rejections : tuple of Rejection
        The losers, nearest first; never empty unless there was nothing else to try.
    plan_version : int
        Version of the world the decision was made on.
    """

    order_id: str
    option: Option
    rejections: tuple[Rejection, ...]
    plan_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disruption:
    """A recognised break of a plan.

    Attributes
    ----------
    id, courier_id : str
        Ours, and whose route broke; no courier if none could be found in the first place.
    cause : ReasonCode
        Why.
    reason : Reason
        The judgement at the time.
    at : datetime
        When the platform learned of it.
    place : Place or None
        Where the courier was last believed to be.
    orphaned : tuple of str
        Orders that nobody carries any more and that the courier had not collected.
    held : tuple of str
        Orders whose parcel is in the hands of the courier who dropped out.
    ends_duty : bool
        Whether the courier carries nothing more today.
    can_hand_over : bool
        Whether the holder can be met.
    """

    id: str
    courier_id: str
    cause: ReasonCode
    reason: Reason
    at: datetime
    place: Place | None
    orphaned: tuple[str, ...]
    held: tuple[str, ...]
    ends_duty: bool
    can_hand_over: bool


class CaseStatus(StrEnum):
    """Where a case stands."""

    DECIDING = "deciding"
    OFFERING = "offering"
    AWAITING_CUSTOMER = "awaiting_customer"
    CARRIED = "carried"
    """Somebody accountable carries the order again."""
    WAITING = "waiting"
    """It waits for a wave, a point or tomorrow; the new promise is told."""
    HUMAN = "human"
    CLOSED = "closed"


_K = CaseStatus
CASE_OPEN: frozenset[CaseStatus] = frozenset(set(CaseStatus) - {_K.CLOSED})
_ANY = frozenset(CaseStatus)
CASE_MOVES: Mapping[CaseStatus, frozenset[CaseStatus]] = MappingProxyType(
    {
        _K.DECIDING: _ANY - {_K.DECIDING},
        _K.OFFERING: _ANY - {_K.OFFERING},
        _K.AWAITING_CUSTOMER: _ANY - {_K.AWAITING_CUSTOMER},
        _K.CARRIED: frozenset({_K.CLOSED, _K.DECIDING, _K.WAITING, _K.HUMAN}),
        _K.WAITING: frozenset({_K.CLOSED, _K.DECIDING, _K.CARRIED, _K.HUMAN}),
        _K.HUMAN: frozenset({_K.CLOSED, _K.DECIDING, _K.CARRIED}),
        _K.CLOSED: frozenset({_K.DECIDING}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One orphaned order being put right, from the loss of its courier to the close.

    The cases of one disruption share `disruption_id` and are decided together.

    Attributes
    ----------
    id, disruption_id, order_id, from_courier_id : str
        Ours; the break it came from; the order; who lost it.
    status : CaseStatus
        Where it stands.
    cause : ReasonCode
        Why the courier was lost.
    opened_at, closed_at : datetime or None
        When it began and ended.
    held_by : str
        Courier who still holds the parcel; empty when it never left the shelf.
    promised_by : datetime
        End of the promise in force when the courier was lost.
    decision : Decision or None
        The decision in force.
    n_decisions, n_offers, n_notices, n_remedies : int
        How many of each so far; they number the keys of the effects.
    offer_id : str
        The open offer; empty when none is.
    excluded : tuple of str
        Couriers never to be asked again for this order: who dropped it, and who refused it.
    told_at : datetime or None
        First notice to the customer.
    new_courier_at : datetime or None
        When a new courier became accountable.
    outcome : str
        How it closed: ``kept``, ``late``, ``point``, ``returned``, ``refunded`` or ``canceled``;
        empty while open.
    protocol, policy : int
        Versions of the state machine and of the policy it began with.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    disruption_id: str
    order_id: str
    from_courier_id: str
    status: CaseStatus
    cause: ReasonCode
    opened_at: datetime
    promised_by: datetime
    held_by: str = ""
    decision: Decision | None = None
    n_decisions: int = 0
    n_offers: int = 0
    n_notices: int = 0
    n_remedies: int = 0
    offer_id: str = ""
    excluded: tuple[str, ...] = ()
    told_at: datetime | None = None
    new_courier_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    protocol: int = 1
    policy: int = 1
    version: int = 0
