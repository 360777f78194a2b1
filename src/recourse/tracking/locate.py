"""This file knows how a batch of positions becomes progress along routes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from recourse.model.couriers import Courier, CourierState, Progress, Vehicle
from recourse.model.events import CourierCameToLight, Event
from recourse.model.places import Place
from recourse.model.routes import Route, StopStatus
from recourse.tracking.pings import Pings, distance_m, from_ms, to_ms
from recourse.tracking.slips import slips

__all__ = ["Located", "TrackParams", "locate"]


def _speeds() -> dict[Vehicle, float]:
    """Straight-line speeds in metres a second; see `TrackParams.straight_mps`."""
    return {Vehicle.EBIKE: 3.1, Vehicle.SCOOTER: 4.8, Vehicle.VAN: 4.8, Vehicle.FOOT: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackParams:
    """How positions are believed and read.

    Attributes
    ----------
    stale_s : int
        A position older than this, in seconds, says nothing about now (assumed).
    future_s : int
        Seconds a phone's clock may run ahead (assumed).
    max_mps : float
        Metres a second above which a jump is not believed (assumed: 126 km/h).
    jump_m : int
        Metres of a jump that are always believed: GPS scatters between houses (assumed).
    still_m : int
        Metres within which a courier counts as standing still: fixes between houses scatter by
        10 to 15 m, and a run of them must not seem to move (assumed).
    straight_mps : mapping of Vehicle to float
        Straight-line metres a second in a city: 15 km/h for an e-bike, the most the Chinese
        standard of 2025 lets an arrival time assume, over 1.35 m of road for a straight metre;
        the others are assumed.
    moving_silence_s, waiting_silence_s : int
        Seconds a courier may be quiet on the way, and at a stop (assumed).
    still_ask_s, still_gone_s : int
        Seconds a courier may stand still far from a stop they are due at: until they are asked
        whether all is well, and until nobody counts on them any more (assumed).
    near_m : int
        Metres from a stop within which only the report of the arrival may be missing (assumed).
    near_longer_s : int
        Seconds that report may be missing before a courier counts as standing still (assumed).
    counter_longer_s : int
        Seconds a pickup may last past its usual end before a courier counts as standing still: what
        is not ready by then is late by more than nine in ten (assumed).
    slip_again_s : int
        A told delay is told again when it gets so many seconds worse (5 min).
    """

    stale_s: int = 300
    future_s: int = 60
    max_mps: float = 35.0
    jump_m: int = 300
    still_m: int = 80
    straight_mps: Mapping[Vehicle, float] = field(default_factory=_speeds)
    moving_silence_s: int = 180
    waiting_silence_s: int = 500
    still_ask_s: int = 240
    still_gone_s: int = 480
    near_m: int = 150
    near_longer_s: int = 600
    counter_longer_s: int = 900
    slip_again_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What a batch of positions came to.

    Attributes
    ----------
    progress : tuple of Progress
        Whoever was heard of, as it is now; nobody else.
    events : tuple of Event
        ``CourierCameToLight`` and ``ArrivalSlipped``.
    n_refused : int
        Positions that were not believed.
    refused : mapping of str to int
        How many by cause: ``unknown``, ``off_duty``, ``stale``, ``future``, ``nowhere``, ``jump``.
    """

    progress: tuple[Progress, ...]
    events: tuple[Event, ...]
    n_refused: int
    refused: Mapping[str, int]


