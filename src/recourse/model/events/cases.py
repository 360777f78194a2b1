"""This file knows what can happen to a case, and what is told and paid."""

from dataclasses import dataclass
from datetime import datetime

from recourse.model.cases import CaseStatus, Decision, Disruption
from recourse.model.entitlements import EntitlementState
from recourse.model.events.base import Event
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.redress import NoticeKind, Posting, Remedy, RemedyKind

__all__ = [
    "CaseClosed",
    "CaseDecided",
    "CaseMoved",
    "CaseOpened",
    "CaseReopened",
    "ConsentGiven",
    "CustomerChose",
    "DisruptionRecognised",
    "EntitlementEnded",
    "LedgerPosted",
    "NoticeSent",
    "OutcomeLearned",
    "PersonErased",
    "PolicyEntered",
    "RemedyGranted",
    "RemedyProposed",
    "RemedyRefused",
    "RemedyWithheld",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionRecognised(Event):
    """A break of a plan was recognised."""

    disruption: Disruption


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """Putting an order right began."""

    case_id: str
    order_id: str
    disruption_id: str
    from_courier_id: str
    cause: ReasonCode
    promised_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecided(Event):
    """A way out was chosen, with the reason every other way lost."""

    case_id: str
    order_id: str
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(Event):
    """A case went from one status to another."""

    case_id: str
    order_id: str
    was: CaseStatus
    now: CaseStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """A case ended."""

    case_id: str
    order_id: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Event):
    """A case that was closed by mistake goes on, and its order with it."""

    case_id: str
    order_id: str
    was: OrderStatus
    actor: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChose(Event):
    """A customer picked a way out: the slot they picked, and the price they agreed to, with it."""

    order_id: str
    way: str
    site_id: str = ""
    slot_at: datetime | None = None
    slot_end_at: datetime | None = None
    price_cents: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Event):
    """A customer agreed to a pickup point, or to a neighbour, for an order."""

    consent_id: str
    order_id: str
    site_id: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSent(Event):
    """A customer was told something."""

    key: str
    order_id: str
    kind: NoticeKind
    latest_at: datetime | None
    text: str
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyGranted(Event):
    """Something was given to make good."""

    remedy_id: str
    case_id: str
    beneficiary_id: str
    kind: RemedyKind
    amount_cents: int
    currency: str
    rule: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPosted(Event):
    """An entry was written into the ledger."""

    key: str
    currency: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLearned(Event):
    """What an assignment came to was kept for training."""

    assignment_id: str
    has_failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntered(Event):
    """A policy came into force; cases that begin from now on carry its number.

    `recovery` says in JSON how cases are handled, `remedies` in TOML what is owed after them.
    """

    number: int
    recovery: str
    remedies: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Event):
    """What the log said of a person is gone; that it happened stays."""

    person_id: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyProposed(Event):
    """A remedy above an amount waits for a dispatcher."""

    case_id: str
    remedy: Remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRefused(Event):
    """A dispatcher said no to a remedy that waited."""

    remedy_id: str
    case_id: str
    actor: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyWithheld(Event):
    """A customer was not given what a rule gives, because it would be one time too many."""

    case_id: str
    order_id: str
    remedy: Remedy
    why: str
    is_asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementEnded(Event):
    """A right that a customer was given was used, or its time ran out."""

    entitlement_id: str
    order_id: str
    state: EntitlementState
