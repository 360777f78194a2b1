"""A street with couriers on it, and orders that have lost theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from recourse.model.assignments import Custodian, Custody
from recourse.model.cases import Case
from recourse.model.couriers import Contract, Courier, Progress
from recourse.model.examples import case_of
from recourse.model.orders import Customer, Order, OrderKind, OrderStatus, Promise, RecoveringStep
from recourse.model.places import Site, SiteKind
from recourse.model.redress import Consent
from recourse.planning import PlanParams, World
from recourse.planning.examples import NOON, LineTravel, on_line, place_at
from recourse.recovery import Decided, RecoveryParams, Scene, Wish, decide

__all__ = ["NOON", "Street", "order_at"]

PLAN = PlanParams()


def order_at(order_id: str, door_m: int, **facts: Any) -> Order:  # noqa: ANN401 - any field
    """A recovering parcel from the station at 100 m to a door, promised until 12:40."""
    promise = facts.pop(
        "promise", Promise(earliest_at=NOON, latest_at=NOON + timedelta(minutes=40), told_at=NOON)
    )
    usual: dict[str, Any] = {
        "id": order_id,
        "external_id": order_id,
        "merchant_id": "m-1",
        "kind": OrderKind.PARCEL,
        "status": OrderStatus.RECOVERING,
        "step": RecoveringStep.REDISPATCHING,
        "station_id": "s-1",
        "pickup": place_at(100),
        "dropoff": place_at(door_m),
        "pickup_ready_at": NOON,
        "promise": promise,
        "first_promise": promise,
        "customer": Customer(id="c-7"),
        "created_at": NOON,
        "value_cents": 4_000,
    }
    return Order(**(usual | facts))


@dataclass(kw_only=True)
class Street:
    """Everything a decision looks at, on one line."""

    couriers: dict[str, Courier] = field(default_factory=dict)
    progress: dict[str, Progress] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    custody: dict[str, Custody] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    consents: dict[str, tuple[Consent, ...]] = field(default_factory=dict)
    waves: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    world: World = field(default_factory=lambda: World(LineTravel(), PLAN))

    def courier(self, courier_id: str, at_m: int, *, is_asked: bool = True) -> None:
        """Put a courier on the street."""
        who, route, _ = on_line(courier_id, at_m=at_m)
        contract = Contract.ASKED if is_asked else Contract.ASSIGNED
        self.couriers[courier_id] = Courier(
            **{name: getattr(who, name) for name in who.__slots__} | {"contract": contract}
        )
        self.world.put(self.couriers[courier_id], route, None)

    def on_shelf(self, order: Order) -> Case:
        """Let an order lie at its station (or merchant) and be orphaned by courier k-1."""
        self.orders[order.id] = order
        at_station = bool(order.station_id)
        self.custody[order.id] = Custody(
            order_id=order.id,
            number=1,
            custodian=Custodian.STATION if at_station else Custodian.MERCHANT,
            holder_id=order.station_id or order.merchant_id,
            from_at=NOON,
            place=order.pickup,
        )
        return self.case(order)

    def in_hand(self, order: Order, at_m: int, *, is_silent: bool = False, **facts: Any) -> Case:  # noqa: ANN401
        """Let an order be in the hands of courier k-1, who drops out so many metres along."""
        self.orders[order.id] = order
        self.custody[order.id] = Custody(
            order_id=order.id,
            number=2,
            custodian=Custodian.COURIER,
            holder_id="k-1",
            from_at=NOON,
        )
        self.seen("k-1", at_m, is_silent=is_silent)
        return self.case(order, held_by="k-1", **facts)

    def seen(self, courier_id: str, at_m: int, *, is_silent: bool = False) -> None:
        """Let a courier have been seen at noon."""
        here = place_at(at_m)
        self.progress[courier_id] = Progress(
            courier_id=courier_id, lon=here.lon, lat=here.lat, pinged_at=NOON, is_silent=is_silent
        )

    def point(self, site_id: str, at_m: int, **facts: Any) -> None:  # noqa: ANN401 - any field
        """Put up a pickup point."""
        self.sites[site_id] = Site(
            id=site_id, kind=SiteKind.POINT, name=site_id, place=place_at(at_m), **facts
        )

    def decide(
        self,
        cases: Iterable[Case],
        *,
        wishes: dict[str, Wish] | None = None,
        busy: Iterable[str] = (),
        now: datetime = NOON,
        **params: Any,  # noqa: ANN401 - any tunable
    ) -> list[Decided]:
        """Decide cases together."""
        numbers = count(1)
        found = decide(
            list(cases),
            scene=Scene(
                orders=self.orders,
                custody=self.custody,
                couriers=self.couriers,
                progress=self.progress,
                sites=self.sites,
                consents=self.consents,
                waves=self.waves,
                wishes=wishes or {},
                busy=frozenset(busy),
            ),
            world=self.world,
            now=now,
            params=RecoveryParams(**params),
            plan_params=PLAN,
            new_id=lambda: f"t-{next(numbers)}",
        )
        return list(found)

    def case(self, order: Order, **facts: Any) -> Case:  # noqa: ANN401 - any field
        """A case of an order that is on the street."""
        return case_of(
            id=f"case-{order.id}",
            order_id=order.id,
            opened_at=NOON,
            promised_by=order.promise.latest_at,
            **facts,
        )
