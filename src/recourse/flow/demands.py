"""This file knows what the planner must fit in: where a parcel lies, and where it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from recourse.flow.platform import Platform
from recourse.model.assignments import Custodian, Custody
from recourse.model.cases import Case, Way
from recourse.model.orders import Order
from recourse.model.ports import Transaction
from recourse.planning import Demand
from recourse.recovery import demand as demands

__all__ = ["demand_of", "demands_of"]


def demand_of(order: Order, *, excluded: Iterable[str] = (), early_s: int = 0) -> Demand:
    """Return the demand of an order that lies where it was admitted to lie, as now promised.

    Returns
    -------
    Demand
        What is to be fetched where, and brought by when.
    """
    return demands.demand_of(
        order, promised_by=order.promise.latest_at, early_s=early_s, excluded=excluded
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
        found = _from_holder(tx, platform, demand, held[order.id])
        demands.append(_straight(_to_point(tx, found, case), case))
    return demands


def _from_holder(tx: Transaction, platform: Platform, demand: Demand, held: Custody) -> Demand:
    """The demand with its pickup where the parcel lies: on a shelf, or in a courier's hands."""
    if held.custodian is not Custodian.COURIER:
        return demands.on_shelf(demand, held)
    seen = tx.progress([held.holder_id])[held.holder_id]
    return demands.in_hands(demand, seen, world=platform.catch_up(tx), now=platform.now())


def _straight(demand: Demand, case: Case | None) -> Demand:
    """The demand with the time that a direct ride was chosen for, if one was."""
    option = case.decision.option if case and case.decision else None
    if option is None or option.way is not Way.EXPRESS or option.arrival_at is None:
        return demand
    # It comes as soon as it can: an hour the order was put off to before does not count any more.
    return replace(demand, earliest_at=None, latest_at=option.arrival_at)


def _to_point(tx: Transaction, demand: Demand, case: Case | None) -> Demand:
    """The demand with its end at the pickup point that was decided, if one was."""
    option = case.decision.option if case and case.decision else None
    if option is None or option.way is not Way.PICKUP_POINT:
        return demand
    return demands.to_point(demand, tx.sites([option.site_id])[option.site_id])
