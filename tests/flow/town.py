"""A tiny town with a real store behind it: verbs for merchants, couriers, customers and the clock.

Eight by eight streets, 110 m apart, drawn by hand. Nothing inside is replaced: the stages, the
worker, the store and the planner are those of the platform; only the clock is set by hand and ids
are counted, so that the same story gives the same log.
"""

import functools
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from recourse import durable
from recourse.adapters.clock import ManualClock
from recourse.adapters.ids import CountedIds
from recourse.adapters.store import open_store
from recourse.adapters.worker import Worker
from recourse.flow import attempts, disrupt, offers, order, recover, roster, stops, track
from recourse.flow.hears import HEARS
from recourse.flow.perform import perform
from recourse.flow.platform import Params, Platform
from recourse.flow.travel import CityTravel
from recourse.foresight import prior_model
from recourse.model.assignments import Offer
from recourse.model.cases import Case, Way
from recourse.model.commands import Command
from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.orders import Customer, Order, OrderKind
from recourse.model.places import Place, Site, SiteKind
from recourse.model.ports import Clock, Ids, Store, Transaction
from recourse.model.reasons import ReasonCode
from recourse.model.routes import Route, Stop
from recourse.orders import Wanted
from recourse.planning import World
from recourse.roads import RoadNetwork, RoadSurvey, build_network
from recourse.tracking import Pings
from tests.flow.seen import Seen

__all__ = ["MORNING", "Town", "at", "retry_at"]

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
SIDE, STEP = 8, 0.001
PING_S = 60

P = ParamSpec("P")
R = TypeVar("R")


def at(column: float, row: float) -> Place:
    """The place at a crossing."""
    return Place(lon=round(STEP * column, 6), lat=round(STEP * row, 6))


