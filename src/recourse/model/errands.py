"""This file knows what is done outside: a notice handed to a channel, a remedy paid out.

An errand has a key, and whoever it is given to is given that key. What came of it is known, or it
is not: an answer that was lost is an outcome of its own, and never a reason to do a thing twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recourse.model.commands import Json
from recourse.model.webhooks import TryOutcome

__all__ = [
    "ERRAND_ENDS",
    "Act",
    "Call",
    "Channel",
    "Errand",
    "ErrandKind",
    "ErrandState",
    "ErrandTry",
    "Later",
    "OutsideRow",
    "PayoutPeer",
    "PushSubscription",
    "Reach",
]


class ErrandKind(StrEnum):
    """What is done outside."""

    NOTICE = "notice"
    PAYOUT = "payout"


class ErrandState(StrEnum):
    """Where an errand stands.

    `UNKNOWN` is an end that people see: it may have been done, nobody can be asked, and doing it
    again might do it twice. It becomes `DONE` or `REFUSED` once somebody knows better.
    """

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


ERRAND_ENDS: frozenset[ErrandState] = frozenset(ErrandState) - {ErrandState.WAITING}


class Act(StrEnum):
    """What is done at a peer: the thing itself, or a question about it."""

    SEND = "send"
    ASK = "ask"


class Reach(StrEnum):
    """What a channel needs to know of a person to reach them."""

    PHONE = "phone"
    MAIL = "mail"
    PUSH = "push"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to a customer besides the page, and what its peer is able to do.

    Attributes
    ----------
    name : str
        How it is called in the file of peers.
    reach : Reach
        What it needs of the customer.
    takes_key : bool
        Whether the same key twice does the thing once.
    can_be_asked : bool
        Whether its peer says afterwards what came of a key.
    merchants : tuple of str
        Whose customers it reaches; empty for everybody's.
    kinds : tuple of str
        Which kinds of notices it carries; empty for all.
    quiet_from_s, quiet_until_s : int
        Quiet hours, in seconds after midnight where the customer lives; equal for none.
    per_hour, per_day : int
        Most notices to one person in an hour, in a day; 0 for no limit.
    """

    name: str
    reach: Reach
    takes_key: bool = False
    can_be_asked: bool = False
    merchants: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    quiet_from_s: int = 0
    quiet_until_s: int = 0
    per_hour: int = 0
    per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPeer:
    """Who pays remedies out, and what they are able to do.

    Attributes
    ----------
    name : str
        How they are called.
    takes_key, can_be_asked : bool
        As of a channel; one of them at least, or nothing is paid.
    kinds : tuple of str
        Which kinds of remedies they pay; empty for all.
    """

    name: str = "payouts"
    takes_key: bool = True
    can_be_asked: bool = True
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One thing to be done outside, once.

    Attributes
    ----------
    id : str
        The key its peer is given, e.g. ``"case-7/notice:1@sms"``; unique for ever.
    kind : ErrandKind
        What is done.
    peer : str
        Name of the channel, or of who pays out.
    about : str
        Key of the notice, or of the ledger entry that says what is owed.
    what : str
        Kind of the notice or of the remedy.
    order_id, case_id : str
        About which order; the case, or empty.
    person_id : str
        Whom it reaches, as the ledger names them, e.g. ``"customer:c-7"``.
    rank : int
        Place among the errands of this order at this peer, from 1: done in this order.
    state : ErrandState
        Where it stands.
    made_at, due_at : datetime
        When it was made; not done before the second.
    give_up_at : datetime
        Not begun anew after this instant.
    n_tries : int
        How often it was sent or asked for.
    turn : int
        Which command of it is the current one, from 1.
    detail : str
        What is known, for people; never says where the person can be reached.
    ended_at : datetime or None
        When it came to its end.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    kind: ErrandKind
    peer: str
    about: str
    what: str
    order_id: str
    person_id: str
    rank: int
    state: ErrandState
    made_at: datetime
    due_at: datetime
    give_up_at: datetime
    case_id: str = ""
    n_tries: int = 0
    turn: int = 1
    detail: str = ""
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandTry:
    """One call to a peer about an errand; written down before anything leaves.

    Attributes
    ----------
    errand_id : str
        Which errand.
    number : int
        1 for the first call about it.
    act : Act
        Whether it was sent, or asked for.
    began_at : datetime
        When the call was begun.
    outcome : TryOutcome
        What came of it, as far as is known.
    status : int
        HTTP status of the answer; 0 when there was none.
    detail : str
        What went wrong, for people.
    ended_at : datetime or None
        When something became known; None when we died meanwhile.
    version : int
        Row version; 0 before it is first recorded.
    """

    errand_id: str
    number: int
    act: Act
    began_at: datetime
    outcome: TryOutcome = TryOutcome.UNKNOWN
    status: int = 0
    detail: str = ""
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSubscription:
    """Where the browser of a customer takes messages about one order.

    Attributes
    ----------
    id, order_id, customer_id : str
        Ours; the order whose page asked; whose browser it is.
    endpoint : str
        Where messages are posted; given by the browser, so never trusted.
    p256dh, auth : str
        Keys of the browser, base64url: only it can read a message.
    made_at : datetime
        When it was given.
    ended_at : datetime or None
        When it was taken back, or found gone.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    order_id: str
    customer_id: str
    endpoint: str
    p256dh: str
    auth: str
    made_at: datetime
    ended_at: datetime | None = None
    version: int = 0


OutsideRow = Errand | ErrandTry | PushSubscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is said to a peer now.

    Attributes
    ----------
    peer : str
        To whom.
    act : Act
        Do it, or say what came of it.
    key : str
        Under which key.
    to : str
        Where the person is reached; empty when nobody is.
    data : mapping of str to JSON value
        What is said: text and title of a notice, sum and beneficiary of a payout.
    """

    peer: str
    act: Act
    key: str
    to: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: the same command again at an instant.

    Attributes
    ----------
    at : datetime
        When.
    """

    at: datetime
