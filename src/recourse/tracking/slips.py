"""This file knows when a late courier breaks a promise further along the route."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from recourse.model.events import ArrivalSlipped
from recourse.model.routes import Route, Stop, StopKind

__all__ = ["slips"]


def slips(
    route: Route,
    *,
    was_s: int,
    delay_s: int,
    now: datetime,
    again_s: int,
    told: Mapping[str, datetime],
) -> list[ArrivalSlipped]:
    """Orders whose expected arrival has just passed the end of their promise.

    A delay is used up by every wait for a window to open. An order is told when it passes its
    promise, and again each time it gets `again_s` worse.

    Parameters
    ----------
    route : Route
        The stops still to be made, with planned arrivals.
    was_s, delay_s : int
        Delay at the next stop before and now, seconds; negative when early.
    now : datetime
        The present instant.
    again_s : int
        Seconds after which a slip is told again.
    told : mapping of order id to datetime
        Expected arrivals told before.

    Returns
    -------
    list of ArrivalSlipped
        One for each order, in the order of the stops.
    """
    found: list[ArrivalSlipped] = []
    before_s, after_s = max(0, was_s), max(0, delay_s)
    for stop in route.stops:
        if stop.kind is StopKind.DROPOFF:
            before, after = _step(stop, before_s, again_s), _step(stop, after_s, again_s)
            expected_at = stop.arrival_at + timedelta(seconds=after_s)
            found += [
                ArrivalSlipped(
                    at=now,
                    order_id=order_id,
                    courier_id=route.courier_id,
                    expected_at=expected_at,
                    latest_at=stop.latest_at,
                )
                for order_id in stop.order_ids
                if after > before and _is_worse(told.get(order_id), expected_at, again_s)
            ]
        wait_s = max(0, int((stop.earliest_at - stop.arrival_at).total_seconds()))
        before_s, after_s = max(0, before_s - wait_s), max(0, after_s - wait_s)
        if after_s == 0:
            break
    return found


def _step(stop: Stop, delay_s: int, again_s: int) -> int:
    """0 while the promise holds, then 1, and one more for every `again_s` past it."""
    late_s = (stop.arrival_at - stop.latest_at).total_seconds() + delay_s
    return 0 if late_s <= 0 else 1 + int(late_s // again_s)


def _is_worse(told_at: datetime | None, expected_at: datetime, again_s: int) -> bool:
    """Whether there is something new to tell."""
    return told_at is None or expected_at >= told_at + timedelta(seconds=again_s)
