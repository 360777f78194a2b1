"""How long a courier may be quiet, and when to ask."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recourse.model.examples import NOON, progress_of, stop_of
from recourse.model.routes import Route, StopStatus
from recourse.tracking import TrackParams, ask_after_stop_at, ask_again_at, is_silent

PARAMS = TrackParams()
SEEN = progress_of(pinged_at=NOON)
IDLE = Route(courier_id="k-1", stops=(), changed_at=NOON)
ON_THE_WAY = replace(IDLE, stops=(stop_of("s-1", "o-1"),))
AT_A_STOP = replace(IDLE, stops=(stop_of("s-1", "o-1", status=StopStatus.STARTED),))
SHORT = timedelta(seconds=PARAMS.moving_silence_s)
LONG = timedelta(seconds=PARAMS.waiting_silence_s)


@pytest.mark.parametrize(
    ("route", "patience"), [(IDLE, LONG), (AT_A_STOP, LONG), (ON_THE_WAY, SHORT)]
)
def test_only_who_drives_is_missed_soon(route: Route, patience: timedelta) -> None:
    last = NOON + patience
    assert is_silent(SEEN, route, now=last, params=PARAMS)
    assert not is_silent(SEEN, route, now=last - timedelta(seconds=1), params=PARAMS)
    assert not is_silent(replace(SEEN, pinged_at=last), route, now=last, params=PARAMS)


@pytest.mark.parametrize(
    ("route", "patience"), [(IDLE, LONG), (AT_A_STOP, SHORT), (ON_THE_WAY, SHORT)]
)
def test_who_has_stops_to_make_is_asked_about_as_often_as_a_driver(
    route: Route, patience: timedelta
) -> None:
    assert ask_again_at(SEEN, route, now=NOON, params=PARAMS) == NOON + patience


def test_nobody_is_asked_about_later_than_their_patience_ends() -> None:
    now = NOON + SHORT / 2
    assert ask_again_at(SEEN, ON_THE_WAY, now=now, params=PARAMS) == NOON + SHORT


@pytest.mark.parametrize(("since", "is_asked"), [(0, True), (319, True), (320, False)])
def test_who_drives_on_is_asked_about_once_more_while_an_idle_timer_may_run(
    since: int, is_asked: bool
) -> None:
    asked = ask_after_stop_at(NOON - timedelta(seconds=since), now=NOON, params=PARAMS)
    assert asked == (NOON + SHORT if is_asked else None)
