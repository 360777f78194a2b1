"""This file knows what an order asks of whoever carries it: fetch it where it lies, bring it there.

Every demand begins as `demand_of`; the others say what is different about one parcel.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.assignments import Custody
from recourse.model.couriers import Progress
from recourse.model.orders import Order
from recourse.model.places import Place, Site
from recourse.model.routes import StopKind
from recourse.orders import opens_at
from recourse.planning import Demand, World
from recourse.planning.meetings import meetings

__all__ = ["demand_of", "in_hands", "on_board", "on_shelf", "to_point"]


def demand_of(
    order: Order,
    *,
    promised_by: datetime,
    early_s: int = 0,
    excluded: Iterable[str] = (),
    weight: int = 1,
) -> Demand:
    """Return the demand of an order whose parcel lies where it was admitted to lie.

    What fits to the second is late at the first red light, so a plan may aim earlier.

    Parameters
    ----------
    order : Order
        What is to be carried.
    promised_by : datetime
        End of the promise.
    early_s : int, optional
        Seconds before that at which is aimed, though never before the window opens.
    excluded : iterable of str, optional
        Couriers who are not asked.
    weight : int, optional
        By how much more than usual its lateness counts; what spoils counts double besides.

    Returns
    -------
    Demand
        What is to be fetched where, and brought by when.
    """
    aims_at = promised_by - timedelta(seconds=early_s)
    return Demand(
        order_id=order.id,
        pickup=order.pickup,
        pickup_kind=StopKind.PICKUP,
        pickup_site_id=order.station_id or order.merchant_id,
        pickup_ready_at=order.pickup_ready_at,
        dropoff=order.dropoff,
        dropoff_kind=StopKind.DROPOFF,
        earliest_at=opens_at(order),
        latest_at=max(aims_at, order.promise.earliest_at),
        service_s=order.service_s,
        weight_g=order.weight_g,
        volume_ml=order.volume_ml,
        is_perishable=order.is_perishable,
        weight=(2 if order.is_perishable else 1) * weight,
        excluded=frozenset(excluded),
    )


def on_shelf(demand: Demand, held: Custody) -> Demand:
    """Return the demand with its pickup at the station or merchant that holds the parcel."""
    # A merchant is a holder without being a registered site: planning takes any name.
    return replace(demand, pickup=held.place or demand.pickup, pickup_site_id=held.holder_id)


def in_hands(demand: Demand, seen: Progress, *, world: World, now: datetime) -> Demand:
    """Return the demand with its pickup where another courier with the parcel can be met.

    Returns
    -------
    Demand
        To be taken from them after their next stop, or where they were last seen; `place_met`
        looks for a better place.
    """
    ahead = [one for one in meetings(world, seen.courier_id, now=now) if one.rank]
    return replace(
        demand,
        pickup=ahead[0].place if ahead else Place(lon=seen.lon, lat=seen.lat),
        pickup_kind=StopKind.TAKE,
        pickup_site_id="",
        from_courier_id=seen.courier_id,
        pickup_ready_at=ahead[0].ready_at if ahead else now,
    )


def on_board(demand: Demand, holder_id: str) -> Demand:
    """Return the demand of a parcel whose holder goes on with it and has nothing to fetch."""
    return replace(
        demand,
        pickup=None,
        pickup_site_id="",
        pickup_ready_at=None,
        from_courier_id=holder_id,
        excluded=demand.excluded - {holder_id},
    )


def to_point(demand: Demand, point: Site) -> Demand:
    """Return the demand with its end at a pickup point instead of the door, at any hour."""
    return replace(
        demand,
        dropoff=point.place,
        dropoff_kind=StopKind.POINT,
        dropoff_site_id=point.id,
        earliest_at=None,
    )
