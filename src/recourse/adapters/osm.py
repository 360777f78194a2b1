"""Roads out of an OpenStreetMap extract.

This file knows how to read ways, signals, barriers and turn restrictions from a file.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
import osmium.filter

from recourse.adapters.osm_tags import (
    access_bits,
    barrier_bits,
    direction_bits,
    posted_kmh,
    restricted_bits,
)
from recourse.model.errors import Invalid
from recourse.roads import RoadSurvey
from recourse.roads.profiles import ALL_BITS, ROAD_CLASSES

__all__ = ["RoadsRead", "check_file", "in_order", "read_roads"]

_CLASS_NUMBER = {name: i for i, name in enumerate(ROAD_CLASSES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadsRead:
    """What was found on the way.

    Attributes
    ----------
    survey : RoadSurvey
        The roads.
    n_ways : int
        Ways that at least one profile may use.
    n_signals : int
        Points with traffic signals on these ways.
    n_barriers : int
        Points that stop at least one profile.
    n_restrictions : int
        Turn restrictions that were taken over.
    skipped : dict of str to int
        Things passed over, by reason.
    """

    survey: RoadSurvey
    n_ways: int
    n_signals: int
    n_barriers: int
    n_restrictions: int
    skipped: dict[str, int]


def check_file(pbf: Path) -> None:
    """Refuse a file that cannot be an extract, and say what to do.

    Parameters
    ----------
    pbf : Path
        What the user named.

    Raises
    ------
    Invalid
        If there is no such file, it is a folder, it is empty, or it is not OpenStreetMap data.
    """
    if not pbf.exists():
        raise Invalid(
            field="file", why=f"there is no file {pbf}; give the path of an .osm.pbf extract"
        )
    if pbf.is_dir():
        raise Invalid(field="file", why=f"{pbf} is a folder; give the .osm.pbf file itself")
    if pbf.stat().st_size == 0:
        raise Invalid(field="file", why=f"{pbf} is empty; fetch the extract again")
    try:
        osmium.io.Reader(str(pbf)).close()
    except (RuntimeError, ValueError) as broken:
        why = _not_osm(pbf, broken)
        raise Invalid(field="file", why=why) from broken


@contextmanager
def in_order(pbf: Path) -> Iterator[Path]:
    """Give an extract whose things are sorted by type and number.

    Most extracts say in their head that they are; of any other a sorted copy is made for as
    long as the context lasts.

    Parameters
    ----------
    pbf : Path
        An extract that `check_file` has let through.

    Yields
    ------
    Path
        The extract itself or its copy.

    Raises
    ------
    Invalid
        If the file turns out not to be OpenStreetMap data.
    """
    with osmium.io.Reader(str(pbf)) as reader:
        is_sorted = reader.header().get("sorting") == "Type_then_ID"
    if is_sorted:
        yield pbf
        return
    with tempfile.TemporaryDirectory(prefix="recourse-sorted-") as scratch:
        copy = Path(scratch) / "sorted.osm.pbf"
        try:
            merge = osmium.MergeInputReader()
            merge.add_file(str(pbf))
            with osmium.SimpleWriter(str(copy)) as writer:
                merge.apply(writer)
        except RuntimeError as broken:
            raise Invalid(field="file", why=_not_osm(pbf, broken)) from broken
        yield copy


def _not_osm(pbf: Path, broken: Exception) -> str:
    why = f"{pbf} cannot be read as OpenStreetMap data ({broken})"
    return f"{why}; give a whole .osm.pbf, .osm or .opl file, or fetch it again"


def read_roads(pbf: Path, *, named: Path | None = None) -> RoadsRead:
    """Read all roads that couriers may use.

    Ways are cut where the extract lacks their points. Ferries, railways, and roads under
    construction are left out; so are driveways and parking aisles, which lead nowhere.

    Parameters
    ----------
    pbf : Path
        An extract, any size, in order.
    named : Path, optional
        What to call the file in errors, if it is a copy.

    Returns
    -------
    RoadsRead
        The survey and what was skipped.

    Raises
    ------
    Invalid
        If the file is not OpenStreetMap data or holds no road.
    """
    check_file(pbf)
    named = named or pbf
    reading = _Reading()
    wanted = osmium.filter.KeyFilter("highway", "barrier", "restriction", "restriction:motorcar")
    try:
        for thing in osmium.FileProcessor(str(pbf)).with_locations().with_filter(wanted):
            if isinstance(thing, osmium.osm.Node):
                reading.point(thing)
            elif isinstance(thing, osmium.osm.Way):
                reading.way(thing)
            elif isinstance(thing, osmium.osm.Relation):
                reading.relation(thing)
    except RuntimeError as broken:
        why = _not_osm(named, broken)
        raise Invalid(field="file", why=why) from broken
    if not reading.way_id:
        why = f"{named} holds no roads; take an extract that covers streets (ways tagged highway=*)"
        if reading.skipped["ways without points"]:
            why = f"the roads of {named} have no points; take an extract that keeps its nodes"
        raise Invalid(field="file", why=why)
    return reading.result()


@dataclass
class _Reading:
    """Columns being filled while a file is read."""

    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    index_of: dict[int, int] = field(default_factory=dict)
    signals: set[int] = field(default_factory=set)
    barriers: dict[int, int] = field(default_factory=dict)
    way_start: list[int] = field(default_factory=lambda: [0])
    way_points: list[int] = field(default_factory=list)
    way_id: list[int] = field(default_factory=list)
    kinds: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    bans: list[tuple[int, int, int, bool, int]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def point(self, node: osmium.osm.Node) -> None:
        """Note signals and barriers."""
        if node.tags.get("highway") == "traffic_signals":
            self.signals.add(node.id)
        if "barrier" in node.tags:
            bits = barrier_bits(dict(node.tags))
            if bits != ALL_BITS:
                self.barriers[node.id] = bits

    def way(self, way: osmium.osm.Way) -> None:
        """Take a way over if anybody may use it."""
        road_class = way.tags.get("highway") or ""
        number = _CLASS_NUMBER.get(road_class)
        if number is None:
            return
        tags = dict(way.tags)
        bits = access_bits(tags, road_class)
        along, against = direction_bits(tags, road_class, bits)
        if not along | against:
            self.skipped["ways closed to couriers"] += 1
            return
        kmh = tags.get("maxspeed")
        kind = (
            number,
            posted_kmh(tags.get("maxspeed:forward", kmh)),
            posted_kmh(tags.get("maxspeed:backward", kmh)),
            along,
            against,
            self.names.setdefault(tags.get("name", ""), len(self.names)),
        )
        n_parts = 0
        for part in self._parts(way):
            n_parts += 1
            self.way_points.extend(part)
            self.way_start.append(len(self.way_points))
            self.way_id.append(way.id)
            self.kinds.append(kind)
        if n_parts != 1:
            self.skipped["ways cut at the border" if n_parts else "ways without points"] += 1

    def _parts(self, way: osmium.osm.Way) -> Iterator[list[int]]:
        """Runs of points that the extract holds."""
        part: list[int] = []
        for ref in way.nodes:
            if ref.location.valid():
                part.append(self._index(ref))
                continue
            if len(part) > 1:
                yield part
            part = []
        if len(part) > 1:
            yield part

    def _index(self, ref: osmium.osm.NodeRef) -> int:
        index = self.index_of.get(ref.ref)
        if index is None:
            index = self.index_of[ref.ref] = len(self.lon)
            self.lon.append(ref.lon)
            self.lat.append(ref.lat)
        return index

    def relation(self, relation: osmium.osm.Relation) -> None:
        """Take a turn restriction over if it is plain enough to be obeyed."""
        if relation.tags.get("type") != "restriction":
            return
        kind, bits = restricted_bits(dict(relation.tags))
        if not kind:
            self.skipped["restrictions for others or for some hours"] += 1
            return
        by_role: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
        for member in relation.members:
            if member.role in by_role:
                by_role[member.role].append((member.type, member.ref))
        vias = by_role["via"]
        if len(vias) != 1 or vias[0][0] != "n":
            self.skipped["restrictions through a way"] += 1
            return
        via = self.index_of.get(vias[0][1])
        if via is None or not by_role["from"] or not by_role["to"]:
            self.skipped["restrictions with missing members"] += 1
            return
        for _, came in by_role["from"]:
            for _, goes in by_role["to"]:
                self.bans.append((came, goes, via, kind == "only", bits))

    def result(self) -> RoadsRead:
        """Make arrays of the columns."""
        access = np.full(len(self.lon), ALL_BITS, dtype=np.uint8)
        blocked = {
            self.index_of[n]: bits for n, bits in self.barriers.items() if n in self.index_of
        }
        access[list(blocked)] = list(blocked.values())
        lit = [self.index_of[n] for n in self.signals if n in self.index_of]
        signals = np.zeros(len(self.lon), dtype=np.uint8)
        signals[lit] = 1
        kinds = np.array(self.kinds, dtype=np.int64)
        bans = np.array(self.bans, dtype=np.int64).reshape(-1, 5)
        survey = RoadSurvey(
            lon=np.array(self.lon),
            lat=np.array(self.lat),
            point_signals=signals,
            point_access=access,
            way_start=np.array(self.way_start, dtype=np.int64),
            way_points=np.array(self.way_points, dtype=np.int32),
            way_id=np.array(self.way_id, dtype=np.int64),
            way_class=kinds[:, 0].astype(np.uint8),
            kmh_forward=kinds[:, 1].astype(np.uint8),
            kmh_backward=kinds[:, 2].astype(np.uint8),
            access_forward=kinds[:, 3].astype(np.uint8),
            access_backward=kinds[:, 4].astype(np.uint8),
            way_name=kinds[:, 5].astype(np.int32),
            names=tuple(self.names),
            ban_from=bans[:, 0],
            ban_to=bans[:, 1],
            ban_via=bans[:, 2].astype(np.int32),
            ban_only=bans[:, 3].astype(bool),
            ban_profiles=bans[:, 4].astype(np.uint8),
        )
        return RoadsRead(
            survey=survey,
            n_ways=len(self.way_id),
            n_signals=len(lit),
            n_barriers=len(blocked),
            n_restrictions=len(bans),
            skipped=dict(self.skipped),
        )
