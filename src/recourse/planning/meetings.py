"""This file knows where a courier who is under way can be met, and which place is the best."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.model.cases import Loss
from recourse.model.places import Place
from recourse.model.routes import Stop, StopKind, StopStatus
from recourse.planning.demand import Demand, Insertion, Placement
from recourse.planning.params import PlanParams
from recourse.planning.place import place
from recourse.planning.routes import retime
from recourse.planning.world import World

__all__ = ["Meeting", "meetings", "on_the_way", "place_met"]

_STANDS = timedelta(minutes=15)
"""How long a courier under way stands still at most, to be met."""
_FINDS = timedelta(minutes=3)
"""How long they wait at a stop they have made in any case: nobody comes to the second."""
_MOST = 5
"""How many stops ahead a meeting is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A place on a courier's way where somebody can take a parcel from them.

    Attributes
    ----------
    place : Place
        Where.
    rank : int
        How many stops they make before it; 0 where they are now.
    ready_at : datetime
        When they are done there.
    until_at : datetime
        How long they can wait for whoever comes.
    """

    place: Place
    rank: int
    ready_at: datetime
    until_at: datetime


def meetings(world: World, courier_id: str, *, now: datetime) -> tuple[Meeting, ...]:
    """Say where and when a courier who is under way can be met: here, and at each stop ahead.

    At a stop they wait as long as no later promise suffers by it, a quarter of an hour at most and
    three minutes in any case. Where they are they stand only if nothing suffers.

    Parameters
    ----------
    world : World
        Where everybody is going.
    courier_id : str
        Who is to be met.
    now : datetime
        The present instant.

    Returns
    -------
    tuple of Meeting
        In the order of the route; empty for a courier who has no stop or is not in the world: they
        are met where they stand.

    Examples
    --------
    >>> from recourse.planning.examples import NOON, LineTravel, on_line
    >>> world = World(LineTravel(), PlanParams())
    >>> courier, route, orders = on_line("c-1", at_m=0, visits_m=[600, 1200])
    >>> world.put(courier, route, orders=orders)
    >>> [
    ...     f"{m.rank}: {m.ready_at:%M:%S} to {m.until_at:%M:%S}"
    ...     for m in meetings(world, "c-1", now=NOON)
    ... ]
    ['0: 00:00 to 15:00', '1: 03:00 to 18:00', '2: 06:00 to 21:00']
    >>> meetings(world, "c-2", now=NOON)
    ()
    """
    if courier_id not in world.row_of:
        return ()
    stops = world.entry(courier_id).route.stops
    if not stops:
        return ()
    return on_the_way(
        retime(world, courier_id, stops, now=now), here=world.here(courier_id), now=now
    )


def on_the_way(stops: Sequence[Stop], *, here: Place, now: datetime) -> tuple[Meeting, ...]:
    """Say where and when somebody can be met who makes these stops; see `meetings`.

    Parameters
    ----------
    stops : sequence of Stop
        In visiting order, with their arrival times.
    here : Place
        Where they are now.
    now : datetime
        The present instant.

    Returns
    -------
    tuple of Meeting
        Here, if they may stand for more than a moment, and after each of the next stops.
    """
    found = []
    is_under_way = bool(stops) and stops[0].status is not StopStatus.STARTED
    if is_under_way and (waits := _spare(stops)) > _FINDS:
        found.append(Meeting(place=here, rank=0, ready_at=now, until_at=now + waits))
    for rank, stop in enumerate(stops[:_MOST], 1):
        begins_at = max(stop.arrival_at, stop.earliest_at)
        done_at = max(now, begins_at + timedelta(seconds=stop.service_s))
        waits = max(_FINDS, _spare(stops[rank:]))
        found.append(
            Meeting(place=stop.place, rank=rank, ready_at=done_at, until_at=done_at + waits)
        )
    return tuple(found)


def place_met(
    world: World,
    demands: Sequence[Demand],
    *,
    now: datetime,
    ids: Callable[[], str],
    params: PlanParams,
    courier_ids: Collection[str] | None = None,
    max_late_s: int = 0,
    barred: Mapping[str, Loss] | None = None,
) -> Placement:
    """Place orders as `place` does, each taken over where its holder is best met.

    Every place on a holder's way is tried by itself, with whoever could be there soonest and
    cheapest before the holder must go on; what the holder's waiting costs is counted in.

    Parameters
    ----------
    world : World
        Couriers and routes, as for `place`.
    demands : sequence of Demand
        As for `place`; what is to be taken from a courier under way may be taken elsewhere.
    now : datetime
        The present instant.
    ids : callable
        Gives the id of every new stop.
    params : PlanParams
        Prices and limits.
    courier_ids : collection of str, optional
        Who may be asked at all.
    max_late_s : int, optional
        Seconds past its promise that a new order may be late.
    barred : mapping of str to Loss, optional
        Couriers not to be asked.

    Returns
    -------
    Placement
        As of `place`.

    Examples
    --------
    The holder has two stops to go, and the taker stands beyond the second:

    >>> from recourse.planning.examples import NOON, LineTravel, demand_on_line, on_line
    >>> world = World(LineTravel(), PlanParams())
    >>> for courier_id, at_m, visits_m in (("holder", 0, [1_200, 2_400]), ("taker", 6_000, [])):
    ...     courier, route, orders = on_line(courier_id, at_m=at_m, visits_m=visits_m)
    ...     world.put(courier, route, orders=orders)
    >>> wanted = demand_on_line("o-1", from_m=0, to_m=7_200)
    >>> wanted = replace(wanted, pickup_kind=StopKind.TAKE, from_courier_id="holder")
    >>> plan = place_met(world, [wanted], now=NOON, ids=lambda: "s", params=PlanParams())
    >>> plan.insertions[0].route.stops[0].place == world.entry("holder").route.stops[1].place
    True
    """

    def placed(wanted: Sequence[Demand], new_id: Callable[[], str]) -> Placement:
        return place(
            world,
            wanted,
            now=now,
            ids=new_id,
            params=params,
            courier_ids=courier_ids,
            max_late_s=max_late_s,
            barred=barred,
        )

    def met(demand: Demand) -> Demand:
        tried = []
        for one in meetings(world, demand.from_courier_id, now=now):
            there = replace(demand, pickup=one.place, pickup_ready_at=one.ready_at)
            found = placed([there], lambda: "meeting").insertions
            if found and (cents := _price(found[0], one, params)) is not None:
                tried.append((cents, one.rank, there))
        return min(tried, key=lambda one: one[:2])[2] if tried else demand

    takes = (d.pickup_kind is StopKind.TAKE for d in demands)
    return placed(
        [met(d) if is_taken else d for d, is_taken in zip(demands, takes, strict=True)], ids
    )


def _price(found: Insertion, one: Meeting, params: PlanParams) -> int | None:
    """What a meeting costs in cents, the holder's waiting included; None if they would be gone."""
    taken = next(
        s for s in found.route.stops if s.kind is StopKind.TAKE and found.order_id in s.order_ids
    )
    if taken.arrival_at > one.until_at:
        return None
    waits_s = max(0, int((taken.arrival_at - one.ready_at).total_seconds()))
    return found.cost_cents + waits_s * params.cents_per_h // 3_600


def _spare(stops: Sequence[Stop]) -> timedelta:
    """How much later these stops may be made without any promise suffering by it."""
    spare = (s.latest_at - max(s.arrival_at, s.earliest_at) for s in stops)
    return max(timedelta(0), min([_STANDS, *spare]))
