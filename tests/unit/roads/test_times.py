"""Travel times are remembered within bounds and follow events and hours."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recourse.model.errors import Invalid
from recourse.roads import (
    UNREACHABLE_S,
    Profile,
    RoadEvent,
    RoadNetwork,
    TravelTimes,
    build_network,
)
from recourse.roads.events import edges_of_event
from recourse.roads.rows import RowStore
from tests.unit.roads.by_hand import NIGHT_S, STEP, grid

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEAK_S = 8 * 3600


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return build_network(grid(12, 12))


def everyone(network: RoadNetwork) -> np.ndarray:
    return np.arange(network.n_nodes, dtype=np.int32)


def test_a_small_memory_gives_the_same_answers_as_a_large_one(network: RoadNetwork) -> None:
    nodes = everyone(network)
    large, small = TravelTimes(network), TravelTimes(network, max_bytes=1 << 20)
    small._pool._max_bytes = 40 * network.n_nodes
    for profile in Profile:
        expected = large.matrix_s(profile, nodes, nodes, NIGHT_S)
        assert (small.matrix_s(profile, nodes, nodes, NIGHT_S) == expected).all()
        expected_m = large.matrix_m(profile, nodes, nodes, NIGHT_S)
        assert (small.matrix_m(profile, nodes, nodes, NIGHT_S) == expected_m).all()
    assert small.n_bytes < large.n_bytes / 2


def test_the_least_recently_used_row_is_given_up_first() -> None:
    store = RowStore(n_nodes=10, n_columns=4, max_rows=3, dtype=np.uint16, blank=9)
    for node in range(3):
        store.put(np.array([node], dtype=np.int32), np.full((1, 4), node, dtype=np.uint16))
    store.touch(np.array([0], dtype=np.int32))
    store.put(np.array([7], dtype=np.int32), np.full((1, 4), 7, dtype=np.uint16))
    assert store.lacks(np.array([0, 1, 2, 7], dtype=np.int32)).tolist() == [1]
    assert store.rows[store.slot_of[7]].tolist() == [7, 7, 7, 7, 9]


def test_vans_are_slower_in_the_morning_peak_and_ebikes_are_not(network: RoadNetwork) -> None:
    nodes, times = everyone(network), TravelTimes(network)
    ratio = {
        profile: times.matrix_s(profile, nodes, nodes, PEAK_S).sum()
        / times.matrix_s(profile, nodes, nodes, NIGHT_S).sum()
        for profile in (Profile.VAN, Profile.EBIKE)
    }
    assert ratio[Profile.VAN] > 1.3
    assert ratio[Profile.EBIKE] == 1.0


def test_nobody_on_an_ebike_is_expected_to_make_more_than_15_km_per_hour(
    network: RoadNetwork,
) -> None:
    nodes, times = everyone(network), TravelTimes(network)
    metres = times.matrix_m(Profile.EBIKE, nodes, nodes, NIGHT_S)
    seconds = times.matrix_s(Profile.EBIKE, nodes, nodes, NIGHT_S)
    assert (metres / 15 * 3.6 <= seconds + 1).all()


def test_a_closed_ring_of_streets_cannot_be_entered_and_opens_again(network: RoadNetwork) -> None:
    nodes, times = everyone(network), TravelTimes(network)
    before = times.matrix_s(Profile.VAN, nodes, nodes, NIGHT_S)
    corner = network.snap([0.0], [0.0], Profile.VAN)
    leads = np.flatnonzero((network.tail == corner[0]) | (network.head == corner[0]))
    event = RoadEvent(
        id="flood",
        edges=tuple(leads.tolist()),
        is_closed=True,
        from_at=NOON,
        until_at=NOON + timedelta(hours=1),
    )
    closed = times.with_events([event], NOON)
    during = closed.matrix_s(Profile.VAN, nodes, nodes, NIGHT_S)
    others = np.delete(nodes, corner[0])
    assert (during[others, corner[0]] == UNREACHABLE_S).all()
    assert closed.path(Profile.VAN, int(others[0]), int(corner[0]), NIGHT_S) is None
    assert (during[np.ix_(others, others)] >= before[np.ix_(others, others)]).all()
    after = closed.with_events([event], NOON + timedelta(hours=1))
    assert (after.matrix_s(Profile.VAN, nodes, nodes, NIGHT_S) == before).all()


def test_a_polygon_means_every_edge_it_touches_and_a_line_only_those_along_it(
    network: RoadNetwork,
) -> None:
    low, high = 0.9 * STEP, 1.1 * STEP
    box = ((low, low), (high, low), (high, high), (low, high), (low, low))
    touched = edges_of_event(network, RoadEvent(id="fire", is_closed=True, area=box))
    middle = network.snap([STEP], [STEP], Profile.VAN)[0]
    expected = np.flatnonzero((network.tail == middle) | (network.head == middle))
    assert touched.tolist() == expected.tolist()
    line = ((STEP, STEP), (2 * STEP, STEP))
    along = edges_of_event(network, RoadEvent(id="works", factor=3.0, area=line))
    assert len(along) == 2
    assert (np.abs(network.lat[network.tail[along]] - STEP) < 1e-9).all()


def test_overlapping_reports_of_one_jam_do_not_add_up(network: RoadNetwork) -> None:
    nodes = everyone(network)
    jams = [RoadEvent(id=str(i), edges=(0, 1, 2), factor=3.0) for i in range(2)]
    times = TravelTimes(network)
    one = times.with_events(jams[:1], NOON).matrix_s(Profile.VAN, nodes, nodes, NIGHT_S)
    both = times.with_events(jams, NOON).matrix_s(Profile.VAN, nodes, nodes, NIGHT_S)
    assert (one == both).all()


@pytest.mark.parametrize(
    "fields", [{"factor": 0.5}, {"area": ()}, {"area": ((0.0, 0.0),)}, {"factor": float("nan")}]
)
def test_an_event_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        RoadEvent(**{"id": "x", "area": ((0.0, 0.0), (1.0, 1.0)), **fields})  # type: ignore[arg-type]


def test_an_event_on_an_edge_of_another_city_is_refused(network: RoadNetwork) -> None:
    with pytest.raises(Invalid, match="edges"):
        TravelTimes(network).with_events([RoadEvent(id="x", edges=(10**6,))], NOON)


def test_empty_questions_get_empty_answers(network: RoadNetwork) -> None:
    nodes, none = everyone(network)[:3], np.empty(0, dtype=np.int32)
    times = TravelTimes(network)
    assert times.matrix_s(Profile.VAN, none, nodes, 0).shape == (0, 3)
    assert times.matrix_s(Profile.VAN, nodes, none, 0).shape == (3, 0)


def test_a_door_in_the_middle_of_a_street_belongs_to_the_nearer_end(network: RoadNetwork) -> None:
    nodes = network.snap([1.3 * STEP, 1.7 * STEP], [1.1 * STEP, 1.1 * STEP], Profile.VAN)
    assert network.lon[nodes].round(6).tolist() == [STEP, 2 * STEP]
    assert network.offset_s([1.3 * STEP], [1.1 * STEP], nodes[:1])[0] == pytest.approx(26, abs=2)


def test_nobody_is_sent_to_a_street_that_is_cut_off() -> None:
    survey = grid(4, 4)
    streets = [[int(a), int(b)] for a, b in survey.way_points.reshape(-1, 2)]
    lon = [*survey.lon, 0.5 * STEP, 0.6 * STEP]
    lat = [*survey.lat, 0.5 * STEP, 0.6 * STEP]
    network = build_network(type(survey).of_streets(lon, lat, [*streets, [16, 17]]))
    node = network.snap([0.55 * STEP], [0.55 * STEP], Profile.VAN)
    assert network.main[node[0]] == 0b1111
    assert (network.main == 0).sum() == 2
