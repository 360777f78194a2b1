"""This file knows how the cases of a disruption are decided together, and why each loser lost."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.model.assignments import Custodian
from recourse.model.cases import Case, Decision, Loss, Option, Rejection, Way
from recourse.model.couriers import Contract
from recourse.model.orders import Order
from recourse.model.places import Place, Site
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind
from recourse.planning import Demand, Insertion, PlanParams, World, place
from recourse.recovery.options import can_meet, late_cents, other_ways, point_for, straight_m
from recourse.recovery.params import RecoveryParams
from recourse.recovery.passive import decide_passively
from recourse.recovery.reping import nearest_free
from recourse.recovery.scene import Decided, Scene

__all__ = ["decide"]

_LAST_RESORTS = frozenset({Way.NEXT_DAY, Way.REFUND})
"""Taken only when somebody wishes it, or the time for looking is over."""


def decide(
    cases: Sequence[Case],
    *,
    scene: Scene,
    world: World,
    now: datetime,
    params: RecoveryParams,
    plan_params: PlanParams,
    new_id: Callable[[], str],
) -> tuple[Decided, ...]:
    """Decide cases together: every way out is priced, the cheapest taken, the losers' reasons kept.

    Couriers are found for all cases in one call, so that two orders do not take one courier's last
    minutes from each other. A wish of the customer or a dispatcher is followed if it can be done.

    Parameters
    ----------
    cases : sequence of Case
        Cases that are deciding.
    scene : Scene
        What is in view.
    world : World
        The resident routes; read, not changed.
    now : datetime
        The present instant.
    params : RecoveryParams
        Policy, prices and limits.
    plan_params : PlanParams
        What planning may do.
    new_id : callable
        Gives ids for new stops.

    Returns
    -------
    tuple of Decided
        One for each case, in their order.
    """
    planner = _Planner(scene, world, now, params, plan_params, new_id)
    if params.policy == "passive":
        return tuple(_passive(case, scene, world) for case in cases)
    if params.policy == "reping":
        return tuple(_reping(case, planner) for case in cases)
    carried = planner.carry(cases)
    decided = {case.id: _choose(case, carried, planner) for case in cases}
    # Those who go another way leave room on the routes: plan once more for those who stay.
    stay = [c for c in cases if decided[c.id].insertion is not None]
    if 0 < len(stay) < len(carried.insertions):
        again = planner.carry(stay)
        decided |= {case.id: _choose(case, again, planner) for case in stay}
    return tuple(decided[case.id] for case in cases)


class _Carried:
    """Who could carry what, and why the others could not."""

    def __init__(
        self, insertions: dict[str, Insertion], rejections: dict[str, tuple[Rejection, ...]]
    ) -> None:
        self.insertions, self.rejections = insertions, rejections


class _Planner:
    """What one decision works with."""

    def __init__(
        self,
        scene: Scene,
        world: World,
        now: datetime,
        params: RecoveryParams,
        plan_params: PlanParams,
        new_id: Callable[[], str],
    ) -> None:
        self.scene, self.world, self.now = scene, world, now
        self.params, self.plan_params, self.new_id = params, plan_params, new_id

    def carry(self, cases: Sequence[Case]) -> _Carried:
        """Find couriers for all cases together; holders who may go on are asked first."""
        resuming = [case for case in cases if self._resumes(case)]
        others = [case for case in cases if not self._resumes(case)]
        demands = [d for case in others if (d := self.demand(case)) is not None]
        found = self.place(demands)
        for case in resuming:
            mine = self.place([self.demand_on_board(case)], courier_ids=[case.held_by])
            found.insertions |= mine.insertions
            found.rejections |= mine.rejections
        return found

    def place(
        self, demands: Sequence[Demand], *, courier_ids: Sequence[str] | None = None
    ) -> _Carried:
        """Place demands on routes, late ones too."""
        if not demands:
            return _Carried({}, {})
        placement = place(
            self.world,
            demands,
            now=self.now,
            params=self.plan_params,
            courier_ids=courier_ids,
            max_late_s=self.params.max_late_s,
            ids=self.new_id,
            barred=dict.fromkeys(self.scene.busy, Loss.HAS_OPEN_OFFER),
        )
        return _Carried(
            {insertion.order_id: insertion for insertion in placement.insertions},
            dict(placement.rejections),
        )

    def demand(self, case: Case) -> Demand | None:
        """What planning must know to send another courier; None if it cannot be fetched."""
        order = self.scene.orders[case.order_id]
        custody = self.scene.custody.get(order.id)
        base = _demand_base(case, order, frozenset(case.excluded))
        if case.held_by:
            if not can_meet(case, self.scene):
                return None
            seen = self.scene.progress[case.held_by]
            return replace(
                base,
                pickup=Place(lon=seen.lon, lat=seen.lat, address=""),
                pickup_kind=StopKind.TAKE,
                from_courier_id=case.held_by,
                pickup_ready_at=self.now,
            )
        at_site = custody is not None and custody.custodian is not Custodian.COURIER
        return replace(
            base,
            pickup=custody.place if custody and custody.place else order.pickup,
            pickup_site_id=custody.holder_id if custody and at_site else order.station_id,
            pickup_ready_at=order.pickup_ready_at,
        )

    def demand_on_board(self, case: Case) -> Demand:
        """The holder goes on with what is on board."""
        order = self.scene.orders[case.order_id]
        excluded = frozenset(case.excluded) - {case.held_by}
        return replace(_demand_base(case, order, excluded), from_courier_id=case.held_by)

    def _resumes(self, case: Case) -> bool:
        """Whether a holder we had lost contact with is back and may go on."""
        seen = self.scene.progress.get(case.held_by) if case.held_by else None
        return (
            case.cause is ReasonCode.SIGNAL_LOST
            and seen is not None
            and not seen.is_silent
            and case.held_by not in case.excluded
        )


def _demand_base(case: Case, order: Order, excluded: frozenset[str]) -> Demand:
    """What every demand of a case says about the order."""
    return Demand(
        order_id=order.id,
        dropoff=order.dropoff,
        latest_at=case.promised_by,
        earliest_at=order.promise.earliest_at,
        service_s=order.service_s,
        weight_g=order.weight_g,
        volume_ml=order.volume_ml,
        is_perishable=order.is_perishable,
        weight=2 if order.is_perishable else 1,
        excluded=excluded,
        dropped_by=case.from_courier_id,
    )


def _choose(case: Case, carried: _Carried, planner: _Planner) -> Decided:
    """Take the cheapest way, or the one wished for; keep why each other one lost."""
    scene, params, now = planner.scene, planner.params, planner.now
    options, closed = other_ways(case, scene, now=now, params=params)
    closed = [*_couriers_lost(case, carried, params), *closed]
    by_courier = _courier_option(case, carried.insertions.get(case.order_id), params)
    if by_courier is not None:
        options.insert(0, by_courier)
    elif case.held_by and not can_meet(case, scene):
        closed.insert(
            0, Rejection(way=Way.HANDOVER, loss=Loss.HOLDER_GONE, courier_id=case.held_by)
        )
    pointed = _point_option(case, planner)
    insertion_to_point = None
    if isinstance(pointed, Rejection):
        closed.append(pointed)
    else:
        option, insertion_to_point = pointed
        options.append(option)
    best = _best(case, options, scene)
    insertion = None
    if best.way in {Way.COURIER, Way.HANDOVER}:
        insertion = carried.insertions[case.order_id]
    elif best.way is Way.PICKUP_POINT:
        insertion = insertion_to_point
    losers = [
        Rejection(
            way=one.way,
            loss=Loss.PRICE,
            courier_id=one.courier_id,
            amount=max(0, one.cost_cents - best.cost_cents),
        )
        for one in sorted(options, key=lambda one: one.cost_cents)
        if one is not best
    ]
    decision = Decision(
        order_id=case.order_id,
        option=best,
        rejections=(*closed, *losers),
        plan_version=planner.world.version,
    )
    return Decided(
        case_id=case.id,
        decision=decision,
        insertion=insertion,
        is_asked=insertion is not None and _is_asked(insertion.courier_id, case, scene),
    )


def _best(case: Case, options: list[Option], scene: Scene) -> Option:
    """The way wished for if it is open, else the cheapest that is no last resort."""
    wish = scene.wishes.get(case.id)
    if wish is not None:
        wanted = {wish.way}
        if wish.way in {Way.COURIER, Way.HANDOVER}:
            wanted = {Way.COURIER, Way.HANDOVER}
        granted = [one for one in options if one.way in wanted]
        if not granted and wish.by == "platform":
            granted = [one for one in options if one.way is Way.REFUND]
        if granted:
            return min(granted, key=lambda one: one.cost_cents)
    usual = [one for one in options if one.way not in _LAST_RESORTS]
    return min(usual, key=lambda one: (one.cost_cents, one.way.value))


def _courier_option(
    case: Case, insertion: Insertion | None, params: RecoveryParams
) -> Option | None:
    """What another courier would cost: way, time, lateness, bonus."""
    if insertion is None:
        return None
    late_s, late_price = late_cents(insertion.arrival_at, case, params)
    is_met = bool(case.held_by) and insertion.courier_id != case.held_by
    price = (
        late_price
        + max(0, insertion.added_m) * params.km_cents // 1_000
        + max(0, insertion.added_s) * params.added_cents_per_min // 60
        + params.bonus_cents
    )
    return Option(
        way=Way.HANDOVER if is_met else Way.COURIER,
        courier_id=insertion.courier_id,
        arrival_at=insertion.arrival_at,
        late_s=late_s,
        cost_cents=price,
    )


def _couriers_lost(case: Case, carried: _Carried, params: RecoveryParams) -> list[Rejection]:
    """Why other couriers were not taken; who dropped or refused it comes first."""
    way = Way.HANDOVER if case.held_by else Way.COURIER
    known = list(carried.rejections.get(case.order_id, ()))
    named = {one.courier_id for one in known}
    for courier_id in case.excluded:
        if courier_id not in named:
            dropped = courier_id == case.from_courier_id
            loss = Loss.DROPPED_IT if dropped else Loss.REFUSED_IT
            known.insert(0, Rejection(way=way, loss=loss, courier_id=courier_id))
    return known[: params.n_reasons]


def _point_option(case: Case, planner: _Planner) -> tuple[Option, Insertion | None] | Rejection:
    """A pickup point: only with recorded consent, only if somebody can carry it there."""
    scene, params, now = planner.scene, planner.params, planner.now
    order = scene.orders[case.order_id]
    wish = scene.wishes.get(case.id)
    wanted_id = wish.site_id if wish and wish.way is Way.PICKUP_POINT else ""
    site = point_for(order, scene, now=now, params=params, site_id=wanted_id)
    if isinstance(site, Rejection):
        return site
    agreed = {consent.site_id for consent in scene.consents.get(order.id, ())}
    if site.id not in agreed and not order.customer.accepts_pickup_point:
        return Rejection(way=Way.PICKUP_POINT, loss=Loss.NO_CONSENT)
    insertion = _to_point(case, site, planner)
    if insertion is None:
        loss = Loss.HOLDER_GONE if case.held_by else Loss.LATE
        return Rejection(way=Way.PICKUP_POINT, loss=loss)
    late_s, price = late_cents(insertion.arrival_at, case, params)
    walk = int(straight_m(order.dropoff, site.place)) * params.km_cents // 1_000
    return (
        Option(
            way=Way.PICKUP_POINT,
            courier_id=insertion.courier_id,
            site_id=site.id,
            arrival_at=insertion.arrival_at,
            late_s=late_s,
            cost_cents=price + params.point_cents + walk,
        ),
        insertion,
    )


def _to_point(case: Case, site: Site, planner: _Planner) -> Insertion | None:
    """Somebody's route with the parcel brought to the point."""
    demand = planner.demand(case)
    if demand is None:
        return None
    demand = replace(
        demand,
        dropoff=site.place,
        dropoff_kind=StopKind.POINT,
        dropoff_site_id=site.id,
        earliest_at=None,
        latest_at=max(demand.latest_at, planner.now + timedelta(hours=1)),
    )
    return planner.place([demand]).insertions.get(case.order_id)


