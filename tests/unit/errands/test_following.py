"""What follows from an answer: every kind of peer, every kind of answer, none left out."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.errands import follow, is_over_cap, is_overtaken, must_wait, quiet_until
from recourse.model.errands import Act, Channel, ErrandState, Reach
from recourse.model.examples import NOON, errand_of
from recourse.model.webhooks import Reached, TryOutcome

ANSWERS = [
    Reached(outcome=TryOutcome.TAKEN, status=200),
    Reached(outcome=TryOutcome.NOT_REACHED),
    Reached(outcome=TryOutcome.UNKNOWN),
    *(
        Reached(outcome=TryOutcome.REFUSED, status=status)
        for status in (302, 400, 404, 408, 409, 422, 425, 429, 500, 502, 503)
    ),
]
LEAVES_OPEN = {0, 408, 409, 425, 500, 502, 503}
CASES = list(product(Act, ANSWERS, (False, True), (False, True), (False, True)))


def leaves_open(reached: Reached) -> bool:
    """Whether the thing may have been done although nobody said so."""
    if reached.outcome is TryOutcome.REFUSED:
        return reached.status in LEAVES_OPEN
    return reached.outcome is TryOutcome.UNKNOWN


@pytest.mark.parametrize(("act", "reached", "takes_key", "can_be_asked", "is_over"), CASES)
def test_a_peer_without_a_key_is_never_sent_again_what_may_have_been_done(
    act: Act, reached: Reached, takes_key: bool, can_be_asked: bool, is_over: bool
) -> None:
    step = follow(act, reached, takes_key=takes_key, can_be_asked=can_be_asked, is_over=is_over)
    if act is Act.SEND and leaves_open(reached) and not takes_key:
        assert step.act is not Act.SEND
        if not can_be_asked:
            assert step.state is ErrandState.UNKNOWN


@pytest.mark.parametrize(("act", "reached", "takes_key", "can_be_asked", "is_over"), CASES)
def test_an_errand_either_ends_or_goes_on_and_ends_when_its_time_is_over(
    act: Act, reached: Reached, takes_key: bool, can_be_asked: bool, is_over: bool
) -> None:
    step = follow(act, reached, takes_key=takes_key, can_be_asked=can_be_asked, is_over=is_over)
    assert (step.state is ErrandState.WAITING) == (step.act is not None)
    if is_over:
        assert step.act is None
    if step.state is ErrandState.DONE:
        assert reached.outcome is TryOutcome.TAKEN
    if step.state is ErrandState.REFUSED:
        assert not leaves_open(reached), "what may have been done is never called refused"


def test_a_question_that_nobody_answers_is_asked_again() -> None:
    for reached in ANSWERS:
        step = follow(Act.ASK, reached, takes_key=True, can_be_asked=True, is_over=False)
        if reached.outcome is not TryOutcome.TAKEN and reached.status != 404:
            assert step.act is Act.ASK


@given(
    st.integers(0, 86_399),
    st.integers(0, 86_399),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_quiet_hours_end_within_a_day_and_outside_them_there_are_none(
    from_s: int, until_s: int, now: datetime
) -> None:
    nights = Channel(name="sms", reach=Reach.PHONE, quiet_from_s=from_s, quiet_until_s=until_s)
    end = quiet_until(nights, now, zone=ZoneInfo("Asia/Shanghai"))
    if from_s == until_s:
        assert end is None
    elif end is not None:
        assert timedelta(0) <= end - now <= timedelta(days=1)
        assert quiet_until(nights, end, zone=ZoneInfo("Asia/Shanghai")) is None


@pytest.mark.parametrize("ranks", [(1, 2), (1, 2, 3), (1, 2, 3, 4, 5)])
def test_of_notices_that_wait_only_the_newest_goes_out_and_none_before_its_turn(
    ranks: tuple[int, ...],
) -> None:
    line = [errand_of(rank=rank) for rank in ranks]
    assert [is_overtaken(one, line=line, now=NOON) for one in line] == [True] * (len(line) - 1) + [
        False
    ]
    assert [must_wait(one, line=line, now=NOON) for one in line] == [False] + [True] * (
        len(line) - 1
    )


def test_what_waits_for_the_morning_is_overtaken_by_what_was_told_at_night() -> None:
    morning = NOON + timedelta(hours=9)
    late = errand_of(rank=1, due_at=morning)
    told = errand_of(rank=2, state=ErrandState.DONE, ended_at=NOON)
    assert not must_wait(told, line=[late, told], now=NOON)
    assert is_overtaken(late, line=[late, told], now=morning)


def test_a_cap_counts_one_channel_and_forgets() -> None:
    rare = Channel(name="sms", reach=Reach.PHONE, per_hour=1, per_day=2)
    before = errand_of(made_at=NOON - timedelta(minutes=61))
    assert not is_over_cap(rare, [before], NOON)
    assert is_over_cap(rare, [before, before], NOON)
    assert not is_over_cap(rare, [errand_of(peer="mail")], NOON)
    assert not is_over_cap(rare, [errand_of(state=ErrandState.DROPPED)], NOON)
