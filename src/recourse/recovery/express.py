"""This file knows who may bring one order straight, and about when they would."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from recourse.model.cases import Case
from recourse.model.couriers import Courier, CourierState, Progress
from recourse.model.orders import Order
from recourse.model.places import Place
from recourse.recovery.options import metres
from recourse.recovery.params import RecoveryParams

__all__ = ["direct_at", "expected_at", "free_couriers"]

_AT_HAND = frozenset({CourierState.IDLE, CourierState.ACTIVE})


def free_couriers(
    case: Case,
    *,
    couriers: Mapping[str, Courier],
    n_stops: Mapping[str, int],
    busy: Collection[str],
) -> frozenset[str]:
    """Find the couriers who have nothing to do, are not being asked, and may be asked for this.

    Parameters
    ----------
    case : Case
        Whose order it is; who dropped or refused it is left out, and who holds it.
    couriers : mapping of courier id to Courier
        Whoever is on duty.
    n_stops : mapping of courier id to int
        How many stops each still has.
    busy : collection of str
        Couriers with an open offer.

    Returns
    -------
    frozenset of str
        Their ids.

    Examples
    --------
    >>> from recourse.model.examples import case_of, courier_of
    >>> three = {name: courier_of(name) for name in ("k-1", "k-2", "k-3")}
    >>> free = free_couriers(case_of(), couriers=three, n_stops={"k-2": 1}, busy=())
    >>> sorted(free), case_of().excluded
    (['k-3'], ('k-1',))
    """
    return frozenset(
        id_
        for id_, courier in couriers.items()
        if courier.state in _AT_HAND
        and not n_stops.get(id_)
        and id_ not in busy
        and id_ not in case.excluded
        and id_ != case.held_by
    )


def direct_at(order: Order, where: Place, *, now: datetime, params: RecoveryParams) -> datetime:
    """By when a direct ride is held to bring an order.

    Parameters
    ----------
    order : Order
        Which order.
    where : Place
        Where its parcel is.
    now : datetime
        The present instant.
    params : RecoveryParams
        How long a courier may take to reach it, and how fast the straight way is.

    Returns
    -------
    datetime
        From now, or from when it is ready.

    Examples
    --------
    >>> from recourse.model.examples import NOON, SHELF, order_of
    >>> at = direct_at(order_of(), SHELF, now=NOON, params=RecoveryParams())
    >>> at - NOON
    datetime.timedelta(seconds=1489)
    """
    begins_at = max(now + timedelta(seconds=params.express_reach_s), order.pickup_ready_at)
    return begins_at + _ride(where, order.dropoff, params)


def expected_at(
    order: Order,
    where: Place,
    *,
    seen: Collection[Progress],
    now: datetime,
    params: RecoveryParams,
) -> datetime | None:
    """About when the nearest of some couriers would bring an order straight, without asking roads.

    Parameters
    ----------
    order : Order
        Which order.
    where : Place
        Where its parcel is.
    seen : collection of Progress
        Where those who are free are.
    now : datetime
        The present instant.
    params : RecoveryParams
        How fast the straight way is.

    Returns
    -------
    datetime or None
        None if nobody is there.

    Examples
    --------
    >>> from recourse.model.examples import NOON, SHELF, order_of
    >>> expected_at(order_of(), SHELF, seen=(), now=NOON, params=RecoveryParams()) is None
    True
    """
    here = [Place(lon=one.lon, lat=one.lat) for one in seen if not one.is_silent]
    if not here:
        return None
    reach = min(_ride(one, where, params) for one in here)
    return max(now + reach, order.pickup_ready_at) + _ride(where, order.dropoff, params)


def _ride(a: Place, b: Place, params: RecoveryParams) -> timedelta:
    """How long the straight way is taken to need."""
    return timedelta(seconds=int(metres(a, b) / params.straight_mps))
