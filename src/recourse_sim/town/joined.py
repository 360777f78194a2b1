"""The street net of a generated town: lines cut where they meet.

This file knows how to tidy a drawing of streets into junctions and stretches.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.geometry import LineString
from shapely.ops import unary_union

from recourse_sim.town.streets import RANKS, Street

__all__ = ["Net", "Stretch", "join_streets"]

_SAME_NODE_M: Final = 11.0
_BESIDE_M: Final = 36.0
_SHORT_STUB_M: Final = 95.0
_PATH_RANK: Final = RANKS.index("cycleway")


@dataclass(slots=True, kw_only=True, eq=False)
class Stretch:
    """A piece of street between two junctions.

    Attributes
    ----------
    tail, head : int
        Junctions at its ends.
    points : ndarray of float64, shape (n, 2)
        Course in metres, from tail to head.
    street : Street
        What it is part of.
    """

    tail: int
    head: int
    points: NDArray[np.float64]
    street: Street

    @property
    def length_m(self) -> float:
        """Length in metres."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


@dataclass(slots=True, kw_only=True, eq=False)
class Net:
    """Junctions and the stretches between them.

    Attributes
    ----------
    nodes : ndarray of float64, shape (n_nodes, 2)
        Junctions in metres.
    stretches : list of Stretch
        Streets between junctions.
    """

    nodes: NDArray[np.float64]
    stretches: list[Stretch]

    def at_node(self) -> dict[int, list[int]]:
        """Stretches that meet at each junction."""
        meeting: dict[int, list[int]] = {}
        for i, stretch in enumerate(self.stretches):
            meeting.setdefault(stretch.tail, []).append(i)
            meeting.setdefault(stretch.head, []).append(i)
        return meeting


def join_streets(rng: np.random.Generator, streets: list[Street]) -> Net:
    """Cut streets where they meet and tidy the result.

    Streets that run close beside a more important one are dropped, junctions a few metres
    apart become one, short dead ends go, some blocks are thrown together, and
    only the connected main part stays.

    Parameters
    ----------
    rng : Generator
        Dice.
    streets : list of Street
        As drawn.

    Returns
    -------
    Net
        A connected net.
    """
    pieces = _cut(_kept_apart(streets))
    net = _with_nodes(pieces)
    net = _without_stubs(net)
    net = _thinned(rng, net)
    return _main_part(_without_stubs(net))


def _kept_apart(streets: list[Street]) -> list[Street]:
    """Streets without the parts that run close along a more important one."""
    kept: list[Street] = [s for s in streets if s.rank <= RANKS.index("secondary")]
    beside = unary_union([s.line for s in kept]).buffer(_BESIDE_M)
    for street in (s for s in streets if s.rank > RANKS.index("secondary")):
        if street.rank >= _PATH_RANK:
            kept.append(street)
            continue
        # Crossing pieces are short and stay; what stays beside for long is dropped.
        shared = shapely.get_parts(shapely.intersection(street.line, beside))
        along = [part for part in shared if part.length > 3.2 * _BESIDE_M]
        rest = shapely.difference(street.line, unary_union(along)) if along else street.line
        kept.extend(
            Street(
                name=street.name,
                road_class=street.road_class,
                line=part,
                is_one_way=street.is_one_way,
            )
            for part in shapely.get_parts(rest)
            if isinstance(part, LineString) and part.length > 1
        )
    return kept


def _cut(streets: list[Street]) -> list[tuple[LineString, Street]]:
    """Pieces between crossings, each running the way its street runs."""
    parts = shapely.get_parts(unary_union([street.line for street in streets]))
    tree = shapely.STRtree([street.line for street in streets])
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    part_of, street_of = tree.query(middles, predicate="dwithin", distance=0.01)
    best: dict[int, int] = {}
    for part, street in zip(part_of.tolist(), street_of.tolist(), strict=True):
        rival = best.get(part)
        if rival is None or (streets[street].rank, street) < (streets[rival].rank, rival):
            best[part] = street
    pieces = []
    for part, street in sorted(best.items()):
        owner, line = streets[street], parts[part]
        start, end = (owner.line.project(shapely.get_point(line, i)) for i in (0, -1))
        is_against = end < start and not owner.line.is_ring
        pieces.append((LineString(line.coords[::-1]) if is_against else line, owner))
    return pieces


def _with_nodes(pieces: list[tuple[LineString, Street]]) -> Net:
    """Net whose nodes are clusters of ends."""
    ends = np.array([p for line, _ in pieces for p in (line.coords[0], line.coords[-1])])
    pairs = cKDTree(ends).query_pairs(_SAME_NODE_M, output_type="ndarray")
    links = csr_array(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends))
    )
    label = connected_components(links, directed=False)[1]
    size = np.bincount(label)
    nodes = np.column_stack([np.bincount(label, weights=ends[:, i]) / size for i in (0, 1)])
    stretches, seen = [], set()
    for i, (line, street) in enumerate(pieces):
        tail, head = int(label[2 * i]), int(label[2 * i + 1])
        points = np.array(line.coords)
        points[0], points[-1] = nodes[tail], nodes[head]
        pair = (min(tail, head), max(tail, head))
        if tail == head or pair in seen:
            continue
        seen.add(pair)
        stretches.append(Stretch(tail=tail, head=head, points=points, street=street))
    return Net(nodes=nodes, stretches=stretches)


def _without_stubs(net: Net) -> Net:
    """Net without short dead ends."""
    stretches = net.stretches
    while True:
        degree = Counter(end for s in stretches for end in (s.tail, s.head))
        kept = [
            s
            for s in stretches
            if min(degree[s.tail], degree[s.head]) > 1
            or s.length_m > _SHORT_STUB_M
            or s.street.rank < 2  # noqa: PLR2004
        ]
        if len(kept) == len(stretches):
            return Net(nodes=net.nodes, stretches=kept)
        stretches = kept


def _thinned(rng: np.random.Generator, net: Net) -> Net:
    """Net in which some blocks have been thrown together."""
    degree = Counter(end for s in net.stretches for end in (s.tail, s.head))
    kept = []
    for stretch in net.stretches:
        is_minor = stretch.street.road_class == "residential" and not stretch.street.is_one_way
        is_open = min(degree[stretch.tail], degree[stretch.head]) > 3  # noqa: PLR2004
        if is_minor and is_open and rng.uniform() < 0.10:  # noqa: PLR2004
            degree.subtract([stretch.tail, stretch.head])
            continue
        kept.append(stretch)
    return Net(nodes=net.nodes, stretches=kept)


def _main_part(net: Net) -> Net:
    """Largest connected part, its nodes renumbered."""
    n = len(net.nodes)
    tail, head = ([getattr(s, end) for s in net.stretches] for end in ("tail", "head"))
    links = csr_array((np.ones(len(tail)), (tail, head)), shape=(n, n))
    label = connected_components(links, directed=False)[1]
    size = np.bincount(label[tail], minlength=int(label.max()) + 1)
    main = int(size.argmax())
    used = np.unique([node for node in (*tail, *head) if label[node] == main])
    number = {int(old): new for new, old in enumerate(used)}
    stretches = [
        Stretch(tail=number[s.tail], head=number[s.head], points=s.points, street=s.street)
        for s in net.stretches
        if label[s.tail] == main
    ]
    return Net(nodes=net.nodes[used], stretches=stretches)
