"""Learn: keep what assignments came to, and let better models earn their place once a day."""

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import datetime, time, timedelta
from typing import cast

from recourse import learning
from recourse.bonuses import AcceptanceModel, Asked
from recourse.flow.platform import Platform
from recourse.model.assignments import OfferStatus
from recourse.model.commands import Command
from recourse.model.events import (
    AcceptanceLearned,
    AssignmentBegan,
    AssignmentEnded,
    BonusWeighed,
    Event,
    OfferAnswered,
    OutcomeLearned,
    dotted,
)
from recourse.model.ports import EventFilter, Transaction

__all__ = [
    "answers",
    "catch_up_answers",
    "hear_assignment_ended",
    "next_training",
    "retrain",
    "retrain_answers",
    "train",
]

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
    retrain_answers(tx, platform)
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


def retrain_answers(tx: Transaction, platform: Platform) -> AcceptanceModel:
    """Fit how couriers answer on earlier questions, and enter it if later ones bear it out.

    Returns
    -------
    AcceptanceModel
        The model in use from now on.
    """
    if platform.params.bonuses.day_cents is None:
        return platform.params.bonuses.model
    current = catch_up_answers(tx, platform)
    known = list(answers(tx))
    n_earlier = int(len(known) * 0.75)
    candidate = learning.fit_answers(known[:n_earlier], prior=current, params=learning.FitParams())
    chosen = learning.promote_answers(current, candidate, holdout=known[n_earlier:])
    if chosen != current:
        tx.record(
            events=[
                AcceptanceLearned(
                    at=platform.now(), n_answers=n_earlier, coefficients=asdict(chosen)
                )
            ]
        )
    return chosen


def catch_up_answers(tx: Transaction, platform: Platform) -> AcceptanceModel:
    """Use what was last learned of couriers' answers, by this process or another, and return it.

    The log keeps it: whoever starts, or did not learn it themselves, has it at the next question.

    Returns
    -------
    AcceptanceModel
        The model in use from now on.
    """
    kinds = (dotted(AcceptanceLearned),)
    number, until = platform.store.newest(kinds, after=platform.answers_until)
    platform.answers_until = until
    if number:
        (found,) = tx.events(EventFilter(after=number - 1, kinds=kinds, limit=1))
        learned = cast("AcceptanceLearned", found.event).coefficients
        # Of another version it may know more, or less; what it does not know has its default.
        known = {one.name for one in fields(AcceptanceModel)} & learned.keys()
        model = AcceptanceModel(**{name: learned[name] for name in known})
        bonuses = replace(platform.params.bonuses, model=model)
        platform.params = replace(platform.params, bonuses=bonuses)
    return platform.params.bonuses.model


def answers(tx: Transaction) -> Iterator[learning.Answered]:
    """Find what came of every question that was weighed, in the order of the answers.

    A question that was taken back says nothing of who was asked.

    Yields
    ------
    Answered
        One for each question.
    """
    weighed: dict[str, BonusWeighed] = {}
    wanted = EventFilter(kinds=(dotted(BonusWeighed), dotted(OfferAnswered)))
    while found := tx.events(wanted):
        for event in (one.event for one in found):
            if isinstance(event, BonusWeighed):
                weighed[event.offer_id] = event
            elif isinstance(event, OfferAnswered) and event.answer is not OfferStatus.REVOKED:
                question = weighed.pop(event.offer_id, None)
                if question is not None:
                    yield _answered(question, event.answer)
        wanted = replace(wanted, after=found[-1].number)


def _answered(question: BonusWeighed, answer: OfferStatus) -> learning.Answered:
    """One question with its answer."""
    return learning.Answered(
        asked=Asked(
            stage=question.stage,
            n_orders=question.n_orders,
            pickup_m=question.pickup_m,
            local_h=question.local_h,
        ),
        bonus_cents=question.amount_cents * question.n_orders,
        is_in_time=answer is not OfferStatus.EXPIRED,
        is_yes=answer is OfferStatus.ACCEPTED,
    )
