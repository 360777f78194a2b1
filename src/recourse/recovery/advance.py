"""This file knows how a case goes on: a pure state machine, one small function a rule."""

from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.assignments import Custodian, OfferStatus
from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Way
from recourse.model.events import (
    AssignmentBegan,
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
from recourse.model.orders import OrderStatus
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.redress import NoticeKind
from recourse.model.routes import StopKind
from recourse.recovery.commands import timer
from recourse.recovery.params import RecoveryParams
from recourse.recovery.rules import RULES, when
from recourse.recovery.signals import DispatcherChose, ReplacementEnded, Step, TimerRang, Wish
from recourse.recovery.steps import ask_again, carry, close, move, tell, to_human

__all__ = ["advance"]

_K = CaseStatus
_OUTCOMES = {
    OrderStatus.RETURNED: "returned",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.FAILED: "refunded",
    OrderStatus.LOST: "refunded",
    OrderStatus.EXPIRED: "refunded",
}


def advance(case: Case, event: Event, *, now: datetime, params: RecoveryParams) -> Step:
    """Take one step of a case.

    An event that says nothing about this case, or comes a second time, changes nothing: no status
    has a rule for what already led to it.

    Parameters
    ----------
    case : Case
        The case as it is.
    event : Event
        What happened: an event of the log, `TimerRang` or `DispatcherChose`.
    now : datetime
        The present instant.
    params : RecoveryParams
        How cases are handled.

    Returns
    -------
    Step
        The case after it, what to tell the log, what to do, and which timers to let go.

    Examples
    --------
    The order is delivered an hour after the promise broke; hearing of it twice changes nothing.

    >>> from recourse.model.examples import case_of
    >>> case = case_of(status=CaseStatus.CARRIED)
    >>> at = case.promised_by + timedelta(hours=1)
    >>> end = OrderEnded(at=at, order_id="o-1", status=OrderStatus.DELIVERED, actor="courier")
    >>> step = advance(case, end, now=at, params=RecoveryParams())
    >>> step.case.outcome, [command.key for command in step.commands]
    ('late', ['case-7/remedy:customer', 'case-7/remedy:courier'])
    >>> advance(step.case, end, now=at, params=RecoveryParams()) == Step(case=step.case)
    True
    """
    rule = RULES.get((case.status, type(event)))
    return rule.handler(case, event, now, params) if rule else Step(case=case)


@when(OfferAnswered, at=frozenset({_K.OFFERING}), to=(_K.CARRIED, _K.DECIDING, _K.HUMAN))
def _answered(case: Case, event: OfferAnswered, now: datetime, params: RecoveryParams) -> Step:
    """Accepted: carried. Refused or run out: not asked again, and it is decided anew."""
    if event.offer_id != case.offer_id:
        return Step(case=case)
    if event.answer is OfferStatus.ACCEPTED:
        arrival_at = case.decision.option.arrival_at if case.decision else None
        return carry(
            case, courier_id=event.courier_id, arrival_at=arrival_at, now=now, params=params
        )
    if event.answer in {OfferStatus.DECLINED, OfferStatus.EXPIRED} and params.policy != "reping":
        case = replace(case, excluded=tuple(dict.fromkeys((*case.excluded, event.courier_id))))
    if case.n_offers >= params.max_offers and params.policy == "recourse":
        return to_human(case, now=now, params=params)
    return ask_again(case, now=now, params=params)


@when(
    AssignmentBegan,
    at=frozenset({_K.DECIDING, _K.OFFERING, _K.AWAITING_CUSTOMER, _K.WAITING, _K.HUMAN}),
    to=(_K.CARRIED,),
)
def _began(case: Case, event: AssignmentBegan, now: datetime, params: RecoveryParams) -> Step:
    """Somebody carries it: a wave was planned, or a dispatcher gave it away."""
    if event.order_id != case.order_id:
        return Step(case=case)
    return carry(
        case, courier_id=event.courier_id, arrival_at=event.arrival_at, now=now, params=params
    )


@when(OrderEnded, to=(_K.CLOSED,))
def _ended(case: Case, event: OrderEnded, now: datetime, params: RecoveryParams) -> Step:
    """The order ended, by delivery or by anybody's will: the case closes with what it came to."""
    if event.order_id != case.order_id:
        return Step(case=case)
    if event.status is not OrderStatus.DELIVERED:
        wants_refund = case.decision is not None and case.decision.option.way is Way.REFUND
        outcome = "refunded" if wants_refund else _OUTCOMES[event.status]
        return close(case, outcome, now=now)
    is_from_point = case.decision is not None and case.decision.option.way is Way.PICKUP_POINT
    if is_from_point and event.actor != Actor.COURIER.value:
        return close(case, "point", now=now)
    return close(case, "kept" if event.at <= case.promised_by else "late", now=now)


@when(OrderMoved, at=frozenset({_K.CARRIED}), to=(_K.WAITING,))
def _at_point(case: Case, event: OrderMoved, now: datetime, params: RecoveryParams) -> Step:
    """It lies at the pickup point: tell the customer and wait for them."""
    if event.order_id != case.order_id or event.now is not OrderStatus.AVAILABLE_FOR_PICKUP:
        return Step(case=case)
    case, events = move(case, CaseStatus.WAITING, now=now)
    site_id = case.decision.option.site_id if case.decision else ""
    case, told = tell(case, NoticeKind.AT_POINT, now=now, params=params, site_id=site_id)
    # Numbered by its notice: a parcel may lie at a point twice without a decision in between.
    watch = timer(case, "point", now=now, after_s=params.point_s, number=case.n_notices)
    return Step(case=case, events=events, commands=(*told, watch))


@when(StopCompleted, at=frozenset({_K.WAITING, _K.CARRIED, _K.HUMAN}), to=(_K.DECIDING,))
def _back(case: Case, event: StopCompleted, now: datetime, params: RecoveryParams) -> Step:
    """It was brought back to its station or merchant: it starts again from there."""
    if event.kind is not StopKind.RETURN or case.order_id not in event.order_ids:
        return Step(case=case)
    if _is_replaced(case):
        return Step(case=replace(case, held_by=""))
    return ask_again(replace(case, held_by=""), now=now, params=params)


@when(CustodyPassed)
def _passed(case: Case, event: CustodyPassed, now: datetime, params: RecoveryParams) -> Step:
    """The parcel left the hands of who dropped out; the status stays."""
    is_ours = event.order_id == case.order_id and event.from_holder_id == case.held_by
    if not is_ours or event.from_custodian is not Custodian.COURIER:
        return Step(case=case)
    return Step(case=replace(case, held_by=""))


@when(
    CustomerChose,
    at=frozenset({_K.AWAITING_CUSTOMER, _K.WAITING, _K.HUMAN}),
    to=(_K.DECIDING,),
)
def _chose(case: Case, event: CustomerChose, now: datetime, params: RecoveryParams) -> Step:
    """The customer chose: it is decided again with their wish."""
    if event.order_id != case.order_id or _is_replaced(case):
        return Step(case=case)
    wish = Wish(way=Way(event.way), site_id=event.site_id, by="customer", slot_at=event.slot_at)
    return ask_again(case, now=now, params=params, wish=wish)


@when(
    DispatcherChose,
    at=frozenset({_K.AWAITING_CUSTOMER, _K.WAITING, _K.HUMAN}),
    to=(_K.DECIDING,),
)
def _settled(case: Case, event: DispatcherChose, now: datetime, params: RecoveryParams) -> Step:
    """A dispatcher decided: it is decided again with their word."""
    if event.case_id != case.id or _is_replaced(case):
        return Step(case=case)
    wish = Wish(way=event.way, courier_id=event.courier_id, site_id=event.site_id, by="dispatcher")
    return ask_again(case, now=now, params=params, wish=wish)


@when(CourierCameToLight, at=frozenset({_K.AWAITING_CUSTOMER, _K.HUMAN}), to=(_K.DECIDING,))
def _found(case: Case, event: CourierCameToLight, now: datetime, params: RecoveryParams) -> Step:
    """The silent holder is heard of again: they may go on, or be met."""
    if not case.held_by or event.courier_id != case.held_by:
        return Step(case=case)
    if case.cause is ReasonCode.SIGNAL_LOST:
        # They dropped nothing, we lost them: going on with it is the gentlest way.
        case = replace(case, excluded=tuple(c for c in case.excluded if c != case.held_by))
    return ask_again(case, now=now, params=params)


@when(NoticeSent, at=CASE_OPEN | {_K.CLOSED})
def _told(case: Case, event: NoticeSent, now: datetime, params: RecoveryParams) -> Step:
    """The customer has been told; the first time counts."""
    if event.case_id != case.id or case.told_at is not None:
        return Step(case=case)
    return Step(case=replace(case, told_at=event.at))


@when(ReplacementEnded, at=CASE_OPEN, to=(_K.CLOSED,))
def _replaced(case: Case, event: ReplacementEnded, now: datetime, params: RecoveryParams) -> Step:
    """The replacement ended, and the order with it: what it came to is what the case came to."""
    if event.case_id != case.id:
        return Step(case=case)
    if event.status is OrderStatus.DELIVERED:
        return close(case, "kept" if event.at <= case.promised_by else "late", now=now)
    return close(case, _OUTCOMES[event.status], now=now)


def _is_replaced(case: Case) -> bool:
    """Whether a replacement is on its way: then nothing else is tried."""
    return case.status is CaseStatus.WAITING and _reships(case)


def _reships(case: Case) -> bool:
    """Whether the last decision was to send a replacement, in time or not."""
    return case.decision is not None and case.decision.option.way is Way.RESHIP


@when(
    TimerRang,
    at=CASE_OPEN - {_K.CARRIED},
    to=(_K.DECIDING, _K.HUMAN),
)
def _rang(case: Case, event: TimerRang, now: datetime, params: RecoveryParams) -> Step:
    """Time is up: for an answer, a choice, a wait, for looking, or for naming somebody."""
    if event.case_id != case.id:
        return Step(case=case)
    if event.name == "new_time":
        return _told_of_replacement(case, event, now, params)
    meaning = _TIMERS.get((event.name, case.status))
    if meaning is None:
        return Step(case=case)
    if event.name in {"fallback", "promise"}:
        # These two run from the loss; those of an earlier loss of a reopened case come too soon.
        after_s = params.fallback_s if event.name == "fallback" else params.accountable_promise_s
        is_due = now >= case.opened_at + timedelta(seconds=after_s)
    else:
        is_due = event.number == (case.n_notices if event.name == "point" else case.n_decisions)
    if not is_due:
        return Step(case=case)
    if meaning is _K.DECIDING:
        return ask_again(case, now=now, params=params)
    # What lies at a point waits for its customer or a dispatcher: there is nobody to look for.
    return to_human(case, now=now, params=params, looks_on=event.name != "point")


def _told_of_replacement(
    case: Case, event: TimerRang, now: datetime, params: RecoveryParams
) -> Step:
    """Tell when the replacement comes, now that the first parcel can hardly come in time."""
    decision = case.decision
    if not _is_replaced(case) or event.number != case.n_decisions or decision is None:
        return Step(case=case)
    arrival_at = decision.option.arrival_at
    case, told = tell(case, NoticeKind.NEW_TIME, now=now, params=params, latest_at=arrival_at)
    return Step(case=case, commands=told)


_TIMERS: dict[tuple[str, CaseStatus], CaseStatus] = {
    ("answer", _K.OFFERING): _K.DECIDING,
    ("choice", _K.AWAITING_CUSTOMER): _K.DECIDING,
    ("retry", _K.HUMAN): _K.DECIDING,
    ("waiting", _K.WAITING): _K.HUMAN,
    ("point", _K.WAITING): _K.HUMAN,
    ("fallback", _K.AWAITING_CUSTOMER): _K.DECIDING,
    ("fallback", _K.HUMAN): _K.DECIDING,
    ("promise", _K.DECIDING): _K.HUMAN,
    ("promise", _K.AWAITING_CUSTOMER): _K.HUMAN,
}
"""Where each timer leads from each status; a timer that is not here has been overtaken."""
