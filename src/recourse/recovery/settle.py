"""This file knows what follows from a decision: for the case, and for the order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.cases import Case, CaseStatus, Decision, Option, Way
from recourse.model.commands import Command
from recourse.model.events import CaseDecided, Event, PromiseMade
from recourse.model.orders import ORDER_MOVES, Order, OrderStatus, Promise, RecoveringStep
from recourse.model.redress import NoticeKind
from recourse.orders import move_order
from recourse.recovery.commands import offer_command, timer
from recourse.recovery.params import RecoveryParams
from recourse.recovery.scene import Decided
from recourse.recovery.signals import Step
from recourse.recovery.steps import ask_again, move, tell, to_human

__all__ = ["new_promise", "order_after", "put_into_force"]

_WAITS = {
    Way.NEXT_WAVE: NoticeKind.NEW_TIME,
    Way.BRING_BACK: NoticeKind.NEW_TIME,
    Way.RESHIP: NoticeKind.NEW_TIME,
    Way.NEXT_DAY: NoticeKind.NEXT_DAY,
}
_STEPS = {
    Way.COURIER: RecoveringStep.REDISPATCHING,
    Way.HANDOVER: RecoveringStep.HANDOVER_PENDING,
    Way.RESHIP: RecoveringStep.RESHIPPING,
}
PROMISE_SLACK_S = 600
"""What a new promise allows beyond the planned arrival, seconds; assumed."""
PROMISE_GRID_S = 300
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
    assignment, and ``AssignmentBegan`` moves the case on.

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
            step = _offer(case, courier_id, offer_ids[courier_id], group, orders, now, params)
        else:
            step = _settle(case, one, now, params)
        steps.append(replace(step, events=(told, *step.events)))
    return tuple(steps)


def _offer(
    case: Case,
    courier_id: str,
    offer_id: str,
    group: list[str],
    orders: Mapping[str, str],
    now: datetime,
    params: RecoveryParams,
) -> Step:
    """Ask a courier; only the first case of the group carries the command."""
    case, events = move(case, CaseStatus.OFFERING, now=now)
    case = replace(case, offer_id=offer_id, n_offers=case.n_offers + 1)
    commands: tuple[Command, ...] = ()
    if group[0] == case.id:
        commands = (
            offer_command(
                case,
                now=now,
                courier_id=courier_id,
                order_ids=[orders[id_] for id_ in group],
                case_ids=group,
                bonus_cents=params.bonus_cents,
            ),
        )
    return Step(case=case, events=events, commands=commands)


def _settle(case: Case, one: Decided, now: datetime, params: RecoveryParams) -> Step:
    """Every way that asks no courier."""
    option = one.decision.option
    if option.way is Way.HUMAN and params.policy == "reping":
        return ask_again(case, now=now, params=params)
    if option.way is Way.HUMAN:
        return to_human(case, now=now, params=params, says=case.n_decisions == 1)
    if option.way in _WAITS:
        return _wait(case, option, now, params)
    if option.way is Way.REFUND:
        # The order is canceled with it by the caller; its end closes the case.
        case, told = tell(case, NoticeKind.REFUNDED, now=now, params=params)
        return Step(case=case, commands=told)
    # A courier who is told: the caller begins the assignment in the same transaction.
    return Step(case=case)


def _wait(case: Case, option: Option, now: datetime, params: RecoveryParams) -> Step:
    """It waits for something that will come by itself; the customer is told when."""
    case, events = move(case, CaseStatus.WAITING, now=now)
    latest_at = _promised_end(option.arrival_at) if option.arrival_at else None
    case, told = tell(case, _WAITS[option.way], now=now, params=params, latest_at=latest_at)
    patience_s = int((latest_at - now).total_seconds()) if latest_at else params.choice_s
    watch = timer(case, "waiting", now=now, after_s=max(60, patience_s), number=case.n_decisions)
    return Step(
        case=case,
        events=events,
        commands=(*told, watch),
        dropped=(f"{case.id}/promise", f"{case.id}/fallback"),
    )


def new_promise(order: Order, arrival_at: datetime, *, now: datetime) -> Promise | None:
    """The promise a planned arrival calls for; None while the one in force still holds.

    Parameters
    ----------
    order : Order
        The order.
    arrival_at : datetime
        Planned arrival.
    now : datetime
        When the customer is told.

    Returns
    -------
    Promise or None
        Ends on full five minutes, with some slack past the arrival.
    """
    if arrival_at <= order.promise.latest_at:
        return None
    return Promise(
        earliest_at=max(now, arrival_at - timedelta(seconds=PROMISE_SLACK_S)),
        latest_at=_promised_end(arrival_at),
        told_at=now,
        number=order.promise.number + 1,
    )


def order_after(
    order: Order, decision: Decision, *, case_id: str, now: datetime
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

    Returns
    -------
    Order
        The order after it; a courier who is told or accepts changes it later, not here.
    tuple of Event
        ``OrderMoved``, ``OrderEnded``, ``PromiseMade`` as they apply.
    """
    option = decision.option
    after, events = _status_after(order, option, now)
    if option.way in _WAITS and option.arrival_at is not None:
        promise = new_promise(after, option.arrival_at, now=now)
        if promise is not None:
            after = replace(after, promise=promise)
            made = PromiseMade(at=now, order_id=order.id, promise=promise, case_id=case_id)
            events = (*events, made)
    return after, events


def _status_after(order: Order, option: Option, now: datetime) -> tuple[Order, tuple[Event, ...]]:
    """Status and step by way."""
    if option.way in {Way.NEXT_WAVE, Way.NEXT_DAY}:
        return move_order(order, OrderStatus.SCHEDULED, now=now)
    if option.way is Way.BRING_BACK:
        return move_order(order, OrderStatus.RETURN_IN_PROGRESS, now=now)
    if option.way is Way.REFUND and OrderStatus.CANCELED in ORDER_MOVES[order.status]:
        return move_order(order, OrderStatus.CANCELED, now=now, actor="platform")
    if order.status is OrderStatus.RECOVERING:
        step = _STEPS.get(option.way, RecoveringStep.REDISPATCHING)
        return move_order(order, OrderStatus.RECOVERING, now=now, step=step)
    return order, ()


def _promised_end(arrival_at: datetime) -> datetime:
    """Arrival and slack, up to the next full five minutes."""
    end_s = int(arrival_at.timestamp()) + PROMISE_SLACK_S
    return datetime.fromtimestamp(
        -(-end_s // PROMISE_GRID_S) * PROMISE_GRID_S, tz=arrival_at.tzinfo
    )
