"""This file knows PyVRP (`recourse[pyvrp]`): how a first plan is asked of it.

What it has no word for is refused, not left out: whoever wants breaks, lateness at a price, times
of day or several ways to serve an order in a first plan asks the engine itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recourse.model.errors import Invalid

__all__ = ["Facts", "plan_with_pyvrp"]

OUT_OF_REACH = 1 << 30
_NEVER = 2**31 - 1
_NOBODY = -1

Ints = NDArray[Any]


class Facts(Protocol):
    """What a world of the engine knows: `World.rules`."""

    @property
    def travel(self) -> Any:  # noqa: ANN401 - arrays by name
        """Ways."""
        ...

    @property
    def visits(self) -> Any:  # noqa: ANN401
        """What is done where."""
        ...

    @property
    def orders(self) -> Any:  # noqa: ANN401
        """What is to be carried."""
        ...

    @property
    def couriers(self) -> Any:  # noqa: ANN401
        """Who carries."""
        ...

    @property
    def options(self) -> Sequence[Sequence[tuple[int, int]]]:
        """Ways to serve each order."""
        ...


def plan_with_pyvrp(
    facts: Facts, *, is_over: Callable[[float], bool], seed: int = 0
) -> tuple[tuple[int, ...], ...]:
    """Make a plan from nothing.

    Parameters
    ----------
    facts : Facts
        The rules of a `recourse.planning.engine.World` that nobody was told anything about.
    is_over : callable
        Given the price of the best plan so far, whether to stop; asked after every iteration.
    seed : int, optional
        Where the dice begin.

    Returns
    -------
    tuple of tuple of int
        Visits of each courier, for `World.load_routes`; orders in none take their way out.

    Raises
    ------
    Invalid
        If the facts hold something PyVRP has no word for, or it found no plan that keeps the rules.
    """
    import pyvrp  # noqa: PLC0415 - an extra

    _refuse(facts)
    groups = _groups(facts)
    ends = [(int(facts.couriers.start_place[m[0]]), _end(facts, m[0])) for m in groups]
    # A location for every visit, then those of the days' ends: what is barred is barred by visit.
    places = np.array([*facts.visits.place.tolist(), *(end for both in ends for end in both)])
    n_visits = len(facts.visits)
    squares = [_squares(facts, members[0], places) for members in groups]
    singles = np.flatnonzero(facts.orders.pickup == _NOBODY)
    pairs = np.array(_possible_pairs(facts), dtype=int)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in places],
        [pyvrp.Client(**_client(facts, order)) for order in singles.tolist()],
        [pyvrp.Depot(n_visits + k) for k in range(2 * len(groups))],
        [
            pyvrp.VehicleType(
                len(m), start_depot=2 * k, end_depot=2 * k + 1, **_type(facts, m[0], k)
            )
            for k, m in enumerate(groups)
        ],
        [price for price, _ in squares],
        [time_s for _, time_s in squares],
        shipments=[pyvrp.Shipment(**_shipment(facts, order)) for order in pairs.tolist()],
    )
    found = pyvrp.solve(data, is_over, seed=seed, collect_stats=False, display=False)
    if not found.is_feasible():
        raise Invalid(field="plan", why="PyVRP found none that keeps the rules")
    return _routes(facts, groups, found.best.routes(), singles.tolist(), pairs.tolist())


def _refuse(facts: Facts) -> None:
    """Say what PyVRP has no word for."""
    travel, visits, orders, couriers = facts.travel, facts.visits, facts.orders, facts.couriers
    is_late = (visits.late_price > 0) & (visits.due_s < visits.latest_s)
    single = visits.demand[orders.delivery[orders.pickup == _NOBODY]]
    unsaid = {
        "travel.speeds": travel.speeds is not None,
        "travel.spread": travel.spread is not None,
        "visits.late_price": bool(is_late.any()),
        "visits.demand": bool((single < 0).any()),
        "couriers.break_s": bool((couriers.break_s > 0).any()),
        "options": any(len(ways) > 1 for ways in facts.options),
    }
    for field, is_there in unsaid.items():
        if is_there:
            raise Invalid(field=field, why="PyVRP has no word for it: ask the engine for the plan")


def _possible_pairs(facts: Facts) -> list[int]:
    """Orders that are collected before, and not after the door has closed."""
    earliest_s, latest_s = facts.visits.earliest_s, facts.visits.latest_s
    ends = zip(facts.orders.pickup.tolist(), facts.orders.delivery.tolist(), strict=True)
    return [
        order
        for order, (start, door) in enumerate(ends)
        if start != _NOBODY and earliest_s[start] <= latest_s[door]
    ]


def _groups(facts: Facts) -> list[list[int]]:
    """Couriers who are alike in everything, together."""
    couriers = facts.couriers
    names = [name for name in couriers.__dataclass_fields__ if name != "next_price"]
    bound = set(facts.orders.only_courier.tolist()) - {_NOBODY}
    alike: dict[object, list[int]] = {}
    for courier in range(len(couriers)):
        row = tuple(getattr(couriers, name)[courier].tobytes() for name in names)
        alike.setdefault((row, courier if courier in bound else _NOBODY), []).append(courier)
    return list(alike.values())


def _squares(facts: Facts, courier: int, places: Ints) -> tuple[Ints, Ints]:
    """Prices and times of somebody's ways between locations; what is barred is out of reach."""
    orders, skills = facts.orders, facts.couriers.skills[courier]
    only, profile = orders.only_courier, int(facts.couriers.profile[courier])
    barred = ((orders.skills & ~skills) != 0) | ((only != _NOBODY) & (only != courier))
    starts = orders.pickup[barred]
    closed = np.concatenate([orders.delivery[barred], starts[starts != _NOBODY]])
    both = []
    for square in (facts.travel.price[profile], facts.travel.time_s[profile]):
        n = len(square)
        wide = np.zeros((n + 1, n + 1), dtype=np.int64)  # the last is nowhere
        wide[:n, :n] = square
        known = wide[np.ix_(places, places)]
        known[:, closed] = known[closed, :] = OUT_OF_REACH
        np.fill_diagonal(known, 0)
        both.append(known)
    return both[0], both[1]


