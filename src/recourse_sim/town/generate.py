"""A whole town out of a seed.

This file knows in which order a town comes into being and how it is tagged.
"""

from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from recourse_sim.town.buildings import House, build_houses
from recourse_sim.town.commerce import settle_trade
from recourse_sim.town.drawing import Drawing
from recourse_sim.town.joined import Net, Stretch, join_streets
from recourse_sim.town.names import Namer
from recourse_sim.town.streets import RANKS, lay_streets
from recourse_sim.town.terrain import Terrain, make_terrain
from recourse_sim.town.traffic import (
    Ban,
    Ramp,
    Roadway,
    build_motorway,
    forbid_turns,
    place_signals,
)

__all__ = ["generate_town"]

_POSTED_KMH: Final = {"primary": "50", "secondary": "50", "tertiary": "40", "residential": "30"}
_BOLLARD_SHARE: Final = 0.006
_WAY_M: Final = 1600.0


def generate_town(seed: int, path: Path) -> None:
    """Make up a town and write it as an OpenStreetMap file.

    The town measures 7 km by 6 km: an old town with one-way streets, grids on both
    sides of a river with a few bridges, avenues, a shore, parks, a railway, a motorway
    with ramps, signals, forbidden turns, houses with numbers, kitchens and shops. Equal
    seeds give equal files. The file says in its head and on every named point that
    the place is not real.

    Parameters
    ----------
    seed : int
        Which town; 0 or more.
    path : Path
        File to write, ending in ``.osm.pbf``; replaced if it exists.

    Raises
    ------
    ValueError
        If `seed` is negative.

    Notes
    -----
    About 4 s of CPU time and 18,000 houses.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     generate_town(7, Path(folder) / "town.osm.pbf")
    ...     (Path(folder) / "town.osm.pbf").stat().st_size > 100_000
    True
    """
    if seed < 0:
        message = f"seed must be 0 or more, got {seed}"
        raise ValueError(message)
    rng = np.random.Generator(np.random.PCG64(seed))
    ground, namer = make_terrain(rng), Namer(rng)
    net = join_streets(rng, lay_streets(rng, ground, namer))
    lit = place_signals(rng, net)
    bans = forbid_turns(rng, net, lit)
    roadways, ramps = build_motorway(ground, net)
    houses = build_houses(rng, ground, net)
    spots = settle_trade(rng, ground, net, houses, namer)
    drawing = Drawing(path, seed)
    for spot in spots:
        drawing.point(spot.where, spot.tags)
    _draw_ground(drawing, ground)
    _draw_streets(rng, drawing, ground, net, lit, bans, ramps, roadways)
    for house in houses:
        _draw_house(drawing, house)
    drawing.finish()


def _draw_ground(drawing: Drawing, ground: Terrain) -> None:
    drawing.line(np.array(ground.coast.coords), {"natural": "coastline"})
    drawing.area(_outline(ground.river), {"natural": "water", "water": "river", "name": "River"})
    for lake in ground.lakes:
        drawing.area(_outline(lake), {"natural": "water", "water": "pond"})
    for park in ground.parks:
        drawing.area(_outline(park), {"leisure": "park"})
    drawing.area(_outline(ground.industry), {"landuse": "industrial"})
    drawing.area(_outline(ground.old_town), {"landuse": "retail"})
    drawing.line(np.array(ground.railway.coords), {"railway": "rail"})


def _outline(area: Polygon) -> NDArray[np.float64]:
    """Corners of an area, each once; shape (n, 2)."""
    return np.array(area.exterior.coords)[:-1]


def _draw_house(drawing: Drawing, house: House) -> None:
    tags = {
        "building": "yes",
        "building:levels": str(house.levels),
        "addr:street": house.street,
        "addr:housenumber": str(house.number),
    }
    drawing.area(house.outline, tags)


def _draw_streets(
    rng: np.random.Generator,
    drawing: Drawing,
    ground: Terrain,
    net: Net,
    lit: set[int],
    bans: list[Ban],
    ramps: list[Ramp],
    roadways: list[Roadway],
) -> None:
    node_of = [
        drawing.point(where, {"highway": "traffic_signals"} if i in lit else None)
        for i, where in enumerate(net.nodes)
    ]
    way_of: dict[int, int] = {}
    water = shapely.union_all([ground.river, *ground.lakes])
    wet = [_is_bridge(s, water, ground.motorway) for s in net.stretches]
    for run in _runs(net, wet, {ban.via for ban in bans}):
        points = [node_of[net.stretches[run[0]].tail]]
        for i in run:
            stretch = net.stretches[i]
            points += _bends(rng, drawing, stretch)
            points.append(node_of[stretch.head])
        number = drawing.way(
            points, _street_tags(net.stretches[run[0]], ground, is_bridge=wet[run[0]])
        )
        way_of.update(dict.fromkeys(run, number))
    for ban in bans:
        members = [
            ("w", way_of[ban.came], "from"),
            ("n", node_of[ban.via], "via"),
            ("w", way_of[ban.goes], "to"),
        ]
        drawing.relation(members, {"type": "restriction", "restriction": ban.kind})
    _draw_motorway(drawing, node_of, roadways, ramps)


