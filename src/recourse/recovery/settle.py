"""This file knows what follows from a decision: for the case, and for the order."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.cases import Case, CaseStatus, Decision, Option, Way
from recourse.model.events import CaseDecided, Event, PromiseMade
from recourse.model.orders import ORDER_MOVES, Order, OrderStatus, Promise, RecoveringStep
from recourse.model.redress import NoticeKind
from recourse.model.routes import Route
from recourse.orders import move_order
from recourse.recovery.commands import offer_command, timer
from recourse.recovery.params import RecoveryParams
from recourse.recovery.scene import Decided
from recourse.recovery.signals import Step
from recourse.recovery.steps import (
    ask_again,
    carry,
    clocks,
    close,
    move,
    new_time_at,
    tell,
    to_human,
)

__all__ = ["order_after", "put_into_force"]

_WAITS = {
    Way.NEXT_WAVE: NoticeKind.NEW_TIME,
    Way.BRING_BACK: NoticeKind.NEW_TIME,
    Way.RESHIP: NoticeKind.NEW_TIME,
    Way.SLOT: NoticeKind.SLOT,
    Way.NEXT_DAY: NoticeKind.NEXT_DAY,
}
_STEPS = {
    Way.COURIER: RecoveringStep.REDISPATCHING,
    Way.HANDOVER: RecoveringStep.HANDOVER_PENDING,
    Way.RESHIP: RecoveringStep.RESHIPPING,
}

_PROMISE_SLACK_S = 600
"""What a new promise allows on both sides of the expected arrival, seconds; assumed."""
_PROMISE_GRID_S = 300
"""New promises end on full five minutes: people read them."""


def put_into_force(
    cases: Sequence[Case],
    decided: Sequence[Decided],
    *,
    now: datetime,
    params: RecoveryParams,
    new_offer_id: Callable[[], str],
) -> tuple[Step, ...]:
    """Take the steps that decisions ask for.

    A courier who is asked gets one offer for all the orders of the call that would be theirs; it
    hangs on the first of these cases. A courier who is told carries at once: the caller begins the
    assignment in the same transaction. A refund closes the case: the caller ends the order so.

    Parameters
    ----------
    cases : sequence of Case
        The cases that were decided.
    decided : sequence of Decided
        The decisions, one for each case.
    now : datetime
        The present instant.
    params : RecoveryParams
        How cases are handled.
    new_offer_id : callable
        Gives ids for offers.

    Returns
    -------
    tuple of Step
        One for each case that was still deciding; the others are passed over.

    Examples
    --------
    >>> from recourse.model.examples import NOON, case_of
    >>> wave = Option(way=Way.NEXT_WAVE, arrival_at=NOON)
    >>> decided = Decided(
    ...     case_id="case-7", decision=Decision(order_id="o-1", option=wave, rejections=())
    ... )
    >>> (step,) = put_into_force(
    ...     [case_of()],
    ...     [decided],
    ...     now=NOON,
    ...     params=RecoveryParams(),
    ...     new_offer_id=lambda: "offer-1",
    ... )
    >>> step.case.status.value, [command.key for command in step.commands]
    ('waiting', ['case-7/notice:1', 'case-7/waiting'])
    """
    by_id = {one.case_id: one for one in decided}
    asked: dict[str, list[str]] = {}
    orders = {case.id: case.order_id for case in cases}
    live = [c for c in cases if c.status is CaseStatus.DECIDING and c.id in by_id]
    for case in live:
        one = by_id[case.id]
        if one.is_asked and one.insertion is not None:
            asked.setdefault(one.insertion.courier_id, []).append(case.id)
    offer_ids = {courier_id: new_offer_id() for courier_id in asked}
    steps = []
    for case in live:
        one = by_id[case.id]
        case = replace(case, decision=one.decision)  # noqa: PLW2901 - the same case, one fact more
        told = CaseDecided(at=now, case_id=case.id, order_id=case.order_id, decision=one.decision)
        if one.is_asked and one.insertion is not None:
            courier_id = one.insertion.courier_id
            group = asked[courier_id]
            step = _offer(
                case, one.insertion.route, offer_ids[courier_id], group, orders, now, params
            )
        else:
            step = _settle(case, one, now, params)
        steps.append(replace(step, events=(told, *step.events)))
    return tuple(steps)


def _offer(
    case: Case,
    route: Route,
    offer_id: str,
    group: list[str],
    orders: Mapping[str, str],
    now: datetime,
    params: RecoveryParams,
) -> Step:
    """Ask a courier; only the first case of the group carries the command."""
    case, events = move(case, CaseStatus.OFFERING, now=now)
    case = replace(case, offer_id=offer_id, n_offers=case.n_offers + 1)
    patience_s = params.offer_s + params.answer_s
    watch = timer(case, "answer", now=now, after_s=patience_s, number=case.n_decisions)
    if group[0] != case.id:
        return Step(case=case, events=events, commands=(watch,))
    question = offer_command(
        case,
        now=now,
        courier_id=route.courier_id,
        order_ids=[orders[id_] for id_ in group],
        case_ids=group,
        bonus_cents=params.bonus_cents,
        ends_at=route.ends_at,
    )
    return Step(case=case, events=events, commands=(watch, question))


def _settle(case: Case, one: Decided, now: datetime, params: RecoveryParams) -> Step:
    """Every way that asks no courier."""
    option = one.decision.option
    if one.asks_point:
        return _ask_customer(case, one, now, params)
    if option.way is Way.HUMAN and params.policy == "reping":
        return ask_again(case, now=now, params=params)
    if option.way is Way.HUMAN:
        return _look_on(case, one, now, params)
    if option.way in _WAITS:
        return _wait(case, option, now, params)
    if option.way is Way.REFUND:
        case, told = tell(case, NoticeKind.REFUNDED, now=now, params=params)
        step = close(case, "refunded", now=now)
        return replace(step, commands=(*told, *step.commands))
    return carry(
        case,
        courier_id=option.courier_id,
        arrival_at=option.arrival_at,
        now=now,
        params=params,
    )


def _ask_customer(case: Case, one: Decided, now: datetime, params: RecoveryParams) -> Step:
    """Propose a pickup point and wait a little; silence takes the best."""
    case, events = move(case, CaseStatus.AWAITING_CUSTOMER, now=now)
    case, told = tell(case, NoticeKind.MAY_BE_LATE, now=now, params=params, choices=one.choices)
    watch = timer(case, "choice", now=now, after_s=params.choice_s, number=case.n_decisions)
    return Step(case=case, events=events, commands=(*told, watch))


def _look_on(case: Case, one: Decided, now: datetime, params: RecoveryParams) -> Step:
    """Nobody can be found now: a dispatcher sees it, the customer may choose, we look on."""
    step = to_human(case, now=now, params=params, is_told=True)
    if case.n_decisions > 1:
        return step
    after, told = tell(
        step.case, NoticeKind.MAY_BE_LATE, now=now, params=params, choices=one.choices
    )
    return replace(step, case=after, commands=(*told, *step.commands))


def _wait(case: Case, option: Option, now: datetime, params: RecoveryParams) -> Step:
    """It waits for something that will come by itself; the customer is told when."""
    case, events = move(case, CaseStatus.WAITING, now=now)
    expected_at = option.arrival_at or now
    tells_at = new_time_at(option, case.promised_by, case.opened_at, params)
    is_hopeful = tells_at is not None and tells_at > now
    kind = NoticeKind.MAY_BE_LATE if is_hopeful else _WAITS[option.way]
    by_at = None if is_hopeful else option.arrival_at
    case, told = tell(case, kind, now=now, params=params, latest_at=by_at)
    if tells_at is not None and is_hopeful:
        after_s = int((tells_at - now).total_seconds())
        told += (timer(case, "new_time", now=now, after_s=after_s, number=case.n_decisions),)
    patience_s = int((expected_at - now).total_seconds()) + params.patience_s
    watch = timer(case, "waiting", now=now, after_s=patience_s, number=case.n_decisions)
    return Step(case=case, events=events, commands=(*told, watch), dropped=clocks(case))


def order_after(
    order: Order,
    decision: Decision,
    *,
    case_id: str,
    now: datetime,
    is_awaiting: bool = False,
    slot_s: int = 0,
) -> tuple[Order, tuple[Event, ...]]:
    """What a decision makes of the order itself: status, step and promise.

    Parameters
    ----------
    order : Order
        A recovering order.
    decision : Decision
        What was decided for it.
    case_id : str
        By which case.
    now : datetime
        The present instant.
    is_awaiting : bool
        Whether its customer is asked first.
    slot_s : int
        Seconds a slot is long.

    Returns
    -------
    Order
        The order after it. A courier who carries it changes it with the assignment, not here.
    tuple of Event
        ``OrderMoved``, ``OrderEnded`` and ``PromiseMade``, as they apply.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> wave = Option(way=Way.NEXT_WAVE, arrival_at=NOON + timedelta(hours=2))
    >>> decision = Decision(order_id="o-1", option=wave, rejections=())
    >>> order = order_of(status=OrderStatus.RECOVERING)
    >>> after, _ = order_after(order, decision, case_id="case-7", now=NOON)
    >>> after.status.value, after.promise.number, (after.promise.latest_at - NOON).seconds
    ('scheduled', 2, 7800)
    """
    way, arrival_at = decision.option.way, decision.option.arrival_at
    if is_awaiting:
        return _recovering(order, RecoveringStep.AWAITING_CUSTOMER_CHOICE, now)
    if way is Way.REFUND and OrderStatus.CANCELED in ORDER_MOVES[order.status]:
        return move_order(order, OrderStatus.CANCELED, now=now, actor="platform")
    if way in {Way.NEXT_WAVE, Way.NEXT_DAY, Way.SLOT}:
        after, events = move_order(order, OrderStatus.SCHEDULED, now=now)
    elif way is Way.BRING_BACK:
        after, events = move_order(order, OrderStatus.RETURN_IN_PROGRESS, now=now)
    else:
        after, events = _recovering(order, _STEPS.get(way, RecoveringStep.REDISPATCHING), now)
    if way is Way.SLOT and arrival_at is not None:
        # Exactly the window that was picked, be it before or after the one in force.
        promise = replace(
            _new_promise(order, arrival_at, now),
            earliest_at=arrival_at - timedelta(seconds=slot_s),
            latest_at=arrival_at,
        )
        made = PromiseMade(at=now, order_id=order.id, promise=promise, case_id=case_id)
        picked = replace(after, promise=promise, not_before_at=promise.earliest_at)
        return picked, (*events, made)
    if way not in _WAITS or arrival_at is None or arrival_at <= order.promise.latest_at:
        return after, events
    if way is Way.RESHIP:
        # The first parcel may still come in time: the notice of the new time makes the promise.
        return after, events
    promise = _new_promise(order, arrival_at, now)
    made = PromiseMade(at=now, order_id=order.id, promise=promise, case_id=case_id)
    return replace(after, promise=promise), (*events, made)


def _new_promise(order: Order, arrival_at: datetime, now: datetime) -> Promise:
    """The promise a later arrival calls for: slack on both sides, ending on full five minutes."""
    slack = timedelta(seconds=_PROMISE_SLACK_S)
    end_s = math.ceil((arrival_at + slack).timestamp() / _PROMISE_GRID_S) * _PROMISE_GRID_S
    return Promise(
        earliest_at=max(now, arrival_at - slack),
        latest_at=datetime.fromtimestamp(end_s, tz=arrival_at.tzinfo),
        told_at=now,
        number=order.promise.number + 1,
    )


def _recovering(
    order: Order, step: RecoveringStep, now: datetime
) -> tuple[Order, tuple[Event, ...]]:
    """What a recovering order waits for; any other status stays."""
    if order.status is not OrderStatus.RECOVERING:
        return order, ()
    return move_order(order, OrderStatus.RECOVERING, now=now, step=step)