def _is_asked(courier_id: str, case: Case, scene: Scene) -> bool:
    """Whether that courier must be asked; a holder who goes on is not."""
    courier = scene.couriers.get(courier_id)
    return courier_id != case.held_by and courier is not None and courier.contract is Contract.ASKED


def _passive(case: Case, scene: Scene, world: World) -> Decided:
    """Customer service: tomorrow, or the money back."""
    order = scene.orders[case.order_id]
    decision = decide_passively(case, order, plan_version=world.version)
    return Decided(case_id=case.id, decision=decision)


def _reping(case: Case, planner: _Planner) -> Decided:
    """The nearest free courier, whoever it is; customer service when it is hopeless."""
    scene, params, now = planner.scene, planner.params, planner.now
    order = scene.orders[case.order_id]
    is_hopeless = now > case.promised_by + timedelta(seconds=params.max_late_s)
    if case.held_by or is_hopeless:
        return _passive(case, scene, planner.world)
    nearest = nearest_free(
        order.pickup,
        couriers=scene.couriers,
        progress=scene.progress,
        busy=scene.busy,
        n_stops=scene.n_stops,
        station_id=order.station_id,
    )
    demand = planner.demand(case)
    found = (
        planner.place([replace(demand, excluded=frozenset())], courier_ids=[nearest])
        if nearest and demand
        else _Carried({}, {})
    )
    insertion = found.insertions.get(case.order_id)
    option = _courier_option(case, insertion, params) or Option(way=Way.HUMAN)
    decision = Decision(
        order_id=case.order_id,
        option=option,
        rejections=found.rejections.get(case.order_id, ()),
        plan_version=planner.world.version,
    )
    is_asked = insertion is not None and _is_asked(insertion.courier_id, case, scene)
    return Decided(case_id=case.id, decision=decision, insertion=insertion, is_asked=is_asked)
