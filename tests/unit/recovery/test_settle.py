"""What a decision means for cases, orders and couriers."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from recourse.model.cases import CaseStatus, Decision, Option, Way
from recourse.model.events import OrderEnded, OrderMoved, PromiseMade
from recourse.model.examples import NOON, PROMISE, case_of, order_of
from recourse.model.orders import OrderStatus, RecoveringStep
from recourse.orders import AdmitParams, admit
from recourse.recovery import (
    Decided,
    RecoveryParams,
    Wish,
    advance,
    order_after,
    put_into_force,
)
from recourse.recovery.reping import decide_delay_s
from recourse.recovery.replacement import replacement, replaces
from recourse.recovery.signals import Step, TimerRang
from tests.unit.recovery.town import Street, order_at

PARAMS = RecoveryParams()


def chosen(way: Way, minutes: int = 30) -> Decision:
    at = None if way in {Way.HUMAN, Way.REFUND} else NOON + timedelta(minutes=minutes)
    return Decision(order_id="o-1", option=Option(way=way, arrival_at=at), rejections=())


def test_one_courier_gets_one_offer_for_all_that_would_be_theirs() -> None:
    street = Street()
    street.courier("k-2", 500)
    cases = [street.on_shelf(order_at(f"o-{i}", 1_000 + 500 * i)) for i in (1, 2)]
    numbers = count(1)
    steps = put_into_force(
        cases,
        street.decide(cases),
        now=NOON,
        params=PARAMS,
        new_offer_id=lambda: f"offer-{next(numbers)}",
    )
    assert [step.case.status for step in steps] == [CaseStatus.OFFERING] * 2
    assert {step.case.offer_id for step in steps} == {"offer-1"}
    (offer,) = [c for step in steps for c in step.commands if c.name == "offer"]
    assert offer.key == "case-o-1/offer:1"
    assert offer.payload["order_ids"] == ["o-1", "o-2"]
    assert offer.payload["case_ids"] == ["case-o-1", "case-o-2"]


def test_who_is_told_carries_at_once() -> None:
    street = Street()
    street.courier("k-2", 500, is_asked=False)
    case = street.on_shelf(order_at("o-1", 1_000))
    (step,) = put_into_force(
        [case], street.decide([case]), now=NOON, params=PARAMS, new_offer_id=lambda: "never"
    )
    assert step.case.status is CaseStatus.CARRIED
    assert step.case.new_courier_at == NOON
    assert step.commands[0].payload["courier_id"] == "k-2"


def test_a_decision_for_a_case_that_moved_on_is_passed_over() -> None:
    street = Street()
    case = street.on_shelf(order_at("o-1", 1_000))
    decided = street.decide([case])
    carried = street.case(street.orders["o-1"], status=CaseStatus.CARRIED)
    assert (
        put_into_force([carried], decided, now=NOON, params=PARAMS, new_offer_id=lambda: "never")
        == ()
    )


def test_a_refund_closes_the_case_and_ends_the_order() -> None:
    street = Street()
    case = street.on_shelf(order_at("o-1", 1_000))
    decided = street.decide([case], wishes={case.id: Wish(way=Way.REFUND)})
    (step,) = put_into_force([case], decided, now=NOON, params=PARAMS, new_offer_id=lambda: "never")
    assert (step.case.status, step.case.outcome) == (CaseStatus.CLOSED, "refunded")
    assert "case-o-1/remedy:customer" in {c.key for c in step.commands}
    order, events = order_after(
        street.orders["o-1"], decided[0].decision, case_id=case.id, now=NOON
    )
    assert order.status is OrderStatus.CANCELED
    assert any(isinstance(event, OrderEnded) for event in events)


@pytest.mark.parametrize(
    ("way", "status", "step"),
    [
        (Way.COURIER, OrderStatus.RECOVERING, RecoveringStep.REDISPATCHING),
        (Way.HANDOVER, OrderStatus.RECOVERING, RecoveringStep.HANDOVER_PENDING),
        (Way.RESHIP, OrderStatus.RECOVERING, RecoveringStep.RESHIPPING),
        (Way.HUMAN, OrderStatus.RECOVERING, RecoveringStep.REDISPATCHING),
        (Way.NEXT_WAVE, OrderStatus.SCHEDULED, None),
        (Way.NEXT_DAY, OrderStatus.SCHEDULED, None),
        (Way.BRING_BACK, OrderStatus.RETURN_IN_PROGRESS, None),
    ],
)
def test_the_order_says_what_it_waits_for(
    way: Way, status: OrderStatus, step: RecoveringStep | None
) -> None:
    before = order_of(status=OrderStatus.RECOVERING, step=RecoveringStep.REDISPATCHING)
    after, events = order_after(before, chosen(way), case_id="case-7", now=NOON)
    assert (after.status, after.step) == (status, step)
    assert all(isinstance(event, OrderMoved) for event in events)
    assert after.promise == PROMISE, "thirty minutes keep the promise"


def test_a_customer_who_is_asked_is_what_the_order_waits_for() -> None:
    before = order_of(status=OrderStatus.RECOVERING)
    after, _ = order_after(before, chosen(Way.HUMAN), case_id="case-7", now=NOON, is_awaiting=True)
    assert after.step is RecoveringStep.AWAITING_CUSTOMER_CHOICE


def test_a_wait_past_the_promise_makes_a_new_one_and_keeps_the_first() -> None:
    before = order_of(status=OrderStatus.RECOVERING)
    after, events = order_after(
        before, chosen(Way.NEXT_WAVE, minutes=123), case_id="case-7", now=NOON
    )
    arrival_at = NOON + timedelta(minutes=123)
    assert after.promise.number == 2
    assert after.promise.earliest_at <= arrival_at <= after.promise.latest_at
    assert after.promise.latest_at == NOON + timedelta(minutes=135), "a full five minutes"
    assert after.first_promise == PROMISE
    (made,) = [event for event in events if isinstance(event, PromiseMade)]
    assert (made.promise, made.case_id) == (after.promise, "case-7")


def reshipped(minutes: int, *, late_s: int) -> Step:
    """A meal in silent hands that is made again, to come so many minutes from now."""
    option = Option(way=Way.RESHIP, arrival_at=NOON + timedelta(minutes=minutes), late_s=late_s)
    decision = Decision(order_id="o-1", option=option, rejections=())
    (step,) = put_into_force(
        [case_of(held_by="k-1", status=CaseStatus.DECIDING)],
        [Decided(case_id="case-7", decision=decision)],
        now=NOON,
        params=PARAMS,
        new_offer_id=lambda: "never",
    )
    return step


def test_the_time_of_a_replacement_is_told_when_the_first_can_hardly_come_in_time() -> None:
    step = reshipped(90, late_s=1_800)
    assert [c.payload.get("kind") for c in step.commands if c.name == "notice"] == ["may_be_late"]
    (watch,) = [c for c in step.commands if c.payload.get("timer") == "new_time"]
    opened_by = step.case.opened_at + timedelta(seconds=PARAMS.accountable_promise_s)
    assert NOON < watch.due_at < min(step.case.promised_by, opened_by)
    rang = TimerRang(
        at=watch.due_at, case_id="case-7", name="new_time", number=step.case.n_decisions
    )
    told = advance(step.case, rang, now=watch.due_at, params=PARAMS)
    assert [c.payload["kind"] for c in told.commands] == ["new_time"]
    assert told.case.status is CaseStatus.WAITING
    later = replace(step.case, n_decisions=step.case.n_decisions + 1)
    assert advance(later, rang, now=watch.due_at, params=PARAMS).commands == ()


def test_a_replacement_that_comes_in_time_is_told_at_once() -> None:
    step = reshipped(20, late_s=0)
    assert [c.payload.get("kind") for c in step.commands if c.name == "notice"] == ["new_time"]
    assert all(c.payload.get("timer") != "new_time" for c in step.commands)


def test_a_replacement_makes_no_new_promise_before_its_time_is_told() -> None:
    order = order_of(status=OrderStatus.RECOVERING)
    after, events = order_after(order, chosen(Way.RESHIP, minutes=123), case_id="case-7", now=NOON)
    assert after.promise == PROMISE
    assert all(not isinstance(event, PromiseMade) for event in events)


def test_a_replacement_is_an_order_of_its_own_that_names_the_first() -> None:
    first = order_of()
    wanted = replacement(first, number=1, ready_at=NOON, latest_at=NOON + timedelta(hours=1))
    again = admit(wanted, order_id="o-2", now=NOON, params=AdmitParams())
    assert again.external_id == "x-o-1#r1"
    assert replaces(again.external_id) == first.external_id
    assert replaces("x#r") == replaces("x") == ""
    assert (again.dropoff, again.customer, again.value_cents) == (
        first.dropoff,
        first.customer,
        first.value_cents,
    )


def test_the_once_a_minute_search_runs_on_the_full_minute() -> None:
    for s in (0, 1, 59):
        now = NOON + timedelta(seconds=s)
        assert (now + decide_delay_s(now, PARAMS)).second == 0
        assert timedelta() < decide_delay_s(now, PARAMS) <= timedelta(minutes=1)
