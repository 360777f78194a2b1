"""This file knows how two couriers come to meet: a stop to take here is a stop to give there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse import planning
from recourse.flow.platform import Platform
from recourse.flow.routing import route_of, take_out
from recourse.model.events import Event
from recourse.model.places import Place
from recourse.model.ports import Record, Transaction
from recourse.model.routes import Route, Stop, StopKind
from recourse.planning.meetings import on_the_way

__all__ = ["arrange", "call_off"]

_GIVE_S = 60
_PATIENCE = timedelta(hours=1)


def arrange(tx: Transaction, platform: Platform, routes: Mapping[str, Route]) -> dict[str, Route]:
    """Return new routes, with a stop to give for every stop to take from a courier under way.

    A courier who stands still with what they hold needs no stop: they are found where they are.

    Returns
    -------
    dict of str to Route
        The given routes and those of the holders, each with the version it was made from: whoever
        changed one meanwhile was first, and what was planned on the old one is not written.
    """
    now = platform.now()
    world = platform.catch_up(tx)
    bases = dict(routes)
    all_stops = {courier_id: route.stops for courier_id, route in routes.items()}
    for courier_id, take in list(_takes(all_stops)):
        holder_id = take.from_courier_id
        if holder_id not in world.row_of:
            continue
        stops = all_stops.get(holder_id, ())
        if not stops:
            bases[holder_id] = route_of(tx, holder_id, now=now)
            stops = bases[holder_id].stops
        if any(s.kind is StopKind.GIVE and s.order_ids == take.order_ids for s in stops):
            continue
        stops = planning.retime(world, holder_id, _not_brought_back(stops, take), now=now)
        rank = _rank(stops, take, here=world.here(holder_id), now=now)
        met = replace(take, place=stops[rank - 1].place) if rank else take
        if met is not take:
            moved = [met if stop.id == take.id else stop for stop in all_stops[courier_id]]
            all_stops[courier_id] = planning.retime(world, courier_id, moved, now=now)
        with_it = (*stops[:rank], _give(platform, met), *stops[rank:])
        all_stops[holder_id] = planning.retime(world, holder_id, with_it, now=now)
    return {
        courier_id: replace(bases[courier_id], stops=tuple(stops))
        for courier_id, stops in all_stops.items()
    }


def _takes(routes: Mapping[str, Sequence[Stop]]) -> Iterator[tuple[str, Stop]]:
    """Every stop at which something is taken from another courier, and by whom."""
    for courier_id, stops in sorted(routes.items()):
        yield from ((courier_id, stop) for stop in stops if stop.kind is StopKind.TAKE)


def _not_brought_back(stops: Sequence[Stop], take: Stop) -> list[Stop]:
    """What a holder still does: what somebody takes from them is not brought back as well."""
    gone = set(take.order_ids)
    kept = []
    for stop in stops:
        left = tuple(one for one in stop.order_ids if one not in gone)
        if stop.kind is not StopKind.RETURN or left == stop.order_ids:
            kept.append(stop)
        elif left:
            kept.append(replace(stop, order_ids=left))
    return kept


def _rank(stops: Sequence[Stop], take: Stop, *, here: Place, now: datetime) -> int:
    """After which of their stops the holder is met: as planned, else the first that they can."""
    for one in on_the_way(stops, here=here, now=now):
        if one.place == take.place and take.arrival_at <= one.until_at:
            return one.rank
    # The holder works on until then: standing about for one parcel would make all others late.
    for rank, stop in enumerate(stops, 1):
        leaves_at = max(stop.arrival_at, stop.earliest_at) + timedelta(seconds=stop.service_s)
        if leaves_at >= take.arrival_at:
            return rank
    return len(stops)


def _give(platform: Platform, take: Stop) -> Stop:
    """The stop to give that belongs to a stop to take."""
    return Stop(
        id=platform.ids.new("stop"),
        kind=StopKind.GIVE,
        order_ids=take.order_ids,
        place=take.place,
        earliest_at=take.arrival_at,
        latest_at=take.arrival_at + _PATIENCE,
        arrival_at=take.arrival_at,
        service_s=_GIVE_S,
    )


def call_off(
    tx: Transaction, platform: Platform, route: Route, lost: Collection[str]
) -> tuple[list[Record], list[Event]]:
    """Return the holders' routes without the meetings to which nobody will come."""
    values: list[Record] = []
    events: list[Event] = []
    for _, take in _takes({route.courier_id: route.stops}):
        gone = set(take.order_ids) & set(lost)
        if gone:
            left, told = take_out(tx, platform, take.from_courier_id, gone, why="meeting off")
            if told:
                values.append(left)
                events += told
    return values, events
