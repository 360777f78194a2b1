"""The case machine, lived through: whatever comes in whatever order, it ends once and well."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recourse.model.assignments import Custodian, OfferStatus
from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Decision, Option, Way
from recourse.model.commands import Command
from recourse.model.events import (
    AssignmentBegan,
    CaseClosed,
    CaseDecided,
    CourierCameToLight,
    CustodyPassed,
    CustomerChose,
    Event,
    NoticeSent,
    OfferAnswered,
    OrderEnded,
    OrderMoved,
    StopCompleted,
)
from recourse.model.examples import NOON, disruption_of, order_of
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.redress import NoticeKind
from recourse.model.routes import Route, StopKind
from recourse.planning import Insertion
from recourse.recovery import (
    Decided,
    RecoveryParams,
    Step,
    Wish,
    advance,
    open_case,
    put_into_force,
)
from recourse.recovery.signals import DispatcherChose, ReplacementEnded, TimerRang

PARAMS = RecoveryParams()
COURIERS = ("k-1", "k-2", "k-3", "k-4", "k-5")
WAYS = (
    Way.COURIER,
    Way.HANDOVER,
    Way.NEXT_WAVE,
    Way.PICKUP_POINT,
    Way.BRING_BACK,
    Way.RESHIP,
    Way.NEXT_DAY,
    Way.REFUND,
    Way.HUMAN,
)
BY_COURIER = frozenset({Way.COURIER, Way.HANDOVER, Way.PICKUP_POINT})


def decided_of(case: Case, way: Way, courier_id: str, now: datetime, *, is_asked: bool) -> Decided:
    """A decision as the joint decision could make it."""
    if way in BY_COURIER and courier_id in case.excluded:
        way = Way.HUMAN
    by_courier = way in BY_COURIER
    who = courier_id if by_courier else ""
    arrival_at = None if way in {Way.HUMAN, Way.REFUND} else now + timedelta(minutes=40)
    insertion = None
    if by_courier:
        insertion = Insertion(
            order_id=case.order_id,
            courier_id=who,
            route=Route(courier_id=who, stops=(), changed_at=now),
            arrival_at=now + timedelta(minutes=40),
            late_s=0,
            added_s=0,
            added_m=0,
            cost_cents=0,
        )
    return Decided(
        case_id=case.id,
        decision=Decision(
            order_id=case.order_id,
            option=Option(way=way, courier_id=who, arrival_at=arrival_at),
            rejections=(),
        ),
        insertion=insertion,
        is_asked=is_asked and by_courier,
        asks_point=way is Way.HUMAN and case.n_decisions == 1 and is_asked,
    )


class World(RuleBasedStateMachine):
    """One case, its stored commands, and everybody who may act on it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.pending: dict[str, Command] = {}
        self.keys: set[str] = set()
        self.log: list[Event] = []
        self.case: Case
        self.offered_to = ""

    @initialize(cause=st.sampled_from(list(ReasonCode)), is_held=st.booleans())
    def lose_a_courier(self, cause: ReasonCode, *, is_held: bool) -> None:
        lost = {"held": ("o-1",), "orphaned": ()} if is_held else {}
        step = open_case(
            disruption_of(cause=cause, **lost),
            order_of(),
            case_id="case-7",
            now=self.now,
            params=PARAMS,
            held_by=disruption_of().courier_id if is_held else "",
        )
        self.take(step)

    def take(self, step: Step) -> None:
        """Store a step as one transaction would."""
        for key in step.dropped:
            self.pending.pop(key, None)
        for command in step.commands:
            assert command.key not in self.keys, f"{command.key} was used before"
            self.keys.add(command.key)
            self.pending[command.key] = command
        self.case = step.case
        self.log += step.events

    def hear(self, event: Event) -> None:
        """Let the case hear an event, and hear it again: the second time nothing happens."""
        step = advance(self.case, event, now=self.now, params=PARAMS)
        self.take(step)
        again = advance(step.case, event, now=self.now, params=PARAMS)
        assert again == Step(case=step.case)

    # ---- the worker

    @precondition(lambda self: self.pending)
    @rule(
        way=st.sampled_from(WAYS),
        courier_id=st.sampled_from(COURIERS),
        is_asked=st.booleans(),
    )
    def perform_the_next_command(self, way: Way, courier_id: str, *, is_asked: bool) -> None:
        key = min(self.pending, key=lambda k: (self.pending[k].due_at, k))
        self.perform(self.pending.pop(key), way, courier_id, is_asked=is_asked)

    def perform(self, command: Command, way: Way, courier_id: str, *, is_asked: bool) -> None:
        self.now = max(self.now, command.due_at)
        if command.name == "decide":
            self.decide(command, way, courier_id, is_asked=is_asked)
        elif command.name == "case_timer":
            payload: Any = command.payload
            rang = TimerRang(
                at=self.now, case_id="case-7", name=payload["timer"], number=payload["number"]
            )
            self.hear(rang)
        elif command.name == "notice":
            kind = NoticeKind(str(command.payload["kind"]))
            sent = NoticeSent(
                at=self.now,
                key=command.key,
                order_id="o-1",
                kind=kind,
                latest_at=None,
                case_id="case-7",
                text="",
            )
            self.hear(sent)
        elif command.name == "offer":
            self.offered_to = str(command.payload["courier_id"])

    def decide(self, command: Command, way: Way, courier_id: str, *, is_asked: bool) -> None:
        if self.case.status is not CaseStatus.DECIDING:
            return
        wish = Wish.from_payload(command.payload)
        if wish is not None and wish.by == "platform" and way is Way.HUMAN:
            way = Way.NEXT_DAY
        if way in {Way.BRING_BACK, Way.RESHIP, Way.HANDOVER} and not self.case.held_by:
            way = Way.COURIER
        one = decided_of(self.case, way, courier_id, self.now, is_asked=is_asked)
        (step,) = put_into_force(
            [self.case],
            [one],
            now=self.now,
            params=PARAMS,
            new_offer_id=lambda: f"offer-{len(self.keys)}",
        )
        self.take(step)

    # ---- couriers, customers, dispatchers

    @precondition(lambda self: self.case.offer_id and self.offered_to)
    @rule(answer=st.sampled_from([a for a in OfferStatus if a is not OfferStatus.OPEN]))
    def answer_the_offer(self, answer: OfferStatus) -> None:
        self.hear(
            OfferAnswered(
                at=self.now,
                offer_id=self.case.offer_id,
                courier_id=self.offered_to,
                order_ids=("o-1",),
                case_ids=("case-7",),
                answer=answer,
            )
        )
        self.offered_to = ""

    @rule()
    def answer_an_offer_of_long_ago(self) -> None:
        before = self.case
        self.hear(
            OfferAnswered(
                at=self.now,
                offer_id="offer-old",
                courier_id="k-5",
                order_ids=("o-1",),
                case_ids=("case-7",),
                answer=OfferStatus.ACCEPTED,
            )
        )
        assert self.case is before

    @rule(way=st.sampled_from([Way.PICKUP_POINT, Way.NEXT_WAVE, Way.NEXT_DAY, Way.REFUND]))
    def the_customer_chooses(self, way: Way) -> None:
        self.hear(CustomerChose(at=self.now, order_id="o-1", way=way.value))

    @rule(way=st.sampled_from([Way.COURIER, Way.NEXT_DAY, Way.REFUND]))
    def the_dispatcher_decides(self, way: Way) -> None:
        self.hear(DispatcherChose(at=self.now, case_id="case-7", way=way))

    @rule()
    def the_silent_holder_comes_to_light(self) -> None:
        self.hear(CourierCameToLight(at=self.now, courier_id="k-1"))

    @precondition(lambda self: self.case.held_by and self.case.status in CASE_OPEN)
    @rule()
    def the_parcel_is_taken_over(self) -> None:
        self.hear(
            CustodyPassed(
                at=self.now,
                order_id="o-1",
                number=3,
                from_custodian=Custodian.COURIER,
                from_holder_id=self.case.held_by,
                to_custodian=Custodian.COURIER,
                to_holder_id="k-3",
            )
        )
        assert self.case.held_by == ""

    @rule()
    def the_parcel_is_brought_back(self) -> None:
        self.hear(
            StopCompleted(
                at=self.now,
                courier_id="k-1",
                stop_id="t-9",
                kind=StopKind.RETURN,
                order_ids=("o-1",),
            )
        )

    @rule()
    def the_parcel_reaches_a_point(self) -> None:
        self.hear(
            OrderMoved(
                at=self.now,
                order_id="o-1",
                was=OrderStatus.DROPOFF_ENROUTE,
                now=OrderStatus.AVAILABLE_FOR_PICKUP,
            )
        )

    @rule(courier_id=st.sampled_from(COURIERS))
    def a_wave_takes_it_along(self, courier_id: str) -> None:
        if courier_id in self.case.excluded:
            return
        self.hear(
            AssignmentBegan(
                at=self.now,
                assignment_id="a-9",
                order_id="o-1",
                courier_id=courier_id,
                offer_id="",
                arrival_at=self.now + timedelta(minutes=30),
            )
        )

    @rule(courier_id=st.sampled_from(COURIERS), is_held=st.booleans())
    def the_next_courier_is_lost_too(self, courier_id: str, *, is_held: bool) -> None:
        if self.case.status is not CaseStatus.CARRIED:
            return
        lost = {"held": ("o-1",), "orphaned": ()} if is_held else {}
        step = open_case(
            disruption_of(id="d-2", courier_id=courier_id, **lost),
            order_of(),
            case_id="never-used",
            now=self.now,
            params=PARAMS,
            existing=self.case,
            held_by=courier_id if is_held else "",
        )
        assert courier_id in step.case.excluded
        assert set(self.case.excluded) <= set(step.case.excluded)
        self.take(step)

    @rule(
        status=st.sampled_from(
            [OrderStatus.DELIVERED, OrderStatus.CANCELED, OrderStatus.RETURNED, OrderStatus.LOST]
        ),
        replaced=st.booleans(),
    )
    def the_order_ends(self, status: OrderStatus, *, replaced: bool) -> None:
        if replaced:
            self.hear(ReplacementEnded(at=self.now, case_id="case-7", status=status))
        else:
            self.hear(OrderEnded(at=self.now, order_id="o-1", status=status, actor="courier"))

    # ---- what must always hold

    @invariant()
    def it_never_dead_ends(self) -> None:
        case = self.case
        if case.status is CaseStatus.CLOSED:
            return
        option = case.decision.option if case.decision else None
        is_carried = case.status is CaseStatus.CARRIED
        is_replaced = (
            case.status is CaseStatus.WAITING and option is not None and option.way is Way.RESHIP
        )
        wakes = [
            command
            for command in self.pending.values()
            if command.name == "decide" or self.would_move(command)
        ]
        assert is_carried or is_replaced or wakes, f"{case.status} waits for nothing"

    def would_move(self, command: Command) -> bool:
        """Whether a stored timer, when it rings, moves the case on."""
        if command.name != "case_timer":
            return False
        payload: Any = command.payload
        rang = TimerRang(
            at=command.due_at, case_id="case-7", name=payload["timer"], number=payload["number"]
        )
        step = advance(self.case, rang, now=max(self.now, command.due_at), params=PARAMS)
        return step.case.status is not self.case.status

    @invariant()
    def it_closes_once_with_one_outcome(self) -> None:
        closings = [event for event in self.log if isinstance(event, CaseClosed)]
        is_closed = self.case.status is CaseStatus.CLOSED
        assert len(closings) == int(is_closed)
        assert bool(self.case.outcome) == is_closed
        assert (self.case.closed_at is not None) == is_closed

    @invariant()
    def who_was_excluded_is_never_chosen(self) -> None:
        for event in self.log:
            if isinstance(event, CaseDecided):
                option = event.decision.option
                assert (
                    option.way not in BY_COURIER
                    or option.courier_id != "k-1"
                    or ("k-1" not in self.case.excluded)
                )

    @invariant()
    def an_offer_is_open_only_while_offering(self) -> None:
        assert bool(self.case.offer_id) == (self.case.status is CaseStatus.OFFERING)

    def teardown(self) -> None:
        """Let the world run on without anybody's help: the case must end."""
        if not hasattr(self, "case"):
            return
        for _ in range(200):
            if self.case.status is CaseStatus.CARRIED or self.case.status is CaseStatus.WAITING:
                self.the_order_ends(OrderStatus.DELIVERED, replaced=False)
            elif self.case.status is CaseStatus.CLOSED:
                return
            else:
                key = min(self.pending, key=lambda k: (self.pending[k].due_at, k))
                self.perform(self.pending.pop(key), Way.HUMAN, "k-2", is_asked=False)
        message = f"still {self.case.status} after 200 steps"
        raise AssertionError(message)


World.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestTheCaseMachine = World.TestCase
