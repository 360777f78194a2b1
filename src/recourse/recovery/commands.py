"""This file knows the keys of everything a case asks to be done."""

from datetime import datetime, timedelta

from recourse.model.cases import Case, Way
from recourse.model.commands import Command, Json
from recourse.model.reasons import REASONS
from recourse.model.redress import NoticeKind
from recourse.recovery.signals import Wish

__all__ = ["decide_command", "notice_command", "offer_command", "remedy_command", "timer"]


def timer(case: Case, name: str, *, now: datetime, after_s: int, number: int) -> Command:
    """Set a timer of a case; `number` tells it from earlier ones of the same name."""
    key = f"{case.id}/{name}" if number <= 1 else f"{case.id}/{name}:{number}"
    return Command(
        key=key,
        name="case_timer",
        due_at=now + timedelta(seconds=after_s),
        payload={"case_id": case.id, "timer": name, "number": number},
        order_id=case.order_id,
        case_id=case.id,
    )


def decide_command(case: Case, *, due_at: datetime, wish: Wish | None = None) -> Command:
    """Ask for decision number `n_decisions`; cases of one disruption are decided together."""
    payload: dict[str, Json] = {"case_id": case.id, "disruption_id": case.disruption_id}
    if wish is not None:
        payload |= wish.payload()
    return Command(
        key=f"{case.id}/decide:{case.n_decisions}",
        name="decide",
        due_at=due_at,
        payload=payload,
        order_id=case.order_id,
        case_id=case.id,
    )


def offer_command(
    case: Case,
    *,
    now: datetime,
    courier_id: str,
    order_ids: list[str],
    case_ids: list[str],
    bonus_cents: int,
    ends_at: datetime | None,
) -> Command:
    """Question to a courier, for all the orders of a decision; at `ends_at` all would be done."""
    return Command(
        key=f"{case.id}/offer:{case.n_offers}",
        name="offer",
        due_at=now,
        payload={
            "offer_id": case.offer_id,
            "courier_id": courier_id,
            "order_ids": list(order_ids),
            "case_ids": list(case_ids),
            "bonus_cents": bonus_cents,
            "ends_at": ends_at.isoformat() if ends_at else None,
        },
        order_id=case.order_id,
        courier_id=courier_id,
        case_id=case.id,
    )


def notice_command(
    case: Case,
    kind: NoticeKind,
    *,
    now: datetime,
    latest_at: datetime | None = None,
    courier_id: str = "",
    site_id: str = "",
    choices: tuple[Way, ...] = (),
) -> Command:
    """Tell the customer; number `n_notices` of the case."""
    return Command(
        key=f"{case.id}/notice:{case.n_notices}",
        name="notice",
        due_at=now,
        payload={
            "kind": kind.value,
            "group": REASONS[case.cause].public.value,
            "latest_at": latest_at.isoformat() if latest_at else None,
            "courier_id": courier_id,
            "site_id": site_id,
            "choices": [way.value for way in choices],
        },
        order_id=case.order_id,
        case_id=case.id,
    )


def remedy_command(case: Case, beneficiary: str, *, now: datetime) -> Command:
    """Give what is owed to the ``customer`` or the ``courier``; once a case and beneficiary."""
    return Command(
        key=f"{case.id}/remedy:{beneficiary}",
        name="remedy",
        due_at=now,
        payload={"beneficiary": beneficiary},
        order_id=case.order_id,
        case_id=case.id,
    )
