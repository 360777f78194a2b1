"""City folders are whole or absent, and doors are found from what people write."""

import json
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import LineString, box
from typer.testing import CliRunner

from recourse.adapters.addresses import Addresses
from recourse.adapters.cities import import_city, load_city
from recourse.adapters.sea import sea_polygons
from recourse.adapters.tiles import TileReader
from recourse.cli_city import city_app
from recourse.model.errors import Invalid, NotFound
from recourse.roads import Profile

VILLAGE = """\
n1 v1 x8.000 y47.000
n2 v1 x8.002 y47.000
n3 v1 x8.004 y47.000 Tamenity=restaurant,name=Adler,addr:street=Hauptstraße,addr:housenumber=7
n4 v1 x8.002 y47.002 Tshop=kiosk,name=Kiosk
n5 v1 x8.001 y47.0001
n6 v1 x8.0012 y47.0001
n7 v1 x8.0012 y47.0003
n8 v1 x8.001 y47.0003
n9 v1 x8.003 y47.0001 Tplace=village,name=Dorf
w1 v1 Thighway=residential,name=Hauptstraße Nn1,n2,n3
w2 v1 Thighway=residential,name=Querweg Nn2,n4
w3 v1 Tbuilding=house Nn5,n6,n7,n8,n5
w4 v1 Tbuilding=garage Nn5,n6,n7,n8,n5
w6 v1 Tbuilding=yes Nn5,n6,n7,n8,n5
w7 v1 Tbuilding=yes Nn5,n6,n7,n8,n5
w5 v1 Tnatural=water Nn5,n6,n7,n5
"""


@pytest.fixture
def village(tmp_path: Path) -> Path:
    path = tmp_path / "village.osm.opl"
    path.write_text(VILLAGE, encoding="utf-8")
    return path


def test_a_village_becomes_a_city(village: Path, tmp_path: Path) -> None:
    told: list[str] = []
    city = import_city(village, tmp_path / "cities" / "dorf", progress=told.append)
    assert (city.name, city.zone, city.generated) == ("dorf", "Europe/Zurich", False)
    assert city.attribution == "© OpenStreetMap contributors"
    assert [poi.name for poi in city.food_places] == ["Adler"]
    assert [poi.name for poi in city.point_candidates] == ["Kiosk"]
    assert city.addresses.is_building.tolist() == [False, True, True, True]
    assert city.addresses.street == ("Hauptstraße",) * 4
    assert city.match_address("Hauptstr. 7, Dorf")[0].is_exact
    assert city.areas == ((8.003, 47.0001, "Dorf", "village"),)
    assert told[0] == "reading roads"
    assert city.tiles.is_file()
    assert not list((tmp_path / "cities").glob(".*"))


