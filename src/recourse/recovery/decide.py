"""This file knows how the cases of a disruption are decided together, and why each loser lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.model.cases import Case, Decision, Loss, Option, Rejection, Way
from recourse.model.couriers import Contract
from recourse.model.orders import OrderKind
from recourse.planning import Insertion, PlanParams, World
from recourse.recovery.carriers import Carriers, Found
from recourse.recovery.options import at_point, can_meet, late_cents, metres, other_ways, point_for
from recourse.recovery.params import RecoveryParams
from recourse.recovery.passive import decide_passively
from recourse.recovery.reping import nearest_free
from recourse.recovery.scene import Decided, Scene

__all__ = ["CHOICES", "View", "best_of", "decide", "ways_of"]

_LAST_RESORTS = frozenset({Way.NEXT_DAY, Way.REFUND})
"""Taken only when somebody wishes it, or the time for looking is over."""
_BY_COURIER = frozenset({Way.COURIER, Way.HANDOVER})
_BY_WORD = frozenset({Way.SLOT, Way.EXPRESS})
"""Taken only when the customer or a dispatcher says so: one is later, the other dearer."""
CHOICES = (
    Way.EXPRESS,
    Way.PICKUP_POINT,
    Way.NEXT_WAVE,
    Way.SLOT,
    Way.NEXT_DAY,
    Way.REFUND,
)
"""What a customer may choose, where it is open."""


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
    minutes from each other. Then each case takes its cheapest way; those that take a courier are
    placed once more without the others, and the routes handed on are those of this last call. A
    wish of the customer or a dispatcher is followed if it can be done.

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

    Examples
    --------
    Nobody is there to carry it, and the next wave leaves in an hour:

    >>> from recourse.model.examples import NOON, case_of, on_shelf, order_of
    >>> from recourse.planning.examples import LineTravel
    >>> scene = Scene(
    ...     orders={"o-1": order_of()},
    ...     custody={"o-1": on_shelf()},
    ...     couriers={},
    ...     progress={},
    ...     waves={"s-1": (NOON + timedelta(hours=1),)},
    ... )
    >>> (decided,) = decide(
    ...     [case_of()],
    ...     scene=scene,
    ...     world=World(LineTravel(), PlanParams()),
    ...     now=NOON,
    ...     params=RecoveryParams(),
    ...     plan_params=PlanParams(),
    ...     new_id=lambda: "t-1",
    ... )
    >>> decided.decision.option.way.value, decided.decision.option.late_s
    ('next_wave', 5400)
    >>> decided.decision.rejections[0].loss.value
    'dropped_it'
    """
    view = View(scene=scene, world=world, now=now, params=params)
    carriers = Carriers(
        scene=scene, world=world, now=now, params=params, plan_params=plan_params, new_id=new_id
    )
    if params.policy == "passive":
        return tuple(_passive(case, view) for case in cases)
    if params.policy == "reping":
        return tuple(_reping(case, view, carriers) for case in cases)
    found = carriers.find(cases)
    first = {case.id: _choose(case, found, view, carriers) for case in cases}
    to_point = {
        id_: one.decision.option.site_id
        for id_, one in first.items()
        if one.decision.option.way is Way.PICKUP_POINT
    }
    carried = _carried_by(cases, first)
    straight = {id_ for id_, one in first.items() if one.decision.option.way is Way.EXPRESS}
    is_settled = not to_point and not straight and len(carried) in {0, len(found.insertions)}
    while carried and not is_settled:
        # Routes hold the orders they were found with: who changes to another way must leave them.
        found = carriers.find(carried, to_point=to_point, straight=straight)
        for case in carried:
            end = Way.EXPRESS.value if case.id in straight else to_point.get(case.id, "")
            first[case.id] = _choose(case, found, view, None, end)
        is_settled = len(left := _carried_by(carried, first)) == len(found.insertions)
        carried = left
    return tuple(first[case.id] for case in cases)


