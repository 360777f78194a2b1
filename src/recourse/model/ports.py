"""This file knows every way to the outside world; an adapter implements each."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from recourse.model.assignments import Assignment, Custody, Offer
from recourse.model.bonuses import Bonus
from recourse.model.cases import Case
from recourse.model.commands import Command, Lease
from recourse.model.couriers import Courier, Progress
from recourse.model.entitlements import Budget, Counter, Entitlement, RedressRow
from recourse.model.errands import OutsideRow
from recourse.model.events import Event, Recorded
from recourse.model.keys import KeyRow
from recourse.model.orders import Order, OrderStatus, Reopening
from recourse.model.outside_reads import OutsideReads
from recourse.model.places import Site
from recourse.model.redress import Consent, Entry, Neighbour, Notice, Outcome, Remedy
from recourse.model.replies import Reply
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.model.slots import SlotPlace
from recourse.model.webhooks import Cursor, WebhookRow

__all__ = [
    "Clock",
    "EventFilter",
    "Ids",
    "Record",
    "Reply",
    "Store",
    "Transaction",
]

Record = (
    Order
    | Courier
    | Site
    | Progress
    | Assignment
    | Offer
    | Custody
    | Route
    | Case
    | Remedy
    | Entry
    | Consent
    | Neighbour
    | Notice
    | Outcome
    | RoadEvent
    | Reopening
    | WebhookRow
    | Cursor
    | OutsideRow
    | KeyRow
    | RedressRow
    | Bonus
    | SlotPlace
)


class Clock(Protocol):
    """What time it is: the wall, the wall sped up, or a simulated day.

    Attributes
    ----------
    speed : float
        Seconds it advances per second of the wall; 1 for the wall, infinite when it is set by hand.
    """

    speed: float

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class Ids(Protocol):
    """Where new ids come from: random when serving, counted in a simulated day."""

    def new(self, kind: str) -> str:
        """Return an id that was never given before, e.g. ``"case-1a2b"`` for ``"case"``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which part of the log is wanted; empty fields match everything.

    Attributes
    ----------
    after : int
        Only events with a higher number.
    order_id, courier_id, case_id : str
        Only events about this one.
    kinds : tuple of str
        Only these dotted names.
    limit : int
        At most so many.
    """

    after: int = 0
    order_id: str = ""
    courier_id: str = ""
    case_id: str = ""
    kinds: tuple[str, ...] = ()
    limit: int = 500


class Transaction(OutsideReads, Protocol):
    """One unit of work: read what is needed, decide, record once.

    Reads see the state at the start. `record` keeps everything aside; leaving the block without an
    error writes it all in one database transaction: new values by compare-and-set on `version`
    (a value with version 0 is inserted), events into the log, commands as rows. A value's row
    then has version + 1.
    """

    def orders(self, ids: Collection[str]) -> dict[str, Order]:
        """Orders by id; missing ids are left out."""
        ...

    def orders_in(self, statuses: Collection[OrderStatus], station_id: str = "") -> list[Order]:
        """Orders in any of these statuses, oldest first; of one station if given."""
        ...

    def order_by_external(self, merchant_id: str, external_id: str) -> Order | None:
        """The merchant's order of that name, or None."""
        ...

    def couriers(self, ids: Collection[str] | None = None) -> dict[str, Courier]:
        """Couriers by id; all of them for None."""
        ...

    def sites(self, ids: Collection[str] | None = None) -> dict[str, Site]:
        """Stations, merchants and points by id; all of them for None."""
        ...

    def progress(self, courier_ids: Collection[str] | None = None) -> dict[str, Progress]:
        """Last known whereabouts by courier; of all for None."""
        ...

    def routes(self, courier_ids: Collection[str] | None = None) -> dict[str, Route]:
        """Routes by courier; of all for None."""
        ...

    def routes_changed(self, after: int) -> tuple[int, dict[str, Route]]:
        """Routes written since a mark, and the new mark (0 before the first call)."""
        ...

    def assignments(self, ids: Collection[str]) -> dict[str, Assignment]:
        """Assignments by id."""
        ...

    def live_assignments(
        self, *, order_ids: Collection[str] = (), courier_id: str = ""
    ) -> list[Assignment]:
        """Accepted or active assignments of these orders, or of one courier."""
        ...

    def offered_assignments(
        self, *, order_ids: Collection[str] = (), courier_id: str = ""
    ) -> list[Assignment]:
        """Assignments still in question, of these orders or of one courier."""
        ...

    def assignments_of(self, order_id: str) -> list[Assignment]:
        """Every assignment an order ever had, oldest first."""
        ...

    def offers(self, ids: Collection[str]) -> dict[str, Offer]:
        """Offers by id."""
        ...

    def open_offers(self, courier_ids: Collection[str] | None = None) -> list[Offer]:
        """Offers still open, of these couriers or of all."""
        ...

    def custody(self, order_ids: Collection[str]) -> dict[str, Custody]:
        """Who holds each parcel now."""
        ...

    def stored(self) -> dict[str, int]:
        """How many parcels each pickup point holds now."""
        ...

    def cases(self, ids: Collection[str]) -> dict[str, Case]:
        """Cases by id."""
        ...

    def open_cases(
        self, *, order_ids: Collection[str] | None = None, disruption_id: str = ""
    ) -> list[Case]:
        """Open cases of these orders, of one disruption, or all of them; oldest first."""
        ...

    def cases_of(self, order_id: str) -> list[Case]:
        """Every case an order ever had, oldest first."""
        ...

    def consents(self, order_id: str) -> list[Consent]:
        """What the customer agreed to for this order."""
        ...

    def neighbours(self, order_id: str) -> list[Neighbour]:
        """Whom the customer named for this order, oldest first; who was taken back included."""
        ...

    def remedies(self, case_id: str) -> list[Remedy]:
        """What was given for a case."""
        ...

    def entitlements(self, ids: Collection[str]) -> dict[str, Entitlement]:
        """Rights of customers by id."""
        ...

    def entitlements_of(
        self, merchant_id: str = "", *, customer_id: str = "", after: str = "", limit: int = 500
    ) -> list[Entitlement]:
        """Rights past an id, by id; of one merchant or customer if named."""
        ...

    def budgets(self, ids: Collection[str]) -> dict[str, Budget]:
        """How much of something was given, by id."""
        ...

    def counters(self, ids: Collection[str]) -> dict[str, Counter]:
        """When something last happened, by id."""
        ...

    def bonuses(self, assignment_ids: Collection[str]) -> dict[str, Bonus]:
        """Extra pay by the question it went with; questions without any are left out."""
        ...

    def slot_places(self, *, after_at: datetime, order_id: str = "") -> list[SlotPlace]:
        """Places held in slots that end later, and that of one order whenever it ends."""
        ...

    def notices(
        self, *, after: int = 0, order_id: str = "", limit: int = 500
    ) -> list[tuple[int, Notice]]:
        """Notices sent, each with its number, oldest first."""
        ...

    def outcomes(self) -> Iterator[Outcome]:
        """Every learned outcome, oldest first."""
        ...

    def road_events(self, now: datetime) -> list[RoadEvent]:
        """Closures and slow-downs in force."""
        ...

    def events(self, wanted: EventFilter) -> list[Recorded]:
        """A part of the log, in order."""
        ...

    def number_at(self, at: datetime) -> int:
        """Number of the last event that was written down by an instant; 0 for none."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many orders, couriers, cases and assignments are in each status."""
        ...

    def reply(self, caller: str, key: str) -> Reply | None:
        """The stored answer under an idempotency key, or None."""
        ...

    def record(
        self,
        values: Iterable[Record] = (),
        *,
        events: Sequence[Event] = (),
        commands: Sequence[Command] = (),
        dropped: Sequence[str] = (),
        unparked: Sequence[str] = (),
        reply: Reply | None = None,
    ) -> None:
        """Keep values, events, commands for writing at the end.

        Besides these the keys of commands to drop, and of parked ones that are tried anew.
        """
        ...


