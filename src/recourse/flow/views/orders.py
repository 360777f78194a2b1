"""An order as its merchant, its customer and the dispatcher read it."""

from recourse.flow.platform import Platform
from recourse.flow.views.choices import choices, slots
from recourse.flow.views.neighbours import neighbour_view
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.errors import NotFound
from recourse.model.events import OrderMoved, dotted
from recourse.model.orders import ORDER_ENDS, Order
from recourse.model.ports import EventFilter, Transaction

__all__ = ["order_log", "order_view", "tracked"]


def order_view(order: Order) -> Data:
    """An order as plain data."""
    data: Data = plain(order)
    del data["version"]
    return data


def order_log(tx: Transaction, order_id: str) -> list[Data]:
    """Everything that happened to an order, from its admission on, each with its time."""
    found = tx.events(EventFilter(order_id=order_id, limit=5_000))
    if not found:
        raise NotFound(kind="order", id=order_id)
    return [
        {
            "number": one.number,
            "name": dotted(type(one.event)),
            "at": stamp(one.event.at),
            "data": plain(one.event),
        }
        for one in found
    ]


def tracked(tx: Transaction, platform: Platform, order_id: str) -> Data:
    """An order as its customer may see it: no other stops, no private reasons."""
    order = tx.orders([order_id]).get(order_id)
    if order is None:
        raise NotFound(kind="order", id=order_id)
    case = next(iter(tx.open_cases(order_ids=[order_id])), None)
    courier = _courier(tx, order)
    return {
        "order_id": order.id,
        "status": order.status.value,
        "step": plain(order.step),
        "kind": order.kind.value,
        "promise": plain(order.promise),
        "first_promise": plain(order.first_promise),
        "dropoff": plain(order.dropoff),
        "zone": platform.zone.key,
        "locale": order.customer.locale,
        "is_simulated": platform.is_simulated,
        "push_key": platform.push_key,
        "courier": courier,
        "notices": [
            {"kind": n.kind.value, "text": n.text, "at": stamp(n.sent_at)}
            for _, n in tx.notices(order_id=order_id)
        ],
        "neighbour": neighbour_view(
            tx, platform, order, arrival=courier["arrival_at"] if courier else None
        ),
        "choices": choices(tx, platform, order, case),
        "slots": slots(tx, platform, order, case),
        "steps": _steps(tx, order.id),
    }


def _steps(tx: Transaction, order_id: str) -> list[Data]:
    """Every status the order took, each with its time; the reasons stay inside."""
    moves = tx.events(EventFilter(order_id=order_id, kinds=(dotted(OrderMoved),), limit=500))
    return [
        {"at": stamp(one.event.at), "status": one.event.now.value}
        for one in moves
        if isinstance(one.event, OrderMoved)
    ]


def _courier(tx: Transaction, order: Order) -> Data | None:
    """First name, vehicle and, when this is the next stop, position of whoever carries it."""
    live = tx.live_assignments(order_ids=[order.id])
    if not live or order.status in ORDER_ENDS:
        return None
    courier_id = live[0].courier_id
    courier = tx.couriers([courier_id])[courier_id]
    route = tx.routes([courier_id])[courier_id]
    seen = tx.progress([courier_id]).get(courier_id)
    is_next = bool(route.stops) and order.id in route.stops[0].order_ids
    arrival_at = next(
        (s.arrival_at for s in reversed(route.stops) if order.id in s.order_ids), None
    )
    return {
        "name": courier.name.split(" ")[0],
        "vehicle": courier.vehicle.value,
        "arrival_at": stamp(arrival_at),
        "position": {"lon": seen.lon, "lat": seen.lat} if seen and is_next else None,
    }
