"""This file knows what one racer tries: to ask, accept, withdraw, take, open a case and pay."""

from collections.abc import Callable
from dataclasses import replace

from benchmarks.races.start import NOON
from recourse.adapters.store import SqlStore
from recourse.model.assignments import (
    Assignment,
    AssignmentStatus,
    Custodian,
    Custody,
    Offer,
    OfferStatus,
)
from recourse.model.cases import Case, CaseStatus
from recourse.model.commands import Command
from recourse.model.events import (
    AssignmentBegan,
    AssignmentEnded,
    AssignmentOffered,
    CaseOpened,
    CustodyPassed,
    Event,
    LedgerPosted,
    OfferAnswered,
    OfferMade,
    OrderMoved,
    RemedyGranted,
    StopCompleted,
)
from recourse.model.orders import OrderStatus
from recourse.model.ports import Record
from recourse.model.reasons import ReasonCode
from recourse.model.redress import Entry, Posting, Remedy, RemedyKind
from recourse.model.routes import StopKind

__all__ = ["Racer"]


class Racer:
    """One process with one courier, who wants everything."""

    def __init__(self, store: SqlStore, me: int) -> None:
        self._store, self._me, self._courier_id = store, me, f"c-{me}"

    def parts(self) -> tuple[Callable[[str], bool], ...]:
        """Everybody asks; the rest of the work is shared out."""
        share = (
            (self.accept,),
            (self.take,),
            (self.withdraw,),
            (self.open_case, self.pay),
        )
        return (self.ask, *share[self._me % len(share)])

    def _record(self, *values: Record, events: list[Event], command: Command | None = None) -> bool:
        with self._store.begin() as tx:
            tx.record(values, events=events, commands=[command] if command else [])
        return True

    def ask(self, order_id: str) -> bool:
        """Ask my courier, whoever else was asked."""
        offer = Offer(
            id=f"f-{order_id}-{self._me}",
            courier_id=self._courier_id,
            order_ids=(order_id,),
            status=OfferStatus.OPEN,
            made_at=NOON,
            deadline_at=NOON,
        )
        duty = Assignment(
            id=f"a-{order_id}-{self._me}",
            order_id=order_id,
            courier_id=self._courier_id,
            status=AssignmentStatus.OFFERED,
            began_at=NOON,
            offer_id=offer.id,
        )
        made = OfferMade(
            at=NOON,
            offer_id=offer.id,
            courier_id=self._courier_id,
            order_ids=(order_id,),
            deadline_at=NOON,
            pay_cents=0,
            bonus_cents=0,
        )
        told = AssignmentOffered(
            at=NOON,
            assignment_id=duty.id,
            order_id=order_id,
            courier_id=self._courier_id,
            offer_id=offer.id,
        )
        return self._record(offer, duty, events=[made, told])

    def accept(self, order_id: str) -> bool:
        """Accept whatever is offered, for whomever it was offered to."""
        with self._store.begin() as tx:
            offered = tx.offered_assignments(order_ids=[order_id])
            if not offered:
                return False
            duty = offered[0]
            offer = tx.offers([duty.offer_id])[duty.offer_id]
            order = tx.orders([order_id])[order_id]
            answered = OfferAnswered(
                at=NOON,
                offer_id=offer.id,
                courier_id=offer.courier_id,
                order_ids=offer.order_ids,
                case_ids=(),
                answer=OfferStatus.ACCEPTED,
            )
            began = AssignmentBegan(
                at=NOON,
                assignment_id=duty.id,
                order_id=order_id,
                courier_id=duty.courier_id,
                offer_id=offer.id,
                arrival_at=NOON,
            )
            values: list[Record] = [
                replace(offer, status=OfferStatus.ACCEPTED),
                replace(duty, status=AssignmentStatus.ACTIVE, accepted_at=NOON),
            ]
            tx.record(values, events=[answered, began])
            if order.status is not OrderStatus.ASSIGNED:
                moved = OrderMoved(
                    at=NOON, order_id=order_id, was=order.status, now=OrderStatus.ASSIGNED
                )
                tx.record([replace(order, status=OrderStatus.ASSIGNED)], events=[moved])
        return True

    def withdraw(self, order_id: str) -> bool:
        """Drop the order, whoever carries it."""
        with self._store.begin() as tx:
            live = tx.live_assignments(order_ids=[order_id])
            order = tx.orders([order_id])[order_id]
            if not live or order.status is not OrderStatus.ASSIGNED:
                return False
            over = replace(live[0], status=AssignmentStatus.WITHDRAWN, ended_at=NOON)
            ended = AssignmentEnded(
                at=NOON,
                assignment_id=over.id,
                order_id=order_id,
                courier_id=over.courier_id,
                status=over.status,
            )
            back = replace(order, status=OrderStatus.SCHEDULED)
            moved = OrderMoved(at=NOON, order_id=order_id, was=order.status, now=back.status)
            tx.record([over, back], events=[ended, moved])
        return True

    def take(self, order_id: str) -> bool:
        """Take the parcel, whoever holds it."""
        with self._store.begin() as tx:
            had = tx.custody([order_id])[order_id]
            gets = Custody(
                order_id=order_id,
                number=had.number + 1,
                custodian=Custodian.COURIER,
                holder_id=self._courier_id,
                from_at=NOON,
            )
            done = StopCompleted(
                at=NOON,
                courier_id=self._courier_id,
                stop_id=f"s-{order_id}-{self._me}",
                kind=StopKind.TAKE,
                order_ids=(order_id,),
            )
            passed = CustodyPassed(
                at=NOON,
                order_id=order_id,
                number=gets.number,
                from_custodian=had.custodian,
                from_holder_id=had.holder_id,
                to_custodian=gets.custodian,
                to_holder_id=gets.holder_id,
            )
            tx.record([replace(had, until_at=NOON), gets], events=[done, passed])
        return True

    def open_case(self, order_id: str) -> bool:
        """Open a case of my own for the order."""
        case = Case(
            id=f"k-{order_id}-{self._me}",
            disruption_id="d",
            order_id=order_id,
            from_courier_id="c-x",
            status=CaseStatus.DECIDING,
            cause=ReasonCode.OTHER,
            opened_at=NOON,
            promised_by=NOON,
        )
        opened = CaseOpened(
            at=NOON,
            case_id=case.id,
            order_id=order_id,
            disruption_id=case.disruption_id,
            from_courier_id=case.from_courier_id,
            cause=case.cause,
            promised_by=NOON,
        )
        look = Command(key=f"{case.id}/decide:1", name="decide", due_at=NOON, case_id=case.id)
        return self._record(case, events=[opened], command=look)

    def pay(self, order_id: str) -> bool:
        """Pay the customer of whichever case is open."""
        with self._store.begin() as tx:
            case = tx.open_cases(order_ids=[order_id])[0]
            remedy = Remedy(
                id=f"r-{order_id}-{self._me}",
                case_id=case.id,
                beneficiary_id="customer:anna",
                kind=RemedyKind.COUPON,
                amount_cents=500,
                currency="EUR",
                rule="race",
                granted_at=NOON,
            )
            entry = Entry(
                key=f"{case.id}/remedy:customer",
                at=NOON,
                currency="EUR",
                postings=(
                    Posting(account="expense:remedy", amount_cents=500),
                    Posting(account="customer:anna", amount_cents=-500),
                ),
            )
            granted = RemedyGranted(
                at=NOON,
                remedy_id=remedy.id,
                case_id=case.id,
                beneficiary_id=remedy.beneficiary_id,
                kind=remedy.kind,
                amount_cents=remedy.amount_cents,
                currency=remedy.currency,
                rule=remedy.rule,
            )
            posted = LedgerPosted(
                at=NOON, key=entry.key, currency=entry.currency, postings=entry.postings
            )
            tx.record([remedy, entry], events=[granted, posted])
        return True