@functools.cache
def streets() -> RoadNetwork:
    """Every crossing joined to its neighbours, once a process."""
    corners = range(SIDE * SIDE)
    across = [[i, i + 1] for i in corners if (i + 1) % SIDE]
    along = [[i, i + SIDE] for i in range(SIDE * (SIDE - 1))]
    lon = [STEP * (i % SIDE) for i in corners]
    lat = [STEP * (i // SIDE) for i in corners]
    return build_network(RoadSurvey.of_streets(lon, lat, [*across, *along]))


def open_town(url: str, clock: Clock) -> Store:
    """Open the store of a town, where events are heard."""
    return open_store(url, clock=clock, hears=HEARS)


class Town(Seen):
    """A platform over the town, with a kitchen, a station and a pickup point.

    Parameters
    ----------
    url : str
        Address of a migrated, empty database.
    params : Params, optional
        Tunables of the stages.
    wrap : callable, optional
        Puts something between the stages and the store, such as a place to die at.
    ids : Ids, optional
        Where ids come from; those of the town before, when one opens a store again.
    now : datetime, optional
        What the clock shows first.
    lease_s : float, optional
        Seconds after which what a dead worker held is taken by another.
    opens : callable, optional
        Opens the store at an address by a clock, where the ordinary one will not do.
    clock : ManualClock, optional
        A clock of one's own, where one that is set by hand will not do.
    """

    def __init__(
        self,
        url: str,
        *,
        params: Params | None = None,
        wrap: Callable[[Store], Store] | None = None,
        ids: Ids | None = None,
        now: datetime = MORNING,
        lease_s: float = 60,
        opens: Callable[[str, Clock], Store] = open_town,
        clock: ManualClock | None = None,
    ) -> None:
        self.clock = clock or ManualClock(now)
        store = opens(url, self.clock)
        super().__init__(url, wrap(store) if wrap else store)
        travel = CityTravel(streets(), ZoneInfo("UTC"))
        params = params or Params()
        self.platform = Platform(
            store=self.store,
            clock=self.clock,
            ids=ids or CountedIds(),
            travel=travel,
            zone=ZoneInfo("UTC"),
            world=World(travel, params.plan),
            params=params,
            risk=prior_model(),
            city={"name": "Town"},
            tile=lambda _zoom, _column, _row: None,
        )
        self.worker = Worker(
            store=self.store,
            clock=self.clock,
            perform=self.perform,
            retry_at=retry_at,
            lease_s=lease_s,
        )
        self.whereabouts: dict[str, Place] = {}

    def perform(self, tx: Transaction, command: Command) -> None:
        """Perform one command, as the worker does."""
        perform(tx, self.platform, command)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    # -- doing ----------------------------------------------------------------------------

    def do(
        self,
        stage: Callable[Concatenate[Transaction, Platform, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Let a stage do something, in a transaction of its own."""
        with self.store.begin() as tx:
            return stage(tx, self.platform, *args, **kwargs)

    def work(self) -> int:
        """Perform everything that is due, and what follows from it."""
        done = 0
        while taken := self.worker.work():
            done += taken
        return done

    def wait(self, seconds: float, *, silent: Collection[str] = ()) -> None:
        """Let time pass; what falls due is done at its time, and phones tell where they are."""
        end = self.clock.now() + timedelta(seconds=seconds)
        self.work()
        tick = min(self.clock.now() + timedelta(seconds=PING_S), end)
        while (now := self.clock.now()) < end:
            due = self.store.next_due_at()
            self.clock.set(max(now, min(tick, due)) if due else tick)
            if self.clock.now() == tick:
                self.ping(*(set(self.whereabouts) - set(silent)))
                tick = min(tick + timedelta(seconds=PING_S), end)
            self.work()

    def wait_until(self, then: datetime, *, silent: Collection[str] = ()) -> None:
        """Let time pass until an instant; nothing if it is past."""
        self.wait(max((then - self.now).total_seconds(), 0), silent=silent)

    def wait_for(self, courier_id: str, order_id: str) -> None:
        """Let time pass until a courier has an order; four hours at most."""
        for _ in range(48):
            if self.carrier(order_id) == courier_id:
                return
            self.wait(300)

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now()

    # -- places and people ----------------------------------------------------------------

    def site(self, name: str, kind: SiteKind, place: Place, **facts: Any) -> Site:  # noqa: ANN401
        """Register a fixed place."""
        return self.do(
            roster.register_site, Site(id=name, kind=kind, name=name.title(), place=place, **facts)
        )

    def courier(self, name: str, place: Place | None = None, **facts: Any) -> Courier:  # noqa: ANN401
        """Register a courier on demand whose shift has begun."""
        usual: dict[str, Any] = {
            "vehicle": Vehicle.EBIKE,
            "contract": Contract.ASKED,
            "start": place or at(0, 0),
            "shift_start_at": MORNING,
            "shift_end_at": MORNING + timedelta(hours=14),
            "capacity_g": 30_000,
            "capacity_ml": 80_000,
            "state": CourierState.OFFLINE,
            "state_since_at": self.now,
        }
        courier = Courier(id=name, name=f"{name.title()} Test", **(usual | facts))
        return self.do(roster.register_courier, courier)

    def on_duty(self, name: str, place: Place | None = None, **facts: Any) -> Courier:  # noqa: ANN401
        """Register a courier and bring them on duty."""
        registered = self.courier(name, place, **facts)
        self.whereabouts[name] = registered.start
        return self.do(roster.duty, name, on=True)

    def of_station(self, name: str, place: Place | None = None, **facts: Any) -> Courier:  # noqa: ANN401
        """Bring a courier of the station on duty: routes are given, not offered."""
        return self.on_duty(name, place, contract=Contract.ASSIGNED, station_id="station", **facts)

    # -- merchants and customers ----------------------------------------------------------

    def meal(self, name: str = "a", door: Place | None = None, **facts: Any) -> Order:  # noqa: ANN401
        """Ask for a meal from the kitchen, wanted within 50 minutes."""
        usual: dict[str, Any] = {
            "kind": OrderKind.MEAL,
            "pickup_site_id": "kitchen",
            "pickup_ready_at": self.now + timedelta(minutes=5),
            "dropoff_ready_at": self.now + timedelta(minutes=5),
            "dropoff_deadline_at": self.now + timedelta(minutes=50),
            "is_perishable": True,
        }
        return self._ask(name, door, usual | facts)

    def parcel(self, name: str = "p", door: Place | None = None, **facts: Any) -> Order:  # noqa: ANN401
        """Ask for a parcel on a wave of the station, wanted by noon."""
        usual: dict[str, Any] = {
            "kind": OrderKind.PARCEL,
            "station_id": "station",
            "pickup_ready_at": self.now,
            "dropoff_ready_at": self.now,
            "dropoff_deadline_at": MORNING + timedelta(hours=4),
        }
        return self._ask(name, door, usual | facts)

    def _ask(self, name: str, door: Place | None, facts: dict[str, Any]) -> Order:
        usual: dict[str, Any] = {
            "merchant_id": "m-1",
            "customer": Customer(id=f"c-{name}", name="Ann"),
            "dropoff": door or at(5, 5),
            "value_cents": 4_200,
        }
        wanted = Wanted(external_id=name, **(usual | facts))
        return self.do(order.admit, wanted)

    def cancel(
        self,
        order_id: str,
        actor: str = "customer",
        code: ReasonCode = ReasonCode.CUSTOMER_CANCELED,
    ) -> Order:
        """Take an order back."""
        return self.do(order.cancel, order_id, actor=actor, code=code)

    def choose(self, order_id: str, way: Way, site_id: str = "", **facts: Any) -> Case:  # noqa: ANN401
        """Choose, as the customer."""
        return self.do(recover.choose, order_id, way=way, site_id=site_id, **facts)

    def settle(self, case_id: str, way: Way, courier_id: str = "") -> Case:
        """Say what is to be done, as the dispatcher."""
        return self.do(recover.settle, case_id, way=way, courier_id=courier_id)

    # -- couriers -------------------------------------------------------------------------

    def ping(self, *names: str) -> tuple[int, int]:
        """Tell where couriers are."""
        order_of_names = sorted(names)
        if not order_of_names:
            return 0, 0
        places = [self.whereabouts[name] for name in order_of_names]
        pings = Pings.of(
            order_of_names,
            [place.lon for place in places],
            [place.lat for place in places],
            [self.now] * len(places),
        )
        return self.do(track.track, pings)

    def accept(self, courier_id: str) -> Route:
        """Say yes to the open offer."""
        return self.do(offers.accept, self.offer_to(courier_id).id)[1]

    def decline(self, courier_id: str) -> Offer:
        """Say no to the open offer."""
        return self.do(
            offers.decline, self.offer_to(courier_id).id, code=ReasonCode.COURIER_TOO_FAR
        )

    def carried(
        self,
        courier_id: str,
        name: str = "a",
        door: Place | None = None,
        **facts: Any,  # noqa: ANN401
    ) -> Order:
        """Ask for a meal, and let the only courier who is asked say yes to it."""
        asked = self.meal(name, door, **facts)
        self.work()
        self.accept(courier_id)
        self.work()
        return self.order(asked.id)

    def ride(self, courier_id: str) -> Stop:
        """Ride to the next stop and report to be there."""
        stop = self.next_stop(courier_id)
        ready_at = max(stop.arrival_at, stop.earliest_at)
        self.wait_until(ready_at)
        self.whereabouts[courier_id] = stop.place
        self.ping(courier_id)
        self.do(stops.reach, courier_id, stop.id)
        return stop

    def complete(self, courier_id: str, *, scanned: tuple[str, ...] | None = None) -> Route:
        """Do what the next stop asks."""
        return self.do(stops.complete, courier_id, self.next_stop(courier_id).id, scanned=scanned)

    def visit(self, courier_id: str) -> Stop:
        """Ride to the next stop and do what it asks."""
        stop = self.ride(courier_id)
        self.complete(courier_id)
        self.work()
        return stop

    def contact(self, courier_id: str) -> Route:
        """Reach out from the stop the courier stands at."""
        stop = self.next_stop(courier_id)
        return self.do(attempts.contact, courier_id, stop.id, how="call")

    def nobody_opens(self, courier_id: str) -> Route:
        """Say that nobody is at the door where the courier stands."""
        stop = self.next_stop(courier_id)
        return self.do(stops.fail, courier_id, stop.id, code=ReasonCode.CUSTOMER_UNREACHABLE)

    def finish(self, courier_id: str) -> None:
        """Make every stop of the route."""
        while self.route(courier_id).stops:
            self.visit(courier_id)

    def withdraw(
        self,
        courier_id: str,
        code: ReasonCode = ReasonCode.COURIER_TOO_FAR,
        *order_ids: str,
    ) -> Courier:
        """Drop some orders, or all."""
        return self.do(disrupt.withdraw, courier_id, code=code, order_ids=order_ids)

    def press_sos(self, courier_id: str) -> Courier:
        """Press the one key for emergencies."""
        return self.withdraw(courier_id, ReasonCode.COURIER_EMERGENCY)


def retry_at(attempt: int, key: str, now: datetime) -> datetime | None:
    """When a command that failed is due again; None to park it."""
    params = durable.RetryParams()
    if durable.is_parked(attempt, params=params):
        return None
    return durable.retry_at(attempt, key=key, now=now, params=params)
