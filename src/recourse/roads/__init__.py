"""The road network of a city: who may go where, how long it takes, and what changes that.

This package knows roads as values; it reads no files (see ``recourse.adapters.osm``).
"""

from recourse.roads.contract import build_network
from recourse.roads.events import RoadEvent
from recourse.roads.network import RoadNetwork
from recourse.roads.paths import Path
from recourse.roads.profiles import Profile, busiest_s
from recourse.roads.survey import RoadSurvey
from recourse.roads.times import UNREACHABLE_S, TravelTimes

__all__ = [
    "UNREACHABLE_S",
    "Path",
    "Profile",
    "RoadEvent",
    "RoadNetwork",
    "RoadSurvey",
    "TravelTimes",
    "build_network",
    "busiest_s",
]
