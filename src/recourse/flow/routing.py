"""This file knows how a route is changed and told: stops, times afresh, one event."""

from collections.abc import Collection, Sequence
from datetime import datetime

from recourse import planning
from recourse.flow.platform import Platform
from recourse.model.errors import Conflict, NotFound
from recourse.model.events import Event, RouteChanged
from recourse.model.ports import Transaction
from recourse.model.routes import Route, Stop

__all__ = ["changed", "next_stop", "route_of", "take_out"]


def route_of(tx: Transaction, courier_id: str, *, now: datetime) -> Route:
    """Return a courier's route; an empty new one if there is none yet."""
    return tx.routes([courier_id]).get(courier_id) or Route(
        courier_id=courier_id, stops=(), changed_at=now
    )


def next_stop(route: Route, stop_id: str) -> Stop:
    """Return the stop, which must be the first of the route.

    Returns
    -------
    Stop
        The next stop.

    Raises
    ------
    NotFound
        If the courier's route has no such stop, or it is done.
    Conflict
        If it is not the next one.
    """
    ids = [stop.id for stop in route.stops]
    if stop_id not in ids:
        raise NotFound(kind="stop", id=stop_id)
    if ids[0] != stop_id:
        raise Conflict(rule="not_the_next_stop", detail=f"the next stop is {ids[0]}")
    return route.stops[0]


def changed(
    platform: Platform, route: Route, stops: Sequence[Stop], *, why: str
) -> tuple[Route, list[Event]]:
    """Return the route with these stops, and the event that tells the courier."""
    now = platform.now()
    new = Route(
        courier_id=route.courier_id, stops=tuple(stops), changed_at=now, version=route.version
    )
    told = RouteChanged(
        at=now,
        courier_id=route.courier_id,
        version=route.version + 1,
        stop_ids=tuple(stop.id for stop in stops),
        why=why,
    )
    return new, [told]


def take_out(
    tx: Transaction,
    platform: Platform,
    courier_id: str,
    order_ids: Collection[str],
    *,
    why: str,
    route: Route | None = None,
) -> tuple[Route, list[Event]]:
    """Return a courier's route without these orders, timed afresh; as stored unless it is given."""
    now = platform.now()
    route = route or route_of(tx, courier_id, now=now)
    stops = planning.without(route, order_ids)
    if stops == route.stops:
        return route, []
    world = platform.catch_up(tx)
    if stops and courier_id in world.courier_ids():
        stops = planning.retime(world, courier_id, stops, now=now)
    return changed(platform, route, stops, why=why)
