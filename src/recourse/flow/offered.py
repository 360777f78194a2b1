"""This file knows which slots and which direct ride a customer may choose, and at what price."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from recourse.flow.order import find
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.scene import dues, waves_ahead
from recourse.model.assignments import Custodian
from recourse.model.cases import Case, Loss, Way
from recourse.model.couriers import ON_DUTY
from recourse.model.errors import Conflict
from recourse.model.events import CustomerChose
from recourse.model.orders import Order, OrderKind
from recourse.model.places import Place
from recourse.model.ports import Record, Transaction
from recourse.model.slots import SlotPlace
from recourse.recovery.express import expected_at, free_couriers
from recourse.recovery.slots import Load, Slot, slots_of

__all__ = ["Direct", "as_offered", "direct_for", "has_slots", "places_after", "slots_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A ride by a courier who has nothing else to do.

    Attributes
    ----------
    arrival_at : datetime or None
        About when it would be there; None if nobody is free.
    price_cents : int
        What the customer pays, in minor units of the order's currency.
    """

    arrival_at: datetime | None
    price_cents: int


def has_slots(tx: Transaction, platform: Platform, case: Case) -> bool:
    """Whether slots are offered under the rules of a case."""
    return rules_of(tx, platform, case).recovery.n_slots > 0


def slots_for(tx: Transaction, platform: Platform, order: Order, case: Case) -> tuple[Slot, ...]:
    """Return the slots that can be picked now, nearest first; empty where none are offered."""
    params = rules_of(tx, platform, case).recovery
    if not params.n_slots:
        return ()
    places = tx.slot_places(after_at=platform.now(), order_id=order.id)
    kept_at = next((one.earliest_at for one in places if one.order_id == order.id), None)
    found = slots_of(
        order,
        tx.custody([order.id]).get(order.id),
        crew=[one for one in tx.couriers().values() if one.id not in case.excluded],
        waves=waves_ahead(platform),
        load=Load(due=dues(tx, places), kept_at=kept_at),
        zone=platform.zone.key,
        now=platform.now(),
        params=params,
    )
    return () if isinstance(found, Loss) else found


def direct_for(tx: Transaction, platform: Platform, order: Order, case: Case) -> Direct | None:
    """Return the direct ride as it is offered now; None where it is not offered for this order."""
    params = rules_of(tx, platform, case).recovery
    if not params.has_express or order.kind is OrderKind.RETURN:
        return None
    where = _where(tx, order)
    if where is None:
        return None
    on_duty = {id_: one for id_, one in tx.couriers().items() if one.state in ON_DUTY}
    free = free_couriers(
        case,
        couriers=on_duty,
        n_stops={id_: len(route.stops) for id_, route in tx.routes(on_duty).items()},
        busy={offer.courier_id for offer in tx.open_offers()},
    )
    arrival_at = expected_at(
        order,
        where,
        seen=tx.progress(free).values() if free else (),
        now=platform.now(),
        params=params,
    )
    return Direct(arrival_at=arrival_at, price_cents=params.express_price_cents)


def as_offered(
    tx: Transaction,
    platform: Platform,
    case: Case,
    chose: CustomerChose,
    *,
    slot_at: datetime | None,
    price_cents: int,
) -> CustomerChose:
    """Return a choice with the slot it picks and the price it agrees to, exactly as offered now.

    Returns
    -------
    CustomerChose
        What goes into the log.

    Raises
    ------
    Conflict
        If the slot or the ride is not offered any more, or costs something else: what is offered
        instead is said.
    """
    order = find(tx, case.order_id)
    if chose.way == Way.SLOT.value:
        offered = slots_for(tx, platform, order, case)
        picked = next((one for one in offered if one.earliest_at == slot_at), None)
        if picked is None:
            raise Conflict(rule="slot_gone", detail=_instead(platform, offered))
        return replace(chose, slot_at=picked.earliest_at, slot_end_at=picked.latest_at)
    if chose.way != Way.EXPRESS.value:
        return chose
    direct = direct_for(tx, platform, order, case)
    if direct is None:
        raise Conflict(rule="no_express", detail="this order is not brought by a direct courier")
    if direct.arrival_at is None:
        raise Conflict(
            rule="nobody_is_free", detail="no courier is free to bring it straight; choose again"
        )
    if direct.price_cents != price_cents:
        now = f"{order.currency} {direct.price_cents / 100:.2f}"
        raise Conflict(rule="price_changed", detail=f"it costs {now} now; look and choose again")
    return replace(chose, price_cents=direct.price_cents, currency=order.currency)


def places_after(tx: Transaction, platform: Platform, chose: CustomerChose) -> list[Record]:
    """Return what a choice makes of places in slots: one is left, another may be taken.

    Every place of a slot has a number that one open order has at a time; the database holds that.
    So of two who pick the last one at the same moment the second is refused, and looks again.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        What the stages work with.
    chose : CustomerChose
        As it was offered.

    Returns
    -------
    list of record
        The place the order had before, as left, and the one it has now.
    """
    now = platform.now()
    places = tx.slot_places(after_at=now, order_id=chose.order_id)
    left = [replace(one, ended_at=now) for one in places if one.order_id == chose.order_id]
    if chose.slot_at is None or chose.slot_end_at is None:
        return [*left]
    held = tx.custody([chose.order_id])[chose.order_id]
    station_id = held.holder_id if held.custodian is Custodian.STATION else ""
    slot = f"{station_id or 'city'}/{chose.slot_at.isoformat()}"
    others = [one for one in places if one.slot == slot and one.order_id != chose.order_id]
    holders = tx.orders({one.order_id for one in others})
    over = [one for one in others if holders[one.order_id].ended_at is not None]
    numbers = {one.number for one in others if one not in over}
    taken = SlotPlace(
        id=platform.ids.new("slot"),
        slot=slot,
        number=next(number for number in count(1) if number not in numbers),
        order_id=chose.order_id,
        station_id=station_id,
        earliest_at=chose.slot_at,
        latest_at=chose.slot_end_at,
        taken_at=now,
    )
    return [*left, *(replace(one, ended_at=now) for one in over), taken]


def _instead(platform: Platform, offered: Iterable[Slot]) -> str:
    """What to say to who picked a slot that is gone: the ones that are left."""
    left = ", ".join(
        f"{one.earliest_at.astimezone(platform.zone):%H:%M}"
        f" to {one.latest_at.astimezone(platform.zone):%H:%M}"
        for one in offered
    )
    return f"that slot is gone; still to be had: {left}" if left else "no slot is left today"


def _where(tx: Transaction, order: Order) -> Place | None:
    """Where a direct courier would get a parcel; None where nobody could give it to them."""
    held = tx.custody([order.id]).get(order.id)
    if held is None or held.custodian in {Custodian.MERCHANT, Custodian.STATION}:
        return order.pickup if held is None or held.place is None else held.place
    seen = (
        tx.progress([held.holder_id]).get(held.holder_id)
        if held.custodian is Custodian.COURIER
        else None
    )
    return None if seen is None or seen.is_silent else Place(lon=seen.lon, lat=seen.lat)
