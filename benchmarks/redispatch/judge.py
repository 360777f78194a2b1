"""The judge of every answer: walks the routes with plain numbers and knows nothing of any solver.

Import nothing here that plans, or whoever plans would examine itself; a contract holds that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

__all__ = ["Verdict", "judge"]


class _Visit(Protocol):
    """What a request must say."""

    @property
    def node(self) -> int: ...
    @property
    def pickup(self) -> int: ...
    @property
    def holder(self) -> int: ...
    @property
    def is_orphan(self) -> bool: ...


class _Row(Protocol):
    """Numbers that are looked up by node."""

    def tolist(self) -> list[int]: ...


class _Table(Protocol):
    """Numbers that are looked up by two nodes."""

    def tolist(self) -> list[list[int]]: ...


class _Prices(Protocol):
    """What bends at a price."""

    @property
    def due(self) -> _Row: ...
    @property
    def late_price(self) -> int: ...
    @property
    def move_price(self) -> int: ...
    @property
    def turn_price(self) -> int: ...


class _Scenario(Protocol):
    """What a scenario must say."""

    def __hash__(self) -> int: ...
    @property
    def ends(self) -> Sequence[int]: ...
    @property
    def way_out(self) -> Sequence[int]: ...
    @property
    def prices(self) -> _Prices | None: ...
    @property
    def distances(self) -> _Table: ...
    @property
    def earliest(self) -> _Row: ...
    @property
    def latest(self) -> _Row: ...
    @property
    def service(self) -> _Row: ...
    @property
    def demand(self) -> _Row: ...
    @property
    def starts(self) -> Sequence[int]: ...
    @property
    def free_at(self) -> Sequence[int]: ...
    @property
    def capacity(self) -> Sequence[int]: ...
    @property
    def load(self) -> Sequence[int]: ...
    @property
    def visits(self) -> Sequence[_Visit]: ...
    @property
    def plan(self) -> Sequence[Sequence[int]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer is worth.

    Attributes
    ----------
    cost : int
        Distance of all routes that go anywhere, the way out of everything unserved, and the price
        of whatever was bent.
    distance : int
        Distance alone.
    n_unserved, n_unserved_orphans : int
        Requests nobody serves, and how many of them had lost their courier.
    n_moved : int
        Requests that had a courier and now have another.
    broken : tuple of str
        Every rule that is broken, with where; empty for an answer that can be driven.
    """

    cost: int
    distance: int
    n_unserved: int
    n_unserved_orphans: int
    n_moved: int
    broken: tuple[str, ...]


def judge(scenario: _Scenario, routes: Sequence[Sequence[int]]) -> Verdict:
    """Walk every route and price the answer.

    Parameters
    ----------
    scenario : Scenario
        What was asked.
    routes : sequence of sequence of int
        Nodes of each courier in their sequence.

    Returns
    -------
    Verdict
        Cost, and the rules that are broken.
    """
    broken: list[str] = []
    if len(routes) != len(scenario.starts):
        broken.append(f"{len(routes)} routes for {len(scenario.starts)} couriers")
    known = {node for visit in scenario.visits for node in (visit.node, visit.pickup)} - {-1}
    at: dict[int, tuple[int, int]] = {}
    for courier, route in enumerate(routes):
        for rank, node in enumerate(route):
            if node not in known:
                broken.append(f"node {node} is nobody's request")
            if node in at:
                broken.append(f"node {node} is visited twice")
            at[node] = courier, rank
    walks = [
        _walk(scenario, courier, [node for node in route if node in known], broken)
        for courier, route in enumerate(routes[: len(scenario.starts)])
    ]
    distance = sum(walk.distance for walk in walks)
    was = {node: courier for courier, route in enumerate(scenario.plan) for node in route}
    unserved = [visit for visit in scenario.visits if not _is_served(visit, at)]
    for visit in scenario.visits:
        broken += _pair(visit, at)
    n_moved = sum(
        visit.node in was and visit.node in at and was[visit.node] != at[visit.node][0]
        for visit in scenario.visits
    )
    prices = scenario.prices
    bent = 0
    if prices:
        n_turned = sum(
            bool(told) and list(told[:1]) != list(route[:1])
            for told, route in zip(scenario.plan, routes, strict=False)
        )
        bent = prices.late_price * sum(walk.late for walk in walks)
        bent += prices.move_price * n_moved + prices.turn_price * n_turned
    ways_out = dict(zip((visit.node for visit in scenario.visits), scenario.way_out, strict=True))
    return Verdict(
        cost=distance + bent + sum(ways_out[visit.node] for visit in unserved),
        distance=distance,
        n_unserved=len(unserved),
        n_unserved_orphans=sum(visit.is_orphan for visit in unserved),
        n_moved=n_moved,
        broken=tuple(broken),
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """What one courier does."""

    distance: int = 0
    late: int = 0


def _walk(scenario: _Scenario, courier: int, route: Sequence[int], broken: list[str]) -> _Walk:
    """Distance of one route and time after what was due; what it breaks is added to a list."""
    if not route:
        return _Walk()
    far, earliest, latest, service, demand, due = _numbers(scenario)
    at, time = scenario.starts[courier], scenario.free_at[courier]
    load, holds, distance, late = scenario.load[courier], scenario.capacity[courier], 0, 0
    if load > holds:
        broken.append(f"courier {courier} starts with {load} of {holds}")
    for node in route:
        distance += far[at][node]
        time = max(time + far[at][node], earliest[node])
        if time > latest[node]:
            broken.append(f"courier {courier} begins {node} late by {time - latest[node]}")
        late += max(0, time - due[node])
        time += service[node]
        load += demand[node]
        if not 0 <= load <= holds:
            broken.append(f"courier {courier} leaves {node} with {load} of {holds}")
        at = node
    home = time + far[at][0]
    if home > scenario.ends[courier]:
        broken.append(f"courier {courier} is home late by {home - scenario.ends[courier]}")
    return _Walk(distance + far[at][0], late)


def _is_served(visit: _Visit, at: dict[int, tuple[int, int]]) -> bool:
    """Whether a request is served, and fetched if it must be."""
    return visit.node in at and (visit.pickup < 0 or visit.pickup in at)


def _pair(visit: _Visit, at: dict[int, tuple[int, int]]) -> list[str]:
    """What is wrong with who serves a request, and when it was fetched."""
    found = at.get(visit.node)
    if visit.pickup >= 0:
        fetched = at.get(visit.pickup)
        if (found is None) != (fetched is None):
            return [f"node {visit.node} is only half done"]
        if found and fetched and (fetched[0] != found[0] or fetched[1] > found[1]):
            return [f"node {visit.node} is not fetched before by the same courier"]
    if found and visit.holder >= 0 and found[0] != visit.holder:
        return [f"node {visit.node} is on board of courier {visit.holder}, not {found[0]}"]
    return []


@lru_cache(maxsize=2)
def _numbers(
    scenario: _Scenario,
) -> tuple[list[list[int]], list[int], list[int], list[int], list[int], list[int]]:
    """The arrays of a scenario as plain lists: making them takes longer than a walk."""
    rows = (scenario.earliest, scenario.latest, scenario.service, scenario.demand)
    earliest, latest, service, demand = (row.tolist() for row in rows)
    due = scenario.prices.due.tolist() if scenario.prices else latest
    return scenario.distances.tolist(), earliest, latest, service, demand, due