def locate(
    pings: Pings,
    *,
    progress: Mapping[str, Progress],
    routes: Mapping[str, Route],
    couriers: Mapping[str, Courier],
    now: datetime,
    params: TrackParams,
    told: Mapping[str, datetime] | None = None,
) -> Located:
    """Turn a batch of positions into progress along the couriers' routes.

    One vectorised pass over the batch: implausible rows are refused and counted, the newest
    plausible row of each courier is believed. The way left to the next stop is the straight
    distance at the vehicle's usual speed; roads are the planner's affair.

    Parameters
    ----------
    pings : Pings
        The batch.
    progress, routes, couriers : mapping by courier id
        What was believed before; what is planned; who they are.
    now : datetime
        The present instant.
    params : TrackParams
        How positions are believed and read.
    told : mapping of order id to datetime, optional
        Expected arrivals already told to customers; a slip is told again only when it is
        `slip_again_s` worse.

    Returns
    -------
    Located
        Changed progress, events, and how many positions were refused.

    Notes
    -----
    Pure. O(n log n) in the batch; stops are walked only for couriers who run late.

    Examples
    --------
    A courier stands at the station where they were a minute ago; the second row cannot be.

    >>> from recourse.model.examples import NOON, SHELF, courier_of, progress_of
    >>> pings = Pings.of(["k-1", "k-1"], [SHELF.lon, 0.0], [SHELF.lat, 0.0], [NOON, NOON])
    >>> located = locate(
    ...     pings,
    ...     progress={"k-1": progress_of()},
    ...     routes={},
    ...     couriers={"k-1": courier_of()},
    ...     now=NOON,
    ...     params=TrackParams(),
    ... )
    >>> located.refused, located.progress[0].still_since_at == NOON - timedelta(minutes=1)
    ({'jump': 1}, True)
    """
    verdict = _verdicts(pings, progress=progress, couriers=couriers, now=now, params=params)
    rows = _newest(pings, np.flatnonzero(verdict == ""))
    changed: list[Progress] = []
    events: list[Event] = []
    still = _is_still(pings, rows, progress, params)
    left_s = _left_s(pings, rows, routes, couriers, params)
    for row, is_still, way_s in zip(rows.tolist(), still.tolist(), left_s.tolist(), strict=True):
        courier_id = pings.courier_ids[row]
        before = progress.get(courier_id)
        route = routes.get(courier_id)
        arrival_at, delay_s = _arrival(pings, row, route, way_s, now)
        after = _moved(
            pings, row, before, is_still=is_still, arrival_at=arrival_at, delay_s=delay_s
        )
        changed.append(after)
        if before is not None and before.is_silent:
            place = Place(lon=after.lon, lat=after.lat)
            events.append(CourierCameToLight(at=now, courier_id=courier_id, place=place))
        if route is not None and after.delay_s > 0:
            was_s = before.delay_s if before is not None else 0
            events += slips(
                route,
                was_s=was_s,
                delay_s=after.delay_s,
                now=now,
                again_s=params.slip_again_s,
                told=told or {},
            )
    refused = Counter(why for why in verdict.tolist() if why)
    return Located(
        progress=tuple(changed),
        events=tuple(events),
        n_refused=sum(refused.values()),
        refused=dict(refused),
    )


def _verdicts(
    pings: Pings,
    *,
    progress: Mapping[str, Progress],
    couriers: Mapping[str, Courier],
    now: datetime,
    params: TrackParams,
) -> NDArray[np.str_]:
    """Why each row is not believed; an empty string where it is."""
    now_ms = to_ms(now)
    believed = [progress.get(courier_id) for courier_id in pings.courier_ids]
    last_ms = np.array([to_ms(p.pinged_at) if p else -1 for p in believed], dtype=np.int64)
    last_lon = np.array([p.lon if p else np.nan for p in believed])
    last_lat = np.array([p.lat if p else np.nan for p in believed])
    known = np.array([courier_id in couriers for courier_id in pings.courier_ids], dtype=bool)
    off = np.array([_is_off_duty(couriers.get(c)) for c in pings.courier_ids], dtype=bool)
    at_ms = pings.pinged_at_ms
    nowhere = ~(
        np.isfinite(pings.lons)
        & np.isfinite(pings.lats)
        & (np.abs(pings.lons) <= 180)  # noqa: PLR2004 - degrees
        & (np.abs(pings.lats) <= 90)  # noqa: PLR2004 - degrees
    )
    reach_m = params.jump_m + params.max_mps * (at_ms - last_ms) / 1_000
    far_m = distance_m(last_lon, last_lat, pings.lons, pings.lats)
    jump = (last_ms >= 0) & (far_m > reach_m)
    return np.select(
        [
            ~known,
            off,
            nowhere,
            at_ms > now_ms + params.future_s * 1_000,
            (at_ms < now_ms - params.stale_s * 1_000) | (at_ms <= last_ms),
            jump,
        ],
        ["unknown", "off_duty", "nowhere", "future", "stale", "jump"],
        default="",
    )


