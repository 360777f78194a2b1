"""Tags mean what mappers mean by them."""

import pytest

from recourse.adapters.osm_tags import (
    access_bits,
    barrier_bits,
    direction_bits,
    posted_kmh,
    restricted_bits,
)

EBIKE, SCOOTER, VAN, FOOT = 1, 2, 4, 8
ALL = 15


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48),
        ("30mph", 48),
        ("RO:urban", 50),
        ("DE:zone:30", 30),
        ("DE:motorway", 120),
        ("none", 150),
        ("walk", 6),
        ("50;70", 50),
        ("60 km/h", 60),
        ("10 knots", 19),
        ("signals", 0),
        ("variable", 0),
        ("", 0),
        (None, 0),
        ("999999", 150),
        ("-5", 5),
        ("0", 0),
        ("五十", 0),
    ],
)
def test_a_posted_speed_is_read_as_mappers_write_it(value: str | None, kmh: int) -> None:
    assert posted_kmh(value) == kmh


@pytest.mark.parametrize(
    ("road_class", "tags", "bits"),
    [
        ("residential", {}, ALL),
        ("motorway", {}, VAN),
        ("motorway", {"bicycle": "yes", "foot": "yes"}, VAN),
        ("trunk", {"motorroad": "yes"}, VAN),
        ("footway", {}, FOOT),
        ("footway", {"bicycle": "yes"}, FOOT | EBIKE),
        ("cycleway", {}, FOOT | EBIKE),
        ("cycleway", {"foot": "no"}, EBIKE),
        ("steps", {"bicycle": "yes"}, FOOT),
        ("residential", {"access": "private"}, 0),
        ("residential", {"access": "no", "foot": "yes"}, FOOT),
        ("residential", {"access": "destination"}, ALL),
        ("residential", {"motor_vehicle": "no"}, EBIKE | FOOT),
        ("residential", {"vehicle": "no", "bicycle": "yes"}, EBIKE | FOOT),
        ("residential", {"motor_vehicle": "no", "moped": "yes"}, EBIKE | FOOT | SCOOTER),
        ("pedestrian", {"access": "yes"}, FOOT),
        ("track", {"motor_vehicle": "yes"}, ALL),
        ("service", {"service": "driveway"}, 0),
    ],
)
def test_access_goes_from_the_general_tag_to_the_special_one(
    road_class: str, tags: dict[str, str], bits: int
) -> None:
    assert access_bits(tags, road_class) == bits


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({}, ALL, ALL),
        ({"oneway": "yes"}, ALL, FOOT),
        ({"oneway": "-1"}, FOOT, ALL),
        ({"oneway": "no", "junction": "roundabout"}, ALL, ALL),
        ({"junction": "roundabout"}, ALL, FOOT),
        ({"oneway": "yes", "oneway:bicycle": "no"}, ALL, FOOT | EBIKE),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, ALL, FOOT | EBIKE),
        ({"oneway": "yes", "cycleway:left:oneway": "-1"}, ALL, FOOT | EBIKE),
        ({"oneway": "-1", "oneway:bicycle": "no"}, FOOT | EBIKE, ALL),
        ({"oneway:bicycle": "yes"}, ALL, ALL & ~EBIKE),
        ({"oneway": "yes", "oneway:foot": "yes"}, ALL, 0),
    ],
)
def test_one_way_streets_bind_wheels_and_let_cyclists_back_where_signed(
    tags: dict[str, str], along: int, against: int
) -> None:
    assert direction_bits(tags, "residential", ALL) == (along, against)


@pytest.mark.parametrize(
    ("tags", "bits"),
    [
        ({}, ALL),
        ({"barrier": "bollard"}, EBIKE | FOOT),
        ({"barrier": "gate"}, ALL),
        ({"barrier": "gate", "access": "private"}, 0),
        ({"barrier": "stile"}, FOOT),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, ALL),
        ({"barrier": "toll_booth"}, ALL),
    ],
)
def test_a_barrier_stops_those_it_is_meant_for(tags: dict[str, str], bits: int) -> None:
    assert barrier_bits(tags) == bits


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"restriction": "no_left_turn"}, ("no", 7)),
        ({"restriction": "only_straight_on"}, ("only", 7)),
        ({"restriction": "no_left_turn", "except": "bicycle"}, ("no", 6)),
        ({"restriction": "no_left_turn", "except": "bicycle;motorcar;moped"}, ("", 0)),
        ({"restriction:motorcar": "no_u_turn"}, ("no", VAN)),
        ({"restriction:hgv": "no_left_turn"}, ("", 0)),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr)"}, ("", 0)),
        ({"restriction": "no_left_turn", "day_on": "Monday"}, ("", 0)),
        ({"restriction": "give_way"}, ("", 0)),
    ],
)
def test_a_turn_restriction_binds_vehicles_unless_excepted(
    tags: dict[str, str], expected: tuple[str, int]
) -> None:
    assert restricted_bits(tags) == expected
