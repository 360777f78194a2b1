"""This file knows which value lives in which table, and how a row is made of it and read back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter, itemgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from pydantic_core import from_json

from recourse.adapters.store.codec import from_plain, to_text
from recourse.model.assignments import Assignment, AssignmentStatus, Custody, Offer, OfferStatus
from recourse.model.bonuses import Bonus
from recourse.model.cases import Case, CaseStatus
from recourse.model.commands import Command
from recourse.model.couriers import Courier, Progress
from recourse.model.entitlements import Budget, Counter, Entitlement
from recourse.model.errands import Errand, ErrandTry, PushSubscription
from recourse.model.keys import Account, ApiKey, Identity, Link, LoginCode, Session
from recourse.model.orders import Order, Reopening
from recourse.model.places import Site
from recourse.model.ports import Reply
from recourse.model.redress import Consent, Entry, Neighbour, Notice, Outcome, Remedy
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.model.slots import SlotPlace
from recourse.model.webhooks import Cursor, WebhookEndpoint, WebhookMessage, WebhookTry

__all__ = ["KINDS", "Flavour", "Kind", "flavour_of", "writing_order"]

Row = Sequence[Any]


@lru_cache(maxsize=8_192)
def _iso(at: datetime) -> str:
    """Fixed-width text of an instant, so that text sorts as time does."""
    # Kept, because the same few instants are written again and again: a batch has one, a route has
    # those of its promises.
    # Nearly every instant is in UTC already, and finding that out is half the work.
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")


def _utc(at: datetime) -> datetime:
    """Instant in plain UTC, whatever zone object the database driver uses."""
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Flavour:
    """How one database holds what plain SQL types do not cover.

    Attributes
    ----------
    name : str
        ``"sqlite"`` or ``"postgresql"``.
    instant_in, instant_out : callable
        Aware instant to column and back.
    json_out : callable or None
        Column to plain data; None when the driver has parsed it already.
    flag_out : callable or None
        Column to bool; None when the driver gives one.
    """

    name: str
    instant_in: Callable[[datetime], Any]
    instant_out: Callable[[Any], datetime]
    json_out: Callable[[Any], Any] | None
    flag_out: Callable[[Any], bool] | None


_FLAVOURS = {
    "sqlite": Flavour("sqlite", _iso, datetime.fromisoformat, from_json, bool),
    "postgresql": Flavour("postgresql", _utc, _utc, None, None),
}


def flavour_of(dialect: str) -> Flavour:
    """How the database of this name holds instants, flags and nested values."""
    return _FLAVOURS[dialect]


class Kind:
    """One kind of value and its table, compiled for one database.

    Parameters
    ----------
    cls : type
        The dataclass.
    table : str
        Where its rows are.
    key : tuple of str
        Columns that name a row.
    flavour : Flavour
        Which database.
    """

    def __init__(self, cls: type, table: str, key: tuple[str, ...], flavour: Flavour) -> None:
        hints = get_type_hints(cls)
        self.cls, self.table, self.key = cls, table, key
        self.columns = tuple(field.name for field in fields(cls))
        self.is_versioned = "version" in self.columns
        self._values = attrgetter(*self.columns)
        self.key_of: Callable[[Any], Any] = attrgetter(*key)
        pairs = [_column_pair(hints[name], flavour) for name in self.columns]
        self._in = [(i, dump) for i, (dump, _) in enumerate(pairs) if dump]
        self._out = [(i, load) for i, (_, load) in enumerate(pairs) if load]
        self._version = self.columns.index("version") if self.is_versioned else -1
        self._key = [self.columns.index(name) for name in key]
        self.key_in: Callable[[Row], Any] = itemgetter(*self._key)
        self.version_in: Callable[[Row], int] = itemgetter(self._version)
        self._set = [i for i, name in enumerate(self.columns) if name not in key]

    def encode(self, value: object) -> list[Any]:
        """Row of a value, in the order of `columns`."""
        row = list(self._values(value))
        for i, dump in self._in:
            if row[i] is not None:
                row[i] = dump(row[i])
        return row

    def decode(self, row: Row) -> Any:  # noqa: ANN401 - the class is known at run time
        """Value of a row whose columns come in the order of `columns`."""
        values = dict(zip(self.columns, row, strict=False))
        for i, load in self._out:
            name = self.columns[i]
            if values[name] is not None:
                values[name] = load(values[name])
        return self.cls(**values)

    def insert_row(self, value: object, *extra: object) -> list[Any]:
        """Parameters of an INSERT: the columns, then what only the table has."""
        row = self.encode(value)
        if self.is_versioned:
            row[self._version] = 1
        row.extend(extra)
        return row

    def update_row(self, value: object, *extra: object) -> list[Any]:
        """Parameters of an UPDATE: what is set, extra, the key, the version it was read at."""
        row = self.encode(value)
        version = row[self._version]
        row[self._version] = version + 1
        return [*[row[i] for i in self._set], *extra, *[row[i] for i in self._key], version]

    @property
    def set_columns(self) -> tuple[str, ...]:
        """Columns that an UPDATE sets."""
        return tuple(self.columns[i] for i in self._set)


def _column_pair(hint: Any, flavour: Flavour) -> tuple[Any, Any]:  # noqa: ANN401
    """How one field goes into a column and comes back; None where it needs nothing."""
    if get_origin(hint) is UnionType:
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if hint is datetime:
        return flavour.instant_in, flavour.instant_out
    if hint is bool:
        return None, flavour.flag_out
    if hint in {str, int, float}:
        return None, None
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        # The value, not the member: a driver looks types up by class and knows str only.
        return attrgetter("value"), {member.value: member for member in hint}.__getitem__
    return to_text(hint), _chain(flavour.json_out, from_plain(hint))


def _chain(first: Any, second: Any) -> Any:  # noqa: ANN401
    """One converter after the other, either of which may be None."""
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


# In the order they are written: what is referred to comes before what refers to it.
KINDS: tuple[tuple[type, str, tuple[str, ...]], ...] = (
    (Site, "sites", ("id",)),
    (Courier, "couriers", ("id",)),
    (Reopening, "reopenings", ("order_id", "ended_at")),
    (Order, "orders", ("id",)),
    (Neighbour, "neighbours", ("id",)),
    (Consent, "consents", ("id",)),
    (Offer, "offers", ("id",)),
    (Assignment, "assignments", ("id",)),
    (Custody, "custody", ("order_id", "number")),
    (Case, "cases", ("id",)),
    (Remedy, "remedies", ("id",)),
    (Entry, "entries", ("key",)),
    (Outcome, "outcomes", ("assignment_id",)),
    (RoadEvent, "road_events", ("id",)),
    (Progress, "progress", ("courier_id",)),
    (Reply, "replies", ("caller", "key")),
    (WebhookEndpoint, "webhook_endpoints", ("id",)),
    (WebhookMessage, "webhook_messages", ("id",)),
    (WebhookTry, "webhook_tries", ("message_id", "number")),
    (Cursor, "cursors", ("name",)),
    (Errand, "errands", ("id",)),
    (ErrandTry, "errand_tries", ("errand_id", "number")),
    (PushSubscription, "push_subscriptions", ("id",)),
    (ApiKey, "api_keys", ("id",)),
    (Account, "accounts", ("id",)),
    (Identity, "identities", ("account_id",)),
    (LoginCode, "login_codes", ("courier_id",)),
    (Session, "sessions", ("digest",)),
    (Link, "links", ("digest",)),
    (Entitlement, "entitlements", ("id",)),
    (Budget, "budgets", ("id",)),
    (Bonus, "bonuses", ("assignment_id",)),
    (SlotPlace, "slot_places", ("id",)),
    (Counter, "counters", ("id",)),
    (Notice, "notices", ("key",)),
    (Route, "routes", ("courier_id",)),
    (Command, "commands", ("key",)),
)


def _ends_first(value: Any) -> int:  # noqa: ANN401
    """0 for a value that makes room for others of its kind, 1 for any other."""
    match value:
        case Assignment(status=AssignmentStatus.ACCEPTED | AssignmentStatus.ACTIVE):
            return 1
        case Offer(status=OfferStatus.OPEN):
            return 1
        case Neighbour(ended_at=None) | SlotPlace(ended_at=None):
            return 1
        case Case(status=status):
            return int(status is not CaseStatus.CLOSED)
        case _:
            return 0


def writing_order(kind: Kind, values: Sequence[Any]) -> list[Any]:
    """Sort values of one kind as they are written: those that make room first, then by key.

    Every writer takes its rows in this order, so two of them seldom wait for each other in a ring.

    Parameters
    ----------
    kind : Kind
        What they are.
    values : sequence of value
        To be written.

    Returns
    -------
    list of value
        The same ones, sorted.
    """
    return sorted(values, key=lambda value: (_ends_first(value), kind.key_of(value)))
