"""This file knows whom a merchant's cancel counts against: not always who pressed the button.

A courier who wants to be rid of an order may press the merchant to cancel it, so that the blame
moves. The merchant's word alone proves nothing and the courier's silence neither: it is judged by
what the platform saw shortly before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.model.reasons import REASONS, Attribution, Reason, ReasonCode

__all__ = ["Before", "PressureParams", "judge_cancel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureParams:
    """How near to a cancel something must lie to have to do with it; figures are assumed.

    Attributes
    ----------
    within_s : int
        Seconds before the cancel that are looked at.
    still_s : int
        Seconds a courier who should be riding has not moved.
    """

    within_s: int = 900
    still_s: int = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the platform saw of the order's last courier before a merchant canceled.

    Attributes
    ----------
    courier_id : str
        Who had the order last; empty if nobody had.
    dropped_at : datetime or None
        When they dropped it themselves; None if they did not.
    drop_code : ReasonCode or None
        Why, as they said.
    contacted_at : datetime or None
        When they last reached out to the merchant.
    still_since_at : datetime or None
        Since when they have not moved although the order waits to be fetched.
    """

    courier_id: str = ""
    dropped_at: datetime | None = None
    drop_code: ReasonCode | None = None
    contacted_at: datetime | None = None
    still_since_at: datetime | None = None


def judge_cancel(
    reason: Reason, before: Before, *, now: datetime, params: PressureParams
) -> Reason:
    """Judge a merchant's cancel by what was seen before it.

    A courier who dropped the order shortly before is who it counts against, unless the drop itself
    can count against nobody. Who claims to have been pressed is believed when the courier was in
    touch or stood still; without either it counts against nobody.

    Parameters
    ----------
    reason : Reason
        As the table has it.
    before : Before
        What was seen.
    now : datetime
        When the merchant canceled.
    params : PressureParams
        How far back is looked.

    Returns
    -------
    Reason
        The same, perhaps counting against somebody else, with its evidence.

    Examples
    --------
    >>> from recourse.disruption import reason_for
    >>> from recourse.model.examples import NOON
    >>> from recourse.model.reasons import Actor
    >>> reason = reason_for(ReasonCode.MERCHANT_CANCELED, actor=Actor.MERCHANT)
    >>> dropped = Before(
    ...     courier_id="k-1",
    ...     dropped_at=NOON - timedelta(minutes=4),
    ...     drop_code=ReasonCode.COURIER_TOO_FAR,
    ... )
    >>> judged = judge_cancel(reason, dropped, now=NOON, params=PressureParams())
    >>> judged.attribution.value, judged.evidence
    ('platform', ('k-1 dropped it 240 s before: courier_too_far',))
    """
    facts, whose = [], reason.attribution
    is_claimed = reason.code is ReasonCode.COURIER_PRESSURED_MERCHANT_CANCEL
    if is_claimed:
        whose = Attribution.NONE
    ago_s = _ago(before.contacted_at, now)
    if ago_s is not None and ago_s <= params.within_s:
        facts.append(f"{before.courier_id} contacted the merchant {ago_s} s before")
        whose = Attribution.COURIER if is_claimed else whose
    ago_s = _ago(before.still_since_at, now)
    if ago_s is not None and ago_s >= params.still_s:
        facts.append(f"{before.courier_id} had not moved for {ago_s} s")
        whose = Attribution.COURIER if is_claimed else whose
    ago_s = _ago(before.dropped_at, now)
    if ago_s is not None and ago_s <= params.within_s and before.drop_code is not None:
        facts.append(f"{before.courier_id} dropped it {ago_s} s before: {before.drop_code.value}")
        # The drop came first: whom it counts against, the cancel counts against.
        whose = REASONS[before.drop_code].attribution
        if is_claimed and whose is not Attribution.NONE:
            whose = Attribution.COURIER
    return replace(reason, attribution=whose, evidence=(*reason.evidence, *facts))


def _ago(at: datetime | None, now: datetime) -> int | None:
    """Whole seconds since an instant; None for none."""
    return None if at is None else int((now - at) / timedelta(seconds=1))
