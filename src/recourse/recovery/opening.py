"""This file knows how a case begins: one for every order that a disruption left with nobody."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Disruption
from recourse.model.commands import Command
from recourse.model.events import CaseMoved, CaseOpened, Event
from recourse.model.orders import Order
from recourse.model.redress import NoticeKind
from recourse.recovery.commands import decide_command, notice_command, timer
from recourse.recovery.params import RecoveryParams
from recourse.recovery.passive import decide_delay_s as passive_delay_s
from recourse.recovery.reping import decide_delay_s as reping_delay_s
from recourse.recovery.signals import Step

__all__ = ["open_case", "reopen_case"]


def open_case(  # noqa: PLR0913 - everything that is known when it begins
    disruption: Disruption,
    order: Order,
    *,
    case_id: str,
    now: datetime,
    params: RecoveryParams,
    existing: Case | None = None,
    held_by: str = "",
    excluded: Iterable[str] = (),
    policy: int = 1,
) -> Step:
    """Begin to put one order right, or begin again with the case it already has.

    The customer is told at once, the joint decision is asked for at once, and a timer watches that
    somebody accountable is named in time. A case whose new courier is lost as well starts over: its
    clock, its carrier and its cause are those of the latest loss, and both couriers are excluded.

    Parameters
    ----------
    disruption : Disruption
        The break.
    order : Order
        One of the orders it took.
    case_id : str
        Id for a new case.
    now : datetime
        The present instant.
    params : RecoveryParams
        How cases are handled.
    existing : Case or None
        The open case of this order, if it has one.
    held_by : str
        The courier who holds the parcel, whoever of them was lost; empty if it lies somewhere.
    excluded : iterable of str, optional
        Couriers who are not asked, beside the one who was lost.
    policy : int
        Number of the policy that `params` belong to; a case keeps the one it began with.

    Returns
    -------
    Step
        The case, deciding, with its first commands.

    Examples
    --------
    >>> from recourse.model.examples import NOON, disruption_of, order_of
    >>> step = open_case(
    ...     disruption_of(), order_of(), case_id="case-7", now=NOON, params=RecoveryParams()
    ... )
    >>> step.case.status.value, step.case.excluded
    ('deciding', ('k-1',))
    >>> [command.key for command in step.commands]
    ['case-7/notice:1', 'case-7/decide:1', 'case-7/fallback', 'case-7/promise']
    """
    lost = (disruption.courier_id,) if disruption.courier_id else ()
    dropper = () if params.policy == "reping" else (*lost, *excluded)
    if existing is not None and existing.status in CASE_OPEN:
        case = _again(existing, disruption, order, held_by, dropper, now)
        moved = existing.status is not CaseStatus.DECIDING
        news: tuple[Event, ...] = (_moved(existing, now),) if moved else ()
    else:
        case = Case(
            id=case_id,
            disruption_id=disruption.id,
            order_id=order.id,
            from_courier_id=disruption.courier_id,
            status=CaseStatus.DECIDING,
            cause=disruption.cause,
            opened_at=now,
            promised_by=order.promise.latest_at,
            held_by=held_by,
            excluded=dropper,
            n_decisions=1,
            policy=policy,
        )
        news = ()
    opened = CaseOpened(
        at=now,
        case_id=case.id,
        order_id=order.id,
        disruption_id=disruption.id,
        from_courier_id=disruption.courier_id,
        cause=disruption.cause,
        promised_by=case.promised_by,
    )
    kind = NoticeKind.COURIER_LOST if disruption.courier_id else NoticeKind.NO_COURIER
    case, commands = _first_commands(case, now, params, kind)
    return Step(case=case, events=(opened, *news), commands=commands)


def reopen_case(
    case: Case, order: Order, *, now: datetime, params: RecoveryParams, held_by: str = ""
) -> Step:
    """Go on with a case that was closed by mistake.

    Who dropped or refused the order stays excluded, and what was given stays given: a remedy has
    one key for the life of the case. The clocks run anew, and the customer is told.

    Parameters
    ----------
    case : Case
        A closed case.
    order : Order
        Its order, no longer ended.
    now : datetime
        The present instant.
    params : RecoveryParams
        How cases are handled.
    held_by : str
        The courier who holds the parcel; empty if it lies somewhere.

    Returns
    -------
    Step
        The case, deciding, with its next commands.

    Examples
    --------
    >>> from recourse.model.examples import NOON, case_of, order_of
    >>> closed = case_of(status=CaseStatus.CLOSED, outcome="refunded", closed_at=NOON)
    >>> step = reopen_case(closed, order_of(), now=NOON, params=RecoveryParams())
    >>> step.case.status.value, step.case.outcome, step.case.excluded
    ('deciding', '', ('k-1',))
    """
    moved = _moved(case, now)
    again = replace(
        case,
        status=CaseStatus.DECIDING,
        opened_at=now,
        promised_by=order.promise.latest_at,
        held_by=held_by,
        decision=None,
        offer_id="",
        new_courier_at=None,
        closed_at=None,
        outcome="",
        n_decisions=case.n_decisions + 1,
    )
    again, commands = _first_commands(again, now, params, NoticeKind.REOPENED)
    return Step(case=again, events=(moved,), commands=commands)


def _again(
    case: Case,
    disruption: Disruption,
    order: Order,
    held_by: str,
    dropper: tuple[str, ...],
    now: datetime,
) -> Case:
    """The same case after its next carrier was lost too."""
    return replace(
        case,
        disruption_id=disruption.id,
        from_courier_id=disruption.courier_id,
        status=CaseStatus.DECIDING,
        cause=disruption.cause,
        opened_at=now,
        promised_by=order.promise.latest_at,
        held_by=held_by,
        decision=None,
        offer_id="",
        excluded=tuple(dict.fromkeys((*case.excluded, *dropper))),
        new_courier_at=None,
        n_decisions=case.n_decisions + 1,
    )


def _moved(case: Case, now: datetime) -> CaseMoved:
    """Tell that an open case decides again."""
    return CaseMoved(
        at=now,
        case_id=case.id,
        order_id=case.order_id,
        was=case.status,
        now=CaseStatus.DECIDING,
    )


def _first_commands(
    case: Case,
    now: datetime,
    params: RecoveryParams,
    kind: NoticeKind,
) -> tuple[Case, tuple[Command, ...]]:
    """Notice, decision and timers; the baselines tell nobody and look later."""
    number = case.n_decisions
    if params.policy == "passive":
        due_at = now + passive_delay_s(params)
        return case, (decide_command(case, due_at=due_at),)
    if params.policy == "reping":
        return case, (decide_command(case, due_at=now + reping_delay_s(now, params)),)
    case = replace(case, n_notices=case.n_notices + 1)
    return case, (
        notice_command(case, kind, now=now),
        decide_command(case, due_at=now),
        timer(case, "fallback", now=now, after_s=params.fallback_s, number=number),
        timer(case, "promise", now=now, after_s=params.accountable_promise_s, number=number),
    )
