"""A delay is told of when it is certain enough: a great one early, any one at the end."""

from datetime import UTC, datetime, timedelta

import pytest

from recourse.flow.watch import is_worth_telling

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
