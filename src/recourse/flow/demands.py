"""This file knows what the planner must fit in: where a parcel lies, and where it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from recourse import planning
from recourse.flow.platform import Platform
from recourse.model.assignments import Custodian, Custody
from recourse.model.cases import Case, Way
from recourse.model.orders import Order
from recourse.model.places import Place
from recourse.model.ports import Transaction
from recourse.model.routes import StopKind
from recourse.orders import opens_at
from recourse.planning import Demand

__all__ = ["demand_of", "demands_of"]


def demand_of(order: Order, *, excluded: Iterable[str] = (), early_s: int = 0) -> Demand:
    """Return the demand of an order that lies where it was admitted to lie.

    A first plan aims `early_s` seconds before the end of the promise: what fits to the second is
    late at the first red light.

    Returns
    -------
    Demand
        What is to be fetched where, and brought by when.
    """
    aims_at = order.promise.latest_at - timedelta(seconds=early_s)
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
        weight=2 if order.is_perishable else 1,
        excluded=frozenset(excluded),
    )


def demands_of(
    tx: Transaction, platform: Platform, orders: Sequence[Order], *, early_s: int = 0
) -> list[Demand]:
    """Return the demands of orders as they now are: by custody, by decision, by who is left out.

    Returns
    -------
    list of Demand
        One for each order, in their order; see `demand_of`.
    """
    ids = [order.id for order in orders]
    cases = {case.order_id: case for case in tx.open_cases(order_ids=ids)}
    held = tx.custody(ids)
    demands = []
    for order in orders:
        case = cases.get(order.id)
        demand = demand_of(order, excluded=case.excluded if case else (), early_s=early_s)
        demands.append(_to_point(tx, _from_holder(tx, platform, demand, held[order.id]), case))
    return demands


def _from_holder(tx: Transaction, platform: Platform, demand: Demand, held: Custody) -> Demand:
    """The demand with its pickup where the parcel lies: on a shelf, or in a courier's hands."""
    if held.custodian is not Custodian.COURIER:
        return replace(demand, pickup=held.place or demand.pickup, pickup_site_id=held.holder_id)
    now = platform.now()
    seen = tx.progress([held.holder_id])[held.holder_id]
    standing = Place(lon=seen.lon, lat=seen.lat), now
    met = planning.meeting(platform.catch_up(tx), held.holder_id, now=now)
    where, ready_at = met or standing
    return replace(
        demand,
        pickup=where,
        pickup_kind=StopKind.TAKE,
        pickup_site_id="",
        from_courier_id=held.holder_id,
        pickup_ready_at=ready_at,
    )


def _to_point(tx: Transaction, demand: Demand, case: Case | None) -> Demand:
    """The demand with its end at the pickup point that was decided, if one was."""
    option = case.decision.option if case and case.decision else None
    if option is None or option.way is not Way.PICKUP_POINT:
        return demand
    site = tx.sites([option.site_id])[option.site_id]
    return replace(
        demand,
        dropoff=site.place,
        dropoff_kind=StopKind.POINT,
        dropoff_site_id=site.id,
        earliest_at=None,
    )
