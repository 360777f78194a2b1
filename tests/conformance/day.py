"""A day small enough to read: one breakdown, one handover, one pickup point, money and notices.

Everything goes through the store, one unit of work a step, with the event that says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from recourse.adapters.store import SqlStore
from recourse.model.assignments import Assignment, AssignmentStatus, Custodian, Custody, OfferStatus
from recourse.model.cases import CaseStatus, Disruption
from recourse.model.commands import Command
from recourse.model.couriers import CourierState
from recourse.model.events import (
    AssignmentBegan,
    AssignmentEnded,
    AssignmentOffered,
    CaseClosed,
    CaseMoved,
    CaseOpened,
    ConsentGiven,
    CourierMoved,
    CourierRegistered,
    CustodyPassed,
    DisruptionRecognised,
    Event,
    LedgerPosted,
    NoticeSent,
    OfferAnswered,
    OfferMade,
    OrderAdmitted,
    OrderEnded,
    OrderMoved,
    RemedyGranted,
    StopCompleted,
)
from recourse.model.orders import ORDER_ENDS, OrderStatus
from recourse.model.ports import Record
from recourse.model.reasons import Actor, Attribution, Reason, ReasonCode, Stage
from recourse.model.redress import Notice, NoticeKind
from recourse.model.routes import StopKind
from tests.conformance.values import (
    HERE,
    case,
    consent,
    courier,
    entry,
    held,
    later,
    offer,
    order,
    remedy,
    site,
)

REASON = Reason(
    actor=Actor.COURIER,
    stage=Stage.IN_CUSTODY,
    code=ReasonCode.VEHICLE_BREAKDOWN,
    custodian="courier",
    attribution=Attribution.NONE,
    is_retryable=True,
)


class Day:
    """Steps of a day over one store; each is one unit of work."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.minute = 0.0

    @property
    def now(self) -> datetime:
        return later(self.minute)

    def step(
        self, *values: Record, events: Sequence[Event] = (), commands: Sequence[Command] = ()
    ) -> None:
        with self.store.begin() as tx:
            tx.record(values, events=events, commands=commands)
        self.minute += 1

    def hire(self, name: str) -> None:
        one = courier(name)
        told = CourierRegistered(
            at=self.now,
            courier_id=name,
            vehicle=one.vehicle,
            station_id="",
            shift_start_at=one.shift_start_at,
            shift_end_at=one.shift_end_at,
        )
        self.step(one, events=[told])

    def admit(self, name: str) -> None:
        one = order(name, created_at=self.now)
        told = OrderAdmitted(
            at=self.now,
            order_id=name,
            merchant_id="shop",
            kind=one.kind,
            station_id="",
            promise=one.promise,
            custodian=Custodian.MERCHANT,
            holder_id="shop",
            value_cents=one.value_cents,
            is_perishable=False,
        )
        self.step(one, held(name, from_at=self.now), events=[told])

    def moved(self, name: str, to: OrderStatus) -> tuple[list[Record], list[Event]]:
        with self.store.begin() as tx:
            was = tx.orders([name])[name]
        is_end = to in ORDER_ENDS
        events: list[Event] = [OrderMoved(at=self.now, order_id=name, was=was.status, now=to)]
        if is_end:
            events.append(OrderEnded(at=self.now, order_id=name, status=to, actor="courier"))
        return [replace(was, status=to, ended_at=self.now if is_end else None)], events

    def passed(
        self, name: str, to: Custodian, holder_id: str, consent_id: str = ""
    ) -> tuple[list[Record], list[Event]]:
        with self.store.begin() as tx:
            had = tx.custody([name])[name]
        gets = Custody(
            order_id=name,
            number=had.number + 1,
            custodian=to,
            holder_id=holder_id,
            from_at=self.now,
        )
        told = CustodyPassed(
            at=self.now,
            order_id=name,
            number=gets.number,
            from_custodian=had.custodian,
            from_holder_id=had.holder_id,
            to_custodian=to,
            to_holder_id=holder_id,
            consent_id=consent_id,
        )
        return [replace(had, until_at=self.now), gets], [told]

    def ask(self, name: str, courier_id: str) -> None:
        asked = offer(
            f"f-{name}-{courier_id}",
            courier_id=courier_id,
            order_ids=(name,),
            made_at=self.now,
            deadline_at=later(self.minute + 1),
        )
        duty = Assignment(
            id=f"a-{name}-{courier_id}",
            order_id=name,
            courier_id=courier_id,
            status=AssignmentStatus.OFFERED,
            began_at=self.now,
            offer_id=asked.id,
        )
        events = [
            OfferMade(
                at=self.now,
                offer_id=asked.id,
                courier_id=courier_id,
                order_ids=(name,),
                deadline_at=asked.deadline_at,
                pay_cents=450,
                bonus_cents=0,
            ),
            AssignmentOffered(
                at=self.now,
                assignment_id=duty.id,
                order_id=name,
                courier_id=courier_id,
                offer_id=asked.id,
            ),
        ]
        self.step(asked, duty, events=events)

    def accept(self, name: str, courier_id: str) -> None:
        with self.store.begin() as tx:
            (asked,) = [f for f in tx.open_offers([courier_id]) if name in f.order_ids]
            (duty,) = tx.offered_assignments(order_ids=[name])
        values, events = self.moved(name, OrderStatus.ASSIGNED)
        self.step(
            replace(asked, status=OfferStatus.ACCEPTED),
            replace(duty, status=AssignmentStatus.ACTIVE, accepted_at=self.now),
            *values,
            events=[
                OfferAnswered(
                    at=self.now,
                    offer_id=asked.id,
                    courier_id=courier_id,
                    order_ids=asked.order_ids,
                    case_ids=(),
                    answer=OfferStatus.ACCEPTED,
                ),
                AssignmentBegan(
                    at=self.now,
                    assignment_id=duty.id,
                    order_id=name,
                    courier_id=courier_id,
                    offer_id=asked.id,
                    arrival_at=later(30),
                ),
                *events,
            ],
        )

    def scan(self, name: str, courier_id: str, kind: StopKind) -> None:
        """Take a parcel from its merchant, or over from another courier."""
        values, events = self.passed(name, Custodian.COURIER, courier_id)
        more, news = self.moved(name, OrderStatus.PICKED_UP)
        done = StopCompleted(
            at=self.now,
            courier_id=courier_id,
            stop_id=f"s-{name}-{courier_id}",
            kind=kind,
            order_ids=(name,),
        )
        self.step(*values, *more, events=[done, *events, *news])

    def finish(self, name: str, to: Custodian, holder_id: str, status: OrderStatus) -> None:
        """Hand a parcel over for good, and end the duty."""
        with self.store.begin() as tx:
            duties = tx.live_assignments(order_ids=[name])
        values, events = self.passed(name, to, holder_id)
        more, news = self.moved(name, status)
        ended = [replace(d, status=AssignmentStatus.COMPLETED, ended_at=self.now) for d in duties]
        told = [_over(duty, self.now) for duty in ended]
        self.step(*values, *more, *ended, events=[*events, *news, *told])

    def break_down(self, name: str, courier_id: str) -> None:
        """Lose the courier of an order, with the parcel in their hands."""
        with self.store.begin() as tx:
            (duty,) = tx.live_assignments(order_ids=[name])
            courier_now = tx.couriers([courier_id])[courier_id]
        over = replace(duty, status=AssignmentStatus.WITHDRAWN, ended_at=self.now, reason=REASON)
        values, events = self.moved(name, OrderStatus.RECOVERING)
        broke = Disruption(
            id=f"d-{name}",
            courier_id=courier_id,
            cause=ReasonCode.VEHICLE_BREAKDOWN,
            reason=REASON,
            at=self.now,
            place=HERE,
            orphaned=(),
            held=(name,),
            ends_duty=True,
            can_hand_over=True,
        )
        gone = replace(courier_now, state=CourierState.UNAVAILABLE)
        self.step(
            over,
            gone,
            *values,
            events=[
                CourierMoved(
                    at=self.now, courier_id=courier_id, was=courier_now.state, now=gone.state
                ),
                _over(over, self.now),
                *events,
                DisruptionRecognised(at=self.now, disruption=broke),
            ],
        )
        opened = case(
            f"k-{name}",
            name,
            disruption_id=broke.id,
            from_courier_id=courier_id,
            opened_at=self.now,
            excluded=(courier_id,),
        )
        told = CaseOpened(
            at=self.now,
            case_id=opened.id,
            order_id=name,
            disruption_id=broke.id,
            from_courier_id=courier_id,
            cause=opened.cause,
            promised_by=opened.promised_by,
        )
        look = Command(
            key=f"{opened.id}/decide:1", name="decide", due_at=self.now, case_id=opened.id
        )
        self.step(opened, events=[told], commands=[look])

    def close(self, name: str) -> None:
        """Close a case, and make good."""
        with self.store.begin() as tx:
            (now,) = tx.open_cases(order_ids=[name])
        closed = replace(now, status=CaseStatus.CLOSED, closed_at=self.now, outcome="late")
        self.step(
            closed,
            events=[
                CaseMoved(
                    at=self.now,
                    case_id=now.id,
                    order_id=name,
                    was=now.status,
                    now=CaseStatus.CLOSED,
                ),
                CaseClosed(at=self.now, case_id=now.id, order_id=name, outcome="late"),
            ],
        )
        given, paid = remedy(case_id=now.id), entry(f"{now.id}/remedy:anna")
        told = Notice(
            key=f"{now.id}/notice:1",
            order_id=name,
            case_id=now.id,
            kind=NoticeKind.REMEDY,
            locale="en",
            text="Five euros are yours.",
            sent_at=self.now,
        )
        self.step(
            given,
            paid,
            told,
            events=[
                RemedyGranted(
                    at=self.now,
                    remedy_id=given.id,
                    case_id=now.id,
                    beneficiary_id=given.beneficiary_id,
                    kind=given.kind,
                    amount_cents=given.amount_cents,
                    currency=given.currency,
                    rule=given.rule,
                ),
                LedgerPosted(
                    at=self.now, key=paid.key, currency=paid.currency, postings=paid.postings
                ),
                NoticeSent(
                    at=self.now,
                    key=told.key,
                    order_id=name,
                    kind=told.kind,
                    latest_at=None,
                    text=told.text,
                    case_id=now.id,
                ),
            ],
        )

    def agree(self, name: str, point_id: str) -> None:
        given = consent(f"y-{name}", name, point_id)
        told = ConsentGiven(
            at=self.now, consent_id=given.id, order_id=name, site_id=point_id, source="choice"
        )
        self.step(given, events=[told])


