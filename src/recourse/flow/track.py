"""Track: turn a batch of positions into progress, and notice who falls silent or late."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse import tracking
from recourse.flow.disrupt import break_off
from recourse.flow.foresee import foresee
from recourse.flow.moves import move_courier
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.roster import fatigue_timer, silence_timer_at
from recourse.flow.standing import notice_standing
from recourse.flow.watch import is_worth_telling, may_be_late
from recourse.model.commands import Command
from recourse.model.couriers import ON_DUTY, Courier, CourierState, Progress
from recourse.model.events import (
    ArrivalSlipped,
    CourierCameToLight,
    CourierWentSilent,
    Event,
)
from recourse.model.places import Place
from recourse.model.ports import Record, Transaction
from recourse.model.routes import Route

__all__ = ["listen", "track"]


def track(tx: Transaction, platform: Platform, pings: tracking.Pings) -> tuple[int, int]:
    """Take a batch of positions in; return how many were believed and how many refused."""
    now = platform.now()
    couriers, routes = _whose(tx, platform, set(pings.courier_ids))
    before = tx.progress(couriers)
    located = tracking.locate(
        pings,
        progress=before,
        routes=routes,
        couriers=couriers,
        now=now,
        params=platform.params.track,
    )
    events: list[Event] = list(located.events)
    commands = _delays(tx, platform, [e for e in events if isinstance(e, ArrivalSlipped)])
    values: list[Record] = []
    for event in located.events:
        if isinstance(event, CourierCameToLight):
            back, told, timers = welcome(tx, platform, couriers[event.courier_id])
            values += back
            events += told
            commands += timers
    known = platform.world.row_of
    for seen in located.progress:
        n_stops = len(routes[seen.courier_id].stops)
        judged, risen = foresee(platform, couriers[seen.courier_id], seen, n_stops=n_stops)
        values.append(judged)
        route = routes[seen.courier_id]
        asked, timers = notice_standing(
            platform, route, before=before.get(seen.courier_id), seen=judged
        )
        events += [*risen, *asked]
        commands += timers
        if seen.courier_id in known:
            platform.world.move(judged)
    record(tx, platform, values, events=events, commands=commands)
    return len(pings.courier_ids) - located.n_refused, located.n_refused


def _delays(tx: Transaction, platform: Platform, slips: Sequence[ArrivalSlipped]) -> list[Command]:
    """What tells customers whose promise ends soon, and not in time; routes aim earlier than it."""
    found = tx.orders([slip.order_id for slip in slips])
    return [
        may_be_late(platform, slip.order_id, expected_at=slip.expected_at)
        for slip in slips
        if is_worth_telling(
            slip.expected_at, found[slip.order_id].promise.latest_at, now=platform.now()
        )
    ]


def _whose(
    tx: Transaction, platform: Platform, ids: set[str]
) -> tuple[Mapping[str, Courier], Mapping[str, Route]]:
    """The couriers of a batch and their routes: resident ones from the world, the rest read."""
    world = platform.catch_up(tx)
    resident = {id_: world.entry(id_) for id_ in ids if id_ in world.row_of}
    away = ids - resident.keys()
    couriers = {id_: entry.courier for id_, entry in resident.items()}
    routes = {id_: entry.route for id_, entry in resident.items()}
    return couriers | tx.couriers(away), routes | tx.routes(away)


def welcome(
    tx: Transaction, platform: Platform, courier: Courier
) -> tuple[list[Record], list[Event], list[Command]]:
    """Count on a courier again who had been silent: on duty, with the timers that watch them."""
    if courier.state is not CourierState.SIGNAL_LOST:
        return [], [], []
    now = platform.now()
    route = tx.routes([courier.id])[courier.id]
    back, events = move_courier(
        courier, CourierState.ACTIVE if route.stops else CourierState.IDLE, now=now
    )
    back = replace(back, duty_since_at=now)
    due_at = now + timedelta(seconds=platform.params.track.waiting_silence_s)
    timers = [silence_timer_at(courier.id, due_at), *fatigue_timer(platform, back)]
    return [back, platform.touch(route)], events, timers


def listen(tx: Transaction, platform: Platform, command: Command) -> None:
    """Ask whether a courier has gone silent; if not, ask again when it would next be so.

    Of a courier who is silent already it asks what they may still keep.
    """
    courier_id = command.courier_id
    courier = tx.couriers([courier_id])[courier_id]
    if courier.state not in ON_DUTY | {CourierState.SIGNAL_LOST}:
        return
    now = platform.now()
    located = tx.progress([courier_id])[courier_id]
    if courier.state is CourierState.SIGNAL_LOST:
        break_off(tx, platform, _went_silent(located, now))
        return
    route = tx.routes([courier_id])[courier_id]
    # A stop that was reported is a sign of life as good as a position.
    seen = replace(located, pinged_at=max(located.pinged_at, route.changed_at))
    params = platform.params.track
    if not tracking.is_silent(seen, route, now=now, params=params):
        if not command.payload.get("is_once"):
            due_at = tracking.ask_again_at(seen, route, now=now, params=params)
            record(tx, platform, commands=[silence_timer_at(courier_id, due_at)])
        return
    # Written down, so that the next position is known to bring the courier to light.
    tx.record([replace(seen, is_silent=True)])
    break_off(tx, platform, _went_silent(seen, now))


def _went_silent(seen: Progress, now: datetime) -> CourierWentSilent:
    """The signal that nothing has been heard of a courier since their last sign of life."""
    return CourierWentSilent(
        at=now,
        courier_id=seen.courier_id,
        pinged_at=seen.pinged_at,
        place=Place(lon=seen.lon, lat=seen.lat),
    )
