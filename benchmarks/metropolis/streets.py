"""Streets of a city, laid side by side until they are a metropolis, and the ways on them.

Every tile is a copy of the same road network, joined to its neighbours by forty streets on each
side. Forbidden turns are not kept: they need two vertices for a node.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from recourse.planning.engine.near_ways import NearTravel, PlaceRows
from recourse.roads import Profile, RoadNetwork
from recourse.roads.pool import edge_times_ms
from recourse.roads.profiles import period_at, profile_bit

__all__ = ["Rows", "Streets", "lay_streets", "near_rows"]

NOON_S = 43_200
GAP_M, SEAM_M_S = 150.0, 8.0
"""Between two tiles, and how fast the streets are that join them."""
N_SEAMS = 40
N_NEAR, NEAR_S = 192, 300
"""Places each place knows the way to, and how far away they are at most."""
BLOCK_M, MARGIN_M = 3_000.0, 6_000.0
BATCH = 64
SIDE_HUBS = 4
SECOND_PRICE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """A road graph.

    Attributes
    ----------
    at_m : array of shape (n_nodes, 2)
        Metres east and north.
    seconds : csr_array
        Seconds from node to node, in parts.
    n_tiles : int
        How many copies of the network it is made of.
    """

    at_m: NDArray[np.float64]
    seconds: csr_array
    n_tiles: int

    def exact_s(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds from every start to every end."""
        rows = [dijkstra(self.seconds, indices=int(start))[ends] for start in starts]
        return np.array(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Ways from some nodes, computed ahead.

    Attributes
    ----------
    nodes : array of shape (n_places,)
        Node of each place.
    near, near_s : array of shape (n_places, N_NEAR)
        Places near each, and seconds to them; -1 where there are fewer.
    to_hub_s, from_hub_s : array of shape (n_places, n_hubs)
        Seconds to hubs and from them.
    """

    nodes: NDArray[np.int64]
    near: NDArray[np.int32]
    near_s: NDArray[np.int32]
    to_hub_s: NDArray[np.int32]
    from_hub_s: NDArray[np.int32]

    def travel(self, at_m: NDArray[np.float64], places: NDArray[np.int64]) -> NearTravel:
        """Ways of some of the places alone, as if the city had no others."""
        number = np.full(len(self.nodes) + 1, -1, dtype=np.int32)
        number[places] = np.arange(len(places), dtype=np.int32)
        rows = PlaceRows(
            near=number[self.near[places]],
            near_s=self.near_s[places],
            to_hub_s=self.to_hub_s[places],
            from_hub_s=self.from_hub_s[places],
        )
        return NearTravel(
            at_m=at_m[self.nodes[places]], profiles=[rows], second_price=[SECOND_PRICE]
        )


def lay_streets(network: RoadNetwork, n_nodes: int) -> Streets:
    """Lay a network side by side until there are enough nodes.

    Parameters
    ----------
    network : RoadNetwork
        One tile.
    n_nodes : int
        How many nodes there must be at least.

    Returns
    -------
    Streets
        A square of tiles.
    """
    ms = edge_times_ms(network, Profile.SCOOTER, period_at(Profile.SCOOTER, NOON_S))
    main = (network.main & profile_bit(Profile.SCOOTER)) > 0
    kept = np.flatnonzero(np.isfinite(ms) & main[network.tail] & main[network.head])
    number = np.cumsum(main) - 1
    tail, head, seconds = number[network.tail[kept]], number[network.head[kept]], ms[kept] / 1e3
    at_m = _flat(network)[main]
    n, side = len(at_m), 1
    while side * side * n < n_nodes:
        side += 1
    step_m = at_m.max(axis=0) + GAP_M
    tiles = [(i, j) for i in range(side) for j in range(side)]
    everywhere = np.concatenate([at_m + step_m * np.array(tile) for tile in tiles])
    parts = [(tail + k * n, head + k * n, seconds) for k in range(len(tiles))]
    for k, (i, j) in enumerate(tiles):
        if i + 1 < side:
            parts += _seam(everywhere, k * n, (k + side) * n, n, axis=0)
        if j + 1 < side:
            parts += _seam(everywhere, k * n, (k + 1) * n, n, axis=1)
    tails, heads, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Of parallel streets the fastest counts; csr_array would add them up.
    order = np.lexsort((times, heads, tails))
    tails, heads, times = tails[order], heads[order], times[order]
    first = np.append(True, (np.diff(tails) != 0) | (np.diff(heads) != 0))
    size = (len(everywhere), len(everywhere))
    graph = csr_array((np.maximum(times[first], 0.001), (tails[first], heads[first])), shape=size)
    return Streets(at_m=everywhere, seconds=graph, n_tiles=len(tiles))


def near_rows(streets: Streets, nodes: NDArray[np.int64]) -> Rows:
    """Compute the ways from some nodes ahead.

    Parameters
    ----------
    streets : Streets
        All streets.
    nodes : array
        Nodes where something can happen, in rising order.

    Returns
    -------
    Rows
        Exact ways to near ones of them, and to and from hubs.
    """
    near = np.full((len(nodes), N_NEAR), -1, dtype=np.int32)
    near_s = np.zeros((len(nodes), N_NEAR), dtype=np.int32)
    at_m = streets.at_m[nodes]
    cells = np.floor(at_m / BLOCK_M).astype(np.int64)
    for cell in np.unique(cells, axis=0):
        mine = np.flatnonzero((cells == cell).all(axis=1))
        low_m, high_m = cell * BLOCK_M - MARGIN_M, (cell + 1) * BLOCK_M + MARGIN_M
        inside = np.flatnonzero(((streets.at_m >= low_m) & (streets.at_m <= high_m)).all(axis=1))
        _fill(streets, inside, nodes, mine, near, near_s)
    hubs = _hubs(streets)
    out_s = dijkstra(csr_array(streets.seconds.T), indices=hubs)[:, nodes]
    back_s = dijkstra(streets.seconds, indices=hubs)[:, nodes]
    return Rows(
        nodes=nodes,
        near=near,
        near_s=near_s,
        to_hub_s=np.rint(out_s.T).astype(np.int32),
        from_hub_s=np.rint(back_s.T).astype(np.int32),
    )


def _fill(
    streets: Streets,
    inside: NDArray[np.int64],
    nodes: NDArray[np.int64],
    mine: NDArray[np.int64],
    near: NDArray[np.int32],
    near_s: NDArray[np.int32],
) -> None:
    """Ways from the nodes of one block to the nearest of all nodes around it."""
    block = streets.seconds[inside][:, inside]
    columns = np.searchsorted(inside, nodes)
    is_here = (columns < len(inside)) & (inside[np.minimum(columns, len(inside) - 1)] == nodes)
    others, their_column = np.flatnonzero(is_here), columns[is_here]
    n_near = min(N_NEAR, len(others) - 1)
    for first in range(0, len(mine), BATCH):
        some = mine[first : first + BATCH]
        found_s = dijkstra(block, indices=columns[some], limit=NEAR_S)[:, their_column]
        found_s[np.arange(len(some)), np.searchsorted(others, some)] = np.inf
        ranked = np.argpartition(found_s, n_near - 1, axis=1)[:, :n_near]
        best_s = np.take_along_axis(found_s, ranked, axis=1)
        is_near = np.isfinite(best_s)
        near[some, :n_near] = np.where(is_near, others[ranked], -1)
        near_s[some, :n_near] = np.where(is_near, np.rint(best_s), 0)


def _hubs(streets: Streets) -> NDArray[np.int64]:
    """Nodes in the middle of the squares of a coarse grid."""
    low_m, high_m = streets.at_m.min(axis=0), streets.at_m.max(axis=0)
    shares = (np.arange(SIDE_HUBS) + 0.5) / SIDE_HUBS
    middle = np.stack(np.meshgrid(shares, shares), axis=-1).reshape(-1, 2)
    found: NDArray[np.int64] = cKDTree(streets.at_m).query(low_m + middle * (high_m - low_m))[1]
    return found


def _flat(network: RoadNetwork) -> NDArray[np.float64]:
    """Metres from the south-western corner."""
    north_m = np.radians(network.lat - network.lat.min()) * 6_371_000
    wide = np.cos(np.radians(network.lat.mean()))
    east_m = np.radians(network.lon - network.lon.min()) * 6_371_000 * wide
    return np.stack([east_m, north_m], axis=1)


def _seam(
    at_m: NDArray[np.float64], one: int, other: int, n: int, *, axis: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Streets between two tiles: from the outermost node of each of forty strips."""
    mine = at_m[one : one + n]
    strips = np.minimum(N_SEAMS - 1, _share(mine[:, 1 - axis]) * N_SEAMS).astype(np.int64)
    order = np.lexsort((mine[:, axis], strips))
    last = order[np.append(np.diff(strips[order]) != 0, True)]
    way_m, entry = cKDTree(at_m[other : other + n]).query(mine[last])
    out, back = one + last, other + entry
    return [(out, back, way_m / SEAM_M_S), (back, out, way_m / SEAM_M_S)]


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where values lie between their least and their most."""
    share: NDArray[np.float64] = (values - values.min()) / max(1e-9, np.ptp(values))
    return share
