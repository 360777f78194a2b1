"""Who next door may take a parcel, as its customer and the courier at the door read it."""

from recourse.flow.neighbours import has_it, may_name, named_for
from recourse.flow.platform import Platform
from recourse.flow.views.plain import Data, stamp
from recourse.model.errors import NotFound
from recourse.model.orders import Order
from recourse.model.ports import Transaction
from recourse.model.redress import Neighbour
from recourse.model.routes import StopKind

__all__ = ["neighbour_view", "neighbours_at"]


def neighbour_view(
    tx: Transaction, platform: Platform, order: Order, *, arrival: str | None
) -> Data | None:
    """Return what a customer reads of their neighbours; None where nothing is left next door.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Whose setting.
    order : Order
        Which order.
    arrival : str or None
        When the courier is expected; None for the end of the promise, unless it is past.

    Returns
    -------
    dict or None
        Whether one may be named, ``when`` and for how much, who was named, and who has it.
    """
    named = named_for(tx, order.id)
    may = may_name(tx, platform, order)
    if named is None and not may:
        return None
    latest_at = order.promise.latest_at
    promised = stamp(latest_at) if latest_at > platform.now() else None
    return {
        "may": may,
        "arrival_at": arrival or promised,
        "price_cents": 0,
        "currency": order.currency,
        "name": named.name if named else "",
        "door": named.door if named else "",
        "has_it": named is not None and has_it(tx, named),
    }


def neighbours_at(tx: Transaction, courier_id: str, stop_id: str) -> list[Data]:
    """List who may take the parcels of the stop at which a courier stands.

    Parameters
    ----------
    tx : Transaction
        To read in.
    courier_id : str
        Whose route.
    stop_id : str
        The next stop; of others nothing is told.

    Returns
    -------
    list of dict
        ``order_id``, and ``id``, ``name`` and ``door`` of the neighbour.

    Raises
    ------
    NotFound
        If the courier's next stop is another one.
    """
    route = tx.routes([courier_id]).get(courier_id)
    stop = route.stops[0] if route is not None and route.stops else None
    if stop is None or stop.id != stop_id:
        raise NotFound(kind="stop", id=stop_id)
    if stop.kind is not StopKind.DROPOFF:
        return []
    found = [one for order_id in stop.order_ids if (one := named_for(tx, order_id)) is not None]
    return [{"order_id": one.order_id, **_who(one)} for one in found]


def _who(named: Neighbour) -> Data:
    """What a courier needs to ring at the right door."""
    return {"id": named.id, "name": named.name, "door": named.door}
