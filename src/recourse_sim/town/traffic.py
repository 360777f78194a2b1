"""Signals, forbidden turns and motorway of a generated town.

This file knows where traffic is held up and where it may not turn.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point

from recourse_sim.town.joined import Net
from recourse_sim.town.streets import RANKS
from recourse_sim.town.terrain import Terrain

__all__ = ["Ban", "Ramp", "Roadway", "build_motorway", "forbid_turns", "place_signals"]

_VEHICLE_RANK: Final = RANKS.index("service")
_CARRIAGEWAY_M: Final = 11.0
_RAMP_M: Final = 330.0
_MAX_BANS: Final = 90


class Ban(NamedTuple):
    """A turn restriction at a junction.

    Attributes
    ----------
    came, goes : int
        Stretches before and after the turn.
    via : int
        Junction.
    kind : str
        Value of the restriction tag.
    """

    came: int
    goes: int
    via: int
    kind: str


class Ramp(NamedTuple):
    """A link between a carriageway and a junction.

    Attributes
    ----------
    points : ndarray of float64, shape (n, 2)
        Course in metres, in driving direction.
    node : int
        Junction of the town's net.
    roadway : int
        Carriageway it belongs to.
    at_m : float
        Distance along that carriageway, in metres.
    is_exit : bool
        Whether it leaves the motorway.
    """

    points: NDArray[np.float64]
    node: int
    roadway: int
    at_m: float
    is_exit: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Roadway:
    """One carriageway of the motorway.

    Attributes
    ----------
    line : LineString
        Course in driving direction, in metres.
    """

    line: LineString


def place_signals(rng: np.random.Generator, net: Net) -> set[int]:
    """Choose the junctions with traffic signals.

    Parameters
    ----------
    rng : Generator
        Dice.
    net : Net
        Streets.

    Returns
    -------
    set of int
        Junctions where important streets meet, and some where a lesser one joins.
    """
    lit: set[int] = set()
    for node, meeting in sorted(net.at_node().items()):
        ranks = sorted(net.stretches[i].street.rank for i in meeting)
        n_major, n_middle = sum(r <= 1 for r in ranks), sum(r <= 2 for r in ranks)  # noqa: PLR2004
        names = {net.stretches[i].street.name for i in meeting if net.stretches[i].street.rank <= 2}  # noqa: PLR2004
        is_crossing = n_major >= 3 or (n_major >= 2 and n_middle >= 3 and len(names) > 1)  # noqa: PLR2004
        is_chosen = is_crossing or (n_middle >= 3 and len(names) > 1 and rng.uniform() < 0.35)  # noqa: PLR2004
        if is_chosen:
            lit.add(node)
    return lit


def forbid_turns(rng: np.random.Generator, net: Net, lit: set[int]) -> list[Ban]:
    """Forbid some turns at signals: left across traffic, or anything but straight on.

    Parameters
    ----------
    rng : Generator
        Dice.
    net : Net
        Streets.
    lit : set of int
        Junctions with signals.

    Returns
    -------
    list of Ban
        At most one per junction.
    """
    bans: list[Ban] = []
    meeting_at = net.at_node()
    for via in sorted(lit):
        arms = [i for i in meeting_at[via] if net.stretches[i].street.rank <= _VEHICLE_RANK]
        enters = [
            i
            for i in arms
            if net.stretches[i].head == via or not net.stretches[i].street.is_one_way
        ]
        leaves = [
            i
            for i in arms
            if net.stretches[i].tail == via or not net.stretches[i].street.is_one_way
        ]
        if len(arms) < 4 or len(bans) >= _MAX_BANS or rng.uniform() < 0.25:  # noqa: PLR2004
            continue
        came = enters[int(rng.integers(len(enters)))]
        turns = {i: _turn(net, via, came, i) for i in leaves if i != came}
        left = [i for i, turn in turns.items() if 0.9 < turn < 2.3]  # noqa: PLR2004 - radians
        ahead = [i for i, turn in turns.items() if abs(turn) < 0.5]  # noqa: PLR2004
        dice = rng.uniform()
        if left and dice < 0.7:  # noqa: PLR2004
            bans.append(Ban(came, left[0], via, "no_left_turn"))
        elif len(ahead) == 1 and dice < 0.9:  # noqa: PLR2004
            bans.append(Ban(came, ahead[0], via, "only_straight_on"))
        elif not net.stretches[came].street.is_one_way:
            bans.append(Ban(came, came, via, "no_u_turn"))
    return bans


def _turn(net: Net, via: int, came: int, goes: int) -> float:
    """Angle of a turn in radians; left is positive."""
    incoming, outgoing = _leaving(net, via, came), _leaving(net, via, goes)
    turn = np.arctan2(outgoing[1], outgoing[0]) - np.arctan2(-incoming[1], -incoming[0])
    return float((turn + np.pi) % (2 * np.pi) - np.pi)


def _leaving(net: Net, via: int, arm: int) -> NDArray[np.float64]:
    """Direction in which a stretch leaves a junction."""
    stretch = net.stretches[arm]
    points = stretch.points if stretch.tail == via else stretch.points[::-1]
    return np.asarray(points[1] - points[0])


def build_motorway(ground: Terrain, net: Net) -> tuple[list[Roadway], list[Ramp]]:
    """Lay two carriageways and the ramps that join them to avenues.

    Parameters
    ----------
    ground : Terrain
        Where the motorway runs.
    net : Net
        Streets that it crosses.

    Returns
    -------
    tuple of list
        Carriageways (eastbound, westbound) and ramps. Traffic keeps right.
    """
    east = ground.motorway.parallel_offset(_CARRIAGEWAY_M, "right")
    west = ground.motorway.parallel_offset(_CARRIAGEWAY_M, "left").reverse()
    roadways = [Roadway(line=_eastward(east)), Roadway(line=_eastward(west).reverse())]
    ramps: list[Ramp] = []
    used_m: list[float] = []
    for stretch in sorted(net.stretches, key=lambda s: (s.street.rank, s.tail)):
        if stretch.street.rank > 1:
            break
        crossing = shapely.intersection(LineString(stretch.points), ground.motorway)
        if crossing.is_empty or not isinstance(crossing, Point):
            continue
        at_m = ground.motorway.project(crossing)
        is_inside = 2 * _RAMP_M < at_m < ground.motorway.length - 2 * _RAMP_M
        if not is_inside or any(abs(at_m - other) < 3 * _RAMP_M for other in used_m):
            continue
        ends = (stretch.tail, stretch.head)
        south, north = sorted(ends, key=lambda node: float(net.nodes[node][1]))
        found = [
            _ramp(net, roadways, 0, crossing, south, is_exit=True),
            _ramp(net, roadways, 0, crossing, south, is_exit=False),
            _ramp(net, roadways, 1, crossing, north, is_exit=True),
            _ramp(net, roadways, 1, crossing, north, is_exit=False),
        ]
        used_m.append(at_m)
        ramps.extend(found)
    return roadways, ramps


def _eastward(line: LineString) -> LineString:
    return line if line.coords[0][0] < line.coords[-1][0] else line.reverse()


def _ramp(
    net: Net, roadways: list[Roadway], roadway: int, crossing: Point, node: int, *, is_exit: bool
) -> Ramp:
    """A curve from a carriageway to a junction, or back."""
    line = roadways[roadway].line
    here_m = line.project(crossing)
    at_m = here_m - _RAMP_M if is_exit else here_m + _RAMP_M
    start = np.array(line.interpolate(at_m).coords[0])
    towards = np.array(line.interpolate(at_m + (140 if is_exit else -140)).coords[0])
    end = net.nodes[node]
    share = np.linspace(0, 1, 9)[:, None]
    points = (1 - share) ** 2 * start + 2 * share * (1 - share) * towards + share**2 * end
    return Ramp(points if is_exit else points[::-1], node, roadway, at_m, is_exit)