class Store(Protocol):
    """Where the truth is kept."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """Open a unit of work; leaving the block writes it, an error in it writes nothing.

        Raises
        ------
        Stale
            If a value was changed by somebody else since it was read.
        Conflict
            If a constraint of the database refuses what is written; its name says which.
        """
        ...

    def lease(
        self, *, now: datetime, worker: str, limit: int, lease_s: float, outgoing: bool = False
    ) -> list[Lease]:
        """Take due commands that nobody holds, oldest first, of ours or of the outgoing ones."""
        ...

    def hold(self, lease: Lease, *, until_at: datetime, tx: Transaction | None = None) -> None:
        """Hold a command for longer; `LeaseLost` if it is held under this lease no more.

        In a unit of work it is said when the block is left, which then writes nothing.
        """
        ...

    def hold_all(self, leases: Collection[Lease], *, until_at: datetime) -> set[str]:
        """Hold many for longer at once: keys of those held; `hold` says what became of others."""
        ...

    def finish(self, lease: Lease, tx: Transaction) -> None:
        """Mark a leased command done, in the transaction that records its result.

        Leaving the block then raises `LeaseLost` if another worker holds a newer lease.
        """
        ...

    def put_back(self, lease: Lease, *, due_at: datetime, error: str, is_parked: bool) -> None:
        """Return a command that failed: due again later, or parked where people look."""
        ...

    def next_due_at(self, *, outgoing: bool = False) -> datetime | None:
        """When the next command falls due, of ours or of the outgoing ones; None for none."""
        ...

    def last_number(self) -> int:
        """Number of the newest event of the log; 0 before the first."""
        ...

    def newest(self, kinds: Collection[str], *, after: int) -> tuple[int, int]:
        """Numbers of the newest event of these kinds past a number (or 0), and of the newest."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...

    def parked(self) -> list[tuple[Command, str]]:
        """Commands that failed too often, each with its last error."""
        ...
