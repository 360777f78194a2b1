"""This file knows how a break is judged at the time: stage, holder, and whom it counts against."""

from recourse.model.assignments import Custodian
from recourse.model.orders import IN_HANDS, OrderStatus
from recourse.model.reasons import REASONS, Actor, Attribution, Reason, ReasonCode, Stage

__all__ = ["reason_for"]


def reason_for(
    code: ReasonCode,
    *,
    actor: Actor,
    order_status: OrderStatus | None = None,
    custodian: Custodian = Custodian.MERCHANT,
    evidence: tuple[str, ...] = (),
) -> Reason:
    """Judge a break by the table: whom it counts against by default, and whether to ask on at once.

    Parameters
    ----------
    code : ReasonCode
        What happened.
    actor : Actor
        Who acted; it says nothing about fault.
    order_status : OrderStatus or None
        How far the order had come; None if several orders are concerned.
    custodian : Custodian
        Who held the parcel.
    evidence : tuple of str
        Short facts that support the judgement.

    Returns
    -------
    Reason
        The judgement; evidence may overturn it later.

    Examples
    --------
    >>> reason = reason_for(ReasonCode.COURIER_EMERGENCY, actor=Actor.COURIER)
    >>> reason.attribution.value, reason.is_retryable
    ('none', True)
    """
    row = REASONS[code]
    is_of_another = code is ReasonCode.COURIER_NOT_RESPONDING and actor is not Actor.COURIER
    return Reason(
        actor=actor,
        stage=_stage(order_status, custodian),
        code=code,
        custodian=custodian.value,
        # Who came to a meeting in vain was sent there by us.
        attribution=Attribution.PLATFORM if is_of_another else row.attribution,
        is_retryable=row.is_retryable,
        evidence=evidence,
    )


def _stage(status: OrderStatus | None, custodian: Custodian) -> Stage:
    """How far the assignment had come."""
    if status is OrderStatus.DROPOFF_ARRIVED:
        return Stage.AT_DROPOFF
    if custodian is Custodian.COURIER or status in IN_HANDS:
        return Stage.IN_CUSTODY
    if status is OrderStatus.PICKUP_ARRIVED:
        return Stage.AT_PICKUP
    return Stage.TO_PICKUP
