"""This file knows what a risk is judged by: what could be seen at that instant, nothing later.

Never used, whatever the data hold: sex, age, origin, health, membership of a union.
"""

import math
from datetime import datetime

from recourse.model.couriers import Contract, Courier, Progress

__all__ = ["FEATURES", "features"]

FEATURES: tuple[str, ...] = (
    "log_orders_before",
    "hours_on_duty",
    "n_stops",
    "late_min",
    "silent_min",
    "still_min",
    "is_asked",
)
"""Names of the features, in the order of every feature vector."""

_CAP_MIN = 60.0
"""Minutes after which more of the same says nothing new."""


def features(
    courier: Courier, progress: Progress | None, *, n_stops: int, now: datetime
) -> tuple[float, ...]:
    """What is known of a courier at an instant, as numbers.

    Parameters
    ----------
    courier : Courier
        Who.
    progress : Progress or None
        Where they are; None before the first position.
    n_stops : int
        Stops still to be made.
    now : datetime
        The present instant; nothing known later is used.

    Returns
    -------
    tuple of float
        In the order of `FEATURES`; always finite.

    Examples
    --------
    >>> from recourse.model.examples import NOON, courier_of, progress_of
    >>> known = features(courier_of(), progress_of(), n_stops=4, now=NOON)
    >>> [round(value, 1) for value in known]
    [5.3, 3.0, 4.0, 0.0, 1.0, 0.0, 0.0]
    """
    on_duty_s = (now - courier.duty_since_at).total_seconds() if courier.duty_since_at else 0.0
    late_min = max(0.0, progress.delay_s / 60) if progress else 0.0
    silent_min = _minutes(progress.pinged_at if progress else None, now)
    still_min = _minutes(progress.still_since_at if progress else None, now)
    return (
        math.log1p(max(0, courier.orders_before)),
        (max(0.0, on_duty_s) + courier.worked_s) / 3_600,
        float(n_stops),
        min(late_min, _CAP_MIN),
        silent_min,
        still_min,
        1.0 if courier.contract is Contract.ASKED else 0.0,
    )


def _minutes(since_at: datetime | None, now: datetime) -> float:
    """Minutes since then, between 0 and an hour."""
    if since_at is None:
        return 0.0
    return min(_CAP_MIN, max(0.0, (now - since_at).total_seconds() / 60))
