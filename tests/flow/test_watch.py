"""A delay is told of when it is certain enough: a great one early, any one at the end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recourse.flow.watch import is_worth_telling, watch, watch_timer
from tests.flow.town import Town

ENDS_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left_min", "late_min", "is_told"),
    [
        (25, 60, False),
        (20, 6, True),
        (20, 4, False),
        (9, 4, False),
        (8, 4, True),
        (8, 0, True),
        (8, -2, False),
        (-1, 3, True),
    ],
)
def test_the_nearer_the_end_the_smaller_the_delay_that_is_told(
    left_min: int, late_min: int, *, is_told: bool
) -> None:
    now = ENDS_AT - timedelta(minutes=left_min)
    expected_at = ENDS_AT + timedelta(minutes=late_min)
    assert is_worth_telling(expected_at, ENDS_AT, now=now) is is_told


@pytest.mark.parametrize("payload", [{}, {"is_last": True}, {"look": 2}])
def test_timers_stored_by_an_older_version_still_look(
    town: Town, payload: dict[str, int | bool]
) -> None:
    order = town.meal()
    town.clock.set(order.promise.latest_at - timedelta(minutes=1))
    with town.store.begin() as tx:
        watch(tx, town.platform, replace(watch_timer(order), payload=payload))
    town.work()
    assert "may_be_late" in town.told(order.id)
