"""This file knows where every courier stands and what is still on every route."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import numpy as np

from recourse.model.couriers import ON_DUTY, Courier, CourierState, Progress, Vehicle
from recourse.model.errors import NotFound
from recourse.model.places import Place
from recourse.model.routes import Route, Stop, StopKind, StopStatus
from recourse.planning.board import AVAILABLE, LATER, OFF, Board, Ints
from recourse.planning.params import PlanParams
from recourse.planning.travel import Legs, Travel

__all__ = ["GETS", "VEHICLES", "Weighed", "World", "visit_key"]

GETS = frozenset({StopKind.PICKUP, StopKind.TAKE})
VEHICLES: tuple[Vehicle, ...] = tuple(Vehicle)
_CODE = {vehicle: code for code, vehicle in enumerate(VEHICLES)}


class Weighed(Protocol):
    """Anything that takes room on a vehicle: an order, or a demand."""

    @property
    def weight_g(self) -> int:
        """Grams."""
        ...

    @property
    def volume_ml(self) -> int:
        """Millilitres."""
        ...


class Entry(NamedTuple):
    """What the world was told about one courier."""

    courier: Courier
    route: Route
    progress: Progress | None
    frozen: tuple[Stop, ...]
    loads: dict[str, tuple[int, int]]


def visit_key(kind: StopKind, site_id: str, lon: float, lat: float, from_courier_id: str) -> int:
    """Number that is equal for visits that may be made in one stop."""
    where: Hashable = site_id or (lon, lat)
    return hash((str(kind), where, from_courier_id if kind is StopKind.TAKE else ""))


class World:
    """Every courier and route a plan is made on, resident between calls.

    A courier is seen from the next committed point, the *anchor*: the stop whose service has
    begun, or else the last known place. What comes after it may change. One writer keeps a
    world; it reads no clock and is rebuilt by putting every courier again.

    Parameters
    ----------
    travel : Travel
        Times and distances between places.
    params : PlanParams
        Prices and limits, used where a call does not bring its own.

    Attributes
    ----------
    version : int
        Rises with every courier put or removed; a decision carries the one it was made on.

    Notes
    -----
    `put` takes time proportional to the route, `move` none that depends on it. Travel times of
    legs are looked up when first needed, once in `TRAVEL_STEP_S`, and kept by pair of nodes.

    Examples
    --------
    >>> from recourse.planning.examples import LineTravel, on_line
    >>> world = World(LineTravel(), PlanParams())
    >>> courier, route, _ = on_line("c-1", at_m=0)
    >>> world.put(courier, route)
    >>> world.courier_ids(), world.version
    (('c-1',), 1)
    >>> world.remove("c-1")
    >>> world.courier_ids()
    ()
    """

    def __init__(self, travel: Travel, params: PlanParams) -> None:
        self.params = params
        self.version = 0
        self.legs = Legs(travel)
        self.board = Board()
        self.row_of: dict[str, int] = {}
        self.entries: list[Entry | None] = []
        self._sorted: tuple[str, ...] | None = ()
        self._free: list[int] = []

    def courier_ids(self) -> tuple[str, ...]:
        """Return the couriers in the world.

        Returns
        -------
        tuple of str
            Their ids, sorted.
        """
        if self._sorted is None:
            self._sorted = tuple(sorted(self.row_of))
        return self._sorted

    def entry(self, courier_id: str) -> Entry:
        """Return what was put for a courier.

        Parameters
        ----------
        courier_id : str
            Whose.

        Returns
        -------
        Entry
            Courier, route, progress and the loads of the orders on the route.

        Raises
        ------
        NotFound
            If the courier is not in the world.
        """
        row = self.row_of.get(courier_id)
        found = None if row is None else self.entries[row]
        if found is None:
            raise NotFound(kind="courier", id=courier_id)
        return found

    def here(self, courier_id: str) -> Place:
        """Return where a courier of the world is now."""
        row = self.row_of[courier_id]
        return Place(lon=float(self.board.lon[row, 0]), lat=float(self.board.lat[row, 0]))

    def put(
        self,
        courier: Courier,
        route: Route,
        progress: Progress | None = None,
        *,
        orders: Mapping[str, Weighed] | None = None,
    ) -> None:
        """Take over a courier with route and whereabouts, replacing what was known.

        Parameters
        ----------
        courier : Courier
            Who.
        route : Route
            The stops still to be made; a first stop that is started is frozen.
        progress : Progress, optional
            Last known place; without it the courier is at ``courier.start``.
        orders : mapping of str to Order or Demand, optional
            Weight and volume of the orders on the route, by id. Orders that were on this
            courier's route before need not be given again.

        Raises
        ------
        NotFound
            If the load of an order on the route is not known.
        """
        row = self.row_of.get(courier.id)
        if row is None:
            row = self._new_row(courier.id)
        before = self.entries[row]
        loads = _loads(route, {} if before is None else before.loads, orders or {})
        frozen = tuple(route.stops[:1]) if _is_begun(route) else ()
        self.entries[row] = Entry(courier, route, progress, frozen, loads)
        self.board = self.board.grown(row + 1, len(route.stops))
        self.board.clear(row)
        self._write_courier(row, courier)
        self._write_stops(row, route.stops[len(frozen) :], loads)
        self._write_anchor(row)
        self.version += 1

    def move(self, progress: Progress) -> None:
        """Take over where a courier is now; costs one travel time at the next plan.

        Parameters
        ----------
        progress : Progress
            The place and time of the last ping.

        Raises
        ------
        NotFound
            If the courier is not in the world.
        """
        entry = self.entry(progress.courier_id)
        row = self.row_of[progress.courier_id]
        self.entries[row] = entry._replace(progress=progress)
        if not entry.frozen:
            self._write_anchor(row)

    def remove(self, courier_id: str) -> None:
        """Forget a courier; nothing happens if there is none of that id.

        Parameters
        ----------
        courier_id : str
            Whom.
        """
        row = self.row_of.pop(courier_id, None)
        if row is None:
            return
        self.entries[row] = None
        self.board.clear(row)
        self._free.append(row)
        self._sorted = None
        self.version += 1

    def forget_travel(self) -> None:
        """Look travel times up afresh, because a road was closed or opened."""
        self.legs.forget()
        self.board.stamp[:] = -1
        for row in self.row_of.values():
            self.board.node[row, 0] = -1
        for courier_id in self.row_of:
            entry = self.entry(courier_id)
            self._snap_stops(self.row_of[courier_id], entry)
        self.version += 1

    def refresh(self, rows: Ints, at: datetime) -> None:
        """Make the legs of these rows valid for an instant of the travel step.

        Parameters
        ----------
        rows : ndarray of int64
            Rows of the board.
        at : datetime
            As given by `as_of`.
        """
        board, stamp = self.board, int(at.timestamp())
        stale = rows[board.stamp[rows] != stamp]
        for code in np.unique(board.vehicle[stale]).tolist():
            vehicle = VEHICLES[code]
            mine = stale[board.vehicle[stale] == code]
            lost = mine[board.node[mine, 0] < 0]
            if len(lost):
                places = list(
                    zip(board.lon[lost, 0].tolist(), board.lat[lost, 0].tolist(), strict=True)
                )
                board.node[lost, 0] = self.legs.nodes(vehicle, places)
            counts = board.n[mine].tolist()
            chains = [
                board.node[row, : n + 1].tolist()
                for row, n in zip(mine.tolist(), counts, strict=True)
            ]
            for row, n, (seconds, metres) in zip(
                mine.tolist(), counts, self.legs.along(vehicle, chains, at), strict=True
            ):
                board.leg_s[row, :n], board.leg_m[row, :n] = seconds, metres
        board.stamp[stale] = stamp

    def _new_row(self, courier_id: str) -> int:
        """Row for a courier who is not in the world yet; freed rows first."""
        if self._free:
            row = self._free.pop()
        else:
            row = len(self.entries)
            self.entries.append(None)
        self.row_of[courier_id] = row
        self._sorted = None
        return row

    def _write_courier(self, row: int, courier: Courier) -> None:
        """Shift, hours, capacity and vehicle of a courier into a row."""
        board = self.board
        board.starts[row] = int(courier.shift_start_at.timestamp())
        board.shift_by[row] = int(courier.shift_end_at.timestamp())
        since = courier.duty_since_at
        board.duty_since[row] = -1 if since is None else int(since.timestamp())
        board.worked[row] = courier.worked_s
        board.cap_g[row], board.cap_ml[row] = courier.capacity_g, courier.capacity_ml
        board.vehicle[row] = _CODE[courier.vehicle]
        board.duty[row] = duty_of(courier)

    def _write_stops(
        self, row: int, stops: Sequence[Stop], loads: Mapping[str, tuple[int, int]]
    ) -> None:
        """Stops after the anchor into a row."""
        board, n = self.board, len(stops)
        board.n[row], board.stamp[row] = n, -1
        g, ml = on_board(stops, loads)
        board.load_g[row], board.load_ml[row] = g, ml
        if not stops:
            return
        vehicle = VEHICLES[int(board.vehicle[row])]
        places = [(stop.place.lon, stop.place.lat) for stop in stops]
        table = np.array(places)
        board.lon[row, 1 : n + 1], board.lat[row, 1 : n + 1] = table[:, 0], table[:, 1]
        board.node[row, 1 : n + 1] = self.legs.nodes(vehicle, places)
        values = np.array([_numbers(stop, loads) for stop in stops], dtype=np.int64)
        board.earliest[row, :n], board.latest[row, :n] = values[:, 0], values[:, 1]
        board.service[row, :n], board.key[row, :n] = values[:, 2], values[:, 5]
        board.gives_g[row, :n], board.gives_ml[row, :n] = values[:, 3], values[:, 4]

    def _write_anchor(self, row: int) -> None:
        """Next committed point of a courier into a row."""
        entry, board = self.entries[row], self.board
        assert entry is not None  # noqa: S101 - the callers have just written it
        place, progress = entry.courier.start, entry.progress
        lon, lat, ready = place.lon, place.lat, 0
        if entry.frozen:
            stop = entry.frozen[0]
            lon, lat = stop.place.lon, stop.place.lat
            ready = int(max(stop.arrival_at, stop.earliest_at).timestamp()) + stop.service_s
        elif progress is not None:
            lon, lat = progress.lon, progress.lat
        board.lon[row, 0], board.lat[row, 0], board.ready[row] = lon, lat, ready
        board.node[row, 0], board.stamp[row] = -1, -1

    def _snap_stops(self, row: int, entry: Entry) -> None:
        """Look up the nodes of a row's stops again."""
        stops = entry.route.stops[len(entry.frozen) :]
        places = [(stop.place.lon, stop.place.lat) for stop in stops]
        if places:
            found = self.legs.nodes(entry.courier.vehicle, places)
            self.board.node[row, 1 : len(places) + 1] = found


