"""This file knows which stretch of every changed route is free, and tells it to the engine.

A route is free behind the last stop where parcels of several orders, or told ones, are collected.
What lies before that stop stays as it is: the engine's courier sets out from there. A told stop is
its own courier's; a new order may go to whoever collects at the same place before their own free
stretch; an order whose pickup is free too may go to everybody who was asked for it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from recourse.planning.asks import Asks
from recourse.planning.board import Ints
from recourse.planning.engine import ANY, Couriers, Orders, Travel, Visits, World
from recourse.planning.search import Search
from recourse.planning.visits import Visit

__all__ = ["Tails", "Unit"]

_NO_WAY = 1_000_000
"""Seconds and metres between told stops that never follow each other."""
_FAR_S = 1 << 30
"""Seconds from now that are never, for the engine."""
_N_BITS = 63
"""How many different sets of couriers can be told apart; orders of further ones stay."""
_MARGIN_PARCELS = 8
"""How many parcels more a courier may have to load, which costs the free stretch a few seconds."""


class Unit(NamedTuple):
    """One order of the engine: a door, and the pickup before it if that is free.

    Attributes
    ----------
    courier : int
        Whose it is, as a number of the engine.
    pickup, door : int
        Visits as numbers of the engine; `ANY` for a parcel that is on board by then.
    asks : tuple of int
        Demands of this call that are brought to the door.
    is_told : bool
        Whether the stop at the door was told before.
    """

    courier: int
    pickup: int
    door: int
    asks: tuple[int, ...]
    is_told: bool


class Tails:
    """The free stretches of some rows of a draft, as facts of the engine.

    Parameters
    ----------
    search : Search
        A plan of which every order that is placed is on one of the rows.
    rows : sequence of int
        Rows of the draft; the k-th is courier k of the engine.

    Attributes
    ----------
    heads : list of int
        How many stops of each row are not free.
    seats : list of tuple of int
        Row and rank of every visit of the engine.
    routes : list of list of int
        Visits of each courier as they are.
    units : list of Unit
        Orders of the engine.
    """

    def __init__(self, search: Search, rows: Sequence[int]) -> None:
        self.search, self.draft, self.rows = search, search.draft, list(rows)
        self.heads = [_head(self.draft.visits[row]) for row in rows]
        self.seats: list[tuple[int, int]] = []
        self.routes: list[list[int]] = []
        self.units: list[Unit] = []
        for courier, (row, head) in enumerate(zip(self.rows, self.heads, strict=True)):
            ranks = range(head, int(self.draft.n[row]))
            first = len(self.seats)
            self.seats += [(row, rank) for rank in ranks]
            self.routes.append(list(range(first, len(self.seats))))
            self.units += _units(courier, first, self.draft.visits[row][head:])
        at = np.array(self.seats, dtype=np.int64).reshape(-1, 2)
        self._row, self._rank = at[:, 0], at[:, 1]
        self._collects = [self._collected(courier) for courier in range(len(self.rows))]

    def pickup_at(self, courier: int, k: int) -> int:
        """Rank of the last stop before a free stretch where a demand can be collected, or ANY."""
        return self._collects[courier].get(int(self.draft.asks.pickup_key[k]), ANY)

    def world(self) -> World:
        """Tell the engine all of it, with the routes as they are."""
        travel, places, starts = self._ways()
        only, asked, has = self._share()
        world = World(
            travel=travel,
            visits=self._visits(places),
            orders=self._orders(only, asked),
            couriers=self._couriers(starts, has),
        )
        world.load_routes(self.routes)
        return world

    def _collected(self, courier: int) -> dict[int, int]:
        """Rank of the last stop before the free stretch by key of what is collected."""
        row, head = self.rows[courier], self.heads[courier]
        keys = self.draft.key[row, :head].tolist()
        visits = self.draft.visits[row]
        return {key: rank for rank, key in enumerate(keys) if visits[rank].is_pickup}

    def _visits(self, places: Ints) -> Visits:
        """Every free stop: seconds from now, prices in thousandths of a cent."""
        draft, at, params = self.draft, (self._row, self._rank), self.draft.params
        begin, promise, late_mc = draft.begin[at], draft.promise[at], draft.late_mc[at]
        is_late = (promise > 0) & (begin > promise)
        is_door = draft.gives_g[at] < 0
        wait_mc = params.wait_cents_per_min * 1_000 // 60
        return Visits(
            place=places,
            earliest_s=self._from_now(draft.earliest[at]),
            latest_s=self._from_now(np.maximum(begin, draft.latest[at] - self._margin_s)),
            service_s=draft.service[at],
            demand=self._demand(),
            due_s=self._from_now(np.where(is_late, promise, draft.now_s)),
            late_price=self._longer_mc() + is_door * wait_mc + is_late * late_mc,
        )

    def _longer_mc(self) -> int:
        """Price of a second later at any stop, because a longer route is dearer by the second."""
        # A route of T seconds is paid for T + T² / 2b of them. Where stops are s apart, the second
        # term is s / b times the sum of the times at which they are reached.
        draft, rows = self.draft, np.array(self.rows, dtype=np.int64)
        lasting_s = int((draft.finish[rows] - draft.leave[rows, self.heads]).sum())
        apart_s = lasting_s / max(len(self.seats), 1)
        return round(draft.params.cents_per_h * 1_000 * apart_s / draft.params.balance_s / 3_600)

    @property
    def _margin_s(self) -> int:
        """Seconds left for parcels that are loaded elsewhere than they are now."""
        return _MARGIN_PARCELS * self.draft.params.loaded_s

    def _from_now(self, at_s: Ints) -> Ints:
        """Seconds from now."""
        return np.clip(at_s - self.draft.now_s, -_FAR_S, _FAR_S)

    def _demand(self) -> Ints:
        """Grams and millilitres: what was collected before takes its room at the door."""
        at = self._row, self._rank
        gives = np.stack([self.draft.gives_g[at], self.draft.gives_ml[at]], axis=1)
        held = [unit.door for unit in self.units if unit.pickup == ANY]
        gives[held] = -gives[held]
        return gives

    def _share(self) -> tuple[list[int], list[int], list[int]]:
        """Who alone may carry each order, the bits it asks for, and those each courier has."""
        bits: dict[frozenset[int], int] = {}
        only, asked = [], []
        everybody = frozenset(range(len(self.rows)))
        for unit in self.units:
            able = self._able(unit)
            if able != everybody and len(able) > 1 and len(bits) < _N_BITS:
                bits.setdefault(able, len(bits))
            is_free = able == everybody or able in bits
            only.append(ANY if is_free else unit.courier)
            asked.append(1 << bits[able] if able in bits else 0)
        has = [
            sum(1 << bit for able, bit in bits.items() if courier in able)
            for courier in range(len(self.rows))
        ]
        return only, asked, has

    def _orders(self, only: Sequence[int], asked: Sequence[int]) -> Orders:
        """Who may carry what; an order that nobody carried would be dearer than anything."""
        return Orders(
            delivery=np.array([unit.door for unit in self.units], dtype=np.int32),
            pickup=np.array([unit.pickup for unit in self.units], dtype=np.int32),
            unserved_price=np.full(len(self.units), self.draft.params.unplaced_cents * 1_000),
            only_courier=np.array(only, dtype=np.int32),
            skills=np.array(asked, dtype=np.uint64),
        )

    def _able(self, unit: Unit) -> frozenset[int]:
        """Couriers who may carry an order of the engine."""
        own = frozenset([unit.courier])
        if unit.is_told:
            return own
        able = [c for c in range(len(self.rows)) if all(self._can(c, k, unit) for k in unit.asks)]
        return own.union(able)

    def _can(self, courier: int, k: int, unit: Unit) -> bool:
        """Whether a courier was asked for a demand and has it on board when the stretch begins."""
        row, draft = self.rows[courier], self.draft
        if not self.search.is_candidate[k, row]:
            return False
        if unit.pickup != ANY:
            return True
        rank = self.pickup_at(courier, k)
        return rank != ANY and bool(draft.begin[row, rank] >= draft.asks.ready[k])

    def _couriers(self, starts: Ints, has: Sequence[int]) -> Couriers:
        """Where, when and with how much room each free stretch begins."""
        draft, rows = self.draft, np.array(self.rows, dtype=np.int64)
        begins = draft.leave[rows, self.heads]
        ends = np.minimum(draft.shift_by[rows], draft.hours_by[rows]) - self._margin_s
        ends = np.maximum(draft.finish[rows], ends)
        rate_mc = draft.params.cents_per_h * 1_000 / 3_600
        profiles = np.unique(draft.base[rows], return_inverse=True)[1]
        return Couriers(
            start_place=starts,
            start_s=self._from_now(begins),
            end_place=np.full(len(rows), ANY),
            end_s=self._from_now(ends),
            capacity=self._room(),
            load=np.zeros((len(rows), 2), dtype=np.int32),
            skills=np.array(has, dtype=np.uint64),
            profile=profiles,
            second_price=np.full(len(rows), round(rate_mc)),
        )

    def _room(self) -> Ints:
        """What each courier could carry to doors of the free stretch, if it were collected now."""
        draft, demand, room = self.draft, self._demand(), []
        for courier, (row, head) in enumerate(zip(self.rows, self.heads, strict=True)):
            collects = [r for r in range(head) if draft.visits[row][r].is_pickup]
            since = collects[0] + 1 if collects else 0
            spare = []
            for load, gives, cap in (
                (draft.load_g[row], draft.gives_g[row, :head], draft.cap_g[row]),
                (draft.load_ml[row], draft.gives_ml[row, :head], draft.cap_ml[row]),
            ):
                on_leg = load + np.concatenate([[0], gives.cumsum()])
                spare.append(int(cap - on_leg[since:].max()))
            mine = demand[self.routes[courier]].reshape(-1, 2)
            held = [u.door for u in self.units if u.pickup == ANY and u.courier == courier]
            total = demand[held].reshape(-1, 2).sum(axis=0) + np.maximum(spare, 0)
            room.append(np.maximum(total, mine.cumsum(axis=0).max(axis=0, initial=0)))
        return np.array(room, dtype=np.int64).reshape(-1, 2)

    def _ways(self) -> tuple[Travel, Ints, Ints]:
        """Ways between all places by vehicle, the place of every visit and of every start."""
        draft, asks = self.draft, self.draft.asks
        rows = np.array(self.rows, dtype=np.int64)
        points = np.concatenate(
            [draft.point[rows, self.heads], draft.point[self._row, self._rank + 1]]
        )
        bases = np.concatenate([draft.base[rows], draft.base[self._row]])
        # A place of a demand is the same for every vehicle; any other is a point of one vehicle.
        ids = np.where(asks.is_place[points] >= 0, -1 - asks.is_place[points], points)
        _, first, number = np.unique(ids, return_index=True, return_inverse=True)
        q, points, bases = asks.is_place[points][first], points[first], bases[first]
        seconds, prices = [], []
        for base in np.unique(draft.base[rows]):
            mine = rows[draft.base[rows] == base]
            here = np.where(q >= 0, base + q, np.where(bases == base, points, -1))
            way_s, way_m = _between(asks, here)
            seconds.append(way_s)
            prices.append(way_m * int(draft.price_m[mine[0]]))
        starts, places = number[: len(rows)], number[len(rows) :]
        self._follow(starts, places, seconds, prices)
        travel = Travel(time_s=np.stack(seconds), price=np.stack(prices))
        return travel, places, starts

    def _follow(self, starts: Ints, places: Ints, seconds: list[Ints], prices: list[Ints]) -> None:
        """Put in the ways from told stop to told stop that came with the routes."""
        draft = self.draft
        profiles = np.unique(draft.base[self.rows], return_inverse=True)[1]
        for courier, (row, head) in enumerate(zip(self.rows, self.heads, strict=True)):
            visits, profile = draft.visits[row], int(profiles[courier])
            here = int(starts[courier]) if head == 0 or visits[head - 1].base else ANY
            for visit in self.routes[courier]:
                rank = self.seats[visit][1]
                if visits[rank].base is None:
                    continue
                there = int(places[visit])
                if here != ANY:
                    seconds[profile][here, there] = draft.old_s[row, rank]
                    prices[profile][here, there] = draft.old_m[row, rank] * draft.price_m[row]
                here = there


def _between(asks: Asks, here: Ints) -> tuple[Ints, Ints]:
    """Seconds and metres between all points; -1 is a point where this vehicle never goes."""
    is_here = here >= 0
    at = np.where(is_here, here, 0)
    seconds, metres = asks.between(at[:, None], at[None, :])
    is_way = (seconds >= 0) & is_here[:, None] & is_here
    return np.where(is_way, seconds, _NO_WAY), np.where(is_way, metres, _NO_WAY)


def _head(visits: Sequence[Visit]) -> int:
    """How many stops come before the free stretch of a route."""
    door_of = {k: visit for visit in visits if not visit.is_pickup for k in visit.asks}
    for rank in range(len(visits) - 1, -1, -1):
        visit = visits[rank]
        if visit.is_pickup and not (_is_alone(visit) and _is_alone(door_of[visit.asks[0]])):
            return rank + 1
    return 0


def _is_alone(visit: Visit) -> bool:
    """Whether a stop is new and serves one order."""
    return visit.base is None and len(visit.asks) == 1


def _units(courier: int, first: int, visits: Iterable[Visit]) -> list[Unit]:
    """Return the orders of one free stretch, whose visits are numbered from `first`."""
    units, pickup_of = [], {}
    for number, visit in enumerate(visits, start=first):
        if visit.is_pickup:
            pickup_of[visit.asks[0]] = number
            continue
        pickup = pickup_of.get(visit.asks[0], ANY) if visit.asks else ANY
        units.append(Unit(courier, pickup, number, visit.asks, visit.base is not None))
    return units
