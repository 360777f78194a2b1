"""This file knows every way out that needs no other courier, with its price or why it is closed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from math import cos, hypot, radians
from zoneinfo import ZoneInfo

from recourse.model.assignments import Custodian
from recourse.model.cases import Case, Loss, Option, Rejection, Way
from recourse.model.couriers import CourierState
from recourse.model.orders import Order, OrderKind
from recourse.model.places import Place, Site, SiteKind
from recourse.model.reasons import ReasonCode
from recourse.orders import next_wave
from recourse.recovery.params import RecoveryParams
from recourse.recovery.scene import Scene
from recourse.recovery.slots import Load, slots_of

__all__ = [
    "at_point",
    "can_meet",
    "can_return",
    "closed_s",
    "late_cents",
    "metres",
    "next_day_at",
    "other_ways",
    "point_for",
]

_METRES_A_DEGREE = 111_195.0
_STAYS_PUT = {
    ReasonCode.COURIER_FATIGUE_LIMIT,
    ReasonCode.COURIER_NOT_RESPONDING,
    ReasonCode.COURIER_ILLNESS,
    ReasonCode.COURIER_ACCIDENT,
    ReasonCode.COURIER_EMERGENCY,
    ReasonCode.VEHICLE_BREAKDOWN,
}
_OUT_OF_ACTION = {
    CourierState.UNAVAILABLE,
    CourierState.SOS,
    CourierState.OFFLINE,
    CourierState.REST_REQUIRED,
}
WayOut = Callable[[Case, Order, Scene, datetime, RecoveryParams], Option | Rejection | None]


def other_ways(
    case: Case, scene: Scene, *, now: datetime, params: RecoveryParams
) -> tuple[list[Option], list[Rejection]]:
    """Every way out for one case that needs no other courier.

    Parameters
    ----------
    case : Case
        A deciding case.
    scene : Scene
        What is in view.
    now : datetime
        The present instant.
    params : RecoveryParams
        Prices and limits.

    Returns
    -------
    list of Option
        The open ways, with prices.
    list of Rejection
        The closed ways, with reasons.
    """
    order = scene.orders[case.order_id]
    found = [way(case, order, scene, now, params) for way in _WAYS]
    return (
        [one for one in found if isinstance(one, Option)],
        [one for one in found if isinstance(one, Rejection)],
    )


def at_point(order: Order, scene: Scene) -> bool:
    """Whether the parcel lies at a pickup point, from where no courier takes it on."""
    held = scene.custody.get(order.id)
    return held is not None and held.custodian is Custodian.POINT


def late_cents(arrival_at: datetime | None, case: Case, params: RecoveryParams) -> tuple[int, int]:
    """Seconds past the promise that broke, and their price."""
    if arrival_at is None:
        return 0, 0
    late_s = max(0, int((arrival_at - case.promised_by).total_seconds()))
    return late_s, late_s * params.late_cents_per_min // 60


def can_meet(case: Case, scene: Scene) -> bool:
    """Whether the holder can be met: somebody of whom nothing is heard cannot."""
    return case.held_by in scene.progress and not scene.progress[case.held_by].is_silent


def can_return(case: Case, scene: Scene) -> bool:
    """Whether the holder can still move: nothing is wrong with their body or their vehicle."""
    # Of a holder whose parcel a second courier was to fetch, and dropped, only the state is known.
    if not can_meet(case, scene):
        return False
    if case.held_by == case.from_courier_id:
        return case.cause not in _STAYS_PUT
    return scene.couriers[case.held_by].state not in _OUT_OF_ACTION


def metres(a: Place, b: Place) -> float:
    """Straight distance between two places of a city.

    Parameters
    ----------
    a, b : Place
        From and to.

    Returns
    -------
    float
        Metres; flat earth, good to 0.1 % within a city.
    """
    return hypot((b.lon - a.lon) * cos(radians(a.lat)), b.lat - a.lat) * _METRES_A_DEGREE


def point_for(
    case: Case, scene: Scene, *, now: datetime, params: RecoveryParams
) -> Site | Rejection:
    """Find the nearest pickup point that is open, has room, and that the customer agreed to.

    Parameters
    ----------
    case : Case
        For which case; a wish may name the point.
    scene : Scene
        Sites, what they hold, and consents.
    now : datetime
        The present instant.
    params : RecoveryParams
        How far a customer walks, and when a parcel could be there.

    Returns
    -------
    Site or Rejection
        The point, or why there is none; ``no_consent`` if only the customer's yes is missing.
    """
    order = scene.orders[case.order_id]
    wish = scene.wishes.get(case.id)
    wanted_id = wish.site_id if wish and wish.way is Way.PICKUP_POINT else ""
    points = (
        (metres(order.dropoff, site.place), site.id)
        for site in scene.sites.values()
        if site.kind is SiteKind.POINT and wanted_id in {"", site.id}
    )
    agreed = {consent.site_id for consent in scene.consents.get(order.id, ())}
    why = Rejection(way=Way.PICKUP_POINT, loss=Loss.NO_POINT_NEAR)
    for far_m, site_id in sorted(points):
        over_m = int(far_m) - params.point_radius_m
        if over_m > 0:
            return replace(why, amount=over_m) if why.loss is Loss.NO_POINT_NEAR else why
        shut_s = closed_s(scene.sites[site_id], scene.zone, now)
        site = scene.sites[site_id]
        if shut_s:
            why = Rejection(way=Way.PICKUP_POINT, loss=Loss.BEYOND_HOURS, amount=shut_s)
        elif 0 < site.capacity_parcels <= scene.stored.get(site_id, 0):
            why = Rejection(way=Way.PICKUP_POINT, loss=Loss.OVER_CAPACITY)
        elif order.customer.accepts_pickup_point or site_id in agreed:
            return site
        else:
            return Rejection(way=Way.PICKUP_POINT, loss=Loss.NO_CONSENT)
    return why


def closed_s(site: Site, zone: str, now: datetime) -> int:
    """Seconds by which a point is not open an hour from now, by its own wall clock; 0 if it is.

    Parameters
    ----------
    site : Site
        The point.
    zone : str
        IANA zone of its wall clock.
    now : datetime
        The present instant; a parcel could be there an hour later.

    Returns
    -------
    int
        Seconds before it opens, or past its closing.

    Examples
    --------
    >>> from recourse.model.examples import NOON
    >>> place = Place(lon=0.0, lat=0.0)
    >>> shop = Site(id="p", kind=SiteKind.POINT, name="Shop", place=place, closes_s=12 * 3_600)
    >>> closed_s(shop, "America/Vancouver", NOON)
    3600
    """
    then = (now + timedelta(hours=1)).astimezone(ZoneInfo(zone))
    second = then.hour * 3_600 + then.minute * 60 + then.second
    return max(0, site.opens_s - second, second - site.closes_s)


def _next_wave(
    case: Case, order: Order, scene: Scene, now: datetime, params: RecoveryParams
) -> Option | Rejection:
    """The next wave of the station, if the parcel lies there and it can wait."""
    way = Way.NEXT_WAVE
    custody = scene.custody.get(order.id)
    if order.is_perishable:
        return Rejection(way=way, loss=Loss.PERISHABLE)
    if custody is None or custody.custodian is not Custodian.STATION:
        return Rejection(way=way, loss=Loss.NOT_IN_HANDS)
    starts = scene.waves.get(order.station_id, ())
    start = next_wave(
        now=now,
        dropoff_ready_at=now,
        dropoff_deadline_at=datetime.combine(now.date(), time(), tzinfo=now.tzinfo)
        + timedelta(days=2),
        wave_starts=[at for at in starts if at > now],
    )
    if start is None:
        return Rejection(way=way, loss=Loss.NO_WAVE_LEFT)
    arrival_at = start + timedelta(seconds=params.wave_tour_s)
    late_s, price = late_cents(arrival_at, case, params)
    return Option(
        way=way,
        site_id=order.station_id,
        arrival_at=arrival_at,
        late_s=late_s,
        cost_cents=price + params.wave_cents,
    )


def _bring_back(
    case: Case, order: Order, scene: Scene, now: datetime, params: RecoveryParams
) -> Option | Rejection:
    """The holder rides back with it, and it starts again from there."""
    way = Way.BRING_BACK
    if not case.held_by:
        return Rejection(way=way, loss=Loss.NOT_IN_HANDS)
    if order.is_perishable:
        return Rejection(way=way, loss=Loss.PERISHABLE, courier_id=case.held_by)
    if not can_return(case, scene):
        return Rejection(way=way, loss=Loss.HOLDER_GONE, courier_id=case.held_by)
    where, leaves_at = _leaves(case, scene, now)
    far_m = metres(where, order.pickup)
    back_at = leaves_at + timedelta(seconds=int(far_m / params.straight_mps) + params.bring_back_s)
    arrival_at = back_at + timedelta(seconds=params.sent_again_s)
    late_s, price = late_cents(arrival_at, case, params)
    ridden_m = far_m + metres(order.pickup, order.dropoff)
    return Option(
        way=way,
        courier_id=case.held_by,
        site_id=order.station_id,
        arrival_at=arrival_at,
        late_s=late_s,
        cost_cents=price + params.return_cents + int(ridden_m) * params.km_cents // 1_000,
    )


def _leaves(case: Case, scene: Scene, now: datetime) -> tuple[Place, datetime]:
    """From where and when the holder can ride back: once everything else is done."""
    if case.held_by in scene.done:
        where, done_at = scene.done[case.held_by]
        return where, max(done_at, now)
    seen = scene.progress[case.held_by]
    return Place(lon=seen.lon, lat=seen.lat), now


def _reship(
    case: Case, order: Order, scene: Scene, now: datetime, params: RecoveryParams
) -> Option | Rejection:
    """A meal or groceries made again, when who holds the first one cannot be met."""
    way = Way.RESHIP
    if not case.held_by:
        return Rejection(way=way, loss=Loss.NOT_IN_HANDS)
    if order.kind is OrderKind.PARCEL:
        # There is one of it: what lies in a silent courier's van cannot be packed a second time.
        return Rejection(way=way, loss=Loss.HOLDER_GONE, courier_id=case.held_by)
    ride_s = metres(order.pickup, order.dropoff) / params.straight_mps
    arrival_at = now + timedelta(seconds=params.remake_s + int(ride_s) + 600)
    late_s, price = late_cents(arrival_at, case, params)
    return Option(
        way=way,
        arrival_at=arrival_at,
        late_s=late_s,
        cost_cents=price + params.reship_cents + order.value_cents,
    )


def _slot(
    case: Case, order: Order, scene: Scene, now: datetime, params: RecoveryParams
) -> Option | Rejection | None:
    """The slot that was picked, else the nearest; None where slots are not offered."""
    if not params.n_slots:
        return None
    picked_at = scene.wishes[case.id].slot_at if case.id in scene.wishes else None
    found = slots_of(
        order,
        scene.custody.get(order.id),
        crew=[one for one in scene.crew if one.id not in case.excluded],
        waves=scene.waves.get(order.station_id, ()),
        load=Load(due=scene.due, kept_at=picked_at),
        zone=scene.zone,
        now=now,
        params=params,
    )
    if isinstance(found, Loss):
        return Rejection(way=Way.SLOT, loss=found)
    wanted_at = picked_at or found[0].earliest_at
    picked = next((one for one in found if one.earliest_at == wanted_at), None)
    if picked is None:
        return Rejection(way=Way.SLOT, loss=Loss.NO_WAVE_LEFT)
    late_s, price = late_cents(picked.latest_at, case, params)
    return Option(
        way=Way.SLOT,
        site_id=order.station_id,
        arrival_at=picked.latest_at,
        late_s=late_s,
        cost_cents=price + params.wave_cents,
    )


def next_day_at(order: Order, *, now: datetime) -> datetime:
    """When an order comes that comes tomorrow: at the same hours, and not before twelve hours.

    Parameters
    ----------
    order : Order
        Which order.
    now : datetime
        The present instant.

    Returns
    -------
    datetime
        The end of its window.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> order = order_of()
    >>> (next_day_at(order, now=NOON) - order.first_promise.latest_at).days
    1
    """
    arrival_at = order.first_promise.latest_at
    while arrival_at < now + timedelta(hours=12):
        arrival_at += timedelta(days=1)
    return arrival_at


def _next_day(
    case: Case, order: Order, scene: Scene, now: datetime, params: RecoveryParams
) -> Option | Rejection:
    """Tomorrow at the same hours; never for what spoils."""
    way = Way.NEXT_DAY
    if order.is_perishable:
        return Rejection(way=way, loss=Loss.PERISHABLE)
    if at_point(order, scene):
        return Rejection(way=way, loss=Loss.NOT_IN_HANDS)
    if case.held_by and not can_meet(case, scene):
        return Rejection(way=way, loss=Loss.HOLDER_GONE, courier_id=case.held_by)
    arrival_at = next_day_at(order, now=now)
    late_s, _ = late_cents(arrival_at, case, params)
    return Option(way=way, arrival_at=arrival_at, late_s=late_s, cost_cents=params.next_day_cents)


def _refund(
    case: Case,
    order: Order,
    scene: Scene,
    now: datetime,
    params: RecoveryParams,
) -> Option | Rejection:
    """The money back: always open, never first."""
    return Option(way=Way.REFUND, cost_cents=order.value_cents + 2 * params.human_cents)


def _human(
    case: Case,
    order: Order,
    scene: Scene,
    now: datetime,
    params: RecoveryParams,
) -> Option | Rejection:
    """A dispatcher looks at it."""
    return Option(way=Way.HUMAN, cost_cents=params.human_cents)


_WAYS: tuple[WayOut, ...] = (
    _next_wave,
    _slot,
    _bring_back,
    _reship,
    _next_day,
    _refund,
    _human,
)
