"""This file knows how to judge a route without trusting who made it, one stop at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from recourse.model.couriers import Courier, Progress
from recourse.model.places import Place
from recourse.model.routes import Route, Stop, StopKind, StopStatus
from recourse.planning.demand import Demand
from recourse.planning.params import PlanParams
from recourse.planning.travel import Travel, as_of
from recourse.planning.world import Weighed

__all__ = ["verify"]

_COLLECTS = (StopKind.PICKUP, StopKind.TAKE)
_ROUNDING = timedelta(seconds=1)


def verify(  # noqa: PLR0913 - a judge takes everything a route is judged by
    route: Route,
    courier: Courier,
    *,
    orders: Mapping[str, Weighed],
    travel: Travel,
    now: datetime,
    params: PlanParams,
    before: Route | None = None,
    progress: Progress | None = None,
    max_late_s: int = 0,
) -> tuple[str, ...]:
    """Check a route against everything that was promised, from scratch.

    Written apart from the solver and in another manner, so that one mistake is not made twice.

    Parameters
    ----------
    route : Route
        What was planned.
    courier : Courier
        Who shall drive it.
    orders : mapping of str to Order or Demand
        Every order on the route, by id.
    travel : Travel
        Times between places.
    now : datetime
        The instant the route was planned at.
    params : PlanParams
        Limits it was planned with.
    before : Route, optional
        The route as it was: stops of it may not become late, nor later than now if they are late
        already, and a stop that had begun may not change.
    progress : Progress, optional
        Where the courier is; ``courier.start`` if not given.
    max_late_s : int, optional
        Seconds that orders new to the route may be late.

    Returns
    -------
    tuple of str
        One ``"constraint: what"`` for every broken constraint; empty for a sound route.

    Examples
    --------
    >>> from recourse.planning.examples import NOON, LineTravel, on_line
    >>> from recourse.planning.routes import retime
    >>> from recourse.planning.world import World
    >>> from dataclasses import replace
    >>> courier, route, orders = on_line("c-1", at_m=0, visits_m=[600, 1200])
    >>> world = World(LineTravel(), PlanParams())
    >>> world.put(courier, route, orders=orders)
    >>> route = replace(route, stops=retime(world, "c-1", route.stops, now=NOON))
    >>> known = {"orders": orders, "travel": LineTravel(), "now": NOON, "params": PlanParams()}
    >>> verify(route, courier, **known)
    ()
    >>> verify(route, replace(courier, capacity_g=1_500), **known)
    ('capacity_g: 500 g too much before the first stop',)
    """
    case = _Case(route, courier, orders, now, params, before, progress, max_late_s)
    broken = _names(case)
    broken += _frozen(case)
    broken += _precedence(case)
    broken += _access(case)
    if any(order_id not in orders for stop in route.stops for order_id in stop.order_ids):
        return (*broken, "order: the load of an order on the route is not known")
    broken += _capacity(case)
    broken += _times(case, travel)
    return tuple(broken)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is judged, and by what."""

    route: Route
    courier: Courier
    orders: Mapping[str, Weighed]
    now: datetime
    params: PlanParams
    before: Route | None
    progress: Progress | None
    max_late_s: int

    def old_stops(self) -> dict[str, Stop]:
        """Stops of the route as it was, by id."""
        return {} if self.before is None else {stop.id: stop for stop in self.before.stops}

    def old_orders(self) -> set[str]:
        """Orders of the route as it was."""
        return {order_id for stop in self.old_stops().values() for order_id in stop.order_ids}


def _names(case: _Case) -> list[str]:
    """Whose route it is, and that stops can be told apart."""
    broken = []
    if case.route.courier_id != case.courier.id:
        broken.append(f"courier: the route is {case.route.courier_id}'s, not {case.courier.id}'s")
    ids = [stop.id for stop in case.route.stops]
    if "" in ids or len(set(ids)) < len(ids):
        broken.append("ids: a stop has no id or shares it")
    broken.extend(f"empty: stop {s.id} serves nobody" for s in case.route.stops if not s.order_ids)
    return broken


def _frozen(case: _Case) -> list[str]:
    """A stop whose service has begun is the first and stays as it is."""
    broken = [
        f"frozen: stop {stop.id} has begun but is not the first"
        for stop in case.route.stops[1:]
        if stop.status is StopStatus.STARTED
    ]
    was = case.before.stops[:1] if case.before is not None else ()
    if was and was[0].status is StopStatus.STARTED and case.route.stops[:1] != was:
        broken.append(f"frozen: stop {was[0].id} has begun and was changed")
    return broken


def _precedence(case: _Case) -> list[str]:
    """Every order is collected before it is dropped, each once."""
    broken = []
    collected: list[str] = []
    dropped: list[str] = []
    for stop in case.route.stops:
        for order_id in stop.order_ids:
            if stop.kind in _COLLECTS:
                if order_id in dropped:
                    broken.append(f"precedence: {order_id} is dropped before it is collected")
                collected.append(order_id)
            else:
                dropped.append(order_id)
    for name, seen in (("collected", collected), ("dropped", dropped)):
        broken += [
            f"precedence: {o} is {name} twice" for o in sorted(set(seen)) if seen.count(o) > 1
        ]
    broken += [f"precedence: {o} is never dropped" for o in collected if o not in dropped]
    if case.before is not None:
        old_orders = case.old_orders()
        for order_id in dropped:
            demand = case.orders.get(order_id)
            on_board = isinstance(demand, Demand) and demand.pickup is None
            if order_id not in collected and order_id not in old_orders and not on_board:
                broken.append(f"precedence: {order_id} is never collected")
    return broken


