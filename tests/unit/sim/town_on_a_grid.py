"""A town small enough to draw: 12 by 12 streets, 150 m apart, every corner a home."""

import numpy as np

from recourse.model.places import Place
from recourse.roads import RoadNetwork, RoadSurvey, build_network
from recourse.roads.profiles import ALL_BITS, ROAD_CLASSES
from recourse_sim.places import CityMap

SIDE = 12
WEST, SOUTH, STEP = 121.40, 31.20, 0.00155


def grid_network() -> RoadNetwork:
    lon = np.array([WEST + STEP * (i % SIDE) for i in range(SIDE * SIDE)])
    lat = np.array([SOUTH + STEP * (i // SIDE) for i in range(SIDE * SIDE)])
    rows = [[y * SIDE + x for x in range(SIDE)] for y in range(SIDE)]
    ways = rows + [[y * SIDE + x for y in range(SIDE)] for x in range(SIDE)]
    n = len(ways)
    survey = RoadSurvey(
        lon=lon,
        lat=lat,
        point_signals=np.zeros(len(lon), dtype=np.uint8),
        point_access=np.full(len(lon), ALL_BITS, dtype=np.uint8),
        way_start=np.arange(0, n * SIDE + 1, SIDE, dtype=np.int64),
        way_points=np.array(ways, dtype=np.int32).ravel(),
        way_id=np.arange(1, n + 1, dtype=np.int64),
        way_class=np.full(n, ROAD_CLASSES.index("residential"), dtype=np.uint8),
        kmh_forward=np.full(n, 30, dtype=np.uint8),
        kmh_backward=np.full(n, 30, dtype=np.uint8),
        access_forward=np.full(n, ALL_BITS, dtype=np.uint8),
        access_backward=np.full(n, ALL_BITS, dtype=np.uint8),
        way_name=np.zeros(n, dtype=np.int32),
        names=("",),
        ban_from=np.empty(0, dtype=np.int64),
        ban_to=np.empty(0, dtype=np.int64),
        ban_via=np.empty(0, dtype=np.int32),
        ban_only=np.empty(0, dtype=bool),
        ban_profiles=np.empty(0, dtype=np.uint8),
    )
    return build_network(survey)


def grid_city() -> CityMap:
    corners = [
        Place(lon=WEST + STEP * x, lat=SOUTH + STEP * y, address=f"{x} and {y}")
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    return CityMap(
        name="grid",
        zone="Asia/Shanghai",
        network=grid_network(),
        addresses=tuple(corners),
        food=tuple(corners[5::11]),
        is_generated=True,
    )
