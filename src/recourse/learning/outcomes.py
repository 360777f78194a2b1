"""This file knows what may be learned from: labels as they came, and only once they are known."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from recourse.model.assignments import Assignment, AssignmentStatus
from recourse.model.redress import Outcome

__all__ = ["failed_within", "outcome", "split_at"]

_DROPPED = frozenset({AssignmentStatus.WITHDRAWN, AssignmentStatus.LAPSED})
_CARRIED = frozenset({AssignmentStatus.COMPLETED, AssignmentStatus.TRANSFERRED})


def outcome(assignment: Assignment, *, features: tuple[float, ...]) -> Outcome | None:
    """What an assignment came to, beside what was known when it began.

    Parameters
    ----------
    assignment : Assignment
        An assignment.
    features : tuple of float
        The features as they were at `began_at`; never afresh.

    Returns
    -------
    Outcome or None
        None while it lasts, and when it ended for reasons that say nothing about the courier: it
        was refused, revoked, or the customer canceled. Those rows are censored, not negative.

    Examples
    --------
    >>> from recourse.model.examples import NOON, assignment_of
    >>> ended = assignment_of(status=AssignmentStatus.LAPSED, ended_at=NOON)
    >>> outcome(ended, features=(0.0,)).has_failed
    True
    >>> outcome(assignment_of(), features=(0.0,)) is None
    True
    """
    if assignment.ended_at is None or assignment.status not in _DROPPED | _CARRIED:
        return None
    has_failed = assignment.status in _DROPPED
    return Outcome(
        assignment_id=assignment.id,
        began_at=assignment.began_at,
        ended_at=assignment.ended_at,
        features=features,
        has_failed=has_failed,
        cause=assignment.reason.code.value if has_failed and assignment.reason else "",
    )


def failed_within(outcome: Outcome, *, horizon_s: int) -> bool:
    """Whether the courier dropped the order within the horizon: the label.

    Parameters
    ----------
    outcome : Outcome
        What an assignment came to.
    horizon_s : int
        Seconds after it began.

    Returns
    -------
    bool
        False also for a drop after the horizon.

    Examples
    --------
    >>> from recourse.model.examples import NOON, assignment_of
    >>> ended = assignment_of(status=AssignmentStatus.LAPSED, ended_at=NOON)
    >>> learned = outcome(ended, features=(0.0,))
    >>> failed_within(learned, horizon_s=3_600), failed_within(learned, horizon_s=60)
    (True, False)
    """
    in_time = outcome.ended_at - outcome.began_at <= timedelta(seconds=horizon_s)
    return outcome.has_failed and in_time


def split_at(
    outcomes: Iterable[Outcome], *, at: datetime
) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
    """Part outcomes forward in time: to learn from, and to be judged on.

    An outcome is learned from only if its label was known at the instant, and judged on only if its
    assignment began later. What lies across is dropped, so that nothing of the second part was
    visible to the first.

    Parameters
    ----------
    outcomes : iterable of Outcome
        In any order.
    at : datetime
        The instant between.

    Returns
    -------
    tuple of Outcome
        Ended before it.
    tuple of Outcome
        Began at or after it.

    Examples
    --------
    >>> from recourse.model.examples import NOON, assignment_of
    >>> ended = assignment_of(status=AssignmentStatus.COMPLETED, ended_at=NOON)
    >>> learned = outcome(ended, features=(0.0,))
    >>> [len(part) for part in split_at([learned], at=NOON)]
    [0, 0]
    >>> [len(part) for part in split_at([learned], at=NOON + timedelta(seconds=1))]
    [1, 0]
    """
    known, later = [], []
    for one in outcomes:
        if one.ended_at < at:
            known.append(one)
        elif one.began_at >= at:
            later.append(one)
    return tuple(known), tuple(later)
