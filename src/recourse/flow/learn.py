"""Learn: keep what assignments came to, and let a better model earn its place once a day."""

from datetime import datetime, time, timedelta
from typing import cast

from recourse import learning
from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.events import AssignmentBegan, AssignmentEnded, Event, OutcomeLearned, dotted
from recourse.model.ports import EventFilter, Transaction

__all__ = ["hear_assignment_ended", "next_training", "retrain", "train"]

_TRAINS_AT = time(3)


def hear_assignment_ended(tx: Transaction, platform: Platform, event: Event) -> None:
    """Keep an outcome, with the features as they were when the duty began."""
    ended = cast("AssignmentEnded", event)
    wanted = EventFilter(order_id=ended.order_id, kinds=(dotted(AssignmentBegan),))
    began = next(
        (
            one.event
            for one in tx.events(wanted)
            if cast("AssignmentBegan", one.event).assignment_id == ended.assignment_id
        ),
        None,
    )
    if began is None:
        return
    assignment = next(a for a in tx.assignments_of(ended.order_id) if a.id == ended.assignment_id)
    features = cast("AssignmentBegan", began).features
    outcome = learning.outcome(assignment, features=features)
    if outcome is not None:
        learned = OutcomeLearned(
            at=platform.now(), assignment_id=assignment.id, has_failed=outcome.has_failed
        )
        tx.record([outcome], events=[learned])


def next_training(platform: Platform) -> Command:
    """Return the timer of the next training, in the small hours of the city."""
    local = platform.now().astimezone(platform.zone)
    day = local.date() + timedelta(days=int(local.time() >= _TRAINS_AT))
    due_at = datetime.combine(day, _TRAINS_AT, tzinfo=platform.zone)
    return Command(key=f"train/{day.isoformat()}", name="train", due_at=due_at)


def train(tx: Transaction, platform: Platform, command: Command) -> None:
    """Train on what is known by now, and set the next training."""
    retrain(tx, platform)
    tx.record(commands=[next_training(platform)])


def retrain(tx: Transaction, platform: Platform) -> learning.Report | None:
    """Fit a candidate on earlier outcomes and promote it if later ones show it is better.

    Returns
    -------
    Report or None
        How the two compare; None while there are too few outcomes to tell.
    """
    outcomes = list(tx.outcomes())
    if not outcomes:
        return None
    split_at = outcomes[int(len(outcomes) * 0.75)].began_at
    earlier, later = learning.split_at(outcomes, at=split_at)
    if not earlier or not later:
        return None
    params = learning.FitParams()
    candidate = learning.fit(earlier, before=split_at, prior=platform.risk, params=params)
    platform.risk, report = learning.promote(platform.risk, candidate, holdout=later)
    return report