def test_an_import_that_fails_leaves_the_old_city_as_it_was(village: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dorf"
    import_city(village, folder, with_tiles=False)
    broken = tmp_path / "broken.osm.opl"
    broken.write_text("n1 v1 x0 y0\n")
    with pytest.raises(Invalid, match="no roads"):
        import_city(broken, folder)
    assert load_city(folder).name == "dorf"


def test_a_folder_that_is_no_city_is_not_replaced(village: Path, tmp_path: Path) -> None:
    precious = tmp_path / "photos"
    precious.mkdir()
    (precious / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(Invalid, match="no city"):
        import_city(village, precious)
    assert (precious / "cat.jpg").exists()


def test_an_unknown_time_zone_is_refused_and_a_known_one_taken(
    village: Path, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="time zone"):
        import_city(village, tmp_path / "a", zone="Mars/Olympus")
    city = import_city(village, tmp_path / "b", zone="Asia/Tokyo", with_tiles=False)
    assert city.zone == "Asia/Tokyo"


def test_a_city_that_is_absent_of_another_format_or_damaged_is_refused(
    village: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        load_city(tmp_path / "nowhere")
    folder = tmp_path / "dorf"
    import_city(village, folder, with_tiles=False)
    facts = json.loads((folder / "city.json").read_text(encoding="utf-8"))
    (folder / "city.json").write_text(json.dumps({**facts, "format": 99}))
    with pytest.raises(Invalid, match="format 99"):
        load_city(folder)
    (folder / "city.json").write_text(json.dumps(facts))
    (folder / "roads.npz").write_bytes(b"gone")
    with pytest.raises(Invalid, match="damaged"):
        load_city(folder)


def test_tiles_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        TileReader(tmp_path / "tiles.pmtiles")
    (tmp_path / "tiles.pmtiles").write_bytes(b"\x00" * 300)
    with pytest.raises(Invalid, match="no tile archive"):
        TileReader(tmp_path / "tiles.pmtiles")


def test_the_sea_lies_to_the_right_of_the_coast() -> None:
    frame = box(0, 0, 10, 10)
    eastward = [LineString([(-1, 4), (5, 5), (11, 4)])]
    south = sea_polygons(eastward, frame)
    assert sum(part.area for part in south) < 50
    north = sea_polygons([LineString(list(eastward[0].coords)[::-1])], frame)
    assert sum(part.area for part in north) > 50
    assert sea_polygons([], frame) == []


def test_a_coast_that_ends_inside_the_map_is_tied_to_its_border() -> None:
    frame = box(0, 0, 10, 10)
    parts = sea_polygons([LineString([(0.01, 4), (9.99, 4)])], frame)
    assert sum(part.area for part in parts) == pytest.approx(40, rel=0.01)


def test_an_island_is_no_sea() -> None:
    frame = box(0, 0, 10, 10)
    island = LineString([(4, 4), (6, 4), (6, 6), (4, 6), (4, 4)])
    assert sum(part.area for part in sea_polygons([island], frame)) == pytest.approx(96)


@pytest.fixture
def doors() -> Addresses:
    street = (
        "West Georgia Street",
        "West Georgia Street",
        "Rue de l'Église",
        "南京西路",
        "Main St",
    )
    return Addresses(
        lon=np.arange(5.0),
        lat=np.arange(5.0),
        street=street,
        housenumber=("1055", "1061a", "3", "12", ""),
        is_building=np.array([False] * 4 + [True]),
    )


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("1055 W Georgia St, Vancouver", 0),
        ("West Georgia Street 1055", 0),
        ("WEST GEORGIA ST., 1055", 0),
        ("1061A West Georgia Street", 1),
        ("3 rue de l'eglise", 2),
        ("南京西路 12", 3),
    ],
)
def test_one_door_is_found_however_it_is_written(doors: Addresses, text: str, index: int) -> None:
    (found,) = doors.match(text)
    assert (found.index, found.quality) == (index, "exact")


def test_a_number_that_is_missing_gives_its_neighbours(doors: Addresses) -> None:
    found = doors.match("1059 West Georgia Street")
    assert [match.index for match in found] == [1, 0]
    assert {match.quality for match in found} == {"number_near"}


def test_a_street_with_a_slip_of_the_pen_is_offered_but_not_taken(doors: Addresses) -> None:
    found = doors.match("1055 West Gorgia Street")
    assert found[0].index == 0
    assert not found[0].is_exact


@pytest.mark.parametrize("text", ["", " , ", "nowhere at all", "12345"])
def test_nonsense_finds_no_door(doors: Addresses, text: str) -> None:
    assert doors.match(text) == ()


def test_a_building_without_number_says_so(doors: Addresses) -> None:
    assert doors.text(4) == "building 5, Main St"


def test_the_command_imports_shows_and_lists(village: Path, tmp_path: Path) -> None:
    data = str(tmp_path / "var")
    done = CliRunner().invoke(city_app, ["import", str(village), "--name", "dorf", "--data", data])
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(city_app, ["show", "dorf", "--data", data])
    assert "residential" in shown.output
    assert "Europe/Zurich" in shown.output
    assert CliRunner().invoke(city_app, ["list", "--data", data]).output == "dorf\n"


def test_the_command_names_the_way_out_of_an_error(tmp_path: Path) -> None:
    data = str(tmp_path / "var")
    failed = CliRunner().invoke(city_app, ["import", "none.osm.pbf", "--data", data])
    assert failed.exit_code == 2
    assert "give the path" in failed.output
    unknown = CliRunner().invoke(city_app, ["show", "atlantis", "--data", data])
    assert unknown.exit_code == 2
    assert "none yet" in unknown.output


@pytest.mark.parametrize(
    ("roads", "says"),
    [
        ("w1 v1 Thighway=motorway Nn1,n2\n", "lead nowhere"),
        ("w1 v1 Thighway=primary Nn1,n1\n", "lead nowhere"),
    ],
)
def test_roads_that_nobody_can_come_back_on_are_refused(
    tmp_path: Path, roads: str, says: str
) -> None:
    path = tmp_path / "x.osm.opl"
    path.write_text("n1 v1 x0.0 y0.0\nn2 v1 x0.001 y0.0\n" + roads)
    with pytest.raises(Invalid, match=says):
        import_city(path, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_place_for_walkers_only_warns_of_every_other_vehicle(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.opl"
    path.write_text("n1 v1 x0.0 y0.0\nn2 v1 x0.001 y0.0\nw1 v1 Thighway=footway Nn1,n2\n")
    city = import_city(path, tmp_path / "x")
    assert sum("give no courier this vehicle" in warning for warning in city.report.warnings) == 3
    with pytest.raises(Invalid, match="no roads for van"):
        city.network.snap([0.0], [0.0], Profile.VAN)


def test_a_name_with_a_line_break_moves_no_other_name(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.opl"
    path.write_text(
        "n1 v1 x0.0 y0.0\nn2 v1 x0.001 y0.0\nn3 v1 x0.002 y0.0\n"
        "w1 v1 Thighway=primary,name=a%0a%b Nn1,n2\nw2 v1 Thighway=primary,name=zz Nn2,n3\n"
    )
    city = import_city(path, tmp_path / "x", with_tiles=False)
    assert city.network.names == ("", "a\nb", "zz")
