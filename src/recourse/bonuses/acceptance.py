"""This file knows how likely a courier is to say yes, and what extra pay changes about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EVENING_H", "AcceptanceModel", "Asked", "p_accept"]

EVENING_H = (16, 20)
"""Local hours in which couriers drop out more often, from and to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to a courier, as far as the answer depends on it.

    Attributes
    ----------
    stage : int
        How many were asked for it before, and did not say yes.
    n_orders : int
        How many orders are asked for together.
    pickup_m : float
        Straight metres from the courier to the first pickup.
    local_h : float
        Time of day, local hours after midnight.
    is_after_loss : bool
        Whether the order has lost its courier: what its customer waits weighs more.
    last_cents : int
        What went, for each order, with the dearest question of the stages before.
    """

    stage: int = 0
    n_orders: int = 1
    pickup_m: float = 0.0
    local_h: float = 12.0
    is_after_loss: bool = False
    last_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceModel:
    """Logistic model of a yes; every coefficient is assumed unless it names its source.

    Attributes
    ----------
    p_in_time : float
        Share of couriers who answer at all before the deadline: six of ten answer within 45 s
        (Shadowfax: quartiles 14, 37, 63 s). Extra pay makes nobody look at the phone sooner.
    intercept : float
        Log odds at the door of the pickup, without extra pay: 13.11 % say no (Meituan).
    per_100_cents : float
        Rise with every hundred minor units of extra pay for the whole question; never negative.
    per_km : float
        Change with every straight kilometre to the pickup; never positive.
    per_stage : float
        Change with every courier who did not say yes before: who is left stands worse.
    evening : float
        Change from 16 to 20 h, when couriers drop out more often (Shadowfax).
    """

    p_in_time: float = 0.6
    intercept: float = 1.9
    per_100_cents: float = 0.45
    per_km: float = -0.15
    per_stage: float = -0.1
    evening: float = -0.2


def p_accept(
    asked: Asked, bonus_cents: NDArray[np.int64], *, model: AcceptanceModel
) -> NDArray[np.float64]:
    """Estimate how likely a courier says yes in time, for each of several amounts.

    Parameters
    ----------
    asked : Asked
        The question.
    bonus_cents : ndarray of int64, shape (n_amounts,)
        Extra pay for the whole question, minor units.
    model : AcceptanceModel
        The coefficients.

    Returns
    -------
    ndarray of float64, shape (n_amounts,)
        Probabilities; they rise with the amount.

    Examples
    --------
    >>> amounts = np.array([0, 200, 600])
    >>> p_accept(Asked(), amounts, model=AcceptanceModel()).round(2).tolist()
    [0.52, 0.57, 0.59]
    """
    evening = model.evening if EVENING_H[0] <= asked.local_h < EVENING_H[1] else 0.0
    odds = (
        model.intercept
        + model.per_100_cents * np.asarray(bonus_cents, dtype=np.float64) / 100
        + model.per_km * asked.pickup_m / 1_000
        + model.per_stage * asked.stage
        + evening
    )
    return model.p_in_time / (1 + np.exp(-odds))
