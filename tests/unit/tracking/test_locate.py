"""From positions to progress."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.model.couriers import CourierState, Progress
from recourse.model.events import ArrivalSlipped, CourierCameToLight
from recourse.model.examples import DOOR, NOON, PROMISE, SHELF, courier_of, progress_of, stop_of
from recourse.model.routes import Route, Stop, StopKind, StopStatus
from recourse.tracking import Located, Pings, TrackParams, locate
from recourse.tracking.pings import distance_m

PARAMS = TrackParams()
METRE_LAT = 1 / 111_195


def ping(*rows: tuple[str, float, float, datetime]) -> Pings:
    ids, lons, lats, ats = zip(*rows, strict=True)
    return Pings.of(ids, lons, lats, ats)


def route_of(*stops: Stop) -> Route:
    return Route(courier_id="k-1", stops=stops, changed_at=NOON)


def run(
    pings: Pings,
    *,
    before: Progress | None = None,
    route: Route | None = None,
    state: CourierState = CourierState.ACTIVE,
    now: datetime = NOON,
    told: dict[str, datetime] | None = None,
) -> Located:
    return locate(
        pings,
        progress={"k-1": before} if before else {},
        routes={"k-1": route} if route else {},
        couriers={"k-1": courier_of(state=state)},
        now=now,
        params=PARAMS,
        told=told,
    )


def test_the_first_position_of_a_courier_is_believed() -> None:
    located = run(ping(("k-1", DOOR.lon, DOOR.lat, NOON)))
    (seen,) = located.progress
    assert (seen.lon, seen.lat, seen.pinged_at) == (DOOR.lon, DOOR.lat, NOON)
    assert located.n_refused == 0


@pytest.mark.parametrize(
    ("why", "row"),
    [
        ("unknown", ("k-9", SHELF.lon, SHELF.lat, NOON)),
        ("nowhere", ("k-1", float("nan"), SHELF.lat, NOON)),
        ("future", ("k-1", SHELF.lon, SHELF.lat, NOON + timedelta(minutes=2))),
        ("stale", ("k-1", SHELF.lon, SHELF.lat, NOON - timedelta(minutes=6))),
        ("jump", ("k-1", SHELF.lon + 0.3, SHELF.lat, NOON)),
    ],
)
def test_what_cannot_be_is_refused_and_counted_by_cause(
    why: str, row: tuple[str, float, float, datetime]
) -> None:
    located = run(ping(row), before=progress_of())
    assert located.progress == ()
    assert located.refused == {why: 1}
    assert located.n_refused == 1


def test_a_position_older_than_the_one_believed_is_refused() -> None:
    before = progress_of(pinged_at=NOON - timedelta(seconds=10))
    located = run(ping(("k-1", SHELF.lon, SHELF.lat, NOON - timedelta(seconds=20))), before=before)
    assert located.refused == {"stale": 1}


def test_where_a_courier_is_off_duty_is_none_of_our_business() -> None:
    located = run(ping(("k-1", SHELF.lon, SHELF.lat, NOON)), state=CourierState.OFFLINE)
    assert located.refused == {"off_duty": 1}


def test_a_refused_jump_becomes_possible_with_time() -> None:
    there = ("k-1", SHELF.lon + 0.05, SHELF.lat, NOON)
    assert run(ping(there), before=progress_of()).n_refused == 1
    long_ago = progress_of(pinged_at=NOON - timedelta(minutes=4))
    assert run(ping(there), before=long_ago).n_refused == 0


def test_the_newest_of_several_positions_wins_whatever_the_order() -> None:
    older = ("k-1", SHELF.lon, SHELF.lat, NOON - timedelta(seconds=30))
    newer = ("k-1", SHELF.lon + 0.001, SHELF.lat, NOON)
    for rows in ((older, newer), (newer, older)):
        (seen,) = run(ping(*rows)).progress
        assert seen.pinged_at == NOON


def test_standing_still_counts_from_the_first_position_there() -> None:
    since_at = NOON - timedelta(minutes=1)
    (once,) = run(
        ping(("k-1", SHELF.lon, SHELF.lat + 10 * METRE_LAT, NOON)), before=progress_of()
    ).progress
    assert once.still_since_at == since_at
    later = NOON + timedelta(minutes=1)
    (twice,) = run(ping(("k-1", SHELF.lon, SHELF.lat, later)), before=once, now=later).progress
    assert twice.still_since_at == since_at


def test_a_slow_walk_is_no_standstill() -> None:
    seen = progress_of()
    for step in range(1, 8):
        now = NOON + timedelta(minutes=step)
        row = ("k-1", SHELF.lon, SHELF.lat + 30 * step * METRE_LAT, now)
        (seen,) = run(ping(row), before=seen, now=now).progress
        assert seen.still_since_at is None or seen.still_since_at >= now - timedelta(minutes=3)


def test_a_silent_courier_who_is_heard_of_comes_to_light() -> None:
    located = run(ping(("k-1", SHELF.lon, SHELF.lat, NOON)), before=progress_of(is_silent=True))
    assert [type(event) for event in located.events] == [CourierCameToLight]
    assert not located.progress[0].is_silent


def test_the_way_left_sets_the_arrival_and_the_delay() -> None:
    far_s = float(distance_m(SHELF.lon, SHELF.lat, DOOR.lon, DOOR.lat)) / 3.1
    (seen,) = run(
        ping(("k-1", SHELF.lon, SHELF.lat, NOON)), route=route_of(stop_of("t-1", "o-1"))
    ).progress
    assert seen.next_arrival_at == NOON + timedelta(seconds=round(far_s))
    assert seen.delay_s == round(far_s) - 30 * 60


def test_a_courier_at_the_door_is_late_only_by_what_the_stay_exceeds() -> None:
    stop = stop_of("t-1", "o-1", status=StopStatus.STARTED, arrival_at=NOON - timedelta(minutes=5))
    (seen,) = run(ping(("k-1", DOOR.lon, DOOR.lat, NOON)), route=route_of(stop)).progress
    assert seen.delay_s == 300 - stop.service_s


def late_route(latest_at: datetime) -> Route:
    first = stop_of("t-1", "o-1", arrival_at=NOON, latest_at=NOON + timedelta(hours=5))
    second = stop_of("t-2", "o-2", arrival_at=NOON + timedelta(minutes=10), latest_at=latest_at)
    return route_of(first, second)


def test_an_order_is_told_once_when_it_slips_and_again_only_when_it_gets_worse() -> None:
    route = late_route(NOON + timedelta(minutes=18))
    here = ("k-1", SHELF.lon, SHELF.lat, NOON)
    first = run(ping(here), route=route)
    (slip,) = first.events
    assert isinstance(slip, ArrivalSlipped)
    assert slip.order_id == "o-2"
    assert slip.expected_at > slip.latest_at
    now = NOON + timedelta(seconds=30)
    again = run(
        ping(("k-1", SHELF.lon, SHELF.lat, now)), before=first.progress[0], route=route, now=now
    )
    assert again.events == ()
    worse = first.progress[0].delay_s + 400
    now = NOON + timedelta(seconds=400)
    third = run(
        ping(("k-1", SHELF.lon, SHELF.lat, now)), before=first.progress[0], route=route, now=now
    )
    assert third.progress[0].delay_s == pytest.approx(worse, abs=2)
    assert [type(event) for event in third.events] == [ArrivalSlipped]


def test_what_was_told_already_is_not_told_again() -> None:
    route = late_route(NOON + timedelta(minutes=18))
    first = run(ping(("k-1", SHELF.lon, SHELF.lat, NOON)), route=route)
    (slip,) = first.events
    assert isinstance(slip, ArrivalSlipped)
    told = {"o-2": slip.expected_at}
    assert run(ping(("k-1", SHELF.lon, SHELF.lat, NOON)), route=route, told=told).events == ()


def test_a_wait_for_a_window_uses_a_delay_up() -> None:
    first = stop_of(
        "t-1",
        "o-1",
        kind=StopKind.PICKUP,
        arrival_at=NOON,
        earliest_at=NOON + timedelta(hours=1),
    )
    second = stop_of("t-2", "o-2", arrival_at=PROMISE.latest_at, latest_at=PROMISE.latest_at)
    assert (
        run(ping(("k-1", SHELF.lon, SHELF.lat, NOON)), route=route_of(first, second)).events == ()
    )


@given(st.permutations(range(6)))
def test_the_order_of_a_batch_does_not_matter(order: list[int]) -> None:
    rows = [
        ("k-1", SHELF.lon + i * 1e-4, SHELF.lat, NOON - timedelta(seconds=60 - i)) for i in range(6)
    ]
    straight, shuffled = run(ping(*rows)), run(ping(*(rows[i] for i in order)))
    assert straight.progress == shuffled.progress


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Pings(("k-1",), np.zeros(1), np.zeros(2), np.zeros(1, dtype=np.int64))


def test_a_batch_without_a_believable_row_changes_nothing() -> None:
    located = run(ping(("k-9", 0.0, 0.0, NOON), ("k-8", 0.0, 0.0, NOON)))
    assert (located.progress, located.events, located.n_refused) == ((), (), 2)
