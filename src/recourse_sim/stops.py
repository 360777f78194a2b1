"""This file knows how a phone reads a route: the stops, in seconds of the day."""

from dataclasses import dataclass
from typing import Any

from recourse.model.places import Place
from recourse.model.routes import StopKind
from recourse_sim.hours import Day

__all__ = ["RouteView", "StopView", "read_route"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """One stop as the phone shows it.

    Attributes
    ----------
    id : str
        Name of the stop.
    kind : StopKind
        What is to be done.
    order_ids : tuple of str
        For which orders.
    place : Place
        Where.
    earliest_s : float
        Service may not begin before, seconds after local midnight.
    from_courier_id : str
        Who hands over, at a handover.
    """

    id: str
    kind: StopKind
    order_ids: tuple[str, ...]
    place: Place
    earliest_s: float
    from_courier_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """A route as the phone shows it.

    Attributes
    ----------
    version : int
        Rises with every change.
    stops : tuple of StopView
        In visiting order.
    """

    version: int
    stops: tuple[StopView, ...]

    @property
    def next_place(self) -> Place | None:
        """Where to go next, if anywhere."""
        return self.stops[0].place if self.stops else None


def read_route(route: dict[str, Any], day: Day) -> RouteView:
    """Read a route out of an answer of the platform."""
    return RouteView(
        version=int(route["version"]),
        stops=tuple(_read_stop(stop, day) for stop in route["stops"]),
    )


def _read_stop(stop: dict[str, Any], day: Day) -> StopView:
    place = stop["place"]
    return StopView(
        id=stop["id"],
        kind=StopKind(stop["kind"]),
        order_ids=tuple(stop["order_ids"]),
        place=Place(lon=place["lon"], lat=place["lat"], address=place.get("address", "")),
        earliest_s=day.seconds(stop["earliest_at"]),
        from_courier_id=stop.get("from_courier_id") or "",
    )
