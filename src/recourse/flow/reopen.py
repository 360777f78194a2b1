"""Reopen: a case that was closed by mistake goes on, and its order with it."""

from recourse.flow.order import find
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.model.assignments import Custodian
from recourse.model.cases import CASE_OPEN, Case
from recourse.model.errors import Conflict, Forbidden, Invalid, NotFound
from recourse.model.events import CaseReopened
from recourse.model.orders import ORDER_REOPENS, Order, OrderStatus, Reopening
from recourse.model.ports import Transaction
from recourse.orders.moves import reopen_order
from recourse.recovery.opening import reopen_case

__all__ = ["reopen"]


def reopen(
    tx: Transaction, platform: Platform, case_id: str, *, why: str, actor: str = "dispatcher"
) -> Case:
    """Take back the end of a case and of its order; reopening what is open changes nothing.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    case_id : str
        A closed case.
    why : str
        What the mistake was; kept for ever.
    actor : str
        Who says so.

    Returns
    -------
    Case
        The case, deciding.

    Raises
    ------
    NotFound
        If there is no such case.
    Invalid
        If no reason is given.
    Conflict
        If another case of the order goes on already, or a replacement is under way or there.
    Forbidden
        If somebody received the goods: a new order is the way then.
    """
    case = tx.cases([case_id]).get(case_id)
    if case is None:
        raise NotFound(kind="case", id=case_id)
    if case.status in CASE_OPEN:
        return case
    if not why.strip():
        raise Invalid(field="why", why="say what the mistake was; it is kept with the case")
    order = find(tx, case.order_id)
    _check(tx, case, order)
    now, ended_at = platform.now(), order.ended_at
    assert ended_at is not None  # noqa: S101 - an end has its time
    custody = tx.custody([order.id])[order.id]
    held_by = custody.holder_id if custody.custodian is Custodian.COURIER else ""
    again = reopen_order(order)
    params = rules_of(tx, platform, case).recovery
    step = reopen_case(case, again, now=now, params=params, held_by=held_by)
    word = Reopening(
        order_id=order.id, ended_at=ended_at, case_id=case.id, at=now, actor=actor, why=why.strip()
    )
    told = CaseReopened(
        at=now,
        case_id=case.id,
        order_id=order.id,
        was=order.status,
        actor=actor,
        why=word.why,
    )
    tx.record([word, again, step.case], events=[told, *step.events], commands=step.commands)
    return step.case


def _check(tx: Transaction, case: Case, order: Order) -> None:
    """Refuse where going on would carry something twice or take something back."""
    if order.status not in ORDER_REOPENS:
        raise Forbidden(
            rule=f"an order that is {order.status.value} stays so",
            way_out="somebody received the goods: bring them by a new order",
        )
    last = tx.cases_of(order.id)[-1]
    if last.id != case.id:
        raise Conflict(rule="not_the_last_case", detail=f"case {last.id} came after it")
    number = 1
    while again := tx.order_by_external(order.merchant_id, f"{order.external_id}#r{number}"):
        if again.ended_at is None or again.status is OrderStatus.DELIVERED:
            raise Conflict(
                rule="is_replaced", detail=f"order {again.id} replaces it ({again.status.value})"
            )
        number += 1
