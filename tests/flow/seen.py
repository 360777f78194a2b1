"""What can be seen of a town: its store is read here, and nothing in it is changed."""

from collections.abc import Callable
from typing import TypeVar

from recourse import audit
from recourse.model.assignments import Assignment, Custody, Offer
from recourse.model.cases import Case
from recourse.model.commands import Command
from recourse.model.couriers import CourierState
from recourse.model.events import Event
from recourse.model.orders import Order
from recourse.model.ports import EventFilter, Store, Transaction
from recourse.model.redress import Notice, Remedy
from recourse.model.routes import Route, Stop

__all__ = ["Seen"]

R = TypeVar("R")
E = TypeVar("E", bound=Event)


class Seen:
    """A town, for who only looks at it.

    Parameters
    ----------
    url : str
        Address of its database.
    store : Store
        The store that was opened there.
    """

    def __init__(self, url: str, store: Store) -> None:
        self.url = url
        self.store = store

    def read(self, what: Callable[[Transaction], R]) -> R:
        """Look at the store."""
        with self.store.begin() as tx:
            return what(tx)

    def order(self, order_id: str) -> Order:
        """An order as it is."""
        return self.read(lambda tx: tx.orders([order_id]))[order_id]

    def route(self, courier_id: str) -> Route:
        """A courier's route as it is."""
        return self.read(lambda tx: tx.routes([courier_id]))[courier_id]

    def next_stop(self, courier_id: str) -> Stop:
        """Where a courier goes next."""
        return self.route(courier_id).stops[0]

    def state(self, courier_id: str) -> CourierState:
        """What a courier can be counted on for."""
        return self.read(lambda tx: tx.couriers([courier_id]))[courier_id].state

    def offer_to(self, courier_id: str) -> Offer:
        """The open offer of a courier, who must have one."""
        (offer,) = self.read(lambda tx: tx.open_offers([courier_id]))
        return offer

    def open_offers(self) -> list[Offer]:
        """Every question still open."""
        return self.read(lambda tx: tx.open_offers())

    def holder(self, order_id: str) -> Custody:
        """Who holds a parcel."""
        return self.read(lambda tx: tx.custody([order_id]))[order_id]

    def cases(self, order_id: str) -> list[Case]:
        """Every case of an order."""
        return self.read(lambda tx: tx.cases_of(order_id))

    def case(self, order_id: str) -> Case:
        """The only case of an order."""
        (case,) = self.cases(order_id)
        return case

    def duties(self, order_id: str) -> list[Assignment]:
        """Every assignment of an order."""
        return self.read(lambda tx: tx.assignments_of(order_id))

    def carrier(self, order_id: str) -> str:
        """Who carries an order now; empty if nobody does."""
        live = self.read(lambda tx: tx.live_assignments(order_ids=[order_id]))
        return live[0].courier_id if live else ""

    def notices(self, order_id: str) -> list[Notice]:
        """What the customer was told."""
        return [notice for _, notice in self.read(lambda tx: tx.notices(order_id=order_id))]

    def told(self, order_id: str) -> list[str]:
        """Kinds of what the customer was told."""
        return [notice.kind.value for notice in self.notices(order_id)]

    def remedies(self, case_id: str) -> list[Remedy]:
        """What was given for a case."""
        return self.read(lambda tx: tx.remedies(case_id))

    def happened(self, kind: type[E], **wanted: str) -> list[E]:
        """Events of one kind, in order."""
        chosen = EventFilter(limit=100_000, **wanted)  # type: ignore[arg-type]
        found = [one.event for one in self.read(lambda tx: tx.events(chosen))]
        return [event for event in found if isinstance(event, kind)]

    def parked(self) -> list[tuple[Command, str]]:
        """Commands that failed too often."""
        return self.store.parked()

    def check(self) -> None:
        """Let the independent auditor read everything; nothing may be parked."""
        assert self.parked() == []
        report = audit.audit(self.url)
        assert report.is_clean, "\n".join(report.lines())