def _is_off_duty(courier: Courier | None) -> bool:
    """Whether the whereabouts of a courier are none of our business."""
    return courier is not None and courier.state is CourierState.OFFLINE


def _newest(pings: Pings, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The newest of these rows for each courier, in the order of the batch."""
    newest: dict[str, int] = {}
    for row in rows[np.argsort(pings.pinged_at_ms[rows], kind="stable")].tolist():
        newest[pings.courier_ids[row]] = row
    return np.array(sorted(newest.values()), dtype=np.intp)


def _is_still(
    pings: Pings,
    rows: NDArray[np.intp],
    progress: Mapping[str, Progress],
    params: TrackParams,
) -> NDArray[np.bool_]:
    """Whether each of these rows lies where the courier was before."""
    before = [progress.get(pings.courier_ids[row]) for row in rows.tolist()]
    lon = np.array([p.lon if p else np.nan for p in before])
    lat = np.array([p.lat if p else np.nan for p in before])
    still: NDArray[np.bool_] = (
        distance_m(lon, lat, pings.lons[rows], pings.lats[rows]) <= params.still_m
    )
    return still


def _left_s(
    pings: Pings,
    rows: NDArray[np.intp],
    routes: Mapping[str, Route],
    couriers: Mapping[str, Courier],
    params: TrackParams,
) -> NDArray[np.float64]:
    """Seconds of way left to each courier's next stop; NaN without one."""
    lon, lat, mps = [], [], []
    for row in rows.tolist():
        courier_id = pings.courier_ids[row]
        route = routes.get(courier_id)
        place = route.stops[0].place if route is not None and route.stops else None
        lon.append(place.lon if place else np.nan)
        lat.append(place.lat if place else np.nan)
        mps.append(params.straight_mps[couriers[courier_id].vehicle])
    far_m = distance_m(pings.lons[rows], pings.lats[rows], np.array(lon), np.array(lat))
    left_s: NDArray[np.float64] = far_m / np.array(mps, dtype=np.float64)
    return left_s


def _moved(
    pings: Pings,
    row: int,
    before: Progress | None,
    *,
    is_still: bool,
    arrival_at: datetime | None,
    delay_s: int,
) -> Progress:
    """Where a courier is now; who stands still keeps the first position, so that drift adds up."""
    # One constructor call: `replace` takes ten times as long, and this runs for every position.
    stays = before is not None and is_still
    return Progress(
        courier_id=pings.courier_ids[row],
        lon=before.lon if before and stays else float(pings.lons[row]),
        lat=before.lat if before and stays else float(pings.lats[row]),
        pinged_at=from_ms(int(pings.pinged_at_ms[row])),
        still_since_at=before.still_since_at or before.pinged_at if before and stays else None,
        next_arrival_at=arrival_at,
        delay_s=delay_s,
        p_drop=before.p_drop if before else 0.0,
        version=before.version if before else 0,
    )


def _arrival(
    pings: Pings, row: int, route: Route | None, left_s: float, now: datetime
) -> tuple[datetime | None, int]:
    """When the courier will be at the next stop, and how much later than planned, in seconds."""
    if route is None or not route.stops:
        return None, 0
    stop = route.stops[0]
    if stop.status is StopStatus.STARTED:
        # At the door: the plan slips only by what the stay exceeds its time.
        over_s = (now - stop.arrival_at).total_seconds() - stop.service_s
        return stop.arrival_at, max(0, int(over_s))
    pinged_at = from_ms(int(pings.pinged_at_ms[row]))
    expected_at = pinged_at + timedelta(seconds=round(left_s))
    return expected_at, int((expected_at - stop.arrival_at).total_seconds())
