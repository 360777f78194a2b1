"""Hours on duty, and what they allow."""

from datetime import timedelta

import pytest

from recourse.model.couriers import CourierState
from recourse.model.examples import NOON, courier_of
from recourse.tracking import HoursParams, duty_state, next_limit_at, worked_s

PARAMS = HoursParams()


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        (7.9, CourierState.ACTIVE),
        (8, CourierState.FATIGUE_WARNING),
        (11.9, CourierState.FATIGUE_WARNING),
        (12, CourierState.REST_REQUIRED),
    ],
)
def test_rest_is_proposed_after_eight_hours_and_required_after_twelve(
    hours: float, state: CourierState
) -> None:
    courier = courier_of(duty_since_at=NOON - timedelta(hours=hours))
    assert duty_state(courier, now=NOON, params=PARAMS) is state


def test_earlier_spells_of_the_day_count() -> None:
    courier = courier_of(worked_s=6 * 3_600)
    assert worked_s(courier, now=NOON) == 9 * 3_600
    assert duty_state(courier, now=NOON, params=PARAMS) is CourierState.FATIGUE_WARNING


def test_a_courier_off_duty_keeps_their_state() -> None:
    courier = courier_of(state=CourierState.SOS, worked_s=13 * 3_600)
    assert duty_state(courier, now=NOON, params=PARAMS) is CourierState.SOS


def test_the_next_limit_is_exactly_when_the_state_changes() -> None:
    courier = courier_of()
    due_at = next_limit_at(courier, now=NOON, params=PARAMS)
    assert due_at == NOON + timedelta(hours=5)
    assert duty_state(courier, now=due_at, params=PARAMS) is CourierState.FATIGUE_WARNING
    last_at = next_limit_at(courier, now=due_at, params=PARAMS)
    assert last_at == NOON + timedelta(hours=9)
    assert next_limit_at(courier, now=last_at, params=PARAMS) is None
    assert next_limit_at(courier_of(duty_since_at=None), now=NOON, params=PARAMS) is None
