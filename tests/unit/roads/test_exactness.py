"""Joining ways and splitting nodes changes no travel time."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recourse.roads import (
    UNREACHABLE_S,
    Profile,
    RoadEvent,
    RoadNetwork,
    RoadSurvey,
    TravelTimes,
    build_network,
)
from recourse.roads.profiles import profile_bit
from tests.unit.roads.by_hand import (
    NIGHT_S,
    banned,
    grid,
    node_at,
    plain_times_s,
    stretches_for,
    surveys,
    turns_for,
)

PROFILES = st.sampled_from(list(Profile))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def nodes_of(survey: RoadSurvey, network: RoadNetwork) -> dict[int, int]:
    pairs = zip(survey.lon.tolist(), survey.lat.tolist(), strict=True)
    found = {point: node_at(network, lon, lat) for point, (lon, lat) in enumerate(pairs)}
    return {point: node for point, node in found.items() if node >= 0}


@settings(max_examples=80, deadline=None)
@given(survey=surveys(), profile=PROFILES)
def test_times_equal_a_plain_search_that_checks_every_turn(
    survey: RoadSurvey, profile: Profile
) -> None:
    network = build_network(survey)
    nodes = nodes_of(survey, network)
    everyone = np.array(list(nodes.values()), dtype=np.int32)
    times_s = TravelTimes(network).matrix_s(profile, everyone, everyone, NIGHT_S)
    stretches = stretches_for(survey, profile)
    follow = turns_for(survey, profile, stretches, nodes)
    for row, (origin, node) in enumerate(nodes.items()):
        expected = plain_times_s(stretches, follow, origin)
        has_road = bool((network.access[network.tail == node] & profile_bit(profile)).any())
        for column, point in enumerate(nodes):
            found = int(times_s[row, column])
            if point not in expected or (point == origin and not has_road):
                assert found in {0, UNREACHABLE_S}
                assert found == UNREACHABLE_S or point == origin
            else:
                assert abs(found - expected[point]) <= 0.6


@settings(max_examples=30, deadline=None)
@given(survey=surveys(), profile=PROFILES)
def test_any_two_nodes_of_the_main_part_reach_each_other(
    survey: RoadSurvey, profile: Profile
) -> None:
    network = build_network(survey)
    main = np.flatnonzero(network.main & profile_bit(profile)).astype(np.int32)
    if len(main):
        times_s = TravelTimes(network).matrix_s(profile, main, main, NIGHT_S)
        assert (times_s < UNREACHABLE_S).all()


@settings(max_examples=30, deadline=None)
@given(survey=surveys(), profile=PROFILES, data=st.data())
def test_a_path_takes_as_long_as_the_matrix_says_and_hangs_together(
    survey: RoadSurvey, profile: Profile, data: st.DataObject
) -> None:
    network = build_network(survey)
    times = TravelTimes(network)
    ends = st.integers(0, network.n_nodes - 1)
    origin, destination = data.draw(ends), data.draw(ends)
    one, other = (np.array([node], dtype=np.int32) for node in (origin, destination))
    expected_s = int(times.matrix_s(profile, one, other, NIGHT_S)[0, 0])
    expected_m = int(times.matrix_m(profile, one, other, NIGHT_S)[0, 0])
    path = times.path(profile, origin, destination, NIGHT_S)
    if path is None:
        assert expected_s == UNREACHABLE_S
        return
    assert path.duration_s == expected_s
    assert abs(path.length_m - expected_m) <= 1
    assert abs(path.edge_s.sum() - path.duration_s) <= 0.5
    assert (network.head[path.edges[:-1]] == network.tail[path.edges[1:]]).all()
    assert (path.lon[0], path.lat[0]) == (network.lon[origin], network.lat[origin])
    assert (path.lon[-1], path.lat[-1]) == (network.lon[destination], network.lat[destination])


@settings(max_examples=40, deadline=None)
@given(survey=surveys(), profile=PROFILES, data=st.data())
def test_remembered_rows_under_events_equal_rows_computed_afresh(
    survey: RoadSurvey, profile: Profile, data: st.DataObject
) -> None:
    network = build_network(survey)
    everyone = np.arange(network.n_nodes, dtype=np.int32)
    edges = data.draw(st.lists(st.integers(0, network.n_edges - 1), min_size=1, max_size=3))
    factor = data.draw(st.sampled_from([1.5, 4.0, None]))
    event = RoadEvent(
        id="e", edges=tuple(edges), factor=factor or 1.0, is_closed=factor is None, source="test"
    )
    remembered = TravelTimes(network)
    calm = remembered.matrix_s(profile, everyone, everyone, NIGHT_S)
    few = everyone[: data.draw(st.integers(1, network.n_nodes))]
    remembered.matrix_s(profile, everyone, few[:1], NIGHT_S)
    touched = remembered.with_events([event], NOW)
    again = touched.matrix_s(profile, everyone, everyone, NIGHT_S)
    fresh = TravelTimes(network, events=(event,)).matrix_s(profile, everyone, everyone, NIGHT_S)
    assert (again == fresh).all()
    assert (again >= calm).all()
    assert (remembered.matrix_s(profile, everyone, everyone, NIGHT_S) == calm).all()


@settings(max_examples=30, deadline=None)
@given(survey=surveys(), profile=PROFILES)
def test_times_to_one_place_are_the_same_from_either_end_of_the_search(
    survey: RoadSurvey, profile: Profile
) -> None:
    network = build_network(survey)
    everyone = np.arange(network.n_nodes, dtype=np.int32)
    by_rows = TravelTimes(network).matrix_s(profile, everyone, everyone, NIGHT_S)
    for node in everyone:
        column = TravelTimes(network).matrix_s(
            profile, everyone, everyone[node : node + 1], NIGHT_S
        )
        assert (column[:, 0] == by_rows[:, node]).all()


@settings(max_examples=30, deadline=None)
@given(survey=surveys())
def test_cutting_a_street_at_bends_changes_no_time(survey: RoadSurvey) -> None:
    # Every way gets a bend on its straight line: it must vanish again.
    n, n_points = len(survey.way_id), len(survey.lon)
    ends = survey.way_points.reshape(n, 2)
    bends = np.arange(n_points, n_points + n, dtype=np.int32)
    lon = np.concatenate([survey.lon, survey.lon[ends].mean(axis=1)])
    lat = np.concatenate([survey.lat, survey.lat[ends].mean(axis=1)])
    bent = replace(
        survey,
        lon=lon,
        lat=lat,
        way_points=np.column_stack([ends[:, 0], bends, ends[:, 1]]).ravel(),
        way_start=np.arange(0, 3 * n + 1, 3, dtype=np.int64),
        point_signals=np.concatenate([survey.point_signals, np.zeros(n, dtype=np.uint8)]),
        point_access=np.concatenate([survey.point_access, np.full(n, 0b1111, dtype=np.uint8)]),
    )
    straight, curved = build_network(survey), build_network(bent)
    assert straight.n_nodes == curved.n_nodes
    assert straight.n_edges == curved.n_edges
    everyone = np.arange(straight.n_nodes, dtype=np.int32)
    times = [
        TravelTimes(n).matrix_s(Profile.VAN, everyone, everyone, 0) for n in (straight, curved)
    ]
    assert np.abs(times[0] - times[1]).max() <= 1


def test_a_forbidden_left_turn_is_taken_on_foot_only() -> None:
    survey = grid(3, 3)
    streets = survey.way_points.reshape(-1, 2).tolist()
    came, goes = streets.index([3, 4]) + 1, streets.index([4, 7]) + 1
    network = build_network(banned(survey, (came, 4, goes, False)))
    start, middle, end = (node_at(network, survey.lon[i], survey.lat[i]) for i in (3, 4, 7))
    times = TravelTimes(network)
    # Slow down the other way round the block, so that everybody would like to turn.
    other = [e for e in range(network.n_edges) if middle not in (network.tail[e], network.head[e])]
    slow = times.with_events([RoadEvent(id="mud", edges=tuple(other), factor=50.0)], NOW)
    turned = {}
    for profile in (Profile.VAN, Profile.FOOT):
        path = slow.path(profile, start, end, NIGHT_S)
        assert path is not None
        tails = network.tail[path.edges].tolist()
        turned[profile] = len(tails) == 2 and tails[1] == middle
    assert turned == {Profile.VAN: False, Profile.FOOT: True}
