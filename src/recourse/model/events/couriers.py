"""This file knows what can happen to a courier, an offer and an assignment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recourse.model.assignments import AssignmentStatus, OfferStatus
from recourse.model.bonuses import BonusState
from recourse.model.couriers import CourierState
from recourse.model.events.base import Event
from recourse.model.places import Place
from recourse.model.reasons import Reason, ReasonCode

__all__ = [
    "AcceptanceLearned",
    "ArrivalSlipped",
    "AssignmentBegan",
    "AssignmentEnded",
    "AssignmentOffered",
    "BonusEnded",
    "BonusWeighed",
    "CourierCameOnDuty",
    "CourierCameToLight",
    "CourierMoved",
    "CourierRegistered",
    "CourierWentSilent",
    "CourierWithdrew",
    "OfferAnswered",
    "OfferMade",
    "RiskRose",
    "SiteRegistered",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRegistered(Event):
    """A station, merchant or pickup point became known."""

    site_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierRegistered(Event):
    """A courier became known."""

    courier_id: str
    vehicle: str
    station_id: str
    shift_start_at: datetime
    shift_end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierMoved(Event):
    """A courier went from one state to another."""

    courier_id: str
    was: CourierState
    now: CourierState


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierCameOnDuty(Event):
    """A courier began the shift."""

    courier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierWithdrew(Event):
    """A courier said, or a rule decided, that they drop some or all of their orders."""

    courier_id: str
    code: ReasonCode
    actor: str
    order_ids: tuple[str, ...] = ()
    place: Place | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierWentSilent(Event):
    """Nothing was heard of a courier for longer than their state allows."""

    courier_id: str
    pinged_at: datetime
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierCameToLight(Event):
    """A courier who had been silent was heard of again."""

    courier_id: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRose(Event):
    """The probability that a courier drops out passed a threshold."""

    courier_id: str
    p_drop: float
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalSlipped(Event):
    """The expected arrival of an order passed the end of its promise."""

    order_id: str
    courier_id: str
    expected_at: datetime
    latest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Event):
    """A courier was asked to carry orders; `overtime_s` is how far past the shift they would go."""

    offer_id: str
    courier_id: str
    order_ids: tuple[str, ...]
    deadline_at: datetime
    pay_cents: int
    bonus_cents: int
    overtime_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered(Event):
    """An offer was accepted, declined, revoked or ran out."""

    offer_id: str
    courier_id: str
    order_ids: tuple[str, ...]
    case_ids: tuple[str, ...]
    answer: OfferStatus
    code: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentOffered(Event):
    """An assignment came to be as a question."""

    assignment_id: str
    order_id: str
    courier_id: str
    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentBegan(Event):
    """A courier became accountable for an order.

    `features` are those of ``foresight.FEATURES`` as they were at that instant, for training.
    """

    assignment_id: str
    order_id: str
    courier_id: str
    offer_id: str
    arrival_at: datetime
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEnded(Event):
    """A courier's duty for an order, or the question about it, ended."""

    assignment_id: str
    order_id: str
    courier_id: str
    status: AssignmentStatus
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusWeighed(Event):
    """What extra pay goes with the question about an order was decided; 0 for none.

    `stage` counts those asked before, `n_orders` those the question is about, `pickup_m` and
    `local_h` are straight metres to the pickup and the time of day. `price` is what a cent of bonus
    had to save, in cents; `p_yes` and `p_yes_without` how likely a yes was thought to be.
    """

    assignment_id: str
    order_id: str
    courier_id: str
    offer_id: str
    amount_cents: int
    currency: str
    stage: int
    n_orders: int
    pickup_m: int
    local_h: float
    price: float
    p_yes: float
    p_yes_without: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusEnded(Event):
    """Extra pay was earned and posted, or went back to its budgets."""

    assignment_id: str
    order_id: str
    courier_id: str
    amount_cents: int
    currency: str
    state: BonusState


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceLearned(Event):
    """How couriers answer was learned anew; what is offered on top goes by it from here on.

    The coefficients are those of `AcceptanceModel` by name; `n_answers` is how many they come from.
    """

    n_answers: int
    coefficients: Mapping[str, float]
