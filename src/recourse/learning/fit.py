"""This file knows how a risk model learns: logistic regression pulled towards a prior."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from recourse.foresight import FEATURES, RiskModel
from recourse.learning.outcomes import failed_within, split_at
from recourse.model.redress import Outcome

__all__ = ["FitParams", "fit", "newton"]

_MONOTONE = np.array([name in {"silent_min", "still_min", "late_min"} for name in FEATURES])


@dataclass(frozen=True, slots=True, kw_only=True)
class FitParams:
    """How a model learns.

    Attributes
    ----------
    horizon_s : int
        A drop counts if it came within so many seconds of the beginning.
    min_outcomes, min_failures : int
        With fewer the model stays as it is (assumed).
    pull : float
        How strongly weights are held where they were: the prior's precision for a feature of unit
        spread (assumed: about as much as 25 failures say).
    max_steps : int
        Newton steps.
    """

    horizon_s: int = 3_600
    min_outcomes: int = 200
    min_failures: int = 5
    pull: float = 25.0
    max_steps: int = 50


def fit(
    outcomes: Iterable[Outcome], *, before: datetime, prior: RiskModel, params: FitParams
) -> RiskModel:
    """Learn from every outcome whose label was known before an instant.

    Maximises the likelihood times a normal prior around the present weights, so a courier city with
    little data keeps the shipped knowledge and a large one overrules it. The level is free: rates
    differ between cities more than anything else. Silence, standing still and delay are kept from
    ever lowering a risk.

    Parameters
    ----------
    outcomes : iterable of Outcome
        In any order; later ones are not looked at.
    before : datetime
        Nothing known from this instant on is used.
    prior : RiskModel
        What is believed now.
    params : FitParams
        How it learns.

    Returns
    -------
    RiskModel
        A candidate; `prior` itself when there is too little to learn from.

    Notes
    -----
    Pure and deterministic: Newton's method on a convex function. O(n) in outcomes for each step.

    Examples
    --------
    With nothing to learn from, what was believed stays:

    >>> from datetime import UTC
    >>> from recourse.foresight import prior_model
    >>> prior = prior_model()
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> fit([], before=noon, prior=prior, params=FitParams()) is prior
    True
    """
    known, _ = split_at(outcomes, at=before)
    labels = np.array([failed_within(o, horizon_s=params.horizon_s) for o in known], dtype=float)
    if len(known) < params.min_outcomes or labels.sum() < params.min_failures:
        return prior
    rows = np.array([o.features for o in known], dtype=float) - np.array(prior.centers)
    theta = newton(rows, labels, np.array([prior.intercept, *prior.weights]), params)
    weights = np.where(_MONOTONE, np.maximum(theta[1:], 0.0), theta[1:])
    return RiskModel(
        name=f"learned-{before:%Y%m%dT%H%M}",
        intercept=float(theta[0]),
        weights=tuple(float(w) for w in weights),
        centers=prior.centers,
        n_outcomes=len(known),
        trained_before=before,
    )


def newton(
    rows: NDArray[np.float64],
    labels: NDArray[np.float64],
    believed: NDArray[np.float64],
    params: FitParams,
) -> NDArray[np.float64]:
    """Find the most likely intercept and weights of a logistic model under a normal prior.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, n_features)
        What is known of each.
    labels : ndarray of float64, shape (n,)
        1 where it came so, else 0.
    believed : ndarray of float64, shape (1 + n_features,)
        Intercept and weights before; the intercept is not held.
    params : FitParams
        How it learns.

    Returns
    -------
    ndarray of float64, shape (1 + n_features,)
        Intercept and weights.
    """
    design = np.column_stack([np.ones(len(rows)), rows])
    precision = params.pull * np.array([1e-6, *np.maximum(rows.var(axis=0), 1e-2)])
    theta = believed.copy()
    loss = _loss(theta, design, labels, believed, precision)
    for _ in range(params.max_steps):
        p = 1 / (1 + np.exp(-np.clip(design @ theta, -500, 500)))
        slope = design.T @ (p - labels) + precision * (theta - believed)
        curve = (design * (p * (1 - p))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(curve, slope)
        # Halve a step that overshoots: far from the optimum the curve may be almost flat.
        for _ in range(30):
            tried = theta - step
            tried_loss = _loss(tried, design, labels, believed, precision)
            if tried_loss <= loss:
                break
            step = step / 2
        theta, loss = tried, tried_loss
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004 - converged
            break
    return theta


def _loss(
    theta: NDArray[np.float64],
    design: NDArray[np.float64],
    labels: NDArray[np.float64],
    believed: NDArray[np.float64],
    precision: NDArray[np.float64],
) -> float:
    """Negative log of likelihood times prior, up to a constant."""
    log_odds = design @ theta
    misfit = np.logaddexp(0, log_odds).sum() - labels @ log_odds
    return float(misfit + 0.5 * (precision * (theta - believed) ** 2).sum())
