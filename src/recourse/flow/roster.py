"""Who and what there is: stations, merchants, points, couriers, and who is on duty."""

from dataclasses import replace
from datetime import datetime

from recourse import disruption, tracking
from recourse.flow.moves import move_courier
from recourse.flow.offers import revoke
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.model.commands import Command
from recourse.model.couriers import ON_DUTY, Courier, CourierState, Progress
from recourse.model.errors import Forbidden, Invalid, NotFound
from recourse.model.events import (
    CourierCameOnDuty,
    CourierRegistered,
    Event,
    SiteRegistered,
)
from recourse.model.places import Site
from recourse.model.ports import Transaction
from recourse.model.routes import Route

__all__ = [
    "duty",
    "fatigue_timer",
    "find_courier",
    "register_courier",
    "register_site",
    "silence_timer_at",
]


def find_courier(tx: Transaction, courier_id: str) -> Courier:
    """Return a courier who must exist.

    Returns
    -------
    Courier
        The courier.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    courier = tx.couriers([courier_id]).get(courier_id)
    if courier is None:
        raise NotFound(kind="courier", id=courier_id)
    return courier


def register_site(tx: Transaction, platform: Platform, site: Site) -> Site:
    """Make a station, merchant or pickup point known; the same id again changes nothing."""
    known = tx.sites([site.id]).get(site.id)
    if known is not None:
        return known
    registered = SiteRegistered(at=platform.now(), site_id=site.id, kind=site.kind.value)
    tx.record([site], events=[registered])
    return site


def register_courier(tx: Transaction, platform: Platform, courier: Courier) -> Courier:
    """Make a courier known, with the timers of the shift; the same id again changes nothing.

    Returns
    -------
    Courier
        The courier as known.

    Raises
    ------
    Invalid
        If the shift ends before it begins, or the station is unknown.
    """
    known = tx.couriers([courier.id]).get(courier.id)
    if known is not None:
        return known
    if courier.shift_end_at <= courier.shift_start_at:
        raise Invalid(field="shift_end_at", why="the shift ends before it begins")
    if courier.station_id and courier.station_id not in tx.sites([courier.station_id]):
        raise Invalid(field="station_id", why=f"there is no station {courier.station_id!r}")
    now = platform.now()
    registered = CourierRegistered(
        at=now,
        courier_id=courier.id,
        vehicle=courier.vehicle.value,
        station_id=courier.station_id,
        shift_start_at=courier.shift_start_at,
        shift_end_at=courier.shift_end_at,
    )
    no_show = Command(
        key=f"no_show/{courier.id}/{courier.shift_start_at.isoformat()}",
        name="no_show",
        due_at=max(now, disruption.no_show_due(courier, params=platform.params.disruption)),
        courier_id=courier.id,
    )
    route = Route(courier_id=courier.id, stops=(), changed_at=now)
    tx.record([courier, route], events=[registered], commands=[no_show])
    return courier


def duty(tx: Transaction, platform: Platform, courier_id: str, *, on: bool) -> Courier:
    """Begin or end a courier's duty.

    Returns
    -------
    Courier
        The courier after it.

    Raises
    ------
    Forbidden
        If a courier with stops still to make goes off duty: they withdraw, or finish.
    """
    courier = find_courier(tx, courier_id)
    return _begin(tx, platform, courier) if on else _end(tx, platform, courier)


def _begin(tx: Transaction, platform: Platform, courier: Courier) -> Courier:
    """Bring a courier on duty, with the timers that watch over silence and fatigue."""
    if courier.state in ON_DUTY:
        return courier
    now = platform.now()
    moved, events = move_courier(courier, CourierState.IDLE, now=now)
    moved = replace(moved, duty_since_at=now)
    came: Event = CourierCameOnDuty(at=now, courier_id=courier.id)
    seen = tx.progress([courier.id]).get(courier.id) or Progress(
        courier_id=courier.id, lon=courier.start.lon, lat=courier.start.lat, pinged_at=now
    )
    seen = replace(seen, pinged_at=now, is_silent=False)
    route = tx.routes([courier.id])[courier.id]
    due_at = tracking.ask_again_at(seen, route, now=now, params=platform.params.track)
    commands = [silence_timer_at(courier.id, due_at), *fatigue_timer(platform, moved)]
    tx.record([moved, seen, platform.touch(route)], events=[*events, came], commands=commands)
    return moved


def _end(tx: Transaction, platform: Platform, courier: Courier) -> Courier:
    """Take a courier off duty."""
    if courier.state is CourierState.OFFLINE:
        return courier
    route = tx.routes([courier.id])[courier.id]
    if route.stops:
        raise Forbidden(
            rule=f"{len(route.stops)} stops are still to be made",
            way_out="finish them, or withdraw with a reason",
        )
    now = platform.now()
    moved, events = move_courier(courier, CourierState.OFFLINE, now=now)
    since_at = courier.duty_since_at or now
    worked_s = courier.worked_s + int((now - since_at).total_seconds())
    moved = replace(moved, duty_since_at=None, worked_s=worked_s)
    over, told, looks = revoke(tx, platform, courier.id)
    record(
        tx,
        platform,
        [moved, platform.touch(route), *over],
        events=[*events, *told],
        commands=looks,
    )
    return moved


def silence_timer_at(courier_id: str, due_at: datetime, *, is_once: bool = False) -> Command:
    """Return the timer that asks at an instant whether this courier is silent.

    A duty has one that sets itself again; those that are asked once come beside it.

    Returns
    -------
    Command
        The timer.
    """
    kind = "once/" if is_once else ""
    return Command(
        key=f"silence/{courier_id}/{kind}{due_at.isoformat()}",
        name="silence",
        due_at=due_at,
        payload={"is_once": is_once},
        courier_id=courier_id,
    )


def fatigue_timer(platform: Platform, courier: Courier) -> list[Command]:
    """Return the timer of the next limit of hours; nothing past the last one."""
    due_at = tracking.next_limit_at(courier, now=platform.now(), params=platform.params.hours)
    if due_at is None:
        return []
    return [
        Command(
            key=f"fatigue/{courier.id}/{due_at.isoformat()}",
            name="fatigue",
            due_at=due_at,
            courier_id=courier.id,
        )
    ]
