"""This file knows how a courier, an assignment or a parcel is moved, and what event says so."""

from dataclasses import replace
from datetime import datetime

from recourse.model.assignments import (
    ASSIGNMENT_MOVES,
    Assignment,
    AssignmentStatus,
    Custodian,
    Custody,
)
from recourse.model.couriers import COURIER_MOVES, Courier, CourierState
from recourse.model.events import (
    AssignmentEnded,
    CourierMoved,
    CustodyPassed,
    Event,
)
from recourse.model.orders import Order, OrderKind
from recourse.model.places import Place
from recourse.model.reasons import Reason
from recourse.model.states import check_move

__all__ = ["end_assignment", "move_courier", "pass_custody", "receiver"]


def move_courier(
    courier: Courier, to: CourierState, *, now: datetime
) -> tuple[Courier, list[Event]]:
    """Return the courier in the next state, and the event that says so, if it is another."""
    if courier.state is to:
        return courier, []
    check_move(COURIER_MOVES, at=courier.state, to=to)
    moved = CourierMoved(at=now, courier_id=courier.id, was=courier.state, now=to)
    return replace(courier, state=to, state_since_at=now), [moved]


def end_assignment(
    assignment: Assignment,
    to: AssignmentStatus,
    *,
    now: datetime,
    reason: Reason | None = None,
) -> tuple[Assignment, Event]:
    """Return the assignment in its last status, and the event that says so."""
    check_move(ASSIGNMENT_MOVES, at=assignment.status, to=to)
    ended = AssignmentEnded(
        at=now,
        assignment_id=assignment.id,
        order_id=assignment.order_id,
        courier_id=assignment.courier_id,
        status=to,
        reason=reason,
    )
    return replace(assignment, status=to, ended_at=now, reason=reason), ended


def pass_custody(
    held: Custody,
    *,
    to: Custodian,
    holder_id: str,
    now: datetime,
    place: Place | None = None,
    consent_id: str = "",
) -> tuple[tuple[Custody, Custody], Event]:
    """Return the interval that ends and the one that begins, and the event that says so."""
    closed = replace(held, until_at=now)
    opened = Custody(
        order_id=held.order_id,
        number=held.number + 1,
        custodian=to,
        holder_id=holder_id,
        from_at=now,
        place=place,
    )
    passed = CustodyPassed(
        at=now,
        order_id=held.order_id,
        number=opened.number,
        from_custodian=held.custodian,
        from_holder_id=held.holder_id,
        to_custodian=to,
        to_holder_id=holder_id,
        place=place,
        consent_id=consent_id,
    )
    return (closed, opened), passed


def receiver(order: Order) -> tuple[Custodian, str]:
    """Who takes a parcel at the end of its way: its customer, or who sold what is returned.

    Returns
    -------
    tuple of Custodian and str
        Kind of holder, and which.
    """
    if order.kind is OrderKind.RETURN:
        return Custodian.MERCHANT, order.merchant_id
    return Custodian.CUSTOMER, order.customer.id
