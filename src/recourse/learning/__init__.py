"""LEARN: what assignments came to trains the next risk model, which must earn its place."""

from recourse.learning.answers import Answered, fit_answers, promote_answers
from recourse.learning.fit import FitParams, fit
from recourse.learning.outcomes import failed_within, outcome, split_at
from recourse.learning.promote import Report, brier, promote

__all__ = [
    "Answered",
    "FitParams",
    "Report",
    "brier",
    "failed_within",
    "fit",
    "fit_answers",
    "outcome",
    "promote",
    "promote_answers",
    "split_at",
]
