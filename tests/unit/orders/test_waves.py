"""When a station's waves leave, and which one carries an order."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recourse.orders import next_wave, wave_starts

VANCOUVER = "America/Vancouver"


def test_in_the_hour_that_comes_twice_a_wave_leaves_once_and_first() -> None:
    day = date(2026, 11, 1)
    starts = wave_starts(day, local_times=[time(1, 30), time(9)], zone=VANCOUVER)
    assert starts == (
        datetime(2026, 11, 1, 8, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 17, 0, tzinfo=UTC),
    )


def test_a_wave_in_the_hour_that_is_skipped_still_leaves() -> None:
    starts = wave_starts(date(2026, 3, 8), local_times=[time(2, 30)], zone=VANCOUVER)
    assert starts == (datetime(2026, 3, 8, 10, 30, tzinfo=UTC),)


def test_waves_keep_their_hour_on_the_wall_through_the_year() -> None:
    summer = wave_starts(date(2026, 7, 1), local_times=[time(9)], zone=VANCOUVER)
    winter = wave_starts(date(2026, 12, 1), local_times=[time(9)], zone=VANCOUVER)
    assert (summer[0].hour, winter[0].hour) == (16, 17)


def at(hour: float) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)


@given(
    st.floats(0, 24),
    st.floats(0, 24),
    st.floats(0.1, 12),
    st.lists(st.integers(0, 23), max_size=6),
)
def test_a_wave_that_is_chosen_can_be_caught_and_reaches_the_doors(
    now: float, ready: float, width: float, hours: list[int]
) -> None:
    starts = [at(hour) for hour in hours]
    deadline_at = at(ready + width)
    chosen = next_wave(
        now=at(now),
        dropoff_ready_at=at(ready),
        dropoff_deadline_at=deadline_at,
        wave_starts=starts,
    )
    fitting = [s for s in starts if at(now) <= s <= deadline_at - timedelta(minutes=30)]
    assert (chosen is None) == (not fitting)
    if chosen is not None:
        assert chosen in fitting
        later = [s for s in fitting if chosen < s <= at(ready)]
        assert not later, "a later wave would have waited less at the door"
