"""This file knows what the stages work with: the ports, the resident world and the parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from recourse import foresight
from recourse.bonuses import BonusParams
from recourse.disruption import DisruptParams
from recourse.disruption.attempts import AttemptParams
from recourse.disruption.pressure import PressureParams
from recourse.durable import RetryParams
from recourse.errands import ErrandParams
from recourse.flow.travel import CityTravel
from recourse.foresight import RiskModel, RiskParams
from recourse.model.couriers import ON_DUTY
from recourse.model.events import PolicyEntered
from recourse.model.places import Site
from recourse.model.ports import Clock, Ids, Store, Transaction
from recourse.model.routes import Route
from recourse.orders import AdmitParams
from recourse.planning import PlanParams, World
from recourse.recovery import RecoveryParams
from recourse.redress import Given, RemedyPolicy, as_shipped
from recourse.tracking import HoursParams, TrackParams

__all__ = ["CaseRules", "DispatchParams", "Params", "Platform", "WaysParams", "WebhookParams"]

_SITES_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchParams:
    """How orders find their first courier.

    Attributes
    ----------
    offer_s : int
        Seconds a courier has to answer a first offer.
    pay_cents : int
        Base pay of one order on demand.
    retry_s, spread_retry_s : int
        Seconds until an order nobody could take is tried again, and until several are together.
    max_late_s : int
        Lateness beyond which no courier is asked at all; up to it lateness has a price.
    wave_lead_s : int
        Seconds before a wave leaves at which it is planned.
    promise_slack_s : int
        Seconds between an expected arrival and the end of the window that is told.
    early_s : int
        Seconds before the end of a promise at which a first plan aims.
    wave_times : tuple of time
        Local times at which the waves of every station leave (assumed).
    """

    offer_s: int = 75
    pay_cents: int = 700
    retry_s: int = 30
    spread_retry_s: int = 120
    max_late_s: int = 5_400
    wave_lead_s: int = 600
    promise_slack_s: int = 600
    early_s: int = 600
    wave_times: tuple[time, ...] = (time(8, 30), time(11), time(13, 30), time(16), time(18, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookParams:
    """How patiently merchants are told.

    Attributes
    ----------
    retries : RetryParams
        Pauses between tries.
    eager_s : int
        Seconds since the trouble began for which no pause is longer than `eager_cap_s`: most
        trouble is over by then.
    eager_cap_s : int
        Longest pause while it is new, in seconds.
    give_up_s : int
        Seconds after which a message that nobody took is given up, and an endpoint that took
        nothing is switched off: three days.
    overlap_s : int
        Seconds for which the secret before signs too.
    is_local : bool
        Whether plain http and addresses of this network are allowed; for development.
    """

    retries: RetryParams = field(default_factory=lambda: RetryParams(first_s=5, cap_s=14_400))
    eager_s: int = 600
    eager_cap_s: int = 15
    give_up_s: int = 3 * 86_400
    overlap_s: int = 86_400
    is_local: bool = False

    def pauses(self, since_at: datetime, now: datetime) -> RetryParams:
        """Return the pauses between tries for trouble that began then."""
        is_new = (now - since_at).total_seconds() < self.eager_s
        return replace(self.retries, cap_s=self.eager_cap_s) if is_new else self.retries


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysParams:
    """What customers may choose besides what every installation offers.

    Attributes
    ----------
    has_neighbours : bool
        Whether a customer may name somebody next door who takes the parcel.
    """

    has_neighbours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Every tunable of the stages.

    A wave is bettered for longer than a repair: it is planned ahead, a repair is waited for. One
    order on demand is hardly ever best carried by any but the few couriers nearest to it. Nobody
    asks of an order that was never lost why the others did not get it: one reason is kept. A
    promise that was shaken once must not break for a shorter ride: a late minute of a repair is
    dear.
    """

    orders: AdmitParams = field(default_factory=AdmitParams)
    dispatch: DispatchParams = field(default_factory=DispatchParams)
    plan: PlanParams = field(default_factory=PlanParams)
    first: PlanParams = field(
        default_factory=lambda: PlanParams(
            n_candidates=8,
            max_candidates=32,
            n_kept=1,
            late_cents_per_min=400,
            wait_cents_per_min=15,
            late_slack_s=1_200,
        )
    )
    spread: PlanParams = field(
        default_factory=lambda: PlanParams(n_kept=1, late_cents_per_min=400, late_slack_s=1_200)
    )
    repair: PlanParams = field(
        default_factory=lambda: PlanParams(
            n_candidates=16,
            late_cents_per_min=1_000,
            wait_cents_per_min=10,
            overtime_s=1_800,
            late_slack_s=1_200,
        )
    )
    track: TrackParams = field(default_factory=TrackParams)
    hours: HoursParams = field(default_factory=HoursParams)
    risk: RiskParams = field(default_factory=RiskParams)
    disruption: DisruptParams = field(default_factory=DisruptParams)
    attempt: AttemptParams = field(default_factory=AttemptParams)
    pressure: PressureParams = field(default_factory=PressureParams)
    recovery: RecoveryParams = field(default_factory=RecoveryParams)
    redress: RemedyPolicy = field(default_factory=as_shipped)
    webhooks: WebhookParams = field(default_factory=WebhookParams)
    errands: ErrandParams = field(default_factory=ErrandParams)
    ways: WaysParams = field(default_factory=WaysParams)
    bonuses: BonusParams = field(default_factory=BonusParams)

    def as_inserted(self) -> "Params":
        """Return the same with plans that stay as insertion made them."""
        return replace(
            self,
            plan=replace(self.plan, steps_per_order=0),
            first=replace(self.first, steps_per_order=0),
            spread=replace(self.spread, steps_per_order=0),
            repair=replace(self.repair, steps_per_order=0),
        )