def _over(duty: Assignment, now: datetime) -> AssignmentEnded:
    return AssignmentEnded(
        at=now,
        assignment_id=duty.id,
        order_id=duty.order_id,
        courier_id=duty.courier_id,
        status=duty.status,
        reason=duty.reason,
    )


def live(store: SqlStore) -> Day:
    """Live the whole day."""
    day = Day(store)
    day.step(site("p-1"))
    for name in ("c-1", "c-2"):
        day.hire(name)
    for name in ("o-1", "o-2", "o-3"):
        day.admit(name)
    day.ask("o-1", "c-1")
    day.accept("o-1", "c-1")
    day.scan("o-1", "c-1", StopKind.PICKUP)
    day.break_down("o-1", "c-1")
    day.ask("o-1", "c-2")
    day.accept("o-1", "c-2")
    day.scan("o-1", "c-2", StopKind.TAKE)
    day.finish("o-1", Custodian.CUSTOMER, "anna", OrderStatus.DELIVERED)
    day.close("o-1")
    day.ask("o-2", "c-2")
    day.accept("o-2", "c-2")
    day.scan("o-2", "c-2", StopKind.PICKUP)
    day.agree("o-2", "p-1")
    day.finish("o-2", Custodian.POINT, "p-1", OrderStatus.AVAILABLE_FOR_PICKUP)
    day.ask("o-3", "c-2")
    return day
