"""This file knows what a cent of bonus must save, from what was spent beside the day's pace."""

import math
from datetime import datetime, tzinfo

from recourse.bonuses.staging import BonusParams

__all__ = ["pace_share", "price_of"]


def pace_share(now: datetime, zone: tzinfo, params: BonusParams) -> float:
    """Share of a day's budget that is due by now.

    Parameters
    ----------
    now : datetime
        The present instant.
    zone : tzinfo
        Local time.
    params : BonusParams
        When the day opens and closes.

    Returns
    -------
    float
        0 before it opens, 1 after it has closed.

    Examples
    --------
    >>> from datetime import UTC
    >>> pace_share(datetime(2026, 3, 2, 15, tzinfo=UTC), UTC, BonusParams())
    0.5
    """
    local = now.astimezone(zone)
    opens_s, closes_s = (
        at.hour * 3_600 + at.minute * 60 + at.second for at in (params.opens, params.closes)
    )
    now_s = local.hour * 3_600 + local.minute * 60 + local.second
    return min(1.0, max(0.0, (now_s - opens_s) / (closes_s - opens_s)))


def price_of(used_cents: int, most_cents: int, *, pace: float, params: BonusParams) -> float:
    """Price a cent of one budget: the Lagrange multiplier after every step of the day so far.

    Dual mirror descent takes, at each question, a step along what was spent since the last one less
    what was due since then. With entropy as its distance the price is multiplied by the exponential
    of the step, and with steps of one size the whole day sums up to the gap of this moment: so the
    price needs no memory but the row of the budget.

    Parameters
    ----------
    used_cents, most_cents : int
        What was reserved, promised and paid so far, and what may be.
    pace : float
        Share of it that is due by now.
    params : BonusParams
        First price, size of the steps, bounds.

    Returns
    -------
    float
        Never below its least nor above its most; at its most for a budget of nothing.

    References
    ----------
    .. [1] Balseiro, S., H. Lu, and V. Mirrokni (2023). The best of many worlds: dual mirror descent
       for online allocation problems. *Operations Research* 71(1): 101-119.
       https://doi.org/10.1287/opre.2021.2242

    Examples
    --------
    >>> price_of(500, 1_000, pace=0.5, params=BonusParams())
    0.2
    >>> round(price_of(750, 1_000, pace=0.5, params=BonusParams()), 2)
    4.02
    """
    if most_cents <= 0:
        return params.most_price
    gap = used_cents / most_cents - pace
    price = params.first_price * math.exp(params.step * gap)
    return min(params.most_price, max(params.least_price, price))