def duty_of(courier: Courier) -> int:
    """Whether a courier can be asked: now, once the shift begins, or not."""
    if courier.state in ON_DUTY:
        return AVAILABLE
    return LATER if courier.state is CourierState.OFFLINE else OFF


def on_board(stops: Iterable[Stop], loads: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Grams and millilitres carried before these stops: what is dropped but not collected."""
    stops = tuple(stops)
    got = {order_id for stop in stops if stop.kind in GETS for order_id in stop.order_ids}
    held = {
        order_id for stop in stops if stop.kind not in GETS for order_id in stop.order_ids
    } - got
    return sum(loads[o][0] for o in held), sum(loads[o][1] for o in held)


def _is_begun(route: Route) -> bool:
    """Whether the courier is at the first stop."""
    return bool(route.stops) and route.stops[0].status is StopStatus.STARTED


def _loads(
    route: Route, known: Mapping[str, tuple[int, int]], orders: Mapping[str, Weighed]
) -> dict[str, tuple[int, int]]:
    """Grams and millilitres of every order on a route."""
    loads: dict[str, tuple[int, int]] = {}
    for stop in route.stops:
        for order_id in stop.order_ids:
            order = orders.get(order_id)
            if order is not None:
                loads[order_id] = order.weight_g, order.volume_ml
            elif order_id in known:
                loads[order_id] = known[order_id]
            else:
                raise NotFound(kind="order", id=order_id)
    return loads


def _numbers(
    stop: Stop, loads: Mapping[str, tuple[int, int]]
) -> tuple[int, int, int, int, int, int]:
    """Window, service, load taken and key of a stop."""
    sign = 1 if stop.kind in GETS else -1
    place = stop.place
    return (
        int(stop.earliest_at.timestamp()),
        int(stop.latest_at.timestamp()),
        stop.service_s,
        sign * sum(loads[order_id][0] for order_id in stop.order_ids),
        sign * sum(loads[order_id][1] for order_id in stop.order_ids),
        visit_key(stop.kind, stop.site_id, place.lon, place.lat, stop.from_courier_id),
    )