def _access(case: _Case) -> list[str]:
    """The vehicle may go where every order wants it."""
    broken = []
    for stop in case.route.stops:
        for order_id in stop.order_ids:
            demand = case.orders.get(order_id)
            if isinstance(demand, Demand) and demand.vehicles:
                if case.courier.vehicle not in demand.vehicles:
                    broken.append(f"access: {order_id} may not go by {case.courier.vehicle}")
                if case.courier.id in demand.excluded:
                    broken.append(f"excluded: {order_id} is not for {case.courier.id}")
    return broken


def _capacity(case: _Case) -> list[str]:
    """What is on board never exceeds what the vehicle takes, in grams or millilitres."""
    broken = []
    grams = {order_id: order.weight_g for order_id, order in case.orders.items()}
    millilitres = {order_id: order.volume_ml for order_id, order in case.orders.items()}
    for unit, limit, sizes in (
        ("g", case.courier.capacity_g, grams),
        ("ml", case.courier.capacity_ml, millilitres),
    ):
        collected = {o for s in case.route.stops if s.kind in _COLLECTS for o in s.order_ids}
        dropped = {o for s in case.route.stops if s.kind not in _COLLECTS for o in s.order_ids}
        load = sum(sizes[order_id] for order_id in dropped - collected)
        if load > limit:
            broken.append(f"capacity_{unit}: {load - limit} {unit} too much before the first stop")
            continue
        for stop in case.route.stops:
            taken = sum(sizes[order_id] for order_id in stop.order_ids)
            load += taken if stop.kind in _COLLECTS else -taken
            if load > limit:
                broken.append(f"capacity_{unit}: {load - limit} {unit} too much after {stop.id}")
                break
    return broken


def _times(case: _Case, travel: Travel) -> list[str]:
    """Arrivals are as said, windows hold, the shift and the day's work end in time."""
    broken = []
    begins, arrivals, finish_at = _drive(case, case.route, travel)
    old_begins: dict[str, datetime] = {}
    if case.before is not None:
        begun, _, _ = _drive(case, case.before, travel)
        old_begins = {s.id: at for s, at in zip(case.before.stops, begun, strict=True)}
    for stop, begin_at, arrival_at in zip(case.route.stops, begins, arrivals, strict=True):
        if stop.status is StopStatus.STARTED:
            continue
        if abs(stop.arrival_at - arrival_at) > _ROUNDING:
            broken.append(f"arrival: stop {stop.id} is said for {stop.arrival_at:%H:%M:%S}")
        over_s = int((begin_at - _limit(case, stop, old_begins)).total_seconds())
        if over_s > 0:
            broken.append(f"window: stop {stop.id} is {over_s} s too late")
    is_changed = case.before is None or case.before.stops != case.route.stops
    if case.route.stops and is_changed:
        over_s = int((finish_at - case.courier.shift_end_at).total_seconds())
        over_s -= case.params.overtime_s
        if over_s > 0:
            broken.append(f"shift: ends {over_s} s before the route")
        over_s = int(_worked_s(case, finish_at) - case.params.max_worked_s)
        if over_s > 0:
            broken.append(f"hours: {over_s} s more than may be worked in a day")
    return broken


def _worked_s(case: _Case, finish_at: datetime) -> float:
    """Seconds worked today when the route is done."""
    since_at = case.courier.duty_since_at or max(case.now, case.courier.shift_start_at)
    return case.courier.worked_s + (finish_at - since_at).total_seconds()


def _limit(case: _Case, stop: Stop, old_begins: Mapping[str, datetime]) -> datetime:
    """When service at a stop may begin at the latest."""
    limits = []
    was = case.old_stops().get(stop.id)
    if was is not None:
        held = old_begins[was.id]
        slack = timedelta(seconds=case.params.late_slack_s)
        limits.append(was.latest_at if held <= was.latest_at else held + slack + _ROUNDING)
    if was is None or set(stop.order_ids) - set(was.order_ids):
        limits.append(stop.latest_at + timedelta(seconds=case.max_late_s))
    return min(limits)


def _drive(
    case: _Case, route: Route, travel: Travel
) -> tuple[list[datetime], list[datetime], datetime]:
    """Drive a route: when service begins, when each stop is reached, and when all is done."""
    here = case.courier.start
    if case.progress is not None:
        here = Place(lon=case.progress.lon, lat=case.progress.lat)
    places = [here, *(stop.place for stop in route.stops)]
    vehicle = case.courier.vehicle
    nodes = travel.nodes(
        vehicle, np.array([p.lon for p in places]), np.array([p.lat for p in places])
    )
    ways_s = travel.matrix_s(vehicle, nodes, nodes, as_of(case.now)).tolist()
    clock = max(case.now, case.courier.shift_start_at)
    begins, arrivals = [], []
    for k, stop in enumerate(route.stops):
        if stop.status is StopStatus.STARTED:
            arrival_at = stop.arrival_at
        else:
            arrival_at = clock + timedelta(seconds=ways_s[k][k + 1])
        begin_at = max(arrival_at, stop.earliest_at)
        clock = max(clock, begin_at + timedelta(seconds=stop.service_s))
        arrivals.append(arrival_at)
        begins.append(begin_at)
    return begins, arrivals, clock
