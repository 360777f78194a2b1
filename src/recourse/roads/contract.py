"""A network made of a survey by joining ways between junctions into single edges.

This file knows when a point of a road is more than a bend.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from recourse.roads.network import RoadNetwork, metres_between
from recourse.roads.profiles import ALL_BITS
from recourse.roads.search import main_parts
from recourse.roads.survey import RoadSurvey
from recourse.roads.turns import forbidden_turns

__all__ = ["build_network"]

_LONGEST_EDGE_M = 400.0
_CUT_EVERY_M = 200.0
_SAME_JUNCTION_M = 35.0
_PASSING = 2


def build_network(survey: RoadSurvey) -> RoadNetwork:
    """Make a routable network of the roads that were read.

    A point where only two stretches of the same kind meet is a bend: it gives its
    place to the shape of the edge and is no node. Lengths and times over an edge are
    the sums over its stretches, so nothing is lost. Edges longer than 400 m are
    cut every 200 m or so, where a bend is, to keep snapping fine.

    Parameters
    ----------
    survey : RoadSurvey
        Roads as read.

    Returns
    -------
    RoadNetwork
        The network, with its main parts marked for each profile.

    Notes
    -----
    Pure and deterministic; O(n log n) for n stretches.

    Examples
    --------
    A street with a bend, and one that crosses it at point 2: the bend (point 1) is no node.

    >>> survey = RoadSurvey.of_streets(
    ...     [0.0, 0.001, 0.002, 0.003, 0.002],
    ...     [0.0, 0.0005, 0.0, 0.0, 0.001],
    ...     [[0, 1, 2, 3], [2, 4]],
    ... )
    >>> network = build_network(survey)
    >>> network.n_nodes, network.n_edges, len(network.shape_of(0)[0])
    (4, 6, 3)
    """
    halves = _Halves(survey)
    kept = halves.junctions(survey)
    root, rank = halves.chains(kept)
    # Not at a signal: as a node it would hold up both directions.
    kept |= halves.cuts(root, rank) & (survey.point_signals == 0)
    root, rank = halves.chains(kept)
    network, points, ways = _edges(survey, halves, root, rank)
    node_of_point = np.full(len(survey.lon), -1, dtype=np.int32)
    node_of_point[points] = np.arange(len(points), dtype=np.int32)
    turns = forbidden_turns(survey, network, ways, node_of_point)
    network = replace(network, turn_from=turns[0], turn_to=turns[1], turn_profiles=turns[2])
    return replace(network, main=main_parts(network))


class _Halves:
    """Stretches between neighbouring points, each in both directions.

    Half ``2 * i`` runs along stretch i in drawing order and half ``2 * i + 1`` against it.
    """

    def __init__(self, survey: RoadSurvey) -> None:
        way = np.repeat(np.arange(len(survey.way_id)), np.diff(survey.way_start))
        a, b = survey.way_points[:-1], survey.way_points[1:]
        whole = np.flatnonzero((way[:-1] == way[1:]) & (a != b))
        a, b = a[whole], b[whole]
        self.way = way[whole]
        self.tail = np.column_stack([a, b]).ravel()
        self.head = np.column_stack([b, a]).ravel()
        length_m = metres_between(survey.lon[a], survey.lat[a], survey.lon[b], survey.lat[b])
        self.length_m = np.repeat(length_m, 2)
        self.kind = _kinds(survey, self.way)
        self.n_points = len(survey.lon)
        self._next: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def junctions(self, survey: RoadSurvey) -> NDArray[np.bool_]:
        """Points that must stay nodes; shape (n_points,)."""
        kept: NDArray[np.bool_] = np.bincount(self.tail, minlength=self.n_points) != _PASSING
        kept[survey.ban_via] = True
        kept[survey.point_access != ALL_BITS] = True
        out = np.argsort(self.tail, kind="stable")
        owner = self.tail[out]
        pair = np.flatnonzero((owner[1:] == owner[:-1]) & ~kept[owner[1:]])
        one, two = out[pair], out[pair + 1]
        # Arriving along one stretch is leaving along it, turned round.
        differs = (self.kind[one ^ 1] != self.kind[two]) | (one >> 1 == two >> 1)
        kept[owner[pair[differs]]] = True
        self._next = np.full(len(self.tail), -1, dtype=np.int64)
        self._next[one ^ 1], self._next[two ^ 1] = two, one
        return kept

    def chains(self, kept: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First half of the chain each half is in, and its rank there; shape (n_halves,)."""
        # A ring without junction gets one here, so that every chain has ends.
        n = len(self.tail)
        self._open_rings(kept)
        follows = np.where(kept[self.head], -1, self._next)
        root = np.arange(n)
        joined = np.flatnonzero(follows >= 0)
        root[follows[joined]] = joined
        rank = (root != np.arange(n)).astype(np.int64)
        while True:
            further = root[root]
            if np.array_equal(further, root):
                return root, rank
            rank, root = rank + rank[root], further

    def cuts(self, root: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Bends at which long chains are cut; shape (n_points,)."""
        order = np.lexsort((rank, root))
        starts = np.flatnonzero(rank[order] == 0)
        run_m = np.cumsum(self.length_m[order])
        before_m = np.repeat(
            run_m[starts] - self.length_m[order[starts]], np.diff([*starts, len(order)])
        )
        total_m = np.repeat(
            np.add.reduceat(self.length_m[order], starts), np.diff([*starts, len(order)])
        )
        done_m = run_m - before_m
        crosses = np.floor(done_m / _CUT_EVERY_M) > np.floor(
            (done_m - self.length_m[order]) / _CUT_EVERY_M
        )
        inner = (done_m < total_m - _CUT_EVERY_M / 2) & (total_m > _LONGEST_EDGE_M)
        # Both directions must agree, so only the one that starts in drawing order decides.
        leads = (order & 1) == 0
        cut = np.zeros(self.n_points, dtype=bool)
        cut[self.head[order[crosses & inner & leads]]] = True
        return cut

    def _open_rings(self, kept: NDArray[np.bool_]) -> None:
        n = self.n_points
        links = csr_array((np.ones(len(self.tail)), (self.tail, self.head)), shape=(n, n))
        label = connected_components(links, directed=False)[1]
        has_node = np.zeros(n, dtype=bool)
        has_node[label[np.flatnonzero(kept)]] = True
        bare = np.unique(self.tail[~has_node[label[self.tail]]])
        kept[bare[np.unique(label[bare], return_index=True)[1]]] = True


def _kinds(survey: RoadSurvey, way: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number that two halves share if they differ in nothing but place; shape (n_halves,)."""
    same = [survey.way_class.astype(np.int64), survey.way_name.astype(np.int64)]
    along = [survey.kmh_forward, survey.kmh_backward, survey.access_forward, survey.access_backward]
    against = [along[1], along[0], along[3], along[2]]
    rows = np.concatenate(
        [np.column_stack([*same, *(c.astype(np.int64) for c in side)]) for side in (along, against)]
    )
    kind = np.unique(rows, axis=0, return_inverse=True)[1].reshape(2, -1)
    return np.column_stack([kind[0][way], kind[1][way]]).ravel()


def _edges(
    survey: RoadSurvey, halves: _Halves, root: NDArray[np.int64], rank: NDArray[np.int64]
) -> tuple[RoadNetwork, NDArray[np.int64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Edges of a network, the point of each node, and the ways on which edges begin and end."""
    way, against = np.repeat(halves.way, 2), (np.arange(len(root)) & 1).astype(bool)
    access = np.where(against, survey.access_backward[way], survey.access_forward[way])
    kmh = np.where(against, survey.kmh_backward[way], survey.kmh_forward[way])
    order = np.lexsort((rank, root))
    order = order[access[root[order]] > 0]
    starts = np.flatnonzero(rank[order] == 0)
    sizes = np.diff([*starts, len(order)])
    first, last = order[starts], order[starts + sizes - 1]
    points, node = np.unique(
        np.concatenate([halves.tail[first], halves.head[last]]), return_inverse=True
    )
    shape_at, shape_start = _shapes(halves, order, starts, sizes)
    length_m = np.add.reduceat(halves.length_m[order], starts) if len(starts) else np.empty(0)
    network = RoadNetwork(
        lon=survey.lon[points],
        lat=survey.lat[points],
        main=np.zeros(len(points), dtype=np.uint8),
        tail=node[: len(first)].astype(np.int32),
        head=node[len(first) :].astype(np.int32),
        length_m=length_m,
        road_class=survey.way_class[way[first]],
        posted_kmh=kmh[first],
        access=access[first],
        signals=_signals(survey, halves, order, starts, length_m),
        name=survey.way_name[way[first]],
        way_id=survey.way_id[way[first]],
        twin=_twins(first, last),
        shape_start=shape_start,
        shape_lon=survey.lon[shape_at],
        shape_lat=survey.lat[shape_at],
        turn_from=np.empty(0, dtype=np.int32),
        turn_to=np.empty(0, dtype=np.int32),
        turn_profiles=np.empty(0, dtype=np.uint8),
        names=survey.names,
    )
    return network, points, (survey.way_id[way[first]], survey.way_id[way[last]])


def _shapes(
    halves: _Halves, order: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points along the edges, and where each edge begins among them."""
    shape_start = np.concatenate([[0], np.cumsum(sizes + 1)]).astype(np.int64)
    shape_at = np.empty(int(shape_start[-1]), dtype=np.int64)
    is_first = np.zeros(len(shape_at), dtype=bool)
    is_first[shape_start[:-1]] = True
    shape_at[is_first] = halves.tail[order[starts]]
    shape_at[~is_first] = halves.head[order]
    return shape_at, shape_start


def _signals(
    survey: RoadSurvey,
    halves: _Halves,
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    length_m: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Signals met on each edge; shape (n_edges,)."""
    # A signal between junctions stands at the stop line of the nearer one, so it holds
    # up only those who move towards that junction. Signals closer together than the
    # width of a junction are one.
    if not len(starts):
        return np.empty(0, dtype=np.uint8)
    edge = np.repeat(np.arange(len(starts)), np.diff([*starts, len(order)]))
    run_m = np.cumsum(halves.length_m[order])
    done_m = run_m - (run_m[starts] - halves.length_m[order[starts]])[edge]
    red = (survey.point_signals[halves.head[order]] > 0) & (done_m > 0.5 * length_m[edge])
    met = np.add.reduceat(red.astype(np.int64), starts)
    from_red = survey.point_signals[halves.tail[order[starts]]] > 0
    met[from_red & (length_m < _SAME_JUNCTION_M)] = 0
    return np.minimum(met, np.ceil(length_m / _SAME_JUNCTION_M)).astype(np.uint8)


def _twins(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int32]:
    """Edge that runs the other way along the same stretches, or -1."""
    edge_of = {half: i for i, half in enumerate(first.tolist())}
    return np.array([edge_of.get(half ^ 1, -1) for half in last.tolist()], dtype=np.int32)
