"""This file knows what all steps of a case are made of: move, ask again, tell, carry, close."""

from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.cases import CASE_MOVES, Case, CaseStatus, Option, Way
from recourse.model.commands import Command
from recourse.model.events import CaseClosed, CaseMoved, Event
from recourse.model.redress import NoticeKind
from recourse.model.states import check_move
from recourse.recovery.commands import decide_command, notice_command, remedy_command, timer
from recourse.recovery.params import RecoveryParams
from recourse.recovery.reping import decide_delay_s
from recourse.recovery.signals import Step, Wish
from recourse.redress import is_no_fault

__all__ = ["ask_again", "carry", "clocks", "close", "move", "new_time_at", "tell", "to_human"]


def move(case: Case, to: CaseStatus, *, now: datetime) -> tuple[Case, tuple[Event, ...]]:
    """Take a case to another status by the table; to its own status is no move."""
    if case.status is to:
        return case, ()
    check_move(CASE_MOVES, at=case.status, to=to)
    told = CaseMoved(at=now, case_id=case.id, order_id=case.order_id, was=case.status, now=to)
    return replace(case, status=to), (told,)


def tell(
    case: Case,
    kind: NoticeKind,
    *,
    now: datetime,
    params: RecoveryParams,
    latest_at: datetime | None = None,
    courier_id: str = "",
    site_id: str = "",
    choices: tuple[Way, ...] = (),
) -> tuple[Case, tuple[Command, ...]]:
    """Tell the customer; the baselines tell only that today is off."""
    is_told = params.policy == "recourse" or kind in {NoticeKind.NEXT_DAY, NoticeKind.REFUNDED}
    if not is_told:
        return case, ()
    case = replace(case, n_notices=case.n_notices + 1)
    command = notice_command(
        case,
        kind,
        now=now,
        latest_at=latest_at,
        courier_id=courier_id,
        site_id=site_id,
        choices=choices,
    )
    return case, (command,)


def ask_again(
    case: Case, *, now: datetime, params: RecoveryParams, wish: Wish | None = None
) -> Step:
    """Decide again; past the time for looking the platform settles it itself.

    What a silent courier holds may still come in time: it is not given up before its promise ends.

    Returns
    -------
    Step
        The case, deciding.
    """
    case, events = move(case, CaseStatus.DECIDING, now=now)
    case = replace(case, offer_id="", n_decisions=case.n_decisions + 1)
    if params.policy == "reping":
        due_at = now + decide_delay_s(now, params)
        return Step(case=case, events=events, commands=(decide_command(case, due_at=due_at),))
    gives_up_at = case.opened_at + timedelta(seconds=params.fallback_s)
    if case.held_by:
        gives_up_at = max(gives_up_at, case.promised_by)
    if wish is None and now >= gives_up_at:
        wish = Wish(way=Way.NEXT_DAY, by="platform")
    return Step(case=case, events=events, commands=(decide_command(case, due_at=now, wish=wish),))


def new_time_at(
    option: Option, promised_by: datetime, opened_at: datetime, params: RecoveryParams
) -> datetime | None:
    """When the customer is told the time of a replacement; None for any other way.

    The first parcel, in hands we have lost contact with, may still come in time. Until shortly
    before the promise ends the customer knows that it may be late; and within the time in which
    somebody must be answerable they have a time to count on.

    Returns
    -------
    datetime or None
        An instant that is past means at once.
    """
    if option.way is not Way.RESHIP or not option.late_s:
        return None
    answerable_at = opened_at + timedelta(seconds=params.accountable_promise_s - params.offer_s)
    return min(promised_by - timedelta(seconds=params.hope_lead_s), answerable_at)


def carry(
    case: Case,
    *,
    courier_id: str,
    arrival_at: datetime | None,
    now: datetime,
    params: RecoveryParams,
) -> Step:
    """Name a new accountable courier: tell who and when, and stop the clock."""
    case, events = move(case, CaseStatus.CARRIED, now=now)
    case = replace(case, offer_id="", new_courier_at=case.new_courier_at or now)
    is_late = arrival_at is not None and arrival_at > _awaited_by(case)
    kind = NoticeKind.NEW_TIME if is_late else NoticeKind.NEW_COURIER
    if _is_direct(case, courier_id):
        kind = NoticeKind.DIRECT
    case, told = tell(
        case, kind, now=now, params=params, latest_at=arrival_at, courier_id=courier_id
    )
    return Step(case=case, events=events, commands=told, dropped=clocks(case))


def _awaited_by(case: Case) -> datetime:
    """By when its customer expects it: by the promise that broke, or in the slot they picked."""
    option = case.decision.option if case.decision else None
    if option is None or option.way is not Way.SLOT or option.arrival_at is None:
        return case.promised_by
    return max(case.promised_by, option.arrival_at)


def _is_direct(case: Case, courier_id: str) -> bool:
    """Whether this courier was chosen to bring it straight; whoever comes before them is not."""
    option = case.decision.option if case.decision else None
    return option is not None and (option.way, option.courier_id) == (Way.EXPRESS, courier_id)


def to_human(
    case: Case,
    *,
    now: datetime,
    params: RecoveryParams,
    is_told: bool = False,
    looks_on: bool = True,
) -> Step:
    """Put a case before a dispatcher, and go on looking meanwhile if that may help."""
    case, events = move(case, CaseStatus.HUMAN, now=now)
    case = replace(case, offer_id="")
    told: tuple[Command, ...] = ()
    if not is_told:
        case, told = tell(case, NoticeKind.MAY_BE_LATE, now=now, params=params)
    if not looks_on:
        return Step(case=case, events=events, commands=told)
    after_s = params.holder_retry_s if case.held_by else params.retry_s
    again = timer(case, "retry", now=now, after_s=after_s, number=case.n_decisions)
    return Step(case=case, events=events, commands=(*told, again))


def close(case: Case, outcome: str, *, now: datetime) -> Step:
    """End a case, ask for what is owed, and let its timers go."""
    case, events = move(case, CaseStatus.CLOSED, now=now)
    owed: list[str] = [] if outcome in {"kept", "canceled", "returned"} else ["customer"]
    owed += ["courier"] if is_no_fault(case.cause) else []
    case = replace(case, outcome=outcome, closed_at=now, offer_id="", n_remedies=len(owed))
    closed = CaseClosed(at=now, case_id=case.id, order_id=case.order_id, outcome=outcome)
    return Step(
        case=case,
        events=(*events, closed),
        commands=tuple(remedy_command(case, who, now=now) for who in owed),
        dropped=clocks(case),
    )


def clocks(case: Case) -> tuple[str, ...]:
    """Keys of the timers that watch over finding somebody accountable."""
    return (f"{case.id}/promise", f"{case.id}/fallback")
