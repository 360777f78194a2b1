"""This file knows how signs become a probability, and when it has risen enough to act."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recourse.foresight.features import FEATURES

__all__ = ["MONOTONE", "RiskModel", "RiskParams", "p_drop", "rises", "signs"]

MONOTONE: frozenset[str] = frozenset({"silent_min", "still_min", "late_min"})
"""Signs that can only ever make matters look worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskModel:
    """A calibrated logistic model: what one unit of each sign adds to the log-odds.

    Attributes
    ----------
    name : str
        Which model, for the log.
    intercept : float
        Log-odds of a courier with all signs at their centre.
    weights : tuple of float
        Added log-odds for each unit; in the order of `FEATURES`.
    centers : tuple of float
        Where each sign says nothing.
    n_outcomes : int
        How many outcomes it has learned from; 0 for the shipped one.
    trained_before : datetime or None
        It knows nothing from this instant on.
    """

    name: str
    intercept: float
    weights: tuple[float, ...]
    centers: tuple[float, ...]
    n_outcomes: int = 0
    trained_before: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a model that does not fit the features or calls silence a good sign.

        Raises
        ------
        ValueError
            If the sizes differ, a number is not finite, or a monotone sign has a negative weight.
        """
        if not len(self.weights) == len(self.centers) == len(FEATURES):
            message = f"a risk model needs {len(FEATURES)} weights and centers"
            raise ValueError(message)
        if not all(map(math.isfinite, (self.intercept, *self.weights, *self.centers))):
            message = "a risk model needs finite numbers"
            raise ValueError(message)
        for name, weight in zip(FEATURES, self.weights, strict=True):
            if name in MONOTONE and weight < 0:
                message = f"{name} may not lower a risk, got {weight}"
                raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskParams:
    """When a risk is worth acting on.

    Attributes
    ----------
    thresholds : tuple of float
        Probabilities whose passing is worth an event, rising (assumed: 0.15 asks, 0.4 prepares).
    n_signs : int
        How many signs are named (assumed).
    """

    thresholds: tuple[float, ...] = (0.15, 0.4)
    n_signs: int = 3


def p_drop(features: Sequence[float], model: RiskModel) -> float:
    """Probability that a courier drops out within the hour.

    Parameters
    ----------
    features : sequence of float
        In the order of `FEATURES`.
    model : RiskModel
        What it learned.

    Returns
    -------
    float
        Between 0 and 1; more silence, standing or delay never lowers it.

    Examples
    --------
    A courier of whom nothing has been heard for 20 minutes:

    >>> from recourse.foresight.prior import prior_model
    >>> round(p_drop((5.3, 3.0, 4.0, 0.0, 20.0, 0.0, 0.0), prior_model()), 2)
    0.45
    """
    log_odds = model.intercept + sum(_parts(features, model))
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


def rises(before: float, after: float, *, params: RiskParams) -> bool:
    """Whether a probability has just passed a threshold upwards.

    Parameters
    ----------
    before, after : float
        Probability then and now.
    params : RiskParams
        The thresholds.

    Returns
    -------
    bool
        True only on the way up, once a threshold.

    Examples
    --------
    >>> rises(0.1, 0.2, params=RiskParams()), rises(0.2, 0.1, params=RiskParams())
    (True, False)
    """
    return any(before < threshold <= after for threshold in params.thresholds)


def signs(features: Sequence[float], model: RiskModel, *, params: RiskParams) -> tuple[str, ...]:
    """What speaks most for a drop, strongest first.

    Parameters
    ----------
    features : sequence of float
        In the order of `FEATURES`.
    model : RiskModel
        What it learned.
    params : RiskParams
        How many signs are named.

    Returns
    -------
    tuple of str
        Names of features that raise the probability; may be empty.

    Examples
    --------
    >>> from recourse.foresight.prior import prior_model
    >>> signs((7.0, 3.0, 4.0, 0.0, 20.0, 5.0, 0.0), prior_model(), params=RiskParams())
    ('silent_min', 'still_min')
    """
    parts = sorted(zip(_parts(features, model), FEATURES, strict=True), reverse=True)
    return tuple(name for part, name in parts[: params.n_signs] if part > 0)


def _parts(features: Sequence[float], model: RiskModel) -> list[float]:
    """What each sign adds to the log-odds."""
    return [
        weight * (value - center)
        for value, weight, center in zip(features, model.weights, model.centers, strict=True)
    ]
