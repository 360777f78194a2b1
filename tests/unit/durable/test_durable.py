"""When failed work comes back, and where a worker may die."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.durable import Crash, FaultPoint, Faults, RetryParams, is_parked, retry_at, sweep

NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
PARAMS = RetryParams()


@given(st.integers(1, 10_000), st.text(max_size=20))
def test_a_pause_grows_up_to_the_cap_and_is_the_same_in_every_replay(
    attempt: int, key: str
) -> None:
    due_at = retry_at(attempt, key=key, now=NOW, params=PARAMS)
    pause_s = min(PARAMS.cap_s, PARAMS.first_s * 2 ** min(attempt - 1, 40))
    assert timedelta(seconds=pause_s / 2) <= due_at - NOW <= timedelta(seconds=pause_s)
    assert due_at == retry_at(attempt, key=key, now=NOW, params=PARAMS)


def test_a_thousand_failures_do_not_come_back_in_one_instant() -> None:
    due = {retry_at(5, key=f"case-{i}/offer:1", now=NOW, params=PARAMS) for i in range(1_000)}
    assert len(due) > 990


def test_work_is_parked_after_the_last_attempt_and_not_before() -> None:
    assert not is_parked(PARAMS.max_attempts - 1, params=PARAMS)
    assert is_parked(PARAMS.max_attempts, params=PARAMS)


def test_a_sweep_dies_once_at_every_point_and_then_runs_through() -> None:
    done: list[str] = []

    def scenario(meet: object) -> None:
        assert callable(meet)
        meet(FaultPoint.BEFORE_RECORD)
        done.append("recorded")
        meet(FaultPoint.BEFORE_COMMIT)
        done.append("committed")

    deaths = [(number, point) for number, point in sweep(scenario)]
    assert deaths == [(1, FaultPoint.BEFORE_RECORD), (2, FaultPoint.BEFORE_COMMIT), (3, None)]
    assert done == ["recorded", "recorded", "committed"]


def test_no_handler_of_ordinary_errors_survives_a_crash() -> None:
    faults = Faults(dies_at=1)

    def careless() -> None:
        with suppress(Exception):
            faults.meet(FaultPoint.AFTER_LEASE)

    with pytest.raises(Crash) as crash:
        careless()
    assert crash.value.point is FaultPoint.AFTER_LEASE


def test_a_scenario_that_never_ends_dying_is_reported() -> None:
    def endless(meet: object) -> None:
        assert callable(meet)
        while True:
            meet(FaultPoint.AFTER_LEASE)

    with pytest.raises(RuntimeError, match="still meets fault points"):
        list(sweep(endless, limit=3))
