"""This file knows when a candidate model replaces the one in use: when later days bear it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from recourse.foresight import RiskModel, p_drop
from recourse.learning.outcomes import failed_within
from recourse.model.redress import Outcome

__all__ = ["Report", "brier", "promote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a candidate did against the model in use.

    Attributes
    ----------
    n_outcomes : int
        How many later outcomes both were judged on.
    base_rate : float
        Share of them that failed; NaN-free, 0 without outcomes.
    brier_current, brier_candidate : float
        Mean squared error of the probabilities; smaller is better.
    is_promoted : bool
        Whether the candidate replaces the model in use.
    why : str
        In words.
    """

    n_outcomes: int
    base_rate: float
    brier_current: float
    brier_candidate: float
    is_promoted: bool
    why: str


def brier(model: RiskModel, outcomes: Sequence[Outcome], *, horizon_s: int = 3_600) -> float:
    """Mean squared error of a model's probabilities.

    Parameters
    ----------
    model : RiskModel
        Which.
    outcomes : sequence of Outcome
        What came.
    horizon_s : int
        Seconds within which a drop counts.

    Returns
    -------
    float
        Between 0 and 1; 0 without outcomes.

    Examples
    --------
    >>> from recourse.foresight import prior_model
    >>> brier(prior_model(), [])
    0.0
    """
    if not outcomes:
        return 0.0
    errors = [
        (p_drop(o.features, model) - failed_within(o, horizon_s=horizon_s)) ** 2 for o in outcomes
    ]
    return sum(errors) / len(errors)


def promote(
    current: RiskModel,
    candidate: RiskModel,
    *,
    holdout: Sequence[Outcome],
    min_outcomes: int = 100,
    horizon_s: int = 3_600,
) -> tuple[RiskModel, Report]:
    """Put a candidate into use if it would have been better on outcomes it has not seen.

    Outcomes that began before the candidate's training ended do not count: it may have seen them.

    Parameters
    ----------
    current, candidate : RiskModel
        In use, and proposed.
    holdout : sequence of Outcome
        Later outcomes.
    min_outcomes : int
        With fewer nothing is promoted (assumed).
    horizon_s : int
        Seconds within which a drop counts.

    Returns
    -------
    RiskModel
        The one to use from now on.
    Report
        How both did, and why.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from recourse.foresight import prior_model
    >>> current = prior_model()
    >>> chosen, report = promote(current, replace(current, name="new"), holdout=[])
    >>> chosen.name, report.why
    ('prior', 'only 0 unseen outcomes, 100 needed')
    """
    unseen = [
        o
        for o in holdout
        if candidate.trained_before is None or o.began_at >= candidate.trained_before
    ]
    now_error = brier(current, unseen, horizon_s=horizon_s)
    new_error = brier(candidate, unseen, horizon_s=horizon_s)
    if len(unseen) < min_outcomes:
        why, is_better = f"only {len(unseen)} unseen outcomes, {min_outcomes} needed", False
    else:
        is_better = new_error < now_error
        word = "better" if is_better else "not better"
        why = f"{word} on {len(unseen)} later outcomes: {new_error:.5f} against {now_error:.5f}"
    failures = sum(failed_within(o, horizon_s=horizon_s) for o in unseen)
    report = Report(
        n_outcomes=len(unseen),
        base_rate=failures / len(unseen) if unseen else 0.0,
        brier_current=now_error,
        brier_candidate=new_error,
        is_promoted=is_better,
        why=why,
    )
    return (candidate if is_better else current), report
