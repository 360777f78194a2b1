"""This file knows what extra pay goes with a question: more the later it is, within the budget."""

from dataclasses import dataclass, field, replace
from datetime import time

import numpy as np

from recourse.bonuses.acceptance import AcceptanceModel, Asked, p_accept

__all__ = ["BonusParams", "choose_bonus", "staged_bonuses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusParams:
    """What may be given, and what it is worth; figures without a source are assumed.

    Attributes
    ----------
    day_cents : int or None
        Minor units of each currency that all bonuses of one local day may come to; None for no
        staged bonus at all.
    merchant_day_cents : int or None
        The same for the orders of one merchant; None for no bound of its own.
    ladder_cents : tuple of int
        Amounts an order may be given, rising from 0.
    n_stages : int
        How often is asked before it is given up; later questions are asked as the last of these.
    lost_cents : int
        What it costs when nobody says yes: as a delivery on the next day.
    wait_cents : int
        What every question without a yes costs: 45 s and the look for the next one, at 30 cents a
        late minute.
    orphan_weight : int
        How many times that for an order that lost its courier, as in recovery.
    first_price : float
        What a cent of bonus must save, in cents, while spending keeps pace: less than a cent, since
        what a budget is set for is meant to be spent.
    step : float
        How fast that rises and falls with what was spent beside the pace.
    least_price, most_price : float
        Bounds of it.
    opens, closes : time
        Local times between which the budget of a day is spread evenly.
    model : AcceptanceModel
        How couriers answer.
    """

    day_cents: int | None = None
    merchant_day_cents: int | None = None
    ladder_cents: tuple[int, ...] = (0, 100, 200, 300, 400, 600, 800, 1_000)
    n_stages: int = 8
    lost_cents: int = 3_000
    wait_cents: int = 45
    orphan_weight: int = 3
    first_price: float = 0.2
    step: float = 12.0
    least_price: float = 0.02
    most_price: float = 20.0
    opens: time = time(8)
    closes: time = time(22)
    model: AcceptanceModel = field(default_factory=AcceptanceModel)


def staged_bonuses(asked: Asked, *, price: float, params: BonusParams) -> tuple[int, ...]:
    """Find the best extra pay of an order at every stage, by dynamic programming from the last.

    With V the least loss expected from the next stage on, an amount c that is accepted with
    probability p(c) is worth ``p(c) * (wait + V - price * c)``; the best one is taken. V rises
    towards the end, where nobody else is left to ask, and so does the amount; where the model
    alone would let it fall, the amount of the stage before is kept.

    Parameters
    ----------
    asked : Asked
        The question; its stage is passed over.
    price : float
        What a cent of bonus must save, in cents: the Lagrange multiplier of the budget.
    params : BonusParams
        Ladder, losses and model.

    Returns
    -------
    tuple of int
        Minor units for each order, by stage; never falling.

    References
    ----------
    .. [1] Wu, Z., et al. (2022). Multi-stage bonus allocation for meal delivery platform.
       *KDD '22*. https://arxiv.org/abs/2202.10695

    Examples
    --------
    >>> staged_bonuses(Asked(), price=1.0, params=BonusParams())
    (0, 0, 0, 0, 0, 0, 100, 300)
    >>> staged_bonuses(Asked(), price=0.1, params=BonusParams())
    (0, 0, 0, 100, 200, 400, 600, 800)
    >>> staged_bonuses(Asked(is_after_loss=True), price=0.1, params=BonusParams())
    (100, 100, 200, 200, 300, 400, 600, 800)
    """
    ladder = np.array(params.ladder_cents, dtype=np.int64)
    wait_cents = params.wait_cents * (params.orphan_weight if asked.is_after_loss else 1)
    ahead = float(params.lost_cents)
    found: list[int] = []
    for stage in range(params.n_stages - 1, -1, -1):
        at = replace(asked, stage=stage)
        p = p_accept(at, ladder * asked.n_orders, model=params.model)
        saved = p * (wait_cents + ahead - price * ladder)
        best = int(saved.argmax())
        found.append(int(ladder[best]))
        ahead += wait_cents - float(saved[best])
    return tuple(int(cents) for cents in np.maximum.accumulate(found[::-1]))


def choose_bonus(asked: Asked, *, price: float, left_cents: int, params: BonusParams) -> int:
    """Choose the extra pay that goes with a question, for each of its orders.

    Parameters
    ----------
    asked : Asked
        The question.
    price : float
        What a cent of bonus must save, in cents.
    left_cents : int
        What the budgets still have.
    params : BonusParams
        Ladder, losses and model.

    Returns
    -------
    int
        Minor units for each order: that of its stage, never less than went with the stage before;
        or the highest of the ladder that is left for all of its orders, down to 0.

    Examples
    --------
    >>> last = Asked(stage=7)
    >>> choose_bonus(last, price=1.0, left_cents=5_000, params=BonusParams())
    300
    >>> choose_bonus(last, price=1.0, left_cents=250, params=BonusParams())
    200
    """
    stages = staged_bonuses(asked, price=price, params=params)
    wanted = max(stages[min(asked.stage, params.n_stages - 1)], asked.last_cents)
    each_left_cents = left_cents // asked.n_orders
    return max(
        (cents for cents in params.ladder_cents if cents <= min(wanted, each_left_cents)), default=0
    )
