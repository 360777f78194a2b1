"""This file knows how the answers of couriers better the model of a yes, and when it is used."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recourse.bonuses import AcceptanceModel, Asked, p_accept
from recourse.bonuses.acceptance import EVENING_H
from recourse.learning.fit import FitParams, newton

__all__ = ["Answered", "answers_error", "fit_answers", "promote_answers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of one question.

    Attributes
    ----------
    asked : Asked
        The question.
    bonus_cents : int
        What went with it, for all of its orders.
    is_in_time : bool
        Whether it was answered before its deadline.
    is_yes : bool
        Whether the answer was yes.
    """

    asked: Asked
    bonus_cents: int
    is_in_time: bool
    is_yes: bool


def fit_answers(
    answers: Sequence[Answered], *, prior: AcceptanceModel, params: FitParams
) -> AcceptanceModel:
    """Learn from answers how likely a yes is.

    The share that answers in time is counted; the present one weighs as many answers as are needed
    to learn at all. Whoever answered says yes or no by a logistic model that is held where it was,
    as that of the risk is. Extra pay is kept from ever lowering a yes, distance from raising it.

    Parameters
    ----------
    answers : sequence of Answered
        In any order.
    prior : AcceptanceModel
        What is believed now.
    params : FitParams
        How it learns.

    Returns
    -------
    AcceptanceModel
        A candidate; `prior` itself when there is too little to learn from.

    Examples
    --------
    >>> believed = AcceptanceModel()
    >>> fit_answers([], prior=believed, params=FitParams()) is believed
    True
    """
    told = [one for one in answers if one.is_in_time]
    labels = np.array([one.is_yes for one in told], dtype=float)
    rarer = min(labels.sum(), len(labels) - labels.sum())
    if len(told) < params.min_outcomes or rarer < params.min_failures:
        return prior
    rows = np.array([_row(one) for one in told], dtype=float)
    believed = np.array(
        [prior.intercept, prior.per_100_cents, prior.per_km, prior.per_stage, prior.evening]
    )
    theta = newton(rows, labels, believed, params)
    weight = params.min_outcomes
    return replace(
        prior,
        p_in_time=(len(told) + weight * prior.p_in_time) / (len(answers) + weight),
        intercept=float(theta[0]),
        per_100_cents=max(0.0, float(theta[1])),
        per_km=min(0.0, float(theta[2])),
        per_stage=float(theta[3]),
        evening=float(theta[4]),
    )


def _row(one: Answered) -> list[float]:
    """What the answer to a question depends on, in the order of the coefficients."""
    asked = one.asked
    is_evening = EVENING_H[0] <= asked.local_h < EVENING_H[1]
    return [one.bonus_cents / 100, asked.pickup_m / 1_000, asked.stage, float(is_evening)]


def answers_error(model: AcceptanceModel, answers: Sequence[Answered]) -> float:
    """Mean squared error of how likely a model thought each yes.

    Parameters
    ----------
    model : AcceptanceModel
        Which.
    answers : sequence of Answered
        What came.

    Returns
    -------
    float
        Between 0 and 1; 0 without answers.

    Examples
    --------
    >>> answers_error(AcceptanceModel(), [])
    0.0
    """
    errors = [
        (float(p_accept(one.asked, np.array([one.bonus_cents]), model=model)[0]) - one.is_yes) ** 2
        for one in answers
    ]
    return sum(errors) / len(errors) if errors else 0.0


def promote_answers(
    current: AcceptanceModel,
    candidate: AcceptanceModel,
    *,
    holdout: Sequence[Answered],
    min_answers: int = 100,
) -> AcceptanceModel:
    """Put a candidate into use if it would have been better on answers it has not seen.

    Parameters
    ----------
    current, candidate : AcceptanceModel
        In use, and proposed.
    holdout : sequence of Answered
        Later answers.
    min_answers : int
        With fewer nothing is promoted (assumed).

    Returns
    -------
    AcceptanceModel
        The one to use from now on.

    Examples
    --------
    >>> current = AcceptanceModel()
    >>> promote_answers(current, AcceptanceModel(intercept=1.0), holdout=[]) is current
    True
    """
    if len(holdout) < min_answers:
        return current
    is_better = answers_error(candidate, holdout) < answers_error(current, holdout)
    return candidate if is_better else current
