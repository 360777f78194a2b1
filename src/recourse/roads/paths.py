"""One way through the network, and how it is read out of a search.

This file knows how predecessors become a path and a distance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recourse.roads.network import RoadNetwork
from recourse.roads.search import WeightedGraph

__all__ = ["Path", "arrival_vertex", "lengths_m", "trace"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """The fastest way from one node to another.

    Attributes
    ----------
    length_m : int
        Length along the road, in metres.
    duration_s : int
        Time, in seconds; equal to the matrix entry of the two nodes.
    lon, lat : ndarray of float64, shape (n_points,)
        Line to draw, in degrees.
    edges : ndarray of int32, shape (n_edges,)
        Edges in driving order.
    edge_s : ndarray of float64, shape (n_edges,)
        Seconds spent on each edge.
    """

    length_m: int
    duration_s: int
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    edges: NDArray[np.int32]
    edge_s: NDArray[np.float64]


def arrival_vertex(graph: WeightedGraph, dist_ms: NDArray[np.float64], vertex: int) -> int:
    """Vertex of a node that is reached first, given times to all vertices."""
    vertices = np.concatenate([[vertex], graph.search.copies_of(vertex)])
    return int(vertices[np.argmin(dist_ms[vertices])])


def trace(
    network: RoadNetwork,
    graph: WeightedGraph,
    before: NDArray[np.int32],
    ends: tuple[int, int],
    edge_ms: NDArray[np.float64],
) -> Path:
    """Walk back from the last vertex to the first and describe the way between.

    Parameters
    ----------
    network : RoadNetwork
        Holds the shapes.
    graph : WeightedGraph
        Graph that was searched.
    before : ndarray of int32, shape (n_vertices,)
        Vertex before each vertex on the fastest way from the origin.
    ends : tuple of int
        First and last vertex.
    edge_ms : ndarray of float64, shape (n_edges,)
        Milliseconds on each edge.

    Returns
    -------
    Path
        The way; of no length and one point if both ends are the same.
    """
    first, last = ends
    walked = [last]
    while walked[-1] != first:
        walked.append(int(before[walked[-1]]))
    vertices = np.array(walked[::-1], dtype=np.int32)
    edges = graph.edges_between(vertices[:-1], vertices[1:])
    shapes = [network.shape_of(e) for e in edges.tolist()]
    node = graph.search.node_of[first]
    lon = np.concatenate([network.lon[[node]], *(x[1:] for x, _ in shapes)])
    lat = np.concatenate([network.lat[[node]], *(y[1:] for _, y in shapes)])
    return Path(
        length_m=round(float(network.length_m[edges].sum())),
        duration_s=int((edge_ms[edges].sum() + 500) // 1000),
        lon=lon,
        lat=lat,
        edges=edges,
        edge_s=edge_ms[edges] / 1000,
    )


def lengths_m(
    network: RoadNetwork,
    graph: WeightedGraph,
    before: NDArray[np.int32],
    dist_ms: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Length of the fastest way to each plain vertex, in metres; infinite where there is none."""
    # Sums along the tree of predecessors by doubling: after k rounds every vertex knows the
    # length of the last 2 ** k arcs of its way.
    search = graph.search
    n = search.n_vertices
    has_before = before >= 0
    up = np.where(has_before, before, np.arange(n, dtype=np.int32))
    sums_m = np.zeros(n)
    reached = np.flatnonzero(has_before).astype(np.int32)
    sums_m[reached] = network.length_m[graph.edges_between(up[reached], reached)]
    while True:
        further = up[up]
        if np.array_equal(further, up):
            break
        sums_m, up = sums_m + sums_m[up], further
    sums_m[~np.isfinite(dist_ms)] = np.inf
    plain = sums_m[: search.n_plain].copy()
    # Written from the slowest arrival to the fastest, so that the fastest stays.
    node_vertex = search.vertex_of[search.node_of]
    split = np.flatnonzero(np.isin(node_vertex, node_vertex[search.n_plain :]))
    split = split[np.argsort(-dist_ms[split], kind="stable")]
    plain[node_vertex[split]] = sums_m[split]
    return plain
