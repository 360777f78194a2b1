"""A generated town is a town, the same for the same seed, and says what it is."""

from pathlib import Path

import numpy as np
import pytest

from recourse.adapters.cities import City, import_city, load_city
from recourse.adapters.osm_layers import read_layers
from recourse.adapters.tiles import TileReader, tile_at
from recourse.roads import Profile, TravelTimes
from recourse.roads.profiles import profile_bit
from recourse_sim.town import generate_town

SEED = 1


@pytest.fixture(scope="module")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.osm.pbf"
    generate_town(SEED, path)
    return path


@pytest.fixture(scope="module")
def town(town_file: Path) -> City:
    return import_city(town_file, town_file.parent / "cities" / "town")


def test_equal_seeds_give_equal_files(town_file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.osm.pbf"
    generate_town(SEED, again)
    assert again.read_bytes() == town_file.read_bytes()


def test_a_town_says_that_it_is_no_real_place(town: City) -> None:
    assert town.generated
    assert town.attribution == f"Generated city (seed {SEED}), not a real place"
    assert town.zone == "Etc/GMT"
    assert town.report.warnings == []


def test_a_town_has_all_that_deliveries_need(town: City) -> None:
    report = town.report
    assert report.n_addresses > 8_000
    assert report.n_building_doors == 0
    assert report.n_signals > 80
    assert report.n_restrictions > 40
    assert report.n_turns >= report.n_restrictions - 10
    assert len(town.food_places) > 150
    assert len(town.shops) > 150
    assert len(town.point_candidates) > 25
    assert report.n_stations == 3
    assert sum(kind == "suburb" for *_, kind in town.areas) > 10
    assert {"motorway", "motorway_link", "primary", "residential", "footway"} <= set(report.road_km)


@pytest.mark.parametrize("profile", list(Profile))
def test_hardly_any_street_of_a_town_is_cut_off(town: City, profile: Profile) -> None:
    n_main = int(((town.network.main & profile_bit(profile)) > 0).sum())
    assert town.report.cut_off[profile.value] < 0.05 * n_main


def test_a_van_gets_across_a_town_at_a_plausible_speed(town: City) -> None:
    network = town.network
    rng = np.random.Generator(np.random.PCG64(5))
    west, south, east, north = town.bbox
    lon, lat = rng.uniform(west, east, 60), rng.uniform(south, north, 60)
    ends = network.snap(lon, lat, Profile.VAN)
    times = TravelTimes(network)
    seconds = times.matrix_s(Profile.VAN, ends, ends, 12 * 3600)
    metres = times.matrix_m(Profile.VAN, ends, ends, 12 * 3600)
    assert 15 < metres.sum() / seconds.sum() * 3.6 < 35


def test_the_river_is_crossed_by_a_few_bridges_only(town_file: Path) -> None:
    drawn = list(read_layers(town_file))
    waters = [d.shape for d in drawn if d.layer == "water" and d.properties["kind"] == "area"]
    river = max(waters, key=lambda shape: shape.area)
    over = {
        d.properties["name"]
        for d in drawn
        if d.layer == "road" and d.properties["c"] < 7 and d.shape.crosses(river)
    }
    assert 4 <= len(over) <= 6


def test_house_numbers_are_found_again(town: City) -> None:
    for index in range(0, len(town.addresses), 997):
        found = town.match_address(town.addresses.text(index))
        assert found[0].is_exact
        assert found[0].index == index


def test_the_map_of_a_town_can_be_read_tile_by_tile(town: City) -> None:
    reader = TileReader(town.tiles)
    try:
        for z in (8, 12, 15):
            tile = reader.tile(z, *tile_at(*town.centre, z))
            assert tile is not None
            assert tile[:2] == b"\x1f\x8b"
        assert reader.tile(15, 0, 0) is None
        assert reader.tile(3, 0, 0) is None
        assert reader.tile(15, -1, 2**15) is None
    finally:
        reader.close()


def test_a_town_loads_as_it_was_imported(town: City) -> None:
    again = load_city(town.tiles.parent)
    assert (again.name, again.zone, again.bbox) == (town.name, town.zone, town.bbox)
    assert again.pois == town.pois
    assert again.network.names == town.network.names
    for name, column in town.network.columns().items():
        assert (again.network.columns()[name] == column).all()


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="seed"):
        generate_town(-1, tmp_path / "no.osm.pbf")
