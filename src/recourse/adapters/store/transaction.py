"""This file knows one unit of work: what it reads at once, and what it keeps for the end."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.pool import PoolProxiedConnection

from recourse.adapters.store.log import LogCodec
from recourse.adapters.store.memory import Memory
from recourse.adapters.store.reading import Reading
from recourse.adapters.store.reads import Reads
from recourse.adapters.store.statements import Statements
from recourse.model.assignments import Assignment, Custody, Offer
from recourse.model.bonuses import Bonus
from recourse.model.cases import Case
from recourse.model.commands import Command, Lease
from recourse.model.couriers import Courier, Progress
from recourse.model.entitlements import Budget, Counter, Entitlement
from recourse.model.events import Event, Recorded
from recourse.model.orders import Order, OrderStatus
from recourse.model.places import Site
from recourse.model.ports import EventFilter, Record, Reply
from recourse.model.redress import Consent, Neighbour, Notice, Outcome, Remedy
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.model.slots import SlotPlace

__all__ = ["SqlTransaction"]

_PAGE = 1_000


class SqlTransaction(Reading):
    """One unit of work over one connection, which is borrowed at the first need.

    Reads are single statements outside any transaction: nothing is held while a decision is
    computed, and what somebody else has changed meanwhile is found out when it is written.

    Parameters
    ----------
    connect : callable
        Lends a connection; called at most once.
    statements : Statements
        SQL of every table, compiled when the store was opened.
    reads : Reads
        Every read, compiled likewise.
    log : LogCodec
        How events become rows.
    memory : Memory
        How rows become values.
    """

    def __init__(
        self,
        connect: Callable[[], PoolProxiedConnection],
        *,
        statements: Statements,
        reads: Reads,
        log: LogCodec,
        memory: Memory,
    ) -> None:
        super().__init__(connect, statements=statements, reads=reads, memory=memory)
        self._log = log
        self.values: dict[type, dict[Any, Any]] = {}
        self.news: list[Event] = []
        self.commands: list[Command] = []
        self.dropped: list[str] = []
        self.unparked: list[str] = []
        self.held: list[Lease] = []
        self.finished: list[Lease] = []

    @property
    def has_writes(self) -> bool:
        """Whether anything was recorded."""
        leased = self.unparked or self.held or self.finished
        changed = self.commands or self.dropped or leased
        return bool(self.values or self.news or changed)

    def orders(self, ids: Collection[str]) -> dict[str, Order]:
        """Orders by id; missing ids are left out."""
        return self._by_key(Order, ids)

    def orders_in(self, statuses: Collection[OrderStatus], station_id: str = "") -> list[Order]:
        """Orders in any of these statuses, oldest first; of one station if given."""
        listed = self._s.listed(statuses)
        if station_id:
            read = self._r.orders_in_station
            return self._list(Order, read, statuses=listed, station_id=station_id)
        return self._list(Order, self._r.orders_in, statuses=listed)

    def order_by_external(self, merchant_id: str, external_id: str) -> Order | None:
        """The merchant's order of that name, or None."""
        read = self._r.order_by_external
        found = self._list(Order, read, merchant_id=merchant_id, external_id=external_id)
        return found[0] if found else None

    def couriers(self, ids: Collection[str] | None = None) -> dict[str, Courier]:
        """Couriers by id; all of them for None."""
        return self._by_key(Courier, ids)

    def sites(self, ids: Collection[str] | None = None) -> dict[str, Site]:
        """Stations, merchants and points by id; all of them for None."""
        return self._by_key(Site, ids)

    def progress(self, courier_ids: Collection[str] | None = None) -> dict[str, Progress]:
        """Last known whereabouts by courier; of all for None."""
        return self._by_key(Progress, courier_ids)

    def routes(self, courier_ids: Collection[str] | None = None) -> dict[str, Route]:
        """Routes by courier; of all for None."""
        return self._by_key(Route, courier_ids)

    def routes_changed(self, after: int) -> tuple[int, dict[str, Route]]:
        """Routes written since a mark, and the new mark (0 before the first call)."""
        decode = self._memory.decode[Route]
        rows = self._rows(self._r.routes_changed, after=after)
        changed = [decode(row[1:]) for row in rows]
        return (rows[-1][0] if rows else after), {route.courier_id: route for route in changed}

    def assignments(self, ids: Collection[str]) -> dict[str, Assignment]:
        """Assignments by id."""
        return self._by_key(Assignment, ids)

    def live_assignments(
        self, *, order_ids: Collection[str] = (), courier_id: str = ""
    ) -> list[Assignment]:
        """Accepted or active assignments of these orders, or of one courier."""
        if courier_id:
            read = self._r.live_of_courier
            return self._list(Assignment, read, courier_id=courier_id)
        ids = self._s.listed(order_ids)
        return self._list(Assignment, self._r.live_of_orders, ids=ids) if order_ids else []

    def offered_assignments(
        self, *, order_ids: Collection[str] = (), courier_id: str = ""
    ) -> list[Assignment]:
        """Assignments still in question, of these orders or of one courier."""
        if courier_id:
            read = self._r.offered_of_courier
            return self._list(Assignment, read, courier_id=courier_id)
        ids = self._s.listed(order_ids)
        return self._list(Assignment, self._r.offered_of_orders, ids=ids) if order_ids else []

    def assignments_of(self, order_id: str) -> list[Assignment]:
        """Every assignment an order ever had, oldest first."""
        return self._list(Assignment, self._r.assignments_of, order_id=order_id)

    def offers(self, ids: Collection[str]) -> dict[str, Offer]:
        """Offers by id."""
        return self._by_key(Offer, ids)

    def open_offers(self, courier_ids: Collection[str] | None = None) -> list[Offer]:
        """Offers still open, of these couriers or of all."""
        if courier_ids is None:
            return self._list(Offer, self._r.open_offers)
        return self._list(Offer, self._r.open_offers_of, ids=self._s.listed(courier_ids))

    def custody(self, order_ids: Collection[str]) -> dict[str, Custody]:
        """Who holds each parcel now."""
        ids = self._s.listed(order_ids)
        return {one.order_id: one for one in self._list(Custody, self._r.custody, ids=ids)}

    def stored(self) -> dict[str, int]:
        """How many parcels each pickup point holds now."""
        return dict(self._rows(self._r.stored))

    def cases(self, ids: Collection[str]) -> dict[str, Case]:
        """Cases by id."""
        return self._by_key(Case, ids)

    def open_cases(
        self, *, order_ids: Collection[str] | None = None, disruption_id: str = ""
    ) -> list[Case]:
        """Open cases of these orders, of one disruption, or all of them; oldest first."""
        if disruption_id:
            return self._list(Case, self._r.open_cases_in, disruption_id=disruption_id)
        if order_ids is None:
            return self._list(Case, self._r.open_cases)
        return self._list(Case, self._r.open_cases_of, ids=self._s.listed(order_ids))

    def cases_of(self, order_id: str) -> list[Case]:
        """Every case an order ever had, oldest first."""
        return self._list(Case, self._r.cases_of, order_id=order_id)

    def consents(self, order_id: str) -> list[Consent]:
        """What the customer agreed to for this order."""
        return self._list(Consent, self._r.consents, order_id=order_id)

    def neighbours(self, order_id: str) -> list[Neighbour]:
        """Whom the customer named for this order, oldest first; who was taken back included."""
        return self._list(Neighbour, self._r.neighbours, order_id=order_id)

    def remedies(self, case_id: str) -> list[Remedy]:
        """What was given for a case."""
        return self._list(Remedy, self._r.remedies, case_id=case_id)

    def entitlements(self, ids: Collection[str]) -> dict[str, Entitlement]:
        """Rights of customers by id."""
        return self._by_key(Entitlement, ids)

    def entitlements_of(
        self, merchant_id: str = "", *, customer_id: str = "", after: str = "", limit: int = 500
    ) -> list[Entitlement]:
        """Rights past an id, by id; of one merchant or customer if named."""
        named = (("merchant_id", merchant_id), ("customer_id", customer_id))
        given = {name: value for name, value in named if value}
        read = self._r.entitlements_of[tuple(given)]
        return self._list(Entitlement, read, after=after, limit=limit, **given)

    def budgets(self, ids: Collection[str]) -> dict[str, Budget]:
        """How much of something was given."""
        return self._by_key(Budget, ids)

    def counters(self, ids: Collection[str]) -> dict[str, Counter]:
        """When something last happened, by id."""
        return self._by_key(Counter, ids)

    def bonuses(self, assignment_ids: Collection[str]) -> dict[str, Bonus]:
        """Extra pay by the question it went with; questions without any are left out."""
        return self._by_key(Bonus, assignment_ids)

    def slot_places(self, *, after_at: datetime, order_id: str = "") -> list[SlotPlace]:
        """Places held in slots that end later, and that of one order whenever it ends."""
        after = self._s.flavour.instant_in(after_at)
        return self._list(SlotPlace, self._r.slot_places, after=after, order_id=order_id)

    def notices(
        self, *, after: int = 0, order_id: str = "", limit: int = 500
    ) -> list[tuple[int, Notice]]:
        """Notices sent, each with its number, oldest first."""
        decode = self._s.kinds[Notice].decode
        if order_id:
            rows = self._rows(self._r.notices_of, after=after, order_id=order_id, limit=limit)
        else:
            rows = self._rows(self._r.notices, after=after, limit=limit)
        return [(row[0], decode(row[1:])) for row in rows]

    def outcomes(self) -> Iterator[Outcome]:
        """Every learned outcome, oldest first."""
        yield from self._list(Outcome, self._r.outcomes)

    def road_events(self, now: datetime) -> list[RoadEvent]:
        """Closures and slow-downs in force."""
        at = self._s.flavour.instant_in(now)
        return self._list(RoadEvent, self._r.road_events, now=at, then=at)

    def events(self, wanted: EventFilter) -> list[Recorded]:
        """A part of the log, in order."""
        asked = {
            "order_id": wanted.order_id,
            "courier_id": wanted.courier_id,
            "case_id": wanted.case_id,
        }
        given = {name: value for name, value in asked.items() if value}
        statement = self._log.read(self._r, kinds=bool(wanted.kinds), whom=tuple(given))
        rows = self._rows(
            statement,
            after=wanted.after,
            limit=wanted.limit,
            kinds=self._s.listed(wanted.kinds),
            **given,
        )
        return [self._log.decode(row) for row in rows]

    def number_at(self, at: datetime) -> int:
        """Number of the last event that was written down by an instant; 0 for none."""
        ((last,),) = self._rows(self._r.last_number)
        # Numbers have no gaps and later ones were written down later, so halving finds it: no index
        # by time is kept for what is asked once a process.
        return bisect_right(range(1, last + 1), at, key=self._recorded_at)

    def _recorded_at(self, number: int) -> datetime:
        """When the event of a number was written down."""
        ((at,),) = self._rows(self._r.recorded_at, number=number)
        return self._s.flavour.instant_out(at)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many orders, couriers, cases and assignments are in each status."""
        found: dict[str, dict[str, int]] = {
            "orders": {},
            "couriers": {},
            "cases": {},
            "assignments": {},
        }
        for table, status, n in self._rows(self._r.counts):
            found[table][status] = n
        return found

    def reply(self, caller: str, key: str) -> Reply | None:
        """The stored answer under an idempotency key, or None."""
        return next(iter(self._list(Reply, self._r.reply, caller=caller, key=key)), None)

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
        A value recorded twice in one unit of work is written once, as it was last.
        """
        for value in values:
            cls = type(value)
            self.values.setdefault(cls, {})[self._s.kinds[cls].key_of(value)] = value
        if reply is not None:
            self.values.setdefault(Reply, {})[reply.caller, reply.key] = reply
        self.news.extend(events)
        self.commands.extend(commands)
        self.dropped.extend(dropped)
        self.unparked.extend(unparked)
