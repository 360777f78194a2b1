"""This file knows what is owed and paid: remedies, ledger entries, consents, notices, outcomes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Consent",
    "Entry",
    "Neighbour",
    "Notice",
    "NoticeKind",
    "Outcome",
    "Posting",
    "Remedy",
    "RemedyKind",
]


class RemedyKind(StrEnum):
    """What is given to make good."""

    COUPON = "coupon"
    POINTS = "points"
    REFUND = "refund"
    FREE_UPGRADE = "free_upgrade"
    REFUND_GUARANTEE = "refund_guarantee"
    """The money back for whatever comes late the next time."""
    FREE_STORAGE = "free_storage"
    VIP_TRIAL = "vip_trial"
    EXTENDED_WARRANTY = "extended_warranty"
    GIFT = "gift"
    COURIER_PAY = "courier_pay"
    """Pay that a courier keeps although an order was lost through no fault of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What is given to whom, and why; at most one per case, kind and beneficiary.

    Attributes
    ----------
    id, case_id, beneficiary_id : str
        Ours; the case it makes good; who receives it.
    kind : RemedyKind
        What is given.
    amount_cents : int
        Its worth in minor units of `currency`; positive.
    currency : str
        ISO 4217.
    rule : str
        Which rule of the policy gave it.
    granted_at : datetime
        When.
    days : int
        For how long what is no money may be claimed; 0 for money.
    item : str
        What is given, where the kind does not say it.
    stock : str
        The stock it is taken from; empty for none.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    case_id: str
    beneficiary_id: str
    kind: RemedyKind
    amount_cents: int
    currency: str
    rule: str
    granted_at: datetime
    days: int = 0
    item: str = ""
    stock: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One line of a ledger entry.

    Attributes
    ----------
    account : str
        E.g. ``"expense:remedy"`` or ``"customer:c-7"``.
    amount_cents : int
        Positive is debit, negative is credit; never 0.
    """

    account: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the double-entry ledger; its postings sum to zero and never change.

    Attributes
    ----------
    key : str
        Key of the effect that made it, e.g. ``"case-7/remedy:customer"``; unique.
    at : datetime
        When.
    currency : str
        ISO 4217.
    postings : tuple of Posting
        At least two lines that sum to zero.
    memo : str
        Why, in words.
    """

    key: str
    at: datetime
    currency: str
    postings: tuple[Posting, ...]
    memo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A customer's recorded yes to one pickup point, or one neighbour, for one order.

    Attributes
    ----------
    id, order_id, site_id : str
        Ours; for which order; which point or neighbour.
    given_at : datetime
        When.
    source : str
        ``"standing"`` or ``"choice"``.
    """

    id: str
    order_id: str
    site_id: str
    given_at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Somebody next door who may take one parcel, because its customer said so.

    Attributes
    ----------
    id, order_id : str
        Ours; of which order.
    name, door : str
        Whom the courier asks for, and where; empty once the customer was erased.
    named_at : datetime
        When the customer named them.
    ended_at : datetime or None
        When the customer took it back, or named somebody else; None while it holds.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    order_id: str
    name: str
    door: str
    named_at: datetime
    ended_at: datetime | None = None
    version: int = 0


class NoticeKind(StrEnum):
    """What a notice tells the customer."""

    MAY_BE_LATE = "may_be_late"
    COURIER_LOST = "courier_lost"
    NO_COURIER = "no_courier"
    """Nobody could take the order in time."""
    NEW_COURIER = "new_courier"
    NEW_TIME = "new_time"
    SLOT = "slot"
    """The slot that the customer picked."""
    DIRECT = "direct"
    """Who brings it straight, as the customer chose."""
    AT_POINT = "at_point"
    AT_DOOR = "at_door"
    NEXT_DAY = "next_day"
    REFUNDED = "refunded"
    REOPENED = "reopened"
    REMEDY = "remedy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to a customer, sent once.

    Attributes
    ----------
    key : str
        Key of the effect, e.g. ``"case-7/notice:2"``; unique.
    order_id, case_id : str
        About which order; the case, or empty.
    kind : NoticeKind
        What it says.
    locale : str
        ``"zh"`` or ``"en"``.
    text : str
        What the customer reads.
    sent_at : datetime
        When it was sent.
    latest_at : datetime or None
        End of the window it names; None when it names none.
    """

    key: str
    order_id: str
    kind: NoticeKind
    locale: str
    text: str
    sent_at: datetime
    case_id: str = ""
    latest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an assignment came to, with the features as they were when it began.

    Attributes
    ----------
    assignment_id : str
        Which assignment; unique.
    began_at, ended_at : datetime
        Its span; features are those known at `began_at`.
    features : tuple of float
        In the order of ``foresight.FEATURES``.
    has_failed : bool
        Whether the courier dropped it.
    cause : str
        Reason code when it failed; empty otherwise.
    """

    assignment_id: str
    began_at: datetime
    ended_at: datetime
    features: tuple[float, ...]
    has_failed: bool
    cause: str = ""
