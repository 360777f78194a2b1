"""This file knows how a courier lives through a day: told by the platform, moved by the simulator.

A courier acts only on what the phone says. What goes wrong, and when, is decided outside
(`recourse_sim.hazards`); what a courier then does is here.
"""

from enum import StrEnum
from math import cos, hypot, radians

from recourse.model.couriers import Contract
from recourse.model.places import Place
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from recourse_sim.door import Refused
from recourse_sim.fleet import CourierPlan
from recourse_sim.hazards import CODES, Cause, Circumstances
from recourse_sim.late import report_late
from recourse_sim.moving import Leg
from recourse_sim.stops import RouteView, StopView, read_route
from recourse_sim.visit import Visit
from recourse_sim.world import World

__all__ = ["CourierLife", "Mode"]

_M_PER_DEGREE = 111_195.0
_PATIENCE = 3


class Mode(StrEnum):
    """What a courier is doing with the day."""

    ABSENT = "absent"
    ON = "on"
    OUT = "out"
    """Cannot go on; waits where they are, can be met."""
    GONE = "gone"
    """Cannot be met any more."""
    DARK = "dark"
    """Silent, and not working."""
    DARK_ON = "dark_on"
    """Silent, and still making the stops."""
    OFF = "off"


class CourierLife:
    """One courier through one day.

    Parameters
    ----------
    plan : CourierPlan
        Who.
    world : World
        What they live in.
    """

    def __init__(self, plan: CourierPlan, world: World) -> None:
        self.plan, self.world = plan, world
        self.id = plan.id
        self.mode = Mode.ABSENT
        self.on_since_s = 0.0
        self.node = world.ways.node(plan.vehicle, plan.start)
        self.lon_lat = (plan.start.lon, plan.start.lat)
        self.leg: Leg | None = None
        self.visit: Visit | None = None
        self.stops: tuple[StopView, ...] = ()
        self.version = -1
        self.carried: set[str] = set()
        self.idle_since_s = 0.0
        self._token = 0
        self._n_refusals: dict[str, int] = {}
        self._weighed: set[str] = set()
        self._drops_after_pickup: dict[str, float] = {}
        self._done_in_the_dark: list[StopView] = []
        self._pace = world.chance.about(1.0, world.params.travel.person_sigma, "pace", plan.id)

    # -- the shift ------------------------------------------------------------------------

    def begin_day(self) -> None:
        """Note when the courier comes on duty, if they come."""
        plan, world = self.plan, self.world
        if world.hazards.is_no_show(plan.id, plan.orders_before):
            world.truth.begin_spell(plan.id, Cause.NO_SHOW, plan.shift_start_s)
            return
        habits = world.params.courier
        late_s = world.chance.around(habits.late_start_median_s, 0.8, "late", plan.id)
        at_s = plan.shift_start_s + min(late_s, habits.late_start_most_s)
        if at_s >= world.now_s:
            world.agenda.note(at_s, self.come_on)
        world.agenda.note(max(world.now_s, plan.shift_end_s), self.go_home_if_done)

    def stand_at(self, lon_lat: tuple[float, float], *, on_since_s: float) -> None:
        """Be found somewhere in the middle of the day."""
        place = Place(lon=lon_lat[0], lat=lon_lat[1])
        self.lon_lat, self.on_since_s = lon_lat, on_since_s
        self.node = self.world.ways.node(self.plan.vehicle, place)

    def come_on(self) -> None:
        """Report for duty and read the route."""
        if self.mode is not Mode.ABSENT:
            return
        self.mode, self.on_since_s = Mode.ON, self.world.now_s
        try:
            self.world.door.duty(self.id, on=True)
        except Refused as refusal:
            self.world.refused("duty", refusal)
        self.fetch_route()

    def go_home_if_done(self) -> None:
        """Go off duty when the shift is over and nothing is left to do."""
        now_s = self.world.now_s
        if self.mode is not Mode.ON or now_s < self.plan.shift_end_s or self.stops or self.visit:
            return
        if self.carried:
            wait_s = self.idle_since_s + self.world.params.courier.holder_waits_s - now_s
            if wait_s > 0:
                self.world.later(wait_s, self.go_home_if_done)
                return
        self._close_duty(Mode.OFF)
        try:
            self.world.door.duty(self.id, on=False)
        except Refused as refusal:
            self.world.refused("duty", refusal)

    def _close_duty(self, mode: Mode) -> None:
        if self.mode in (Mode.ON, Mode.DARK_ON, Mode.DARK):
            self.world.truth.duty_s[self.id] += self.world.now_s - self.on_since_s
        self.halt()
        self.visit, self.mode = None, mode

    # -- the route ------------------------------------------------------------------------

    def fetch_route(self) -> None:
        """Read the route from the platform."""
        try:
            self.look_at(read_route(self.world.door.route(self.id), self.world.day), is_fresh=True)
        except Refused as refusal:
            self.world.refused("route", refusal)

    def look_at(self, route: RouteView, *, is_fresh: bool = False) -> None:
        """Take note of a route, unless a newer one is known."""
        if route.version < self.version or (route.version == self.version and not is_fresh):
            if self.visit is None:
                self.go_on()
            return
        if self.leg is not None and self.stops and route.next_place != self.stops[0].place:
            self.world.truth.n_turned += 1
        self.version, self.stops = route.version, route.stops
        for stop in route.stops:
            for order_id in stop.order_ids:
                if order_id not in self._weighed:
                    self._weigh(order_id)
        self.go_on()

    def go_on(self) -> None:
        """Do what the route says next."""
        if self.mode not in (Mode.ON, Mode.DARK_ON):
            return
        if self.visit is not None:
            if self.stops and self.stops[0].id == self.visit.stop.id:
                return
            self.visit = None
            self._token += 1
        if not self.stops or self._n_refusals.get(self.stops[0].id, 0) >= _PATIENCE:
            if self.leg is not None or not self.idle_since_s:
                self.halt()
            self.go_home_if_done()
            return
        if self.leg is None or self.leg.stop_id != self.stops[0].id:
            self._set_off(self.stops[0])

    def _set_off(self, stop: StopView) -> None:
        self.halt()
        world, travel = self.world, self.world.params.travel
        target = world.ways.node(self.plan.vehicle, stop.place)
        way = world.ways.way(self.plan.vehicle, self.node, target, world.now_s)
        key = (self.id, stop.kind.value, stop.order_ids[0] if stop.order_ids else stop.id)
        pace = self._pace * world.chance.about(1.0, travel.leg_sigma, "leg", *key)
        if world.weather.is_wet(world.now_s):
            pace *= travel.wet_slower
        self.leg = Leg(way, stop.id, world.now_s + travel.setting_off_s, pace)
        self._token += 1
        token = self._token
        world.agenda.note(self.leg.ends_s, lambda: self._reach(token))

    def halt(self) -> None:
        """Stop where one is."""
        now_s = self.world.now_s
        if self.leg is not None:
            self.node = self.leg.next_node(now_s)
            self.lon_lat = self.leg.position(now_s, self.world.ways)
            share = self.leg.share(now_s)
            self.world.truth.km[self.id] += self.leg.way.length_m / 1000 * share
            self.leg = None
            self._token += 1
        self.idle_since_s = now_s

    def position(self) -> tuple[float, float]:
        """Longitude and latitude now."""
        if self.leg is None:
            return self.lon_lat
        return self.leg.position(self.world.now_s, self.world.ways)

    # -- stops ----------------------------------------------------------------------------

    def _reach(self, token: int) -> None:
        if token != self._token or not self.stops:
            return
        stop = self.stops[0]
        self.halt()
        self.lon_lat = (stop.place.lon, stop.place.lat)
        route = None
        if self.mode is Mode.DARK_ON and self.is_at_station(stop):
            # At the counter nobody stays unheard of: parcels leave a station only by its scanner.
            self.come_to_light()
            return
        if self.mode is Mode.ON:
            try:
                route = self.world.door.arrive(self.id, stop.id)
            except Refused as refusal:
                self.stop_refused("arrive", stop, refusal)
                return
        self.visit = Visit(self, stop)
        self._token += 1
        self.wait_until(self.visit.ends_s)
        if route is not None:
            self.look_at(read_route(route, self.world.day))

    def is_at_station(self, stop: StopView) -> bool:
        """Whether a stop is one where a station hands out parcels."""
        plans = [self.world.truth.orders.get(order_id) for order_id in stop.order_ids]
        return stop.kind is StopKind.PICKUP and any(p and p.is_parcel for p in plans)

    def wait_until(self, t_s: float) -> None:
        """Finish the visit at a time."""
        token = self._token
        self.world.agenda.note(t_s, lambda: self._finish(token))

    def _finish(self, token: int) -> None:
        if token == self._token and self.visit is not None:
            self.visit.finish()

    def stop_refused(self, what: str, stop: StopView, refusal: Refused) -> None:
        """Read the route again after the platform refused a step; after three times leave it."""
        self.world.refused(what, refusal)
        self._n_refusals[stop.id] = self._n_refusals.get(stop.id, 0) + 1
        self.visit = None
        self._token += 1
        self.fetch_route()

    def stop_failed(self, stop: StopView) -> None:
        """Remember that a stop could not be done; after three times it is left alone."""
        self._n_refusals[stop.id] = self._n_refusals.get(stop.id, 0) + 1

    def stop_done(self, stop: StopView, route: RouteView | None) -> None:
        """Go on after a visit; without a route (in the dark) from memory."""
        self.visit = None
        self._token += 1
        if route is None:
            self._done_in_the_dark.append(stop)
            self.stops = tuple(s for s in self.stops if s.id != stop.id)
            self.go_on()
        else:
            self.look_at(route)

    def picked_up(self, order_id: str) -> None:
        """Take note of a parcel that came into these hands."""
        self.carried.add(order_id)
        after_s = self._drops_after_pickup.pop(order_id, None)
        if after_s is not None:
            self.world.later(after_s, lambda: self.drop(order_id))

    # -- dropping out ---------------------------------------------------------------------

    def _weigh(self, order_id: str) -> None:
        """Decide once, for luck, whether this order will be given up as not worth it."""
        self._weighed.add(order_id)
        plan = self.world.truth.orders.get(order_id)
        if plan is None:
            return
        found = self.world.hazards.drop_after_s(
            self.id,
            plan.external_id,
            km=metres_between(plan.pickup, plan.dropoff) / 1000,
            now=self.circumstances(),
            is_asked=self.plan.contract is Contract.ASKED,
        )
        if found is None:
            return
        after_s, is_after_pickup = found
        if is_after_pickup:
            self._drops_after_pickup[order_id] = after_s
        else:
            self.world.later(after_s, lambda: self.drop(order_id))

    def circumstances(self) -> Circumstances:
        """What this courier's hazards depend on now."""
        return self.world.circumstances(
            on_since_s=self.on_since_s,
            n_parcels=len(self.carried),
            orders_before=self.plan.orders_before,
        )

    def drop(self, order_id: str) -> None:
        """Give up one order and go on working."""
        is_mine = any(order_id in stop.order_ids for stop in self.stops)
        if self.mode is not Mode.ON or not is_mine:
            return
        if self.visit is not None and order_id in self.visit.stop.order_ids:
            return
        was_held = order_id in self.carried
        try:
            code = CODES[Cause.ECONOMICS].value
            self.world.door.withdraw(self.id, code, [order_id], self.position())
        except Refused as refusal:
            self.world.refused("withdraw", refusal)
            return
        self.world.truth.drop(
            self.id, order_id, Cause.ECONOMICS, self.world.now_s, was_held=was_held
        )
        self.fetch_route()

    def strike(self, cause: Cause) -> None:
        """Let a cause strike: the courier stops here and now."""
        world, hazards = self.world, self.world.params.hazards
        if self.mode is not Mode.ON:
            return
        key = (self.id, cause.value, round(self.on_since_s))
        if cause is Cause.SILENCE:
            back_s = world.chance.around(
                hazards.silent_median_s, hazards.silent_sigma, "back", *key
            )
            if world.chance.happens(hazards.p_silent_goes_on, "goes on", *key):
                self.mode = Mode.DARK_ON
            else:
                self._close_duty(Mode.DARK)
                world.truth.begin_spell(self.id, cause, world.now_s)
            world.later(back_s, self.come_to_light)
            return
        self._close_duty(Mode.OUT)
        world.truth.begin_spell(self.id, cause, world.now_s)
        if world.chance.happens(hazards.p_reports, "reports", *key):
            delay_s = world.chance.around(hazards.report_median_s, 0.7, "report delay", *key)
            world.later(delay_s, lambda: self._report(cause))
        world.later(world.params.courier.holder_waits_s, self.leave)

    def _report(self, cause: Cause) -> None:
        is_sos = cause is Cause.ACCIDENT and self.world.chance.happens(
            self.world.params.hazards.p_sos, "sos", self.id
        )
        try:
            if is_sos:
                self.world.door.sos(self.id, self.position())
            else:
                self.world.door.withdraw(self.id, CODES[cause].value, (), self.position())
        except Refused as refusal:
            self.world.refused("sos" if is_sos else "withdraw", refusal)

    def leave(self) -> None:
        """Go away, with whatever is still in these hands."""
        if self.mode is Mode.OUT:
            self.mode = Mode.GONE

    def come_to_light(self) -> None:
        """Be heard of again after silence, and report what was done meanwhile."""
        if self.mode not in (Mode.DARK, Mode.DARK_ON):
            return
        was_working = self.mode is Mode.DARK_ON
        self.mode = Mode.ON
        if not was_working:
            self.on_since_s = self.world.now_s
        self.world.truth.end_spell(self.id, self.world.now_s)
        report_late(self.id, self._done_in_the_dark, self.world)
        self._done_in_the_dark.clear()
        self.fetch_route()

    # -- meeting others -------------------------------------------------------------------

    def can_meet(self, place: Place) -> bool:
        """Whether somebody who comes to a place finds this courier there."""
        if self.mode not in (Mode.OUT, Mode.ON) or self.leg is not None:
            return False
        lon, lat = self.lon_lat
        gap_m = metres_between(Place(lon=lon, lat=lat), place)
        return gap_m <= self.world.params.courier.meet_reach_m

    def fail_code(self, stop: StopView) -> str:
        """What is said when nothing can be passed on at a stop."""
        if stop.from_courier_id:
            return ReasonCode.COURIER_NOT_RESPONDING.value
        return ReasonCode.ITEM_UNAVAILABLE.value


def metres_between(one: Place, two: Place) -> float:
    """Distance in metres, flat within a city."""
    east = (one.lon - two.lon) * cos(radians(one.lat))
    return hypot(east, one.lat - two.lat) * _M_PER_DEGREE
