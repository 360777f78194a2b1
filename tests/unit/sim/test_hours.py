"""The clock of a served day stands, runs, and waits for the life of the city."""

from datetime import UTC, date, datetime

from recourse_sim.hours import Day, HeldClock

FAST = 1e9  # simulated seconds a second: whatever the machine does, the clock is far ahead at once


def clock_at(t_s: float, *, speed: float = FAST) -> HeldClock:
    midnight_at = datetime(2026, 3, 2, tzinfo=UTC)
    return HeldClock(Day(date(2026, 3, 2), "UTC", midnight_at), t_s, speed=speed)


def test_it_stands_until_it_is_released() -> None:
    clock = clock_at(100.0)
    assert clock.t_s == clock.t_s == 100.0
    clock.hold_at(200.0)
    clock.hold_at(150.0)
    assert clock.t_s == 200.0


def test_once_it_runs_nothing_sets_it() -> None:
    clock = clock_at(100.0, speed=1e-9)
    clock.release()
    clock.hold_at(900.0)
    assert 100.0 <= clock.t_s < 101.0


def test_it_waits_for_what_has_been_lived_and_then_goes_on_from_there() -> None:
    clock = clock_at(100.0)
    clock.release()
    ahead_s = clock.t_s
    while clock.t_s > ahead_s:
        ahead_s = clock.t_s
    assert clock.t_s == ahead_s > 100.0
    clock.lived(500.0)
    later_s = clock.t_s
    while clock.t_s > later_s:
        later_s = clock.t_s
    assert later_s - ahead_s == 400.0
    clock.lived(300.0)
    assert clock.t_s == later_s