@dataclass(frozen=True, slots=True)
class CaseRules:
    """What one case is handled by, from its beginning to its end.

    Attributes
    ----------
    recovery : RecoveryParams
        How it is handled.
    redress : RemedyPolicy
        What is owed after it.
    """

    recovery: RecoveryParams
    redress: RemedyPolicy


@dataclass(slots=True, kw_only=True)
class Platform:
    """One running platform.

    Attributes
    ----------
    store, clock, ids
        The ports.
    travel : CityTravel
        Travel times of the city, with the closures in force.
    zone : ZoneInfo
        Local time of the city.
    world : World
        The resident picture of couriers and routes; caught up before every decision.
    params : Params
        Tunables.
    risk : RiskModel
        The model in force.
    city : mapping
        What a page needs to know of the city.
    tile : callable
        A map tile by zoom, column and row; None when it is empty.
    secret : bytes
        Secret of the installation, from which those of the endpoints are derived.
    push_key : str
        With which a customer's browser asks for messages; empty where none are sent.
    is_simulated : bool
        Whether orders and couriers come from a simulator.
    references : dict
        Reference series shown beside the live counters.
    mark : int
        How far the world has read the changed routes.
    messages_until : tuple of int
        Number of the newest message, and of the event up to which was looked.
    known_sites, sites_read_at
        The sites as last read, and when.
    answers_until : int
        Number of the event up to which was looked for what was learned of couriers' answers.
    given : Given
        What was given to make good, as far as the log was read.
    policy : int
        Number of the policy in force.
    policies : dict of int to CaseRules
        Every policy cases may have begun with, as far as it was read.
    read_policy : callable or None
        Makes rules of what the log says of a policy.
    """

    store: Store
    clock: Clock
    ids: Ids
    travel: CityTravel
    zone: ZoneInfo
    world: World
    params: Params
    risk: RiskModel
    city: Mapping[str, object]
    tile: Callable[[int, int, int], bytes | None]
    secret: bytes = b""
    push_key: str = ""
    is_simulated: bool = False
    references: dict[str, Mapping[str, object]] = field(default_factory=dict)
    mark: int = 0
    messages_until: tuple[int, int] = (0, 0)
    known_sites: Mapping[str, Site] = field(default_factory=dict)
    sites_read_at: datetime | None = None
    answers_until: int = 0
    policy: int = 1
    policies: dict[int, CaseRules] = field(default_factory=dict)
    read_policy: Callable[[PolicyEntered], CaseRules] | None = None
    given: Given = field(init=False)

    def __post_init__(self) -> None:
        self.given = Given(self.zone, days=0)

    def now(self) -> datetime:
        """Return the present instant by the platform's clock."""
        return self.clock.now()

    def catch_up(self, tx: Transaction) -> World:
        """Bring the world up to what the store holds and return it.

        Only routes written since the last call are read, so the cost does not grow with the city.

        Returns
        -------
        World
            The resident world.
        """
        self.mark, routes = tx.routes_changed(self.mark)
        if not routes:
            return self.world
        couriers, progress = tx.couriers(routes), tx.progress(routes)
        loads = tx.orders({id_ for route in routes.values() for id_ in self._new_on(route)})
        for courier_id, route in sorted(routes.items()):
            courier = couriers[courier_id]
            if courier.state in ON_DUTY:
                self.world.put(courier, route, progress.get(courier_id), orders=loads)
            else:
                self.world.remove(courier_id)
        return self.world

    def _new_on(self, route: Route) -> set[str]:
        """Return the orders of a route whose loads the world does not know yet."""
        on_it = {order_id for stop in route.stops for order_id in stop.order_ids}
        if route.courier_id not in self.world.row_of:
            return on_it
        return on_it - self.world.entry(route.courier_id).loads.keys()

    def sites(self, tx: Transaction) -> Mapping[str, Site]:
        """Return every site, read again once in a while: they hardly ever change."""
        now = self.now()
        if self.sites_read_at is None or now - self.sites_read_at > _SITES_KEPT:
            self.known_sites, self.sites_read_at = tx.sites(), now
        return self.known_sites

    def features_of(self, tx: Transaction, courier_id: str) -> tuple[float, ...]:
        """Return what is known of a courier now, as the risk model reads it."""
        courier = tx.couriers([courier_id])[courier_id]
        route = tx.routes([courier_id]).get(courier_id)
        return foresight.features(
            courier,
            tx.progress([courier_id]).get(courier_id),
            n_stops=len(route.stops) if route else 0,
            now=self.now(),
        )

    def touch(self, route: Route) -> Route:
        """Return the route as changed now, so that every reader of routes sees its courier anew."""
        return Route(
            courier_id=route.courier_id,
            stops=route.stops,
            changed_at=self.now(),
            version=route.version,
        )
