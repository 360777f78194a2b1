"""This file knows who takes which order: joint regret insertion over all live routes."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from recourse.model.cases import Loss
from recourse.model.errors import CannotPlan, Invalid, NotFound
from recourse.model.routes import Route, Stop
from recourse.planning.asks import Asks
from recourse.planning.demand import Demand, Insertion, Placement
from recourse.planning.draft import Draft
from recourse.planning.losses import Losses
from recourse.planning.params import PlanParams
from recourse.planning.rematch import rematch
from recourse.planning.search import Search
from recourse.planning.travel import as_of
from recourse.planning.visits import stop_of
from recourse.planning.world import World

__all__ = ["place"]

_WIDEN = 4


def place(
    world: World,
    demands: Sequence[Demand],
    *,
    now: datetime,
    ids: Callable[[], str],
    params: PlanParams | None = None,
    courier_ids: Collection[str] | None = None,
    max_late_s: int = 0,
    barred: Mapping[str, Loss] | None = None,
) -> Placement:
    """Give orders places on live routes, all of them together.

    The order that would lose most by waiting is placed first: the one whose second best courier
    is dearest compared with the best (regret insertion [1]_). What is promised already holds: no
    stop becomes late, no vehicle too full, no shift or day of work too long; a stop whose service
    has begun is not touched. Ties go to the courier with the smaller id, then to the earlier
    rank. Couriers who do not take part come out of it with the route they had.

    Parameters
    ----------
    world : World
        Couriers and routes; not changed, put the routes of the answer into it yourself.
    demands : sequence of Demand
        Orders to place, each once. Their sequence does not matter.
    now : datetime
        The present instant, aware.
    ids : callable
        Gives the id of every new stop.
    params : PlanParams, optional
        Prices and limits; those of the world by default.
    courier_ids : collection of str, optional
        Who may be asked at all; everybody by default.
    max_late_s : int, optional
        Seconds past its promise that a new order may be late, at the price of the parameters.
    barred : mapping of str to Loss, optional
        Couriers not to be asked for a reason the plan cannot know, such as an open offer.

    Returns
    -------
    Placement
        A place or a reason for every order.

    Raises
    ------
    NotFound
        If a courier of `courier_ids` is not in the world.
    Invalid
        If an order is given twice.
    CannotPlan
        If an order has no pickup and nobody has it on board.

    Notes
    -----
    Deterministic. An order is priced against the `n_candidates` couriers who pass nearest and the
    `n_soonest` who are free soonest only, so its cost does not grow with the city; after a
    placement only the courier who got it is priced again. Several new orders placed together are
    then improved among themselves by the re-matching engine, in `PlanParams.steps_per_order` steps
    for each; stops that were there before keep their courier and their sequence.

    References
    ----------
    .. [1] Potvin, J.-Y., and J.-M. Rousseau (1993). A parallel route building algorithm for the
       vehicle routing and scheduling problem with time windows. *European Journal of Operational
       Research* 66(3): 331-340. https://doi.org/10.1016/0377-2217(93)90221-8

    Examples
    --------
    Two couriers on a line; the nearer one takes the order.

    >>> from itertools import count
    >>> from recourse.planning.examples import NOON, LineTravel, demand_on_line, on_line
    >>> world = World(LineTravel(), PlanParams())
    >>> for courier_id, at_m in (("far", 9_000), ("near", 1_000)):
    ...     courier, route, orders = on_line(courier_id, at_m=at_m)
    ...     world.put(courier, route, orders=orders)
    >>> number = count(1)
    >>> order = demand_on_line("o-1", from_m=2_000, to_m=3_000)
    >>> plan = place(world, [order], now=NOON, ids=lambda: f"s-{next(number)}")
    >>> took = plan.insertions[0]
    >>> took.courier_id, took.added_m, f"{took.arrival_at:%H:%M:%S}"
    ('near', 2000, '12:05:20')
    >>> [(r.courier_id, r.loss.value) for r in plan.rejections["o-1"]]
    [('far', 'price')]

    Nobody can be at the west end within a minute, and by how much is said:

    >>> order = demand_on_line("o-2", from_m=1_000, to_m=0, within_s=60)
    >>> plan = place(world, [order], now=NOON, ids=lambda: f"s-{next(number)}")
    >>> plan.unplaced, [(r.courier_id, r.amount) for r in plan.rejections["o-2"]]
    (('o-2',), [('near', 160), ('far', 960)])
    """
    params = world.params if params is None else params
    wanted = _wanted(demands)
    everyone = _everyone(world, courier_ids)
    n_tried = params.n_candidates
    while True:
        losses = Losses(
            world,
            wanted,
            everyone,
            now_s=math.ceil(now.timestamp()),
            params=params,
            barred=barred or {},
        )
        search = _search(world, wanted, losses, now, params, max_late_s, n_tried)
        if n_tried >= params.max_candidates or not search.wants_more(n_tried):
            break
        n_tried = min(n_tried * _WIDEN, params.max_candidates)
    return _answer(world, search, now, ids)


def _wanted(demands: Sequence[Demand]) -> list[Demand]:
    """Demands in the sequence that settles ties: by promise, then by id."""
    order_ids = [demand.order_id for demand in demands]
    if len(set(order_ids)) < len(order_ids):
        twice = next(o for o in order_ids if order_ids.count(o) > 1)
        raise Invalid(field="demands", why=f"order {twice} is given twice")
    for demand in demands:
        if demand.pickup is None and not demand.from_courier_id:
            raise CannotPlan(
                constraint="it has no pickup and nobody has it on board", order_id=demand.order_id
            )
    return sorted(demands, key=lambda d: (d.latest_at, d.order_id))


def _everyone(world: World, courier_ids: Collection[str] | None) -> tuple[str, ...]:
    """Ids of all couriers asked about, sorted."""
    if courier_ids is None:
        return world.courier_ids()
    for courier_id in courier_ids:
        if courier_id not in world.row_of:
            raise NotFound(kind="courier", id=courier_id)
    return tuple(sorted(set(courier_ids)))


def _search(
    world: World,
    demands: Sequence[Demand],
    losses: Losses,
    now: datetime,
    params: PlanParams,
    max_late_s: int,
    n_tried: int,
) -> Search:
    """Choose candidates, set up their routes as arrays and decide."""
    near = [losses.nearest(k, n_tried) for k in range(len(demands))]
    ranks = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *near]))
    rows = losses.rows[ranks]
    world.refresh(rows, as_of(now))
    asks = Asks(world, demands, rows, now=now, params=params, max_late_s=max_late_s)
    chosen = [losses.courier_ids[rank] for rank in ranks.tolist()]
    draft = Draft(world, chosen, asks, math.ceil(now.timestamp()), params)
    search = Search(draft, losses, ranks, near)
    search.run()
    rematch(search)
    return search


def _answer(world: World, search: Search, now: datetime, ids: Callable[[], str]) -> Placement:
    """Write what was decided as values."""
    draft, losses = search.draft, search.losses
    demands = draft.asks.demands
    routes = {
        row: _route(world, draft, row, now, ids)
        for row in sorted({move.row for move in search.moves})
    }
    insertions = []
    for move in search.moves:
        demand, route = demands[move.demand], routes[move.row]
        stop = next(s for s in reversed(route.stops) if demand.order_id in s.order_ids)
        begin_at = max(stop.arrival_at, stop.earliest_at)
        insertions.append(
            Insertion(
                order_id=demand.order_id,
                courier_id=route.courier_id,
                route=route,
                arrival_at=stop.arrival_at,
                late_s=max(int((begin_at - demand.latest_at).total_seconds()), 0),
                added_s=move.added_s,
                added_m=move.added_m,
                cost_cents=(move.cost + 500) // 1_000,
            )
        )
    winner = {move.demand: int(search.ranks[move.row]) for move in search.moves}
    order_ids = [demand.order_id for demand in demands]
    return Placement(
        insertions=tuple(insertions),
        unplaced=tuple(sorted(o for k, o in enumerate(order_ids) if k not in winner)),
        rejections={o: losses.rejections(k) for k, o in enumerate(order_ids)},
        n_losers={o: losses.counts(k, winner.get(k, -1)) for k, o in enumerate(order_ids)},
        plan_version=world.version,
    )


def _route(world: World, draft: Draft, row: int, now: datetime, ids: Callable[[], str]) -> Route:
    """Return a row of the draft as a route: new stops get ids, all get arrival times."""
    entry = world.entry(draft.courier_ids[row])
    arrivals = draft.leave[row, : draft.n[row]] + draft.leg_s[row, : draft.n[row]]
    stops: list[Stop] = list(entry.frozen)
    for visit, at_s in zip(draft.visits[row], arrivals.tolist(), strict=True):
        stop, at = stop_of(visit, draft.asks), datetime.fromtimestamp(at_s, tz=UTC)
        stops.append(replace(stop, id=stop.id or ids(), arrival_at=at))
    return replace(entry.route, stops=tuple(stops), changed_at=now)
