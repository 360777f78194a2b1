"""FORESEE: from progress to a calibrated probability that a courier drops out, with its signs."""

from recourse.foresight.arrivals import Arrival, expected_arrival
from recourse.foresight.features import FEATURES, features
from recourse.foresight.prior import prior_model
from recourse.foresight.risk import RiskModel, RiskParams, p_drop, rises, signs

__all__ = [
    "FEATURES",
    "Arrival",
    "RiskModel",
    "RiskParams",
    "expected_arrival",
    "features",
    "p_drop",
    "prior_model",
    "rises",
    "signs",
]