def _end(facts: Facts, courier: int) -> int:
    """Where a day ends; the place after the last is nowhere."""
    place = int(facts.couriers.end_place[courier])
    return int(facts.travel.time_s.shape[1]) if place == _NOBODY else place


def _type(facts: Facts, courier: int, profile: int) -> dict[str, Any]:
    """A courier in PyVRP's words."""
    couriers = facts.couriers
    return {
        "capacity": (couriers.capacity[courier] - couriers.load[courier]).tolist(),
        "tw_early": int(couriers.start_s[courier]),
        "start_late": int(couriers.start_s[courier]),
        "tw_late": int(couriers.end_s[courier]),
        "unit_duration_cost": int(couriers.second_price[courier]),
        "profile": profile,
    }


def _client(facts: Facts, order: int) -> dict[str, Any]:
    """An order of one visit in PyVRP's words."""
    visits, door = facts.visits, int(facts.orders.delivery[order])
    return {
        "location": door,
        "pickup": visits.demand[door].tolist(),
        "service_duration": int(visits.service_s[door]),
        "tw_early": int(visits.earliest_s[door]),
        "tw_late": int(visits.latest_s[door]),
        **_prize(facts, order, [door]),
    }


def _shipment(facts: Facts, order: int) -> dict[str, Any]:
    """An order that is collected before in PyVRP's words."""
    visits = facts.visits
    start, door = int(facts.orders.pickup[order]), int(facts.orders.delivery[order])
    ends = {
        f"{end}_{name}": int(getattr(visits, column)[visit])
        for end, visit in (("pickup", start), ("delivery", door))
        for name, column in (
            ("service_duration", "service_s"),
            ("tw_early", "earliest_s"),
            ("tw_late", "latest_s"),
        )
    }
    return {
        "pickup_location": start,
        "delivery_location": door,
        "amount": visits.demand[start].tolist(),
        **ends,
        **_prize(facts, order, [start, door]),
    }


def _prize(facts: Facts, order: int, visits: list[int]) -> dict[str, Any]:
    """What it saves to serve an order."""
    stops = int(facts.visits.price[visits].sum())
    return {"prize": max(0, int(facts.orders.unserved_price[order]) - stops), "required": False}


def _routes(
    facts: Facts,
    groups: list[list[int]],
    found: Sequence[Any],
    singles: list[int],
    pairs: list[int],
) -> tuple[tuple[int, ...], ...]:
    """PyVRP's routes in visits; those of a group go to its couriers in turn."""
    routes: list[tuple[int, ...]] = [()] * len(facts.couriers)
    left = [iter(members) for members in groups]
    orders = facts.orders
    for route in found:
        visits = []
        for activity in route:
            if activity.is_client():
                visits.append(int(orders.delivery[singles[activity.idx]]))
            elif activity.is_pickup():
                visits.append(int(orders.pickup[pairs[activity.idx]]))
            elif activity.is_delivery():
                visits.append(int(orders.delivery[pairs[activity.idx]]))
        routes[next(left[route.vehicle_type()])] = tuple(visits)
    return tuple(routes)
