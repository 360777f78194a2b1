"""This file knows what phones report: positions with noise and gaps, nothing from dead spots."""

from math import cos, radians

from recourse.model.routes import StopKind
from recourse_sim.courier import CourierLife, Mode
from recourse_sim.door import Refused
from recourse_sim.world import World

__all__ = ["Phones"]

_M_PER_DEGREE = 111_195.0
_HEARD = frozenset({Mode.ON, Mode.OUT})
_MOST_ROWS = 2_000


class Phones:
    """The gateway that carries every phone of a fleet.

    Parameters
    ----------
    world : World
        Whose phones.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.chance.stream("phones")
        self._dead: dict[tuple[int, int], bool] = {}
        self.n_sent = 0

    def is_dead_spot(self, lon: float, lat: float) -> bool:
        """Whether there is no coverage at a point."""
        phone = self._world.params.phone
        step = phone.dead_cell_m / _M_PER_DEGREE
        cell = (int(lon * cos(radians(lat)) / step), int(lat / step))
        found = self._dead.get(cell)
        if found is None:
            found = self._dead[cell] = self._world.chance.happens(
                phone.p_dead_cell, "dead spot", *cell
            )
        return found

    def ping(self) -> None:
        """Send where everybody is who can be heard."""
        world, phone = self._world, self._world.params.phone
        heard = [life for life in world.lives.values() if life.mode in _HEARD]
        if not heard:
            return
        noise = self._rng.normal(0.0, phone.noise_m / _M_PER_DEGREE, (len(heard), 2)).tolist()
        gaps = self._rng.random(len(heard)).tolist()
        ids: list[str] = []
        lons: list[float] = []
        lats: list[float] = []
        for life, (east, north), gap in zip(heard, noise, gaps, strict=True):
            lon, lat = life.position()
            if gap < phone.p_gap or (_is_under_way(life) and self.is_dead_spot(lon, lat)):
                continue
            ids.append(life.id)
            lons.append(round(lon + east / cos(radians(lat)), 6))
            lats.append(round(lat + north, 6))
        for at in range(0, len(ids), _MOST_ROWS):
            part = slice(at, at + _MOST_ROWS)
            try:
                world.door.ping(ids[part], lons[part], lats[part], world.now_s)
            except Refused as refusal:
                world.refused("pings", refusal)
        self.n_sent += len(ids)


def _is_under_way(life: CourierLife) -> bool:
    """Whether a courier drives or is at a door; who waits does so where the phone works."""
    if life.leg is not None:
        return True
    return life.visit is not None and life.visit.stop.kind is StopKind.DROPOFF
