"""The ways out a customer may take, each with its time and its price."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from recourse.flow.geo import metres
from recourse.flow.offered import direct_for, has_slots, slots_for
from recourse.flow.platform import Platform
from recourse.flow.scene import waves_ahead
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.assignments import Custodian
from recourse.model.cases import Case, CaseStatus, Way
from recourse.model.orders import Order
from recourse.model.places import Site, SiteKind
from recourse.model.ports import Transaction
from recourse.recovery.options import closed_s, next_day_at
from recourse.recovery.slots import Slot

__all__ = ["choices", "point_trouble", "slots"]

_NEAREST_POINTS = 3
_AHEAD = timedelta(hours=1)
_DONE = frozenset({CaseStatus.CARRIED, CaseStatus.CLOSED})


def choices(tx: Transaction, platform: Platform, order: Order, case: Case | None) -> list[Data]:
    """List what a customer may choose while the case is open.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Whose clock and zone.
    order : Order
        Which order.
    case : Case or None
        Its open case.

    Returns
    -------
    list of dict
        Each with when they would have it (about), what it costs them, and what they get back, in
        minor units of the order.
    """
    if case is None or case.status in _DONE:
        return []
    now = platform.now()
    points = [site for site in tx.sites().values() if site.kind is SiteKind.POINT]
    near = sorted(points, key=lambda site: (metres(site.place, order.dropoff), site.id))
    stored = tx.stored() if near else {}
    way = _line(Way.COURIER, order, at=_carried_at(order, case, now))
    ways = [way]
    for site in near[:_NEAREST_POINTS]:
        told = _line(Way.PICKUP_POINT, order, at=now + _AHEAD)
        told["site"] = _point(site, order, n_stored=stored.get(site.id, 0))
        told["trouble"] = point_trouble(platform, site, n_stored=stored.get(site.id, 0))
        ways.append(told)
    if not order.is_perishable:
        ways.append(_line(Way.NEXT_DAY, order, at=next_day_at(order, now=now)))
    direct = direct_for(tx, platform, order, case)
    if direct is not None:
        told = _line(Way.EXPRESS, order, at=direct.arrival_at, price_cents=direct.price_cents)
        ways.insert(1, {**told, "trouble": "" if direct.arrival_at else "nobody_free"})
    ways.append(_line(Way.REFUND, order, at=None, gets_cents=order.value_cents))
    return _while_asked(ways, case)


def _while_asked(ways: list[Data], case: Case) -> list[Data]:
    """Say of every way that it must wait while a courier is being asked, for a minute or so."""
    if case.status is not CaseStatus.OFFERING:
        return ways
    return [{**way, "trouble": way["trouble"] or "asked"} for way in ways]


def slots(tx: Transaction, platform: Platform, order: Order, case: Case | None) -> list[Data]:
    """List the later slots of today that could bring what lies on its shelf.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Whose waves.
    order : Order
        Which order.
    case : Case or None
        Its open case.

    Returns
    -------
    list of dict
        As `choices`, each with its window; where slots are not offered, the next wave alone.
    """
    if case is None or case.status in _DONE or order.is_perishable:
        return []
    if has_slots(tx, platform, case):
        offered = slots_for(tx, platform, order, case)
        return _while_asked([_slot_line(order, one) for one in offered], case)
    held = tx.custody([order.id]).get(order.id)
    if held is None or held.custodian is not Custodian.STATION:
        return []
    tour = timedelta(seconds=platform.params.recovery.wave_tour_s)
    starts = _next(waves_ahead(platform))
    return _while_asked([_line(Way.NEXT_WAVE, order, at=one + tour) for one in starts], case)


def point_trouble(platform: Platform, site: Site, *, n_stored: int) -> str:
    """Say why a pickup point cannot take a parcel now; empty if it can.

    Parameters
    ----------
    platform : Platform
        Whose clock and zone.
    site : Site
        The point.
    n_stored : int
        Parcels it holds.

    Returns
    -------
    str
        ``"closed"``, an hour from now; ``"full"``; or empty.
    """
    if 0 < site.capacity_parcels <= n_stored:
        return "full"
    return "closed" if closed_s(site, platform.zone.key, platform.now()) else ""


def _next(starts: Iterable[datetime]) -> list[datetime]:
    """The first of some instants, if there is one."""
    return sorted(starts)[:1]


def _carried_at(order: Order, case: Case, now: datetime) -> datetime | None:
    """When a courier would bring it: as decided, else by the promise in force unless it is past."""
    decided = case.decision.option if case.decision else None
    is_brought = decided is not None and decided.way in {Way.COURIER, Way.HANDOVER}
    if is_brought and decided is not None and decided.arrival_at is not None:
        return decided.arrival_at
    return order.promise.latest_at if order.promise.latest_at > now else None


def _slot_line(order: Order, slot: Slot) -> Data:
    """A slot to be picked: its window is all that is promised."""
    window = {"earliest_at": stamp(slot.earliest_at), "latest_at": stamp(slot.latest_at)}
    return {**_line(Way.SLOT, order, at=slot.latest_at), "slot": window}


def _line(
    way: Way, order: Order, *, at: datetime | None, price_cents: int = 0, gets_cents: int = 0
) -> Data:
    """One way: none but a direct ride costs the customer anything more."""
    return {
        "way": way.value,
        "site": None,
        "arrival_at": stamp(at),
        "slot": None,
        "price_cents": price_cents,
        "gets_cents": gets_cents,
        "currency": order.currency,
        "trouble": "",
    }


def _point(site: Site, order: Order, *, n_stored: int) -> Data:
    """A pickup point with its hours, its room, and its distance from the door."""
    room = site.capacity_parcels - n_stored if site.capacity_parcels else None
    return {
        "id": site.id,
        "name": site.name,
        "place": plain(site.place),
        "opens_s": site.opens_s,
        "closes_s": site.closes_s,
        "n_free": room if room is None else max(room, 0),
        "distance_m": int(metres(site.place, order.dropoff)),
    }
