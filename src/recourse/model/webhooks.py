"""This file knows how a merchant is told: where to, what, and what came of every try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Cursor",
    "EndpointState",
    "Post",
    "Reached",
    "TryOutcome",
    "WebhookEndpoint",
    "WebhookMessage",
    "WebhookRow",
    "WebhookState",
    "WebhookTry",
]


class EndpointState(StrEnum):
    """Whether anything is sent to an endpoint."""

    ON = "on"
    OFF = "off"
    REMOVED = "removed"


class WebhookState(StrEnum):
    """Where a message to an endpoint stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    HELD = "held"
    GIVEN_UP = "given_up"


class TryOutcome(StrEnum):
    """What came of one try to send.

    `UNKNOWN` is what a try is from its beginning until something better is known: the bytes may
    have been read, whatever became of the answer or of us.
    """

    TAKEN = "taken"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """An address at which a merchant wants to hear what happens to its orders.

    Attributes
    ----------
    id, merchant_id : str
        Ours, and whose it is.
    url : str
        Where messages are posted.
    kinds : tuple of str
        Dotted names of the events wanted; empty for every one a merchant may read.
    state : EndpointState
        Whether anything is sent.
    why : str
        Why it is off, for people; empty while it is on.
    secret_number : int
        Which secret signs, from 1; a new one raises it.
    secret_changed_at : datetime or None
        When the secret was last changed; the one before signs too for a day after.
    from_number : int
        Only events of the log with a higher number are sent.
    created_at : datetime
        When it was registered.
    failing_since_at : datetime or None
        Since when no try has succeeded; None while the last one did.
    n_failures : int
        How many tries in a row have failed.
    quiet_until_at : datetime or None
        Before this instant nothing is tried, because the last try failed.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    merchant_id: str
    url: str
    kinds: tuple[str, ...]
    state: EndpointState
    from_number: int
    created_at: datetime
    why: str = ""
    secret_number: int = 1
    secret_changed_at: datetime | None = None
    failing_since_at: datetime | None = None
    n_failures: int = 0
    quiet_until_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """One event for one endpoint.

    Attributes
    ----------
    id : str
        Its `webhook-id`: the same at every try, so that a receiver can drop what it has.
    endpoint_id : str
        To whom.
    number : int
        Number of the event in the log.
    kind : str
        Dotted name of the event.
    order_id : str
        About which order; empty when it is about the endpoint itself.
    sequence : int
        1 for the first message about that order to this endpoint, rising by one without gaps.
    state : WebhookState
        Where it stands.
    made_at : datetime
        When it was taken out of the log.
    wanted_at : datetime
        When it was last asked for: made, or sent again by request; retries are counted from here.
    n_sends : int
        How often it was asked for.
    n_tries : int
        How often it was tried.
    ended_at : datetime or None
        When it was taken, held or given up.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    endpoint_id: str
    number: int
    kind: str
    order_id: str
    sequence: int
    state: WebhookState
    made_at: datetime
    wanted_at: datetime
    n_sends: int = 1
    n_tries: int = 0
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTry:
    """One try to send a message.

    Attributes
    ----------
    message_id : str
        Which message.
    number : int
        1 for the first try of it.
    began_at : datetime
        When it was begun; written down before anything is sent.
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

    message_id: str
    number: int
    began_at: datetime
    outcome: TryOutcome = TryOutcome.UNKNOWN
    status: int = 0
    detail: str = ""
    ended_at: datetime | None = None
    version: int = 0


WebhookRow = WebhookEndpoint | WebhookMessage | WebhookTry


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a reader of the log has come.

    Attributes
    ----------
    name : str
        Which reader.
    number : int
        The last event it has dealt with.
    version : int
        Row version; 0 before it is first recorded.
    """

    name: str
    number: int
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is to be posted, and where.

    Attributes
    ----------
    url : str
        Where to.
    headers : mapping of str to str
        What goes with it.
    body : bytes
        What is said.
    method : str
        ``"POST"``, or ``"GET"`` to ask.
    """

    url: str
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a post came to.

    Attributes
    ----------
    outcome : TryOutcome
        What is known.
    status : int
        HTTP status; 0 when there was no answer.
    detail : str
        What went wrong; empty when nothing did.
    retry_after_s : int
        How long the far side asks us to wait, in seconds; 0 when it does not ask.
    body : bytes
        The beginning of the answer.
    gone : tuple of str
        Of several addresses that were called, those that are no more.
    """

    outcome: TryOutcome
    status: int = 0
    detail: str = ""
    retry_after_s: int = 0
    body: bytes = b""
    gone: tuple[str, ...] = ()
