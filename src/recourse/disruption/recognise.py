"""This file knows which signals break a plan, and what each leaves behind."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recourse.disruption.reasons import reason_for
from recourse.model.assignments import ASSIGNMENT_LIVE, Assignment, Custodian, Custody
from recourse.model.cases import Disruption
from recourse.model.couriers import Courier, CourierState, Progress
from recourse.model.events import CourierWentSilent, CourierWithdrew, Event
from recourse.model.places import Place
from recourse.model.reasons import REASONS, Actor, ReasonCode

SEEN = "seen: "
"""How a note begins that was not said by anybody."""

__all__ = ["SEEN", "DisruptParams", "ends_duty", "has_missed_shift", "no_show_due", "recognise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptParams:
    """When a plan counts as broken.

    Attributes
    ----------
    no_show_s : int
        Seconds after the start of a shift until a courier who did not come has missed it (assumed).
    finishes_in_hand : bool
        Whether a courier at the limit of hours brings what is already in hand (Meituan's rule).
    silent_patience_s : int
        Seconds from the last sign of life in which a silent courier keeps what is still to be
        fetched (assumed; less than the 10 min within which a new courier should be found).
    silent_lead_s : int
        Seconds before the end of its promise at which a parcel in silent hands is given up on.
    rematch_lead_s : int
        Seconds another courier needs to keep a promise: from then on nobody waits (assumed).
    """

    no_show_s: int = 600
    finishes_in_hand: bool = True
    silent_patience_s: int = 360
    silent_lead_s: int = 600
    rematch_lead_s: int = 3_600


def recognise(  # noqa: PLR0913 - everything a signal is judged by
    signal: Event,
    *,
    courier: Courier,
    assignments: Sequence[Assignment],
    custody: Mapping[str, Custody],
    progress: Progress | None,
    now: datetime,
    disruption_id: str,
    params: DisruptParams,
    kept: Collection[str] = (),
) -> Disruption | None:
    """Turn a signal into a disruption, if it takes an order from somebody who carried it.

    A withdrawal may name some of the orders or none, which means all. A cause that ends the duty
    takes all of them whatever is named. At the limit of hours parcels in hand are still brought.

    Parameters
    ----------
    signal : Event
        ``CourierWithdrew`` (also for SOS, a missed shift and the limit of hours) or
        ``CourierWentSilent``; anything else breaks nothing.
    courier : Courier
        Whom it concerns.
    assignments : sequence of Assignment
        The courier's assignments; those no longer live are passed over.
    custody : mapping of order id to Custody
        Who holds each parcel now.
    progress : Progress or None
        Where the courier was last believed to be.
    now : datetime
        The present instant: when the platform learned of it.
    disruption_id : str
        Id for the disruption.
    params : DisruptParams
        When a plan counts as broken.
    kept : collection of str
        Orders that stay with a courier who has only fallen silent; see `stays_until`.

    Returns
    -------
    Disruption or None
        None when nobody loses an order by it.

    Examples
    --------
    >>> from recourse.model.examples import NOON, assignment_of, courier_of, in_hand, on_shelf
    >>> found = recognise(
    ...     CourierWithdrew(
    ...         at=NOON, courier_id="k-1", code=ReasonCode.VEHICLE_BREAKDOWN, actor="courier"
    ...     ),
    ...     courier=courier_of(),
    ...     assignments=[assignment_of("o-1"), assignment_of("o-2")],
    ...     custody={"o-1": on_shelf("o-1"), "o-2": in_hand("o-2")},
    ...     progress=None,
    ...     now=NOON,
    ...     disruption_id="d-1",
    ...     params=DisruptParams(),
    ... )
    >>> found.orphaned, found.held
    (('o-1',), ('o-2',))
    """
    judged = _cause(signal)
    if judged is None:
        return None
    code, actor, named = judged
    row = REASONS[code]
    live = [a.order_id for a in assignments if a.status in ASSIGNMENT_LIVE]
    is_over = ends_duty(signal)
    lost = [o for o in live if (is_over or not named or o in named) and o not in kept]
    # At the limit the platform takes nothing out of anybody's hands; who says they cannot, cannot.
    by_rule = actor is not Actor.COURIER
    in_hand = {o for o in lost if _is_held_by(custody.get(o), courier.id)}
    if code is ReasonCode.COURIER_FATIGUE_LIMIT and by_rule and params.finishes_in_hand:
        lost = [o for o in lost if o not in in_hand]
        in_hand = set()
    if not lost:
        return None
    holder = Custodian.COURIER if in_hand else _custodian(custody.get(lost[0]))
    return Disruption(
        id=disruption_id,
        courier_id=courier.id,
        cause=code,
        reason=reason_for(
            code, actor=actor, custodian=holder, evidence=_evidence(signal, progress)
        ),
        at=now,
        place=_place(signal, progress),
        orphaned=tuple(o for o in lost if o not in in_hand),
        held=tuple(o for o in lost if o in in_hand),
        ends_duty=is_over,
        can_hand_over=row.can_hand_over,
    )


def ends_duty(signal: Event) -> bool:
    """Whether a signal says that a courier can carry nothing more today.

    A stop that failed says nothing about who stood there: it names its orders, and by somebody
    other than the courier.

    Parameters
    ----------
    signal : Event
        What was heard.

    Returns
    -------
    bool
        True if the whole duty is over.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> nobody_came = CourierWithdrew(
    ...     at=NOON,
    ...     courier_id="k-1",
    ...     code=ReasonCode.COURIER_NOT_RESPONDING,
    ...     actor="platform",
    ...     order_ids=("o-1",),
    ... )
    >>> ends_duty(nobody_came)
    False
    """
    judged = _cause(signal)
    if judged is None:
        return False
    code, actor, named = judged
    return REASONS[code].ends_duty and (actor is Actor.COURIER or not named)


def no_show_due(courier: Courier, *, params: DisruptParams) -> datetime:
    """When a courier who has not come on duty will have missed the shift.

    Parameters
    ----------
    courier : Courier
        Whose shift.
    params : DisruptParams
        How long is waited.

    Returns
    -------
    datetime
        The instant of the timer.

    Examples
    --------
    >>> from recourse.model.examples import courier_of
    >>> courier = courier_of()
    >>> (no_show_due(courier, params=DisruptParams()) - courier.shift_start_at).seconds
    600
    """
    return courier.shift_start_at + timedelta(seconds=params.no_show_s)


def has_missed_shift(courier: Courier, *, now: datetime, params: DisruptParams) -> bool:
    """Whether a courier should have come by now and has not.

    Parameters
    ----------
    courier : Courier
        Whose shift.
    now : datetime
        The present instant.
    params : DisruptParams
        How long is waited.

    Returns
    -------
    bool
        True from the instant of `no_show_due` on while the courier is offline.

    Examples
    --------
    >>> from recourse.model.examples import NOON, courier_of
    >>> has_missed_shift(courier_of(), now=NOON, params=DisruptParams())
    False
    >>> absent = courier_of(state=CourierState.OFFLINE)
    >>> has_missed_shift(absent, now=NOON, params=DisruptParams())
    True
    """
    return courier.state is CourierState.OFFLINE and now >= no_show_due(courier, params=params)


def _cause(signal: Event) -> tuple[ReasonCode, Actor, tuple[str, ...]] | None:
    """Code, actor and named orders of a signal; None if it breaks nothing."""
    if isinstance(signal, CourierWithdrew):
        return signal.code, Actor(signal.actor), signal.order_ids
    if isinstance(signal, CourierWentSilent):
        return ReasonCode.SIGNAL_LOST, Actor.PLATFORM, ()
    return None


def _is_held_by(custody: Custody | None, courier_id: str) -> bool:
    """Whether the parcel is in this courier's hands."""
    return (
        custody is not None
        and custody.custodian is Custodian.COURIER
        and custody.holder_id == courier_id
    )


def _custodian(custody: Custody | None) -> Custodian:
    """Kind of holder; the merchant where nothing is known."""
    return custody.custodian if custody else Custodian.MERCHANT


def _place(signal: Event, progress: Progress | None) -> Place | None:
    """Where the courier said to be, else was last believed to be."""
    said = getattr(signal, "place", None)
    if isinstance(said, Place):
        return said
    return Place(lon=progress.lon, lat=progress.lat) if progress else None


def _evidence(signal: Event, progress: Progress | None) -> tuple[str, ...]:
    """Short facts for whoever judges later."""
    facts = []
    if isinstance(signal, CourierWithdrew) and signal.note:
        # What was measured at a door is no courier's word.
        is_seen = signal.actor != Actor.COURIER and signal.note.startswith(SEEN)
        facts.append(signal.note if is_seen else f"said: {signal.note}")
    if isinstance(signal, CourierWentSilent):
        facts.append(f"last heard of at {signal.pinged_at.isoformat()}")
    if progress is not None and progress.still_since_at is not None:
        facts.append(f"standing still since {progress.still_since_at.isoformat()}")
    return tuple(facts)
