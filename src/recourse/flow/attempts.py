"""An attempt at a door: the platform reaches out, and keeps what was seen before it believes."""

from recourse.disruption.attempts import NEEDS, Attempt, facts_of_attempt, lacks
from recourse.disruption.recognise import SEEN
from recourse.flow.geo import metres
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.routing import next_stop, route_of
from recourse.model.commands import Command
from recourse.model.errors import Conflict
from recourse.model.events import StopContacted, dotted
from recourse.model.places import Place
from recourse.model.ports import EventFilter, Transaction
from recourse.model.reasons import ReasonCode
from recourse.model.redress import NoticeKind
from recourse.model.routes import Route, Stop, StopKind, StopStatus

__all__ = ["contact", "seen_at_door"]


def contact(
    tx: Transaction, platform: Platform, courier_id: str, stop_id: str, *, how: str
) -> Route:
    """Reach out to who should be at a stop, and keep that it was done.

    At a door the customer gets a notice from the platform, once a stop: a courier's word that they
    called proves nothing, a notice that was sent does. At a counter it is only kept.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    courier_id, stop_id : str
        Who stands where.
    how : str
        ``"message"``, ``"call"`` or ``"bell"``: what the courier does besides.

    Returns
    -------
    Route
        As it was.

    Raises
    ------
    NotFound
        If the courier's route has no such stop.
    Conflict
        If it is not the next one, or the courier has not reported to be there.
    """
    now = platform.now()
    route = route_of(tx, courier_id, now=now)
    stop = next_stop(route, stop_id)
    if stop.status is not StopStatus.STARTED:
        raise Conflict(rule="no_attempt", detail="report the arrival first")
    said = [
        StopContacted(
            at=now, courier_id=courier_id, stop_id=stop.id, kind=stop.kind, order_id=one, how=how
        )
        for one in stop.order_ids
    ]
    told = [_at_door(platform, courier_id, stop, one) for one in stop.order_ids]
    is_door = stop.kind is StopKind.DROPOFF
    known = _contacts(tx, stop)
    record(tx, platform, events=said, commands=told if is_door and not known else [])
    return route


def seen_at_door(
    tx: Transaction, platform: Platform, courier_id: str, stop: Stop, *, code: ReasonCode
) -> str:
    """Say what is on record of an attempt, which must be enough for the reason that is given.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        What the stages work with.
    courier_id : str
        Who stands there.
    stop : Stop
        Where; reported as reached.
    code : ReasonCode
        What the courier says.

    Returns
    -------
    str
        What was seen; empty at any stop but a door, and for a reason that needs no attempt.

    Raises
    ------
    Conflict
        If something is missing; each missing thing is named.
    """
    if stop.kind is not StopKind.DROPOFF or code not in NEEDS:
        return ""
    now = platform.now()
    seen = tx.progress([courier_id]).get(courier_id)
    contacts = _contacts(tx, stop)
    attempt = Attempt(
        reached_at=stop.arrival_at,
        seen_at=seen.pinged_at if seen else None,
        away_m=metres(Place(lon=seen.lon, lat=seen.lat), stop.place) if seen else 0.0,
        contacted_at=contacts[0].at if contacts else None,
    )
    missing = lacks(attempt, code, now=now, params=platform.params.attempt)
    if missing:
        raise Conflict(rule="no_attempt", detail=f"first {'; '.join(missing)}")
    return SEEN + "; ".join(facts_of_attempt(attempt, now=now))


def _contacts(tx: Transaction, stop: Stop) -> list[StopContacted]:
    """Every time somebody was reached out to from a stop, oldest first."""
    wanted = EventFilter(order_id=stop.order_ids[0], kinds=(dotted(StopContacted),))
    found = (one.event for one in tx.events(wanted))
    return [one for one in found if isinstance(one, StopContacted) and one.stop_id == stop.id]


def _at_door(platform: Platform, courier_id: str, stop: Stop, order_id: str) -> Command:
    """The notice that somebody stands at the door and is not heard."""
    return Command(
        key=f"at_door/{stop.id}/{order_id}",
        name="notice",
        due_at=platform.now(),
        payload={"kind": NoticeKind.AT_DOOR.value, "courier_id": courier_id},
        order_id=order_id,
    )
