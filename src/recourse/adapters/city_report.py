"""What an import found, for the person who ran it.

This file knows which findings deserve a warning.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from recourse.adapters.addresses import Addresses
from recourse.adapters.osm import RoadsRead
from recourse.adapters.osm_places import PlacesRead
from recourse.roads import Profile, RoadNetwork
from recourse.roads.profiles import profile_bit

__all__ = ["CityReport", "make_report"]

_CUT_OFF_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class CityReport:
    """Findings of an import.

    Attributes
    ----------
    generated : bool
        Whether the city was made up by the simulator.
    road_km : dict of str to float
        Kilometres of road by class, both directions counted once.
    n_nodes, n_edges : int
        Size of the network.
    n_signals, n_barriers, n_restrictions, n_turns : int
        Traffic signals, barriers, restrictions read, and forbidden turns made of them.
    n_addresses, n_building_doors : int
        Doors with a house number; buildings that stand for doors.
    n_food, n_shops, n_stations, n_points : int
        Places to fetch from, and candidates for pickup points.
    cut_off : dict of str to int
        Nodes by profile that belong to roads cut off from the main part.
    skipped : dict of str to int
        Things passed over, by reason.
    warnings : list of str
        What may disturb operations, and the way out.
    """

    generated: bool
    road_km: dict[str, float]
    n_nodes: int
    n_edges: int
    n_signals: int
    n_barriers: int
    n_restrictions: int
    n_turns: int
    n_addresses: int
    n_building_doors: int
    n_food: int
    n_shops: int
    n_stations: int
    n_points: int
    cut_off: dict[str, int]
    skipped: dict[str, int]
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)


def make_report(
    roads: RoadsRead,
    network: RoadNetwork,
    places: PlacesRead,
    doors: Addresses,
    *,
    generated: bool,
) -> CityReport:
    """Write down what an import found.

    Parameters
    ----------
    roads : RoadsRead
        As read.
    network : RoadNetwork
        As built.
    places : PlacesRead
        As read.
    doors : Addresses
        As gathered.
    generated : bool
        Whether the simulator made the city.

    Returns
    -------
    CityReport
        Figures and warnings.
    """
    cut_off = {profile.value: _n_cut_off(network, profile) for profile in Profile}
    n_building_doors = int(doors.is_building.sum())
    report = CityReport(
        generated=generated,
        road_km={name: round(km, 1) for name, km in network.street_km().items()},
        n_nodes=network.n_nodes,
        n_edges=network.n_edges,
        n_signals=roads.n_signals,
        n_barriers=roads.n_barriers,
        n_restrictions=roads.n_restrictions,
        n_turns=len(network.turn_from),
        n_addresses=len(doors) - n_building_doors,
        n_building_doors=n_building_doors,
        n_food=sum(poi.kind == "food" for poi in places.pois),
        n_shops=sum(poi.kind == "shop" for poi in places.pois),
        n_stations=sum(poi.kind == "station" for poi in places.pois),
        n_points=sum(poi.is_point for poi in places.pois),
        cut_off=cut_off,
        skipped=dict(sorted(roads.skipped.items())),
        warnings=[],
    )
    report.warnings.extend(_warnings(report, network))
    return report


def _n_cut_off(network: RoadNetwork, profile: Profile) -> int:
    """Nodes that a profile's roads touch but that its main part does not hold."""
    bit = profile_bit(profile)
    used = np.zeros(network.n_nodes, dtype=bool)
    usable = (network.access & bit) > 0
    used[network.tail[usable]] = True
    used[network.head[usable]] = True
    return int((used & ((network.main & bit) == 0)).sum())


def _warnings(report: CityReport, network: RoadNetwork) -> list[str]:
    found: list[str] = []
    for profile in Profile:
        n_main = int(((network.main & profile_bit(profile)) > 0).sum())
        n_cut_off = report.cut_off[profile.value]
        if not n_main:
            found.append(f"no road for {profile.value}: give no courier this vehicle")
        elif n_cut_off > _CUT_OFF_SHARE * (n_main + n_cut_off):
            share = round(100 * n_cut_off / (n_main + n_cut_off))
            found.append(
                f"{share} % of the junctions for {profile.value} are cut off and will not be used"
            )
    if not report.n_addresses and not report.n_building_doors:
        found.append("no address and no building: orders must give longitude and latitude")
    elif report.n_building_doors:
        found.append(
            f"few house numbers ({report.n_addresses}): {report.n_building_doors} buildings on "
            "named streets stand for doors; orders by address may need a look"
        )
    if not report.n_food + report.n_shops:
        found.append("no kitchens and no shops: merchants must be entered by hand")
    if not report.n_signals:
        found.append("no traffic signals mapped: arrival times may be early")
    return found
