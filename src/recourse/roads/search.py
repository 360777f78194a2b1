"""The graph that shortest-path search runs on, with forbidden turns built in.

This file knows how a node is split so that a forbidden turn cannot be taken.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from recourse.roads.network import RoadNetwork
from recourse.roads.profiles import ALL_BITS, Profile, profile_bit

__all__ = ["SearchGraph", "WeightedGraph", "main_parts", "search_graph"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchGraph:
    """Arcs of one profile between vertices; a vertex is a node or a copy of one.

    An edge from which some turn is forbidden ends at a copy of its head that lacks
    the forbidden way out. Starting at a node means its first vertex; arriving
    at it means any of its vertices.

    Attributes
    ----------
    vertex_of : ndarray of int32, shape (n_nodes,)
        First vertex of each node, or -1 where the profile has no road.
    node_of : ndarray of int32, shape (n_vertices,)
        Node of each vertex; vertices below `n_plain` are the first of their node.
    n_plain : int
        Number of vertices that are not copies.
    tail, head, edge : ndarray of int32, shape (n_arcs,)
        Vertices of each arc and the edge it stands for.
    """

    vertex_of: NDArray[np.int32]
    node_of: NDArray[np.int32]
    n_plain: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    edge: NDArray[np.int32]

    @property
    def n_vertices(self) -> int:
        """Number of vertices, copies included."""
        return len(self.node_of)

    def copies_of(self, vertex: int) -> NDArray[np.int64]:
        """Copies that stand for the same node as a plain vertex."""
        return self.n_plain + np.flatnonzero(self.node_of[self.n_plain :] == self.node_of[vertex])

    def weighted(self, edge_ms: NDArray[np.float64]) -> "WeightedGraph":
        """Put times in milliseconds on the arcs; edges of infinite time are left out."""
        arc_ms = edge_ms[self.edge]
        kept = np.flatnonzero(np.isfinite(arc_ms) & (self.tail != self.head))
        order = kept[np.lexsort((self.edge[kept], arc_ms[kept], self.head[kept], self.tail[kept]))]
        tail, head = self.tail[order], self.head[order]
        # Of parallel arcs the fastest comes first and is the only one kept.
        first = np.ones(len(order), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        order, tail, head = order[first], tail[first], head[first]
        size = (self.n_vertices, self.n_vertices)
        matrix = csr_array((np.maximum(arc_ms[order], 1.0), (tail, head)), shape=size)
        matrix.sort_indices()
        return WeightedGraph(
            search=self,
            matrix=matrix,
            arc_edge=self.edge[order],
            arc_key=tail.astype(np.int64) * self.n_vertices + head,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightedGraph:
    """A search graph with times on it.

    Attributes
    ----------
    search : SearchGraph
        What the vertices mean.
    matrix : csr_array
        Milliseconds from vertex to vertex.
    arc_edge : ndarray of int32, shape (n_arcs,)
        Edge of each stored entry of `matrix`, in its order.
    arc_key : ndarray of int64, shape (n_arcs,)
        Tail times the number of vertices, plus head; rising.
    """

    search: SearchGraph
    matrix: csr_array
    arc_edge: NDArray[np.int32]
    arc_key: NDArray[np.int64]

    def edges_between(self, tail: NDArray[np.int32], head: NDArray[np.int32]) -> NDArray[np.int32]:
        """Edges of the arcs between given vertices; shape of `tail`."""
        keys = tail.astype(np.int64) * self.search.n_vertices + head
        found: NDArray[np.int32] = self.arc_edge[np.searchsorted(self.arc_key, keys)]
        return found


def search_graph(network: RoadNetwork, profile: Profile) -> SearchGraph:
    """Lay out the arcs of a profile, splitting nodes where turns are forbidden."""
    bit = profile_bit(profile)
    edges = np.flatnonzero((network.access & bit) > 0).astype(np.int32)
    used = np.unique(np.concatenate([network.tail[edges], network.head[edges]])).astype(np.int32)
    vertex_of = np.full(network.n_nodes, -1, dtype=np.int32)
    vertex_of[used] = np.arange(len(used), dtype=np.int32)
    forbidden = _forbidden_turns(network, bit)
    copy_of = {edge: len(used) + i for i, edge in enumerate(forbidden)}
    enters = vertex_of[network.head]
    if copy_of:
        enters[np.array(list(copy_of))] = np.array(list(copy_of.values()))
    leaving = _edges_by_tail(network, edges, [int(network.head[e]) for e in forbidden])
    tails, arcs = [vertex_of[network.tail[edges]]], [edges]
    for edge, banned in forbidden.items():
        out = [e for e in leaving[int(network.head[edge])] if e not in banned]
        tails.append(np.full(len(out), copy_of[edge], dtype=np.int32))
        arcs.append(np.array(out, dtype=np.int32))
    arc = np.concatenate(arcs)
    return SearchGraph(
        vertex_of=vertex_of,
        node_of=np.concatenate([used, network.head[np.array(list(copy_of), dtype=np.int64)]]),
        n_plain=len(used),
        tail=np.concatenate(tails),
        head=enters[arc],
        edge=arc,
    )


def _forbidden_turns(network: RoadNetwork, bit: int) -> dict[int, set[int]]:
    """Edges that may not follow an edge, for one profile, in order of the edge."""
    obeyed = np.flatnonzero((network.turn_profiles & bit) > 0)
    turns: defaultdict[int, set[int]] = defaultdict(set)
    for i in obeyed.tolist():
        came, goes = int(network.turn_from[i]), int(network.turn_to[i])
        if network.access[came] & network.access[goes] & bit:
            turns[came].add(goes)
    return dict(sorted(turns.items()))


def _edges_by_tail(
    network: RoadNetwork, edges: NDArray[np.int32], nodes: list[int]
) -> dict[int, list[int]]:
    """Edges that leave each of a few nodes."""
    wanted = np.zeros(network.n_nodes, dtype=bool)
    wanted[nodes] = True
    leaving: dict[int, list[int]] = {node: [] for node in nodes}
    for edge in edges[wanted[network.tail[edges]]].tolist():
        leaving[int(network.tail[edge])].append(edge)
    return leaving


def main_parts(network: RoadNetwork) -> NDArray[np.uint8]:
    """Mark for each profile the nodes from which all others of the main part can be reached.

    Parameters
    ----------
    network : RoadNetwork
        Network whose main parts are not marked yet.

    Returns
    -------
    ndarray of uint8, shape (n_nodes,)
        Bits of the profiles whose main part holds the node.
    """
    main = np.zeros(network.n_nodes, dtype=np.uint8)
    for profile in Profile:
        graph = search_graph(network, profile)
        if len(graph.edge):
            main[graph.node_of[_main_vertices(graph)]] |= np.uint8(profile_bit(profile) & ALL_BITS)
    return main


def _main_vertices(graph: SearchGraph) -> NDArray[np.int64]:
    """Plain vertices of the largest part in which every node reaches every other."""
    # Ignoring forbidden turns, parts are strongly connected components. With them, a node
    # counts if a path leads to it from a hub without forbidden turns and back to that hub:
    # then any two nodes are joined through the hub.
    size = (graph.n_vertices, graph.n_vertices)
    arcs = csr_array((np.ones(len(graph.tail)), (graph.tail, graph.head)), shape=size)
    merge = np.arange(graph.n_vertices)
    first = np.empty(graph.node_of.max() + 1, dtype=np.int64)
    first[graph.node_of[: graph.n_plain]] = np.arange(graph.n_plain)
    merge[graph.n_plain :] = first[graph.node_of[graph.n_plain :]]
    plain = csr_array(
        (np.ones(len(graph.tail)), (merge[graph.tail], merge[graph.head])), shape=size
    )
    label = connected_components(plain, directed=True, connection="strong")[1][: graph.n_plain]
    part = np.flatnonzero(label == np.bincount(label).argmax())
    hubs = np.setdiff1d(part, merge[graph.n_plain :])
    best = part[:0]
    back = csr_array(arcs.T)
    for hub in hubs[:: max(1, len(hubs) // 4)][:4].tolist():
        there = np.zeros(graph.n_vertices, dtype=bool)
        there[merge[breadth_first_order(arcs, hub, return_predecessors=False)]] = True
        again = np.zeros(graph.n_vertices, dtype=bool)
        again[breadth_first_order(back, hub, return_predecessors=False)] = True
        both = part[there[part] & again[part]]
        if len(both) > len(best):
            best = both
        if len(best) > 0.9 * len(part):
            break
    best = best if len(hubs) else part
    # A lone end of a one-way road is no part to move in.
    return best if len(best) > 1 else best[:0]