def _carried_by(cases: Sequence[Case], chosen: Mapping[str, Decided]) -> list[Case]:
    """The cases whose order a courier takes over."""
    return [case for case in cases if chosen[case.id].insertion is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What every choice of one call looks at."""

    scene: Scene
    world: World
    now: datetime
    params: RecoveryParams


def _choose(
    case: Case, found: Found, view: View, carriers: Carriers | None, point_id: str = ""
) -> Decided:
    """Choose for one case; without `carriers` only a pickup point chosen before counts."""
    options, closed, insertions = ways_of(case, found, view, carriers, point_id)
    best = best_of(case, options, view.scene)
    ranked = sorted(options, key=lambda one: (one.cost_cents, one.way.value))
    losers = [
        Rejection(
            way=one.way,
            loss=Loss.PRICE,
            courier_id=one.courier_id,
            amount=max(0, one.cost_cents - best.cost_cents),
        )
        for one in ranked
        if one is not best
    ]
    asks_point = _point_worth_asking(case, best, closed, view)
    sent = None if asks_point else insertions.get(best.way)
    return Decided(
        case_id=case.id,
        decision=Decision(
            order_id=case.order_id,
            option=Option(way=Way.HUMAN) if asks_point else best,
            rejections=(*closed, *losers),
            plan_version=view.world.version,
        ),
        insertion=sent,
        is_asked=sent is not None and _is_asked(sent.courier_id, case, view.scene),
        asks_point=asks_point,
        choices=_open_choices(options, closed),
    )


def ways_of(
    case: Case, found: Found, view: View, carriers: Carriers | None, point_id: str = ""
) -> tuple[list[Option], list[Rejection], dict[Way, Insertion]]:
    """Every open way with its price, every closed one with its reason, and the routes."""
    options, closed = other_ways(case, view.scene, now=view.now, params=view.params)
    closed = [*_couriers_lost(case, found, view), *closed]
    insertions: dict[Way, Insertion] = {}
    for option, insertion in _carried(case, found, view, carriers, point_id, closed):
        options.append(option)
        insertions[option.way] = insertion
    return options, closed, insertions


def _carried(
    case: Case,
    found: Found,
    view: View,
    carriers: Carriers | None,
    point_id: str,
    closed: list[Rejection],
) -> list[tuple[Option, Insertion]]:
    """The ways a courier makes possible: to the door, and to a pickup point."""
    ways: list[tuple[Option, Insertion]] = []
    insertion = found.insertions.get(case.order_id)
    if insertion is not None and point_id:
        is_straight = point_id == Way.EXPRESS.value
        option = (
            _straight_option(case, insertion, view.params)
            if is_straight
            else _point_option(case, point_id, insertion, view)
        )
        return [(option, insertion)]
    if insertion is not None:
        ways.append((_door_option(case, insertion, view.params), insertion))
    if carriers is None:
        return ways
    ways += _straight(case, view, carriers, closed)
    site = point_for(case, view.scene, now=view.now, params=view.params)
    if isinstance(site, Rejection):
        closed.append(site)
        return ways
    wish = view.scene.wishes.get(case.id)
    if ways and ways[0][0].late_s == 0 and (wish is None or wish.way is not Way.PICKUP_POINT):
        # Whatever the ride to a point costs, the door in time is cheaper by the point's own price.
        way, price = Way.PICKUP_POINT, view.params.point_cents
        closed.append(Rejection(way=way, loss=Loss.PRICE, amount=price))
        return ways
    brought = carriers.find([case], to_point={case.id: site.id}).insertions.get(case.order_id)
    if brought is None:
        loss = Loss.HOLDER_GONE if case.held_by else Loss.OFF_DUTY
        closed.append(Rejection(way=Way.PICKUP_POINT, loss=loss))
        return ways
    return [*ways, (_point_option(case, site.id, brought, view), brought)]


def _straight(
    case: Case, view: View, carriers: Carriers, closed: list[Rejection]
) -> list[tuple[Option, Insertion]]:
    """A courier with nothing else to do, where that is offered."""
    if not view.params.has_express:
        return []
    found = carriers.find([case], straight={case.id}).insertions.get(case.order_id)
    if found is None:
        closed.append(Rejection(way=Way.EXPRESS, loss=Loss.OFF_DUTY))
        return []
    return [(_straight_option(case, found, view.params), found)]


def best_of(case: Case, options: Sequence[Option], scene: Scene) -> Option:
    """The way wished for if it is open, else the cheapest that is no last resort."""
    wish = scene.wishes.get(case.id)
    usual = [one for one in options if one.way not in _LAST_RESORTS | _BY_WORD]
    is_at_point = at_point(scene.orders[case.order_id], scene)
    if wish is not None and wish.by == "platform" and not is_at_point:
        # The time for looking is over: anything that is a promise, no further looking.
        usual = [one for one in options if one.way not in _BY_WORD | {Way.HUMAN}]
    elif wish is not None:
        wanted = _BY_COURIER if wish.way in _BY_COURIER else {wish.way}
        usual = [one for one in options if one.way in wanted] or usual
    return min(usual, key=lambda one: (one.cost_cents, one.way.value))


def _door_option(case: Case, insertion: Insertion, params: RecoveryParams) -> Option:
    """What another courier costs: way, time, lateness, bonus."""
    late_s, late_price = late_cents(insertion.arrival_at, case, params)
    is_met = bool(case.held_by) and insertion.courier_id != case.held_by
    return Option(
        way=Way.HANDOVER if is_met else Way.COURIER,
        courier_id=insertion.courier_id,
        arrival_at=insertion.arrival_at,
        late_s=late_s,
        cost_cents=late_price + _ride_cents(insertion, params),
    )


def _straight_option(case: Case, insertion: Insertion, params: RecoveryParams) -> Option:
    """What a direct ride costs us; what the customer pays for it is theirs to agree to."""
    return replace(_door_option(case, insertion, params), way=Way.EXPRESS)


def _point_option(case: Case, site_id: str, insertion: Insertion, view: View) -> Option:
    """What a pickup point costs: the ride there, and the customer's walk."""
    params = view.params
    late_s, late_price = late_cents(insertion.arrival_at, case, params)
    order, site = view.scene.orders[case.order_id], view.scene.sites[site_id]
    walk_cents = int(metres(order.dropoff, site.place)) * params.walk_cents_per_km // 1_000
    ride_cents = _ride_cents(insertion, params)
    return Option(
        way=Way.PICKUP_POINT,
        courier_id=insertion.courier_id,
        site_id=site_id,
        arrival_at=insertion.arrival_at,
        late_s=late_s,
        cost_cents=late_price + ride_cents + params.point_cents + walk_cents,
    )


def _ride_cents(insertion: Insertion, params: RecoveryParams) -> int:
    """What the courier's detour costs."""
    return (
        max(0, insertion.added_m) * params.km_cents // 1_000
        + max(0, insertion.added_s) * params.added_cents_per_min // 60
        + params.bonus_cents
    )


def _couriers_lost(case: Case, found: Found, view: View) -> list[Rejection]:
    """Why other couriers were not taken; who dropped or refused it comes first."""
    way = Way.HANDOVER if case.held_by else Way.COURIER
    if case.held_by and not can_meet(case, view.scene):
        return [Rejection(way=way, loss=Loss.HOLDER_GONE, courier_id=case.held_by)]
    known = list(found.rejections.get(case.order_id, ()))
    named = {one.courier_id for one in known}
    own = [
        Rejection(
            way=way,
            loss=Loss.DROPPED_IT if courier_id == case.from_courier_id else Loss.REFUSED_IT,
            courier_id=courier_id,
        )
        for courier_id in case.excluded
        if courier_id not in named
    ]
    return [*own, *known][: view.params.n_reasons]


def _point_worth_asking(case: Case, best: Option, closed: Sequence[Rejection], view: View) -> bool:
    """Whether a pickup point the customer has not agreed to would be much the better way.

    A meal does not wait for an answer.

    Returns
    -------
    bool
        Whether the customer is asked first.
    """
    if view.scene.orders[case.order_id].kind is not OrderKind.PARCEL:
        return False
    is_near = any(one.way is Way.PICKUP_POINT and one.loss is Loss.NO_CONSENT for one in closed)
    if not is_near or case.n_decisions > 1 or case.id in view.scene.wishes:
        return False
    return best.cost_cents >= view.params.point_cents + view.params.ask_cents


def _open_choices(options: Sequence[Option], closed: Sequence[Rejection]) -> tuple[Way, ...]:
    """What the customer may choose instead."""
    open_ways = {one.way for one in options}
    asks = any(one.way is Way.PICKUP_POINT and one.loss is Loss.NO_CONSENT for one in closed)
    known = open_ways | {Way.PICKUP_POINT} if asks else open_ways
    return tuple(way for way in CHOICES if way in known)


def _is_asked(courier_id: str, case: Case, scene: Scene) -> bool:
    """Whether that courier must be asked; a holder who goes on is not."""
    courier = scene.couriers.get(courier_id)
    return courier_id != case.held_by and courier is not None and courier.contract is Contract.ASKED


def _passive(case: Case, view: View) -> Decided:
    """Customer service: tomorrow, or the money back."""
    order = view.scene.orders[case.order_id]
    decision = decide_passively(case, order, now=view.now, plan_version=view.world.version)
    return Decided(case_id=case.id, decision=decision)


def _reping(case: Case, view: View, carriers: Carriers) -> Decided:
    """The nearest free courier, whoever it is; customer service when it is hopeless."""
    scene, params = view.scene, view.params
    order = scene.orders[case.order_id]
    is_hopeless = view.now > case.promised_by + timedelta(seconds=params.max_late_s)
    if case.held_by or is_hopeless:
        return _passive(case, view)
    nearest = nearest_free(
        order.pickup,
        couriers=scene.couriers,
        progress=scene.progress,
        busy=scene.busy,
        n_stops=scene.n_stops,
        station_id=order.station_id,
    )
    found = carriers.find([case], only=nearest) if nearest else Found({}, {})
    insertion = found.insertions.get(case.order_id)
    option = (
        _door_option(case, insertion, params) if insertion is not None else Option(way=Way.HUMAN)
    )
    return Decided(
        case_id=case.id,
        decision=Decision(
            order_id=case.order_id,
            option=option,
            rejections=tuple(found.rejections.get(case.order_id, ())),
            plan_version=view.world.version,
        ),
        insertion=insertion,
        is_asked=insertion is not None and _is_asked(insertion.courier_id, case, scene),
    )
