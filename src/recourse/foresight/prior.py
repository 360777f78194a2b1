"""This file knows the risk model that is shipped: public aggregates, and what had to be assumed.

Tenure. Shares of orders that couriers failed, by orders completed in their life, for 19,537
couriers and 450,000 food orders of Shadowfax (26 January to 6 February 2021; aggregates of public
notebooks). A line through the log-odds, weighted with the couriers of each class, gives its weight.

Level. 1.16 % of all orders were dropped after acceptance there; couriers carry 1.84 orders an hour
in the seven public Grubhub days (15,701 orders in 8,514 hours), so 2.1 % of the hours see a drop.

Length of the session is not taken from the same table although it separates better: couriers who
drop out early *have* short sessions, so it would be the outcome seen from behind. What silence,
standing still and delay add has never been published; those weights are assumed, and learning
replaces them.
"""

import math
from typing import NamedTuple

from recourse.foresight.features import FEATURES
from recourse.foresight.risk import RiskModel

__all__ = ["prior_model"]


class _Tenure(NamedTuple):
    """One class of couriers: typical orders before, how many couriers, mean share failed."""

    orders_before: float
    n_couriers: int
    p_failed: float


TENURE: tuple[_Tenure, ...] = (
    _Tenure(10, 1_687, 0.15297),
    _Tenure(35, 1_440, 0.05876),
    _Tenure(75, 2_364, 0.04758),
    _Tenure(150, 3_160, 0.03834),
    _Tenure(300, 3_635, 0.0253),
    _Tenure(600, 3_217, 0.02729),
    _Tenure(1_200, 2_206, 0.02351),
    _Tenure(2_400, 1_159, 0.0225),
    _Tenure(4_800, 627, 0.01216),
)
P_DROP_AN_ORDER = 5_218 / 450_000
ORDERS_AN_HOUR = 15_701 / 8_514

_ASSUMED: dict[str, tuple[float, float]] = {
    # Each with its weight and its center.
    "hours_on_duty": (0.05, 4.0),
    "n_stops": (0.01, 6.0),
    "late_min": (0.03, 0.0),
    "silent_min": (0.20, 1.0),
    "still_min": (0.06, 3.0),
    "is_asked": (0.2, 0.0),
}


def prior_model() -> RiskModel:
    """The model that is used until outcomes have been learned from.

    Returns
    -------
    RiskModel
        See the head of this file for its sources.

    Examples
    --------
    >>> round(prior_model().weights[FEATURES.index("log_orders_before")], 2)
    -0.36
    """
    slope, center = _tenure_line()
    p_hour = P_DROP_AN_ORDER * ORDERS_AN_HOUR
    known = {**_ASSUMED, "log_orders_before": (slope, center)}
    return RiskModel(
        name="prior",
        intercept=_log_odds(p_hour),
        weights=tuple(known[name][0] for name in FEATURES),
        centers=tuple(known[name][1] for name in FEATURES),
    )


def _tenure_line() -> tuple[float, float]:
    """Weighted least squares of log-odds of failing on log(1 + orders before): slope and mean."""
    total = sum(row.n_couriers for row in TENURE)
    xs = [math.log1p(row.orders_before) for row in TENURE]
    ys = [_log_odds(row.p_failed) for row in TENURE]
    shares = [row.n_couriers / total for row in TENURE]
    mean_x = sum(w * x for w, x in zip(shares, xs, strict=True))
    mean_y = sum(w * y for w, y in zip(shares, ys, strict=True))
    rows = list(zip(shares, xs, ys, strict=True))
    covariance = sum(w * (x - mean_x) * (y - mean_y) for w, x, y in rows)
    variance = sum(w * (x - mean_x) ** 2 for w, x, _ in rows)
    return covariance / variance, mean_x


def _log_odds(p: float) -> float:
    """Log-odds of a probability strictly between 0 and 1."""
    return math.log(p / (1 - p))
