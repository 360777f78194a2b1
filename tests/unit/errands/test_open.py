"""Only the peer's own word about a key ends what may have been done."""

import pytest

from recourse.errands import follow, leaves_open
from recourse.model.errands import Act, ErrandState
from recourse.model.webhooks import Reached, TryOutcome

LOST = Reached(outcome=TryOutcome.UNKNOWN)
NOBODY = Reached(outcome=TryOutcome.NOT_REACHED)


def answered(status: int) -> Reached:
    return Reached(outcome=TryOutcome.REFUSED, status=status)


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 405, 410, 422, 429, 500])
def test_a_question_that_is_turned_away_stays_open(status: int) -> None:
    asked = answered(status)
    step = follow(Act.ASK, asked, takes_key=True, can_be_asked=True, is_over=False, was_open=True)
    assert (step.state, step.act) == (ErrandState.WAITING, Act.ASK)
    step = follow(Act.ASK, asked, takes_key=True, can_be_asked=True, is_over=True, was_open=True)
    assert step.state is ErrandState.UNKNOWN


def test_a_key_never_heard_of_is_sent_again_and_one_that_was_refused_is_refused() -> None:
    step = follow(
        Act.ASK, answered(404), takes_key=True, can_be_asked=True, is_over=False, was_open=True
    )
    assert step.act is Act.SEND
    step = follow(
        Act.ASK, answered(200), takes_key=True, can_be_asked=True, is_over=False, was_open=True
    )
    assert step.state is ErrandState.REFUSED


@pytest.mark.parametrize("later", [NOBODY, answered(401), answered(410), answered(429)])
def test_a_later_try_that_did_nothing_does_not_undo_an_earlier_one(later: Reached) -> None:
    assert leaves_open(Act.SEND, later, was_open=True)
    step = follow(Act.SEND, later, takes_key=True, can_be_asked=False, is_over=True, was_open=True)
    assert step.state is ErrandState.UNKNOWN
    step = follow(Act.SEND, later, takes_key=True, can_be_asked=False, is_over=True)
    assert step.state is ErrandState.REFUSED


def test_what_was_lost_without_a_key_is_left_alone() -> None:
    step = follow(Act.SEND, LOST, takes_key=False, can_be_asked=False, is_over=False)
    assert step.state is ErrandState.UNKNOWN
