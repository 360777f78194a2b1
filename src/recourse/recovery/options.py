"""This file knows every way out that needs no other courier, with its price or why it is closed."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from math import cos, hypot, radians
from zoneinfo import ZoneInfo

from recourse.model.assignments import Custodian
from recourse.model.cases import Case, Loss, Option, Rejection, Way
from recourse.model.orders import Order, OrderKind
from recourse.model.places import Place, Site, SiteKind
from recourse.model.reasons import REASONS
from recourse.orders import next_wave
from recourse.recovery.params import RecoveryParams
from recourse.recovery.scene import Scene

__all__ = ["can_meet", "can_return", "late_cents", "other_ways", "point_for", "straight_m"]

_METRES_A_DEGREE = 111_195.0
WayOut = Callable[[Case, Order, Scene, datetime, RecoveryParams], Option | Rejection]


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


def late_cents(arrival_at: datetime | None, case: Case, params: RecoveryParams) -> tuple[int, int]:
    """Seconds past the promise that broke, and their price."""
    if arrival_at is None:
        return 0, 0
    late_s = max(0, int((arrival_at - case.promised_by).total_seconds()))
    return late_s, late_s * params.late_cents_per_min // 60


def can_meet(case: Case, scene: Scene) -> bool:
    """Whether the holder can be met: by the cause, or because they are heard of again."""
    if not case.held_by or case.held_by not in scene.progress:
        return False
    return REASONS[case.cause].can_hand_over or not scene.progress[case.held_by].is_silent


def can_return(case: Case, scene: Scene) -> bool:
    """Whether the holder can still move: the cause is neither their body nor their vehicle."""
    stays = {
        "courier_illness",
        "courier_accident",
        "courier_emergency",
        "vehicle_breakdown",
    }
    return can_meet(case, scene) and case.cause.value not in stays


def straight_m(a: Place, b: Place) -> float:
    """Straight metres between two places of a city."""
    return hypot((b.lon - a.lon) * cos(radians(a.lat)), b.lat - a.lat) * _METRES_A_DEGREE


def point_for(
    order: Order, scene: Scene, *, now: datetime, params: RecoveryParams, site_id: str = ""
) -> Site | Rejection:
    """The nearest point with room that is open within the hour, or why there is none."""
    points = [
        site
        for site in scene.sites.values()
        if site.kind is SiteKind.POINT and site_id in {"", site.id}
    ]
    near = sorted((straight_m(order.dropoff, site.place), site.id, site) for site in points)
    if not near or near[0][0] > params.point_radius_m:
        over_m = int(near[0][0] - params.point_radius_m) if near else 0
        return Rejection(way=Way.PICKUP_POINT, loss=Loss.NO_POINT_NEAR, amount=over_m)
    local = now.astimezone(ZoneInfo(scene.zone))
    second = local.hour * 3_600 + local.minute * 60 + local.second
    closed_s = 0
    for far_m, _, site in near:
        if far_m > params.point_radius_m:
            break
        is_full = 0 < site.capacity_parcels <= scene.stored.get(site.id, 0)
        if not is_full and site.opens_s <= second + 3_600 <= site.closes_s:
            return site
        closed_s = 0 if is_full else max(0, second + 3_600 - site.closes_s)
    loss = Loss.BEYOND_HOURS if closed_s else Loss.NO_POINT_NEAR
    return Rejection(way=Way.PICKUP_POINT, loss=loss, amount=closed_s)


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
    back_at = now + timedelta(seconds=back_s(case, order, scene, params))
    # From the shelf on it is a matter of the next wave or another courier, about one tour more.
    arrival_at = back_at + timedelta(seconds=params.wave_tour_s)
    late_s, price = late_cents(arrival_at, case, params)
    return Option(
        way=way,
        courier_id=case.held_by,
        site_id=order.station_id,
        arrival_at=arrival_at,
        late_s=late_s,
        cost_cents=price + params.return_cents,
    )


def back_s(case: Case, order: Order, scene: Scene, params: RecoveryParams) -> int:
    """Seconds the holder needs to bring it back, by the straight way, with time in hand."""
    seen = scene.progress[case.held_by]
    far_m = straight_m(Place(lon=seen.lon, lat=seen.lat), order.pickup)
    return int(far_m / params.straight_mps) + params.bring_back_s


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
    ride_s = straight_m(order.pickup, order.dropoff) / params.straight_mps
    arrival_at = now + timedelta(seconds=params.remake_s + int(ride_s) + 600)
    late_s, price = late_cents(arrival_at, case, params)
    return Option(
        way=way, arrival_at=arrival_at, late_s=late_s, cost_cents=price + order.value_cents
    )


def _next_day(
    case: Case, order: Order, scene: Scene, now: datetime, params: RecoveryParams
) -> Option | Rejection:
    """Tomorrow at the same hours; never for what spoils."""
    way = Way.NEXT_DAY
    if order.is_perishable:
        return Rejection(way=way, loss=Loss.PERISHABLE)
    if case.held_by and not can_meet(case, scene):
        return Rejection(way=way, loss=Loss.HOLDER_GONE, courier_id=case.held_by)
    arrival_at = order.first_promise.latest_at
    while arrival_at < now + timedelta(hours=12):
        arrival_at += timedelta(days=1)
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
    _bring_back,
    _reship,
    _next_day,
    _refund,
    _human,
)
