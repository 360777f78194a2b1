"""This file knows a crowd by the wall: merchants ask, couriers drop, customers choose."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg

from recourse.adapters.clock import ManualClock
from recourse.adapters.ids import RandomIds
from recourse.flow import disrupt, offers, order, recover, roster, stops, track
from recourse.model.assignments import AssignmentStatus
from recourse.model.cases import CaseStatus, Way
from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.errors import CannotPlan, Conflict, Forbidden, NotFound
from recourse.model.orders import ORDER_ENDS, Customer, OrderKind
from recourse.model.places import Site, SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from recourse.orders import Wanted
from recourse.tracking import Pings
from tests.flow.town import Town, at

__all__ = ["Crowd", "Wall"]

Stage = Callable[..., object]
_REFUSED = (Conflict, Forbidden, NotFound, CannotPlan)
_N_COURIERS = 60
_PINGS_EVERY_S = 20.0
_AT_ONCE = 160
"""Orders open beside each other: some wait for the leases of the dead, the others go on."""
_CAUSES = (
    ReasonCode.COURIER_TOO_FAR,
    ReasonCode.COURIER_OVERLOADED,
    ReasonCode.COURIER_DECLINED_ECONOMICS,
    ReasonCode.WEATHER,
    ReasonCode.ROAD_CLOSED,
)
"""Causes after which the courier goes on with something else: nobody must be hired."""


class Wall(ManualClock):
    """The wall, where a town wants a clock that could be set."""

    speed = 1.0

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


@dataclass
class Crowd:
    """Everybody outside the platform; asks again whatever was cut off.

    Attributes
    ----------
    url : str
        Address of the database.
    dice : Random
        Who drops what, and when.
    n_cases : int
        How many orders are asked for; each loses its courier once.
    admitted : set of str
        Names of the orders the platform said yes to.
    dropped : set of str
        Orders that lost their courier.
    """

    url: str
    dice: Random
    n_cases: int
    admitted: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    live: dict[str, str] = field(default_factory=dict)
    _pinged_s: float = 0.0
    _town: Town | None = None

    @property
    def town(self) -> Town:
        """The stages over the database, opened at the first need."""
        if self._town is None:
            self._town = Town(self.url, ids=RandomIds(), clock=Wall())
        return self._town

    def close(self) -> None:
        """Let go of the database."""
        if self._town is not None:
            self._town.close()

    def open(self) -> None:
        """Say who is there."""
        for name, kind, place in (
            ("kitchen", SiteKind.MERCHANT, at(2, 2)),
            ("point", SiteKind.POINT, at(4, 4)),
        ):
            site = Site(id=name, kind=kind, name=name, place=place)
            self._surely(roster.register_site, site)
        now = self.town.now
        for number in range(_N_COURIERS):
            courier = Courier(
                id=f"k-{number}",
                name=f"Courier {number}",
                vehicle=Vehicle.EBIKE,
                contract=Contract.ASKED if number % 3 else Contract.ASSIGNED,
                start=at(number % 8, number // 8),
                shift_start_at=now,
                shift_end_at=now + timedelta(hours=12),
                capacity_g=30_000,
                capacity_ml=80_000,
                state=CourierState.OFFLINE,
                state_since_at=now,
            )
            self._surely(roster.register_courier, courier)
            self._surely(roster.duty, courier.id, on=True)

    def is_done(self) -> bool:
        """Whether every order was asked for and has ended."""
        return len(self.admitted) >= self.n_cases and not self.live

    def step(self) -> None:
        """Everybody does the next thing; whoever is cut off asks again in the next step."""
        with suppress(psycopg.OperationalError):
            self._ping()
            self._ask()
            self._answer()
            self._ride()
            self._choose()
            self._look()

    def _surely(self, stage: Stage, *given: object, **named: object) -> None:
        """Ask until there is an answer; a second yes to the same is the first one."""
        while True:
            try:
                self.town.do(stage, *given, **named)
            except psycopg.OperationalError:
                time.sleep(0.2)
            else:
                return

    def _ping(self) -> None:
        if time.monotonic() - self._pinged_s < _PINGS_EVERY_S:
            return
        names = [f"k-{number}" for number in range(_N_COURIERS)]
        places = [at(self.dice.randrange(8), self.dice.randrange(8)) for _ in names]
        lon, lat = [one.lon for one in places], [one.lat for one in places]
        pings = Pings.of(names, lon, lat, [self.town.now] * len(names))
        self._try(track.track, pings)
        self._pinged_s = time.monotonic()

    def _ask(self) -> None:
        """Keep a number of orders open."""
        while len(self.live) < _AT_ONCE and len(self.admitted) < self.n_cases:
            name = f"a-{len(self.admitted)}"
            now = self.town.now
            wanted = Wanted(
                external_id=name,
                merchant_id="m-1",
                kind=OrderKind.MEAL,
                pickup_site_id="kitchen",
                pickup_ready_at=now,
                dropoff_ready_at=now,
                dropoff_deadline_at=now + timedelta(minutes=50),
                customer=Customer(id=f"c-{name}", name="Ann"),
                dropoff=at(self.dice.randrange(8), self.dice.randrange(8)),
                value_cents=4_200,
            )
            made = self.town.do(order.admit, wanted)
            self.admitted.add(name)
            self.live[made.id] = name

    def _answer(self) -> None:
        for one in self.town.open_offers():
            if one.case_ids and self.dice.random() < 0.1:
                self._try(offers.decline, one.id, code=_CAUSES[0])
            else:
                self._try(offers.accept, one.id)

    def _ride(self) -> None:
        """Whoever has a stop makes it, or drops what they have, once an order."""
        for name, route in self.town.read(lambda tx: tx.routes()).items():
            if not route.stops:
                continue
            stop = route.stops[0]
            fresh = [id_ for id_ in stop.order_ids if id_ in self.live and id_ not in self.dropped]
            if fresh and (stop.kind is StopKind.DROPOFF or self.dice.random() < 0.5):
                self._drop(name, fresh[0])
            elif stop.kind is not StopKind.GIVE:
                self._try(stops.reach, name, stop.id)
                self._try(stops.complete, name, stop.id)

    def _drop(self, courier_id: str, order_id: str) -> None:
        """Drop one order; cut off, nobody knows whether it was heard, so look first."""
        cause = self.dice.choice(_CAUSES)
        duties = self.town.duties(order_id)
        if all(duty.status is not AssignmentStatus.WITHDRAWN for duty in duties):
            self._try(disrupt.withdraw, courier_id, code=cause, order_ids=(order_id,))
        self.dropped.add(order_id)

    def _choose(self) -> None:
        """A customer in whose case nobody is found takes the money back, now and then."""
        for case in self.town.read(lambda tx: tx.open_cases()):
            if case.status is CaseStatus.HUMAN and self.dice.random() < 0.02:
                self._try(recover.choose, case.order_id, way=Way.REFUND)

    def _look(self) -> None:
        """Forget what has ended."""
        for order_id, found in self.town.read(lambda tx: tx.orders(list(self.live))).items():
            if found.status in ORDER_ENDS:
                del self.live[order_id]

    def _try(self, stage: Stage, *given: object, **named: object) -> None:
        """Ask once; a refusal is a clear answer."""
        with suppress(*_REFUSED):
            self.town.do(stage, *given, **named)
