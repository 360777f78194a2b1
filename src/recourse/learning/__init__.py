"""LEARN: what assignments came to trains the next risk model, which must earn its place."""

from recourse.learning.fit import FitParams, fit
from recourse.learning.outcomes import failed_within, outcome, split_at
from recourse.learning.promote import Report, brier, promote

__all__ = [
    "FitParams",
    "Report",
    "brier",
    "failed_within",
    "fit",
    "outcome",
    "promote",
    "split_at",
]
