"""Extracts are read whole, in part, or refused with the way out."""

from pathlib import Path

import numpy as np
import osmium
import pytest

from recourse.adapters.osm import read_roads
from recourse.model.errors import Invalid
from recourse.roads import Profile, RoadNetwork, TravelTimes, build_network

CROSSING = """\
n1 v1 x0.000 y0.000
n2 v1 x0.002 y0.000
n3 v1 x0.004 y0.000
n4 v1 x0.002 y0.002
n5 v1 x0.002 y-0.002
w1 v1 Thighway=residential,name=West Nn1,n2
w2 v1 Thighway=residential,name=East Nn2,n3
w3 v1 Thighway=residential,name=North Nn2,n4
w4 v1 Thighway=residential,name=South Nn2,n5
"""


def extract(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "small.osm.opl"
    path.write_text(text, encoding="utf-8")
    return path


def network_of(tmp_path: Path, text: str) -> RoadNetwork:
    return build_network(read_roads(extract(tmp_path, text)).survey)


def nodes_near(network: RoadNetwork, *points: tuple[float, float]) -> list[int]:
    return [
        int(np.argmin((network.lon - lon) ** 2 + (network.lat - lat) ** 2)) for lon, lat in points
    ]


def drives_through(
    network: RoadNetwork, start: tuple[float, float], end: tuple[float, float]
) -> list[str]:
    """Streets on the way of a van."""
    ends = nodes_near(network, start, end)
    path = TravelTimes(network).path(Profile.VAN, ends[0], ends[1], 0)
    return [] if path is None else [network.names[network.name[e]] for e in path.edges]


WEST, EAST, NORTH, SOUTH = (0.0, 0.0), (0.004, 0.0), (0.002, 0.002), (0.002, -0.002)


def test_without_restrictions_every_turn_is_made(tmp_path: Path) -> None:
    network = network_of(tmp_path, CROSSING)
    assert drives_through(network, WEST, NORTH) == ["West", "North"]


def test_a_forbidden_left_turn_leads_past_the_junction_and_back(tmp_path: Path) -> None:
    ban = "r1 v1 Ttype=restriction,restriction=no_left_turn Mw1@from,n2@via,w3@to\n"
    network = network_of(tmp_path, CROSSING + ban)
    streets = drives_through(network, WEST, NORTH)
    assert streets[0] == "West"
    assert streets[-1] == "North"
    assert streets[1:-1] in (["East", "East"], ["South", "South"])
    assert drives_through(network, SOUTH, NORTH) == ["South", "North"]


def test_only_straight_on_leaves_no_other_way(tmp_path: Path) -> None:
    ban = "r1 v1 Ttype=restriction,restriction=only_straight_on Mw1@from,n2@via,w2@to\n"
    network = network_of(tmp_path, CROSSING + ban)
    assert drives_through(network, WEST, SOUTH) == ["West", "East", "East", "South"]
    assert drives_through(network, NORTH, SOUTH) == ["North", "South"]


def test_a_bollard_stops_vans_and_lets_cyclists_pass(tmp_path: Path) -> None:
    text = CROSSING.replace("n2 v1", "n2 v1 Tbarrier=bollard")
    network = network_of(tmp_path, text)
    ends = nodes_near(network, WEST, EAST)
    times = TravelTimes(network)
    assert times.path(Profile.VAN, ends[0], ends[1], 0) is None
    assert times.path(Profile.EBIKE, ends[0], ends[1], 0) is not None


def test_signals_cost_time_in_the_direction_they_face(tmp_path: Path) -> None:
    text = """\
n1 v1 x0.000 y0.000
n2 v1 x0.003 y0.000 Thighway=traffic_signals
n3 v1 x0.004 y0.000
w1 v1 Thighway=residential Nn1,n2,n3
"""
    network = network_of(tmp_path, text)
    ends = nodes_near(network, (0.0, 0.0), (0.004, 0.0))
    times = TravelTimes(network)
    there, back = (times.path(Profile.VAN, a, b, 0) for a, b in (ends, ends[::-1]))
    assert there is not None
    assert back is not None
    assert there.duration_s - back.duration_s == 16


def test_a_way_that_leaves_the_extract_is_cut_and_the_rest_kept(tmp_path: Path) -> None:
    text = CROSSING + "w5 v1 Thighway=primary Nn3,n99,n98,n1,n5\n"
    read = read_roads(extract(tmp_path, text))
    assert read.n_ways == 5
    build_network(read.survey)
    read = read_roads(extract(tmp_path, text.replace("Nn3,n99", "Nn4,n3,n99")))
    assert read.skipped["ways cut at the border"] == 1


def test_restrictions_that_cannot_be_obeyed_are_counted(tmp_path: Path) -> None:
    text = CROSSING + (
        "r1 v1 Ttype=restriction,restriction=no_left_turn Mw1@from,w2@via,w3@to\n"
        "r2 v1 Ttype=restriction,restriction=no_left_turn Mw1@from,n77@via,w3@to\n"
        "r3 v1 Ttype=restriction,restriction:hgv=no_left_turn,restriction=  Mw1@from,n2@via,w3@to\n"
    )
    skipped = read_roads(extract(tmp_path, text)).skipped
    assert skipped["restrictions through a way"] == 1
    assert skipped["restrictions with missing members"] == 1


def test_names_in_any_script_are_kept(tmp_path: Path) -> None:
    text = CROSSING.replace("name=West", "name=南京西路").replace("name=East", "name=улица%20%Мира")
    read = read_roads(extract(tmp_path, text))
    assert {"南京西路", "улица Мира"} <= set(read.survey.names)


def test_a_ring_street_without_any_junction_is_imported(tmp_path: Path) -> None:
    text = """\
n1 v1 x0.000 y0.000
n2 v1 x0.002 y0.000
n3 v1 x0.002 y0.002
w1 v1 Thighway=residential,junction=roundabout Nn1,n2,n3,n1
"""
    network = network_of(tmp_path, text)
    assert network.n_nodes >= 1
    assert network.length_m.sum() > 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("n1 v1 x0 y0\n", "no roads"),
        ("n1 v1 x0 y0\nw1 v1 Tbuilding=yes Nn1,n1\n", "no roads"),
        ("w1 v1 Thighway=residential Nn1,n2\n", "have no points"),
        ("n1 v1 x0 y0\nw1 v1 Thighway=proposed Nn1,n1\n", "no roads"),
        ("this is not an extract\n", "cannot be read"),
    ],
)
def test_a_file_without_roads_is_refused_with_the_reason(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        read_roads(extract(tmp_path, text))


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="there is no file"):
        read_roads(tmp_path / "nowhere.osm.pbf")
    with pytest.raises(Invalid, match="is a folder"):
        read_roads(tmp_path)


@pytest.mark.parametrize(
    "content", [b"\x00" * 64, b"\x00\x00\x00\x0d\x0a\x09OSMHeader", b"PK\x03\x04zip"]
)
def test_bytes_that_only_pretend_to_be_an_extract_are_refused(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "broken.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(Invalid, match="cannot be read"):
        read_roads(path)


def test_an_extract_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.osm.pbf"
    writer = osmium.SimpleWriter(str(whole))
    for thing in osmium.FileProcessor(str(extract(tmp_path, CROSSING))):
        writer.add(thing)
    writer.close()
    assert read_roads(whole).n_ways == 4
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(Invalid, match="cannot be read"):
        read_roads(half)
