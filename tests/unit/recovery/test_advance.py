"""A case takes one step for what it hears, and no step for what is not about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from recourse.model.assignments import OfferStatus
from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Way
from recourse.model.events import (
    AssignmentBegan,
    CourierCameToLight,
    CustomerChose,
    Event,
    OfferAnswered,
    OrderEnded,
)
from recourse.model.examples import NOON, disruption_of, order_of
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.recovery import RecoveryParams, Step, Wish, advance, open_case
from recourse.recovery.signals import DispatcherChose, ReplacementEnded, TimerRang

PARAMS = RecoveryParams()


def run(case: Case, events: Sequence[Event], *, params: RecoveryParams = PARAMS) -> list[Step]:
    """Let a case hear events in turn."""
    steps = []
    for event in events:
        steps.append(advance(case, event, now=event.at, params=params))
        case = steps[-1].case
    return steps


def opened(held_by: str = "", **facts: Any) -> Step:  # noqa: ANN401 - any field
    return open_case(
        disruption_of(**facts),
        order_of(),
        case_id="case-7",
        now=NOON,
        params=PARAMS,
        held_by=held_by,
    )


def test_the_customer_is_told_at_once_and_the_decision_is_asked_for_at_once() -> None:
    step = opened()
    due = {command.key: command.due_at for command in step.commands}
    assert due["case-7/notice:1"] <= NOON + timedelta(seconds=PARAMS.first_notice_s)
    assert due["case-7/decide:1"] == NOON
    assert due["case-7/promise"] == NOON + timedelta(minutes=30)
    assert step.case.excluded == ("k-1",)


def test_a_courier_who_refuses_is_excluded_and_the_next_is_looked_for_at_once() -> None:
    case = replace(opened().case, status=CaseStatus.OFFERING, offer_id="offer-1", n_offers=1)
    for answer in (OfferStatus.DECLINED, OfferStatus.EXPIRED):
        refused = OfferAnswered(
            at=NOON,
            offer_id="offer-1",
            courier_id="k-2",
            order_ids=("o-1",),
            case_ids=("case-7",),
            answer=answer,
        )
        (step,) = run(case, [refused])
        assert step.case.excluded == ("k-1", "k-2")
        assert [c.key for c in step.commands] == ["case-7/decide:2"]
        assert step.commands[0].due_at == NOON


def test_after_too_many_refusals_a_dispatcher_sees_it() -> None:
    case = replace(
        opened().case, status=CaseStatus.OFFERING, offer_id="o", n_offers=PARAMS.max_offers
    )
    refused = OfferAnswered(
        at=NOON,
        offer_id="o",
        courier_id="k-2",
        order_ids=("o-1",),
        case_ids=("case-7",),
        answer=OfferStatus.DECLINED,
    )
    assert run(case, [refused])[0].case.status is CaseStatus.HUMAN


def test_no_accountable_promise_in_half_an_hour_is_a_case_for_people() -> None:
    case = opened().case
    at = NOON + timedelta(minutes=30)
    (step,) = run(case, [TimerRang(at=at, case_id="case-7", name="promise", number=1)])
    assert step.case.status is CaseStatus.HUMAN
    assert {c.name for c in step.commands} == {"notice", "case_timer"}


def test_when_the_time_for_looking_is_over_the_platform_settles_it() -> None:
    case = replace(opened().case, status=CaseStatus.HUMAN)
    at = NOON + timedelta(seconds=PARAMS.fallback_s)
    (step,) = run(case, [TimerRang(at=at, case_id="case-7", name="fallback", number=1)])
    (command,) = step.commands
    wish = Wish.from_payload(command.payload)
    assert wish is not None
    assert (wish.way, wish.by) == (Way.NEXT_DAY, "platform")


def test_a_late_new_courier_is_told_as_a_new_time() -> None:
    for minutes, kind in ((30, "new_courier"), (90, "new_time")):
        began = AssignmentBegan(
            at=NOON,
            assignment_id="a-9",
            order_id="o-1",
            courier_id="k-2",
            offer_id="",
            arrival_at=NOON + timedelta(minutes=minutes),
        )
        (step,) = run(opened().case, [began])
        assert step.case.new_courier_at == NOON
        assert step.commands[0].payload["kind"] == kind
        assert set(step.dropped) == {"case-7/promise", "case-7/fallback"}


def test_an_order_that_comes_in_time_keeps_its_promise() -> None:
    case = replace(opened().case, status=CaseStatus.CARRIED)
    for minutes, outcome in ((60, "kept"), (61, "late")):
        end = OrderEnded(
            at=NOON + timedelta(minutes=minutes),
            order_id="o-1",
            status=OrderStatus.DELIVERED,
            actor="courier",
        )
        (step,) = run(case, [end])
        assert step.case.outcome == outcome
        owed = {c.key for c in step.commands}
        assert owed == {"case-7/remedy:courier"} | (
            {"case-7/remedy:customer"} if outcome == "late" else set()
        )


def test_a_holder_who_comes_to_light_may_go_on_but_one_who_dropped_it_may_not() -> None:
    for cause, excluded in (
        (ReasonCode.SIGNAL_LOST, ()),
        (ReasonCode.VEHICLE_BREAKDOWN, ("k-1",)),
    ):
        case = opened(cause=cause, held=("o-1",), orphaned=(), held_by="k-1").case
        case = replace(case, status=CaseStatus.HUMAN)
        (step,) = run(case, [CourierCameToLight(at=NOON, courier_id="k-1")])
        assert step.case.status is CaseStatus.DECIDING
        assert step.case.excluded == excluded


def test_events_of_other_orders_move_nothing() -> None:
    for status in CASE_OPEN:
        case = replace(opened().case, status=status, offer_id="offer-1", held_by="k-1")
        for event in (
            OrderEnded(at=NOON, order_id="o-9", status=OrderStatus.DELIVERED, actor="courier"),
            CustomerChose(at=NOON, order_id="o-9", way="refund"),
            CourierCameToLight(at=NOON, courier_id="k-9"),
            DispatcherChose(at=NOON, case_id="case-9", way=Way.REFUND),
            TimerRang(at=NOON + timedelta(days=9), case_id="case-9", name="promise", number=1),
            ReplacementEnded(at=NOON, case_id="case-9", status=OrderStatus.DELIVERED),
        ):
            assert advance(case, event, now=event.at, params=PARAMS) == Step(case=case)


def test_a_case_whose_next_courier_is_lost_starts_its_clock_again() -> None:
    first = opened().case
    later = NOON + timedelta(minutes=20)
    carried = replace(first, status=CaseStatus.CARRIED, new_courier_at=NOON)
    step = open_case(
        disruption_of(id="d-2", courier_id="k-2"),
        order_of(),
        case_id="never-used",
        now=later,
        params=PARAMS,
        existing=carried,
    )
    assert (step.case.id, step.case.opened_at, step.case.new_courier_at) == ("case-7", later, None)
    assert step.case.excluded == ("k-1", "k-2")
    assert {c.key for c in step.commands} >= {
        "case-7/notice:2",
        "case-7/decide:2",
        "case-7/promise:2",
    }


def test_the_baselines_tell_nobody_and_look_late() -> None:
    for policy, delay_s in (("passive", PARAMS.service_delay_s), ("reping", PARAMS.poll_s)):
        params = RecoveryParams(policy=policy)  # type: ignore[arg-type]
        step = open_case(disruption_of(), order_of(), case_id="case-7", now=NOON, params=params)
        (command,) = step.commands
        assert command.name == "decide"
        assert command.due_at == NOON + timedelta(seconds=delay_s)
    assert step.case.excluded == (), "the dropper is asked again by this policy"
