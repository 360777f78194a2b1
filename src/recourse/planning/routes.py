"""This file knows what can be done to one route without a plan: time it, take orders off it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.routes import Route, Stop, StopStatus
from recourse.planning.travel import as_of
from recourse.planning.world import World

__all__ = ["retime", "without"]


def retime(
    world: World, courier_id: str, stops: Sequence[Stop], *, now: datetime
) -> tuple[Stop, ...]:
    """Give stops their arrival times afresh.

    Parameters
    ----------
    world : World
        Where the courier stands.
    courier_id : str
        Who makes the stops.
    stops : sequence of Stop
        In visiting order; a first stop that is started keeps its arrival.
    now : datetime
        The present instant.

    Returns
    -------
    tuple of Stop
        The same stops with new `arrival_at`.

    Raises
    ------
    NotFound
        If the courier is not in the world.

    Notes
    -----
    Pure towards the world but for remembered travel times. Service begins at the arrival or
    when the window opens, whichever is later; late arrivals are told as they are.

    Examples
    --------
    >>> from recourse.planning.examples import NOON, LineTravel, on_line
    >>> from recourse.planning.params import PlanParams
    >>> world = World(LineTravel(), PlanParams())
    >>> courier, route, orders = on_line("c-1", at_m=0, visits_m=[600, 1200])
    >>> world.put(courier, route, orders=orders)
    >>> [f"{s.arrival_at:%M:%S}" for s in retime(world, "c-1", route.stops, now=NOON)]
    ['01:00', '04:00']
    """
    entry = world.entry(courier_id)
    row, board = world.row_of[courier_id], world.board
    begun = tuple(stops[:1]) if stops and stops[0].status is StopStatus.STARTED else ()
    vehicle = entry.courier.vehicle
    moment = max(now, entry.courier.shift_start_at)
    lon, lat = float(board.lon[row, 0]), float(board.lat[row, 0])
    if begun:
        lon, lat = begun[0].place.lon, begun[0].place.lat
        left_at = max(begun[0].arrival_at, begun[0].earliest_at)
        moment = max(moment, left_at + timedelta(seconds=begun[0].service_s))
    places = [(lon, lat), *((s.place.lon, s.place.lat) for s in stops[len(begun) :])]
    nodes = world.legs.nodes(vehicle, places).tolist()
    seconds, _ = world.legs.along(vehicle, [nodes], as_of(now))[0]
    timed = list(begun)
    for stop, leg_s in zip(stops[len(begun) :], seconds, strict=True):
        arrival_at = moment + timedelta(seconds=leg_s)
        timed.append(replace(stop, arrival_at=arrival_at))
        moment = max(arrival_at, stop.earliest_at) + timedelta(seconds=stop.service_s)
    return tuple(timed)


def without(route: Route, order_ids: Iterable[str]) -> tuple[Stop, ...]:
    """Take orders off a route.

    Parameters
    ----------
    route : Route
        The route as it stands.
    order_ids : iterable of str
        Orders to take off; ids that are not on the route are ignored.

    Returns
    -------
    tuple of Stop
        The stops that are left, with their old arrival times (see `retime`); a stop that served
        nobody else is gone, even if it had begun.

    Examples
    --------
    >>> from recourse.planning.examples import on_line
    >>> _, route, _ = on_line("c-1", at_m=0, visits_m=[600, 1200])
    >>> [stop.order_ids for stop in route.stops]
    [('c-1/o-0',), ('c-1/o-1',)]
    >>> [stop.order_ids for stop in without(route, ["c-1/o-0"])]
    [('c-1/o-1',)]
    """
    gone = frozenset(order_ids)
    left = []
    for stop in route.stops:
        kept = tuple(order_id for order_id in stop.order_ids if order_id not in gone)
        if kept == stop.order_ids:
            left.append(stop)
        elif kept:
            left.append(replace(stop, order_ids=kept))
    return tuple(left)
