"""This file knows a stop under construction: what it was, and which new orders it serves."""

from datetime import timedelta
from typing import NamedTuple

from recourse.model.routes import Stop, StopKind
from recourse.planning.asks import Asks

__all__ = ["Seat", "Visit", "numbers_of", "stop_of"]


class Visit(NamedTuple):
    """A stop of a draft.

    Attributes
    ----------
    base : Stop or None
        The stop as it was told; None for a new one.
    closes : int
        When service at a told stop may begin at the latest, held lateness included.
    is_pickup : bool
        Whether the orders of this call are collected here.
    asks : tuple of int
        Which demands of this call it serves.
    """

    base: Stop | None
    closes: int
    is_pickup: bool
    asks: tuple[int, ...] = ()

    def plus(self, demand: int) -> "Visit":
        """Return the visit with one more order."""
        return self._replace(asks=(*self.asks, demand))

    def minus(self, demand: int) -> "Visit | None":
        """Return the visit without an order; None if it serves nobody any more."""
        left = tuple(k for k in self.asks if k != demand)
        return self._replace(asks=left) if left or self.base is not None else None


class Seat(NamedTuple):
    """A stop of a route that is written afresh.

    Attributes
    ----------
    visit : Visit
        What it becomes.
    row, rank : int
        Where it is in the draft, or the first of those that become one.
    is_changed : bool
        Whether its numbers are others than there.
    """

    visit: Visit
    row: int
    rank: int
    is_changed: bool


def numbers_of(visit: Visit, asks: Asks, own: tuple[int, ...]) -> dict[str, int]:
    """Return the columns of a visit in the draft.

    Parameters
    ----------
    visit : Visit
        Which stop.
    asks : Asks
        The orders of this call.
    own : tuple of int
        What the told stop has by itself: opening time, service, grams and millilitres gained.

    Returns
    -------
    dict of str to int
        Name of the column and value.
    """
    of = list(visit.asks)
    opens, service, gives_g, gives_ml = own
    g, ml = int(asks.g[of].sum()), int(asks.ml[of].sum())
    if visit.is_pickup:
        opening = max(opens, int(asks.ready[of].max(initial=opens)))
        closing = visit.closes
        if visit.base is None:
            service = int(asks.pickup_service[of[0]])
            closing = int(asks.latest[of].max()) + asks.max_late_s
        service += asks.params.loaded_s * (len(of) - (visit.base is None))
        return _columns(opening, closing, service, gives_g + g, gives_ml + ml)
    opening = max(opens, int(asks.earliest[of].max(initial=opens)))
    closing = int(asks.latest[of].min(initial=visit.closes))
    for rank, k in enumerate(of):
        is_first = rank == 0 and visit.base is None
        service = max(service, int(asks.service[k])) + (0 if is_first else asks.params.joined_s)
    numbers = _columns(opening, closing, service, gives_g - g, gives_ml - ml)
    if of:
        numbers["promise"] = int(asks.latest[of].min())
        numbers["late_mc"] = int(asks.late_mc[of].sum())
    return numbers


def _columns(opening: int, closing: int, service: int, g: int, ml: int) -> dict[str, int]:
    """Name the columns; nothing is owed for lateness unless said."""
    return {
        "earliest": opening,
        "latest": closing,
        "service": service,
        "gives_g": g,
        "gives_ml": ml,
        "promise": 0,
        "late_mc": 0,
    }


def stop_of(visit: Visit, asks: Asks) -> Stop:
    """Return the visit as a stop; id and arrival of a new one are for the caller to fill in."""
    if not visit.asks and visit.base is not None:
        return visit.base
    base = visit.base
    first, *others = visit.asks
    made = _new_stop(asks, first, is_pickup=visit.is_pickup)
    stops = [made] if base is None else [base, made]
    stops += [_new_stop(asks, k, is_pickup=visit.is_pickup) for k in others]
    service_s = stops[0].service_s
    for stop in stops[1:]:
        if visit.is_pickup:
            service_s += asks.params.loaded_s
        else:
            service_s = max(service_s, stop.service_s) + asks.params.joined_s
    last = max if visit.is_pickup else min
    head = stops[0]
    return Stop(
        id=head.id,
        kind=head.kind,
        order_ids=tuple(order_id for stop in stops for order_id in stop.order_ids),
        place=head.place,
        earliest_at=max(stop.earliest_at for stop in stops),
        latest_at=last(stop.latest_at for stop in stops),
        arrival_at=head.arrival_at,
        service_s=service_s,
        status=head.status,
        from_courier_id=head.from_courier_id,
        site_id=head.site_id,
    )


def _new_stop(asks: Asks, k: int, *, is_pickup: bool) -> Stop:
    """Stop that serves one demand alone."""
    demand, now = asks.demands[k], asks.now
    if is_pickup and demand.pickup is not None:
        is_take = demand.pickup_kind is StopKind.TAKE
        return Stop(
            id="",
            kind=demand.pickup_kind,
            order_ids=(demand.order_id,),
            place=demand.pickup,
            earliest_at=demand.pickup_ready_at or now,
            latest_at=demand.latest_at + timedelta(seconds=asks.max_late_s),
            arrival_at=now,
            service_s=int(asks.pickup_service[k]),
            from_courier_id=demand.from_courier_id if is_take else "",
            site_id=demand.pickup_site_id,
        )
    return Stop(
        id="",
        kind=demand.dropoff_kind,
        order_ids=(demand.order_id,),
        place=demand.dropoff,
        earliest_at=demand.earliest_at or now,
        latest_at=demand.latest_at,
        arrival_at=now,
        service_s=demand.service_s,
        site_id=demand.dropoff_site_id,
    )