def _bends(rng: np.random.Generator, drawing: Drawing, stretch: Stretch) -> list[int]:
    """Points between the ends of a stretch; a bollard on a few quiet streets."""
    bends = stretch.points[1:-1]
    numbers = drawing.points(bends[:-1])
    if len(bends):
        is_quiet = stretch.street.road_class == "residential" and not stretch.street.is_one_way
        is_closed = is_quiet and rng.uniform() < _BOLLARD_SHARE
        numbers.append(drawing.point(bends[-1], {"barrier": "bollard"} if is_closed else None))
    return numbers


def _is_bridge(stretch: Stretch, water: shapely.Geometry, motorway: LineString) -> bool:
    line = LineString(stretch.points)
    is_wet = shapely.intersection(line, water).length > 12  # noqa: PLR2004 - metres
    return stretch.street.rank < RANKS.index("cycleway") and (is_wet or line.intersects(motorway))


def _runs(net: Net, wet: list[bool], cuts: set[int]) -> list[list[int]]:
    """Stretches of one street that follow each other, so that a street is a few long ways."""
    by_street: defaultdict[int, list[int]] = defaultdict(list)
    for i, stretch in enumerate(net.stretches):
        by_street[id(stretch.street)].append(i)
    runs: list[list[int]] = []
    for members in by_street.values():
        line = net.stretches[members[0]].street.line
        members.sort(key=lambda i: line.project(shapely.Point(_middle(net.stretches[i]))))
        length_m = 0.0
        for n, i in enumerate(members):
            stretch, before = net.stretches[i], net.stretches[members[n - 1]]
            follows = n > 0 and before.head == stretch.tail and stretch.tail not in cuts
            if follows and wet[i] == wet[members[n - 1]] and length_m < _WAY_M:
                runs[-1].append(i)
                length_m += stretch.length_m
            else:
                runs.append([i])
                length_m = stretch.length_m
    return runs


def _middle(stretch: Stretch) -> tuple[float, float]:
    point = LineString(stretch.points).interpolate(0.5, normalized=True)
    return point.x, point.y


def _street_tags(stretch: Stretch, ground: Terrain, *, is_bridge: bool) -> dict[str, str]:
    street = stretch.street
    tags = {"highway": street.road_class}
    if street.name:
        tags["name"] = street.name
    if street.road_class in _POSTED_KMH:
        is_central = shapely.contains_xy(ground.old_town, *_middle(stretch))
        tags["maxspeed"] = "30" if is_central else _POSTED_KMH[street.road_class]
    if street.is_one_way:
        tags["oneway"] = "yes"
        if len(street.name) % 2:
            tags["oneway:bicycle"] = "no"
    if is_bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags


def _draw_motorway(
    drawing: Drawing, node_of: list[int], roadways: list[Roadway], ramps: list[Ramp]
) -> None:
    """Write carriageways with a point wherever a ramp joins."""
    for i, roadway in enumerate(roadways):
        corners = [
            (roadway.line.project(shapely.Point(c)), np.array(c)) for c in roadway.line.coords
        ]
        joins = {
            r.at_m: np.array(roadway.line.interpolate(r.at_m).coords[0])
            for r in ramps
            if r.roadway == i
        }
        along = sorted([*corners, *joins.items()], key=lambda pair: pair[0])
        numbers = {at_m: drawing.point(where) for at_m, where in along}
        tags = {
            "highway": "motorway",
            "oneway": "yes",
            "maxspeed": "90",
            "ref": "M1",
            "name": "Ring Motorway",
        }
        drawing.way([numbers[at_m] for at_m, _ in along], tags)
        for ramp in (r for r in ramps if r.roadway == i):
            inner = drawing.points(ramp.points[1:-1])
            ends = [numbers[ramp.at_m], *inner, node_of[ramp.node]]
            if not ramp.is_exit:
                ends = [node_of[ramp.node], *inner, numbers[ramp.at_m]]
            drawing.way(ends, {"highway": "motorway_link", "oneway": "yes", "maxspeed": "60"})
