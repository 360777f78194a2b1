"""A courier's route as the phone shows it, and as a line on the map."""

from recourse.flow.platform import Platform
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.couriers import Courier, Progress
from recourse.model.places import Place
from recourse.model.routes import Route, Stop

__all__ = ["path", "route_view"]


def route_view(route: Route) -> Data:
    """A route as plain data."""
    return {
        "courier_id": route.courier_id,
        "version": route.version,
        "changed_at": stamp(route.changed_at),
        "stops": [_stop(stop) for stop in route.stops],
    }


def _stop(stop: Stop) -> Data:
    """A stop as plain data."""
    return {
        "id": stop.id,
        "kind": stop.kind.value,
        "order_ids": list(stop.order_ids),
        "place": {"lon": stop.place.lon, "lat": stop.place.lat, "address": stop.place.address},
        "earliest_at": stamp(stop.earliest_at),
        "latest_at": stamp(stop.latest_at),
        "arrival_at": stamp(stop.arrival_at),
        "service_s": stop.service_s,
        "status": stop.status.value,
        "from_courier_id": stop.from_courier_id,
        "site_id": stop.site_id,
    }


def path(platform: Platform, courier: Courier, route: Route, progress: Progress | None) -> Data:
    """The way still to drive as a GeoJSON feature, with the stops as its properties."""
    here = Place(lon=progress.lon, lat=progress.lat) if progress is not None else courier.start
    now = platform.now()
    line: list[list[float]] = [[here.lon, here.lat]]
    for stop in route.stops:
        way = platform.travel.path(courier.vehicle, here, stop.place, now)
        if way is not None:
            line += [[float(x), float(y)] for x, y in zip(way.lon, way.lat, strict=True)]
        line.append([stop.place.lon, stop.place.lat])
        here = stop.place
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": {
            "courier_id": courier.id,
            "vehicle": plain(courier.vehicle),
            "stops": [_stop(stop) for stop in route.stops],
        },
    }
