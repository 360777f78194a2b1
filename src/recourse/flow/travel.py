"""This file knows how the planner's questions about travel become questions to the road network."""

import math
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from recourse import roads
from recourse.model.couriers import Vehicle
from recourse.model.places import Place
from recourse.model.roads import RoadEvent
from recourse.roads import Path, Profile, RoadNetwork, TravelTimes

__all__ = ["CityTravel"]

_METRES_PER_DEGREE = 111_195.0
_CORNERS = 12
# Means of moving and waiting in town; only prices are computed from them, never arrivals.
_MEAN_MPS = {Vehicle.EBIKE: 3.9, Vehicle.SCOOTER: 6.0, Vehicle.VAN: 6.5, Vehicle.FOOT: 1.3}
_FARTHEST_M = 2_000_000_000
# A plan made now is ridden over the next hour or so: it must know of the peak about to come.
_AHEAD_S = 2_700
# From the parked vehicle to rolling, and from the kerb to the door: no road network knows of them.
_SETTING_OFF_S = 10


class CityTravel:
    """Travel in one city, by its local time, with the closures in force.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    zone : ZoneInfo
        Local time of the city: it decides the traffic.
    times : TravelTimes, optional
        Times already computed for the same network, to be shared.
    """

    def __init__(
        self, network: RoadNetwork, zone: ZoneInfo, *, times: TravelTimes | None = None
    ) -> None:
        self.network, self.zone = network, zone
        self._times = times or TravelTimes(network)

    def nodes(
        self, vehicle: Vehicle, lons: NDArray[np.float64], lats: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Node of the network for each point; shape (n,)."""
        return self.network.snap(lons, lats, Profile(vehicle.value))

    def matrix_s(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> NDArray[np.int32]:
        """Seconds from every origin to every destination in the traffic ahead; shape (n, m)."""
        profile = Profile(vehicle.value)
        traffic_s = roads.busiest_s(profile, self._s_of_day(at), ahead_s=_AHEAD_S)
        ridden_s = self._times.matrix_s(profile, origins, destinations, traffic_s)
        elsewhere = origins[:, np.newaxis] != destinations[np.newaxis, :]
        return np.asarray(ridden_s + _SETTING_OFF_S * elsewhere, dtype=np.int32)

    def matrices(
        self,
        vehicle: Vehicle,
        origins: NDArray[np.int32],
        destinations: NDArray[np.int32],
        at: datetime,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The same seconds, and metres as priced; shape (n, m) each."""
        # Prices need no more than the right order of size; asking the roads for lengths as
        # well would double the searches.
        seconds = self.matrix_s(vehicle, origins, destinations, at)
        metres = np.minimum(seconds * _MEAN_MPS[vehicle], _FARTHEST_M)
        return seconds, np.asarray(metres, dtype=np.int32)

    def path(self, vehicle: Vehicle, start: Place, end: Place, at: datetime) -> Path | None:
        """Fastest way between two places, leaving then; None if there is none."""
        profile = Profile(vehicle.value)
        ends = self.network.snap([start.lon, end.lon], [start.lat, end.lat], profile)
        return self._times.path(profile, int(ends[0]), int(ends[1]), self._s_of_day(at))

    def obey(self, events: Iterable[RoadEvent], now: datetime) -> None:
        """Take the closures and slow-downs that hold now into every later answer."""
        self._times = self._times.with_events([_on_roads(event) for event in events], now)

    def _s_of_day(self, at: datetime) -> int:
        local = at.astimezone(self.zone)
        return local.hour * 3600 + local.minute * 60 + local.second


def _on_roads(event: RoadEvent) -> roads.RoadEvent:
    """The circle of a reported event as a polygon on the network."""
    step_lat = event.radius_m / _METRES_PER_DEGREE
    step_lon = step_lat / max(math.cos(math.radians(event.lat)), 0.01)
    # The last corner is the first one again, not its sine: a ring must close to the last digit.
    angles = [2 * math.pi * (k % _CORNERS) / _CORNERS for k in range(_CORNERS + 1)]
    return roads.RoadEvent(
        id=event.id,
        factor=1.0 if event.factor <= 0 else 1.0 / event.factor,
        is_closed=event.factor <= 0,
        area=tuple(
            (event.lon + step_lon * math.cos(a), event.lat + step_lat * math.sin(a)) for a in angles
        ),
        from_at=event.from_at,
        until_at=event.until_at,
        source=event.source,
    )
