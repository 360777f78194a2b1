"""Roads: a closure or slow-down changes routes and arrival times at once."""

from collections.abc import Iterable

from recourse import planning
from recourse.flow.platform import Platform
from recourse.flow.routing import changed
from recourse.model.commands import Command
from recourse.model.errors import Invalid, NotFound
from recourse.model.events import Event, RoadEventBegan, RoadEventEnded
from recourse.model.ports import Record, Transaction
from recourse.model.roads import RoadEvent

__all__ = ["begin_road_event", "end_road_event", "over"]


def begin_road_event(tx: Transaction, platform: Platform, event: RoadEvent) -> RoadEvent:
    """Close or slow down roads; every live route is timed afresh.

    Returns
    -------
    RoadEvent
        The event as it holds.

    Raises
    ------
    Invalid
        If it is over already, or the factor is not in 0..1.
    """
    now = platform.now()
    if event.until_at <= now:
        raise Invalid(field="until_at", why="it is over already")
    if not 0.0 <= event.factor <= 1.0:
        raise Invalid(field="factor", why="must be between 0 (closed) and 1 (free)")
    _obey(platform, [*tx.road_events(now), event])
    values, events = _retime_all(tx, platform)
    began = RoadEventBegan(
        at=now,
        road_event_id=event.id,
        factor=event.factor,
        until_at=event.until_at,
        source=event.source,
    )
    end = Command(
        key=f"road/{event.id}/over",
        name="road_over",
        due_at=event.until_at,
        payload={"road_event_id": event.id},
    )
    tx.record([event, *values], events=[began, *events], commands=[end])
    return event


def end_road_event(tx: Transaction, platform: Platform, road_event_id: str) -> None:
    """Open a road again before its time.

    Raises
    ------
    NotFound
        If no such closure or slow-down is in force.
    """
    now = platform.now()
    in_force = {event.id: event for event in tx.road_events(now)}
    ended = in_force.pop(road_event_id, None)
    if ended is None:
        raise NotFound(kind="road event", id=road_event_id)
    _obey(platform, in_force.values())
    values, events = _retime_all(tx, platform)
    over_now = _until_now(ended, platform)
    tx.record(
        [over_now, *values],
        events=[RoadEventEnded(at=now, road_event_id=road_event_id), *events],
        dropped=[f"road/{road_event_id}/over"],
    )


def over(tx: Transaction, platform: Platform, command: Command) -> None:
    """Open a road again when its closure runs out."""
    now = platform.now()
    _obey(platform, tx.road_events(now))
    values, events = _retime_all(tx, platform)
    ended = RoadEventEnded(at=now, road_event_id=str(command.payload["road_event_id"]))
    tx.record(values, events=[ended, *events])


def _obey(platform: Platform, in_force: Iterable[RoadEvent]) -> None:
    """Take what holds now into every later plan; times remembered from before are forgotten."""
    platform.travel.obey(in_force, platform.now())
    platform.world.forget_travel()


def _until_now(event: RoadEvent, platform: Platform) -> RoadEvent:
    """The same road event, ending at this instant."""
    return RoadEvent(
        id=event.id,
        lon=event.lon,
        lat=event.lat,
        radius_m=event.radius_m,
        factor=event.factor,
        from_at=event.from_at,
        until_at=platform.now(),
        source=event.source,
        version=event.version,
    )


def _retime_all(tx: Transaction, platform: Platform) -> tuple[list[Record], list[Event]]:
    """Every route whose arrival times change on the roads as they now are."""
    now = platform.now()
    world = platform.catch_up(tx)
    known = world.courier_ids()
    values: list[Record] = []
    events: list[Event] = []
    for courier_id, route in sorted(tx.routes().items()):
        if not route.stops or courier_id not in known:
            continue
        stops = planning.retime(world, courier_id, route.stops, now=now)
        if [s.arrival_at for s in stops] != [s.arrival_at for s in route.stops]:
            new, told = changed(platform, route, stops, why="road event")
            values.append(new)
            events += told
    return values, events
