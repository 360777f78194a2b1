"""This file knows which later slots an order that lies on a shelf may still be brought in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recourse.model.assignments import Custodian, Custody
from recourse.model.cases import Loss
from recourse.model.couriers import Courier, CourierState
from recourse.model.orders import Order, OrderKind
from recourse.recovery.params import RecoveryParams

__all__ = ["NOTHING_DUE", "Due", "Load", "Slot", "slots_of"]

_ON_A_SHELF = frozenset({Custodian.STATION, Custodian.MERCHANT})
_GONE = frozenset({CourierState.UNAVAILABLE, CourierState.SOS, CourierState.REST_REQUIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A window in which an order may be brought.

    Attributes
    ----------
    earliest_at, latest_at : datetime
        Begin and end; aware UTC instants.
    """

    earliest_at: datetime
    latest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When an order is to be at its door: it takes a place in the slot that holds the instant.

    Attributes
    ----------
    order_id : str
        Which order.
    at : datetime
        When its courier is to be there; the end of its promise while it is on nobody's route.
    courier_id, station_id : str
        On whose route it is, and at which station it waits; each may be empty.
    """

    order_id: str
    at: datetime
    courier_id: str = ""
    station_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Which places of slots are taken already.

    Attributes
    ----------
    due : tuple of Due
        When open orders are to be at their doors.
    kept_at : datetime or None
        Begin of the slot in which the order in question has its place; it needs no other there.
    """

    due: tuple[Due, ...] = ()
    kept_at: datetime | None = None


NOTHING_DUE = Load()


def slots_of(
    order: Order,
    held: Custody | None,
    *,
    crew: Iterable[Courier],
    waves: Sequence[datetime],
    load: Load = NOTHING_DUE,
    zone: str,
    now: datetime,
    params: RecoveryParams,
) -> tuple[Slot, ...] | Loss:
    """Find the nearest slots of today that have room, and somebody who may carry an order.

    What lies at its station leaves with a wave, so its slots begin with the waves; what lies at its
    merchant is fetched on demand, so its slots divide the local day. A slot takes as many orders as
    those in shift can bring, each one in `slot_order_s` of their time; orders that are due in it
    take their places first.

    Parameters
    ----------
    order : Order
        What is to be brought.
    held : Custody or None
        Who has it now.
    crew : iterable of Courier
        Everybody we know, on duty or not yet, without those who must not be asked.
    waves : sequence of datetime
        Starts of today's waves that are still to be planned.
    load : Load, optional
        Which places are taken already.
    zone : str
        IANA zone of the city.
    now : datetime
        The present instant.
    params : RecoveryParams
        How many are offered, and how long one is.

    Returns
    -------
    tuple of Slot or Loss
        The nearest, at least one; or why there is none.

    Examples
    --------
    Two waves are left, and the only courier goes home before the second could be done:

    >>> from recourse.model.examples import NOON, courier_of, on_shelf, order_of
    >>> hours = [NOON + timedelta(hours=n) for n in (1, 3)]
    >>> crew = [courier_of(shift_end_at=NOON + timedelta(hours=4), station_id="s-1")]
    >>> given = {"crew": crew, "waves": hours, "zone": "UTC", "now": NOON}
    >>> found = slots_of(order_of(), on_shelf(), params=RecoveryParams(n_slots=3), **given)
    >>> [(one.earliest_at.hour, one.latest_at.hour) for one in found]
    [(21, 23)]

    Where one order takes a whole slot of a courier, one that is due in it leaves no room:

    >>> other = Due(order_id="o-9", at=NOON + timedelta(hours=2), courier_id=crew[0].id)
    >>> full = Load(due=(other,))
    >>> alone = RecoveryParams(n_slots=3, slot_order_s=7_200)
    >>> slots_of(order_of(), on_shelf(), params=alone, load=full, **given)
    <Loss.SLOTS_FULL: 'slots_full'>
    >>> slots_of(order_of(), None, params=RecoveryParams(n_slots=3), **given)
    <Loss.NOT_IN_HANDS: 'not_in_hands'>
    """
    if order.is_perishable or order.kind is OrderKind.RETURN:
        return Loss.PERISHABLE
    if held is None or held.custodian not in _ON_A_SHELF:
        return Loss.NOT_IN_HANDS
    long_s = params.slot_s
    long = timedelta(seconds=long_s)
    if held.custodian is Custodian.STATION:
        starts: Iterable[datetime] = sorted(waves)
        hands = [one for one in crew if one.station_id == order.station_id]
    else:
        starts = _hours(now + timedelta(seconds=params.slot_lead_s), long, zone)
        hands = list(crew)
    worked = [
        (Slot(earliest_at=at, latest_at=at + long), working)
        for at in starts
        if (working := {one.id for one in hands if _works(one, at, at + long, now)})
    ]
    if not worked:
        return Loss.NO_WAVE_LEFT
    others = [one for one in load.due if one.order_id != order.id]
    station_id = order.station_id if held.custodian is Custodian.STATION else ""
    found = [
        slot
        for slot, working in worked
        if slot.earliest_at == load.kept_at
        or _taken(slot, working, others, station_id)
        < len(working) * (long_s // params.slot_order_s)
    ]
    kept = [one for one in found[params.n_slots :] if one.earliest_at == load.kept_at]
    return (*found[: params.n_slots], *kept) or Loss.SLOTS_FULL


def _taken(slot: Slot, working: set[str], due: Iterable[Due], station_id: str) -> int:
    """How many places of a slot other orders take: on these routes, or on none so far."""
    return len(
        {
            one.order_id
            for one in due
            if slot.earliest_at < one.at <= slot.latest_at
            if (one.courier_id in working if one.courier_id else station_id in {"", one.station_id})
        }
    )


def _hours(first_at: datetime, long: timedelta, zone: str) -> Iterator[datetime]:
    """Starts of what is left of a local day; always the same ones, counted from its midnight."""
    here = ZoneInfo(zone)
    midnight = datetime.combine(first_at.astimezone(here).date(), time(), tzinfo=here)
    # Instants are counted, not hours on the wall: a slot is as long when the clocks are changed.
    at = midnight.astimezone(UTC)
    while at.astimezone(here).date() == midnight.date():
        if at >= first_at:
            yield at
        at += long


def _works(courier: Courier, begins_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether a courier's shift holds a slot, and nothing we know keeps them from working it."""
    is_in_shift = courier.shift_start_at <= begins_at and ends_at <= courier.shift_end_at
    is_missing = courier.state is CourierState.OFFLINE and courier.shift_start_at <= now
    return is_in_shift and not is_missing and courier.state not in _GONE
