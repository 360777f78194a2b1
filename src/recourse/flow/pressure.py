"""A merchant cancels: what was seen of the order's courier shortly before says whose it is."""

from recourse.disruption.pressure import Before, judge_cancel
from recourse.flow.platform import Platform
from recourse.model.assignments import ASSIGNMENT_LIVE, Assignment, AssignmentStatus
from recourse.model.events import CancelJudged, StopContacted, dotted
from recourse.model.orders import Order
from recourse.model.ports import EventFilter, Transaction
from recourse.model.reasons import Actor, Reason
from recourse.model.routes import StopKind

__all__ = ["judge"]

_NEVER_HAD = frozenset(
    {AssignmentStatus.OFFERED, AssignmentStatus.DECLINED, AssignmentStatus.OFFER_EXPIRED}
)


def judge(
    tx: Transaction, platform: Platform, order: Order, reason: Reason
) -> tuple[Reason, CancelJudged]:
    """Judge a merchant's cancel by what is on record of the courier who had the order last.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        What the stages work with.
    order : Order
        What is canceled.
    reason : Reason
        As the table has it.

    Returns
    -------
    tuple of Reason and CancelJudged
        The judgement, and the event that keeps it with its evidence.
    """
    had = [one for one in tx.assignments_of(order.id) if one.status not in _NEVER_HAD]
    before = _before(tx, order, had[-1]) if had else Before()
    now = platform.now()
    judged = judge_cancel(reason, before, now=now, params=platform.params.pressure)
    told = CancelJudged(
        at=now,
        order_id=order.id,
        courier_id=before.courier_id,
        code=judged.code,
        attribution=judged.attribution,
        evidence=judged.evidence,
    )
    return judged, told


def _before(tx: Transaction, order: Order, last: Assignment) -> Before:
    """What is on record of the last courier of an order."""
    has_dropped = (
        last.status is AssignmentStatus.WITHDRAWN
        and last.reason is not None
        and last.reason.actor is Actor.COURIER
    )
    wanted = EventFilter(order_id=order.id, kinds=(dotted(StopContacted),))
    contacts = [
        one.event.at
        for one in tx.events(wanted)
        if isinstance(one.event, StopContacted)
        and one.event.kind is StopKind.PICKUP
        and one.event.courier_id == last.courier_id
    ]
    seen = tx.progress([last.courier_id]).get(last.courier_id)
    is_riding = last.status in ASSIGNMENT_LIVE and not contacts
    return Before(
        courier_id=last.courier_id,
        dropped_at=last.ended_at if has_dropped else None,
        drop_code=last.reason.code if has_dropped and last.reason else None,
        contacted_at=contacts[-1] if contacts else None,
        still_since_at=seen.still_since_at if is_riding and seen else None,
    )
