"""Turns that may not be made, by edge.

This file knows how "no left turn" and "only straight on" become pairs of edges.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from recourse.roads.network import RoadNetwork
from recourse.roads.profiles import ALL_BITS
from recourse.roads.survey import RoadSurvey

__all__ = ["forbidden_turns"]

_Turns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]


def forbidden_turns(
    survey: RoadSurvey,
    network: RoadNetwork,
    ways: tuple[NDArray[np.int64], NDArray[np.int64]],
    node_of_point: NDArray[np.int32],
) -> _Turns:
    """Write the restrictions and barriers of a survey as pairs of edges.

    Parameters
    ----------
    survey : RoadSurvey
        Where the restrictions stand.
    network : RoadNetwork
        Its edges.
    ways : tuple of two ndarray of int64, shape (n_edges,)
        Source identity of the way on which each edge begins, and ends.
    node_of_point : ndarray of int32, shape (n_points,)
        Node of each surveyed point, or -1.

    Returns
    -------
    tuple of ndarray of int32, int32 and uint8, shape (n_turns,)
        Edge before, edge after, bits of the profiles that must obey.
    """
    first_way, last_way = ways
    barriers = node_of_point[np.flatnonzero(survey.point_access != ALL_BITS)]
    vias = node_of_point[survey.ban_via]
    nodes = np.unique(np.concatenate([barriers, vias]))
    entering, leaving = _around(network, nodes[nodes >= 0])
    bans: dict[tuple[int, int], int] = defaultdict(int)
    for i, via in enumerate(vias.tolist()):
        came = [e for e in entering[via] if last_way[e] == survey.ban_from[i]]
        goes = [e for e in leaving[via] if first_way[e] == survey.ban_to[i]]
        # A profile that may not enter the only way allowed is not bound to it.
        open_to = int(network.access[goes[0]]) if goes and survey.ban_only[i] else ALL_BITS
        bits = int(survey.ban_profiles[i]) & open_to
        for pair in _pairs(network, came, goes, leaving[via], is_only=bool(survey.ban_only[i])):
            bans[pair] |= bits
    for point in np.flatnonzero(survey.point_access != ALL_BITS).tolist():
        node, bits = int(node_of_point[point]), ALL_BITS & ~int(survey.point_access[point])
        for e in entering[node]:
            for f in leaving[node]:
                if network.twin[e] != f:
                    bans[e, f] |= bits
    pairs = np.array(sorted(bans), dtype=np.int32).reshape(-1, 2)
    profiles = np.array([bans[e, f] for e, f in pairs.tolist()], dtype=np.uint8)
    return pairs[:, 0], pairs[:, 1], profiles


def _pairs(
    network: RoadNetwork, came: list[int], goes: list[int], leaving: list[int], *, is_only: bool
) -> list[tuple[int, int]]:
    """Edge pairs that one restriction forbids; none if it does not say clearly which."""
    if not came or not goes:
        return []
    if came and all(network.twin[e] in goes for e in came) and not is_only:
        # From and to are the same way: only turning round is meant.
        return [(e, int(network.twin[e])) for e in came]
    if len(came) > 1 or len(goes) > 1:
        return []
    if is_only:
        return [(came[0], f) for f in leaving if f != goes[0]]
    return [(came[0], goes[0])]


def _around(
    network: RoadNetwork, nodes: NDArray[np.int32]
) -> tuple[defaultdict[int, list[int]], defaultdict[int, list[int]]]:
    """Edges that enter and leave each of some nodes."""
    wanted = np.zeros(network.n_nodes, dtype=bool)
    wanted[nodes] = True
    entering: defaultdict[int, list[int]] = defaultdict(list)
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    for edge in np.flatnonzero(wanted[network.head]).tolist():
        entering[int(network.head[edge])].append(edge)
    for edge in np.flatnonzero(wanted[network.tail]).tolist():
        leaving[int(network.tail[edge])].append(edge)
    return entering, leaving
