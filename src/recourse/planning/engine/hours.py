"""This file knows the law of working hours, as far as a route has to keep it."""

from dataclasses import dataclass, replace

import numpy as np

from recourse.planning.engine.arrays import Numbers
from recourse.planning.engine.facts import Couriers

__all__ = ["CHINA", "EU_561", "WorkRule", "with_hours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRule:
    """How long somebody may work, and when they must rest.

    Attributes
    ----------
    before_break_s : int
        Seconds of work after which a break must have begun.
    break_s : int
        Its length in seconds.
    day_s : int
        Seconds of work in a day, at most.
    """

    before_break_s: int
    break_s: int
    day_s: int


EU_561 = WorkRule(before_break_s=16_200, break_s=2_700, day_s=32_400)
"""Regulation (EC) 561/2006, articles 6 and 7: 4.5 hours, 45 minutes, 9 hours. All time on duty is
counted as driving, which is on the safe side."""

CHINA = WorkRule(before_break_s=14_400, break_s=1_200, day_s=28_800)
"""Road Traffic Safety Law, implementing regulations, article 62: 4 hours, 20 minutes; Labour Law,
article 36: 8 hours."""


def with_hours(
    couriers: Couriers, rule: WorkRule, *, worked_s: Numbers, since_break_s: Numbers
) -> Couriers:
    """Let couriers keep the law, with the hours they have worked already.

    Parameters
    ----------
    couriers : Couriers
        Who.
    rule : WorkRule
        The law.
    worked_s : array of shape (n_couriers,)
        Seconds each has worked today when ``start_s`` comes.
    since_break_s : array of shape (n_couriers,)
        Seconds of work since the last break.

    Returns
    -------
    Couriers
        The same, whose days end when the hours are used up and who owe a break.

    Examples
    --------
    Two couriers at noon; the second has driven since six without a rest.

    >>> noon = Couriers(
    ...     start_place=np.zeros(2),
    ...     start_s=np.zeros(2),
    ...     end_place=np.zeros(2),
    ...     end_s=np.full(2, 36_000),
    ...     capacity=np.ones(2),
    ...     load=np.zeros(2),
    ... )
    >>> kept = with_hours(
    ...     noon, EU_561, worked_s=np.array([0, 21_600]), since_break_s=np.array([0, 21_600])
    ... )
    >>> kept.end_s.tolist(), kept.break_by_s.tolist(), kept.break_s.tolist()
    ([32400, 10800], [16200, 0], [2700, 2700])
    """
    left_s = np.maximum(0, rule.day_s - np.asarray(worked_s))
    until_s = np.maximum(0, rule.before_break_s - np.asarray(since_break_s))
    return replace(
        couriers,
        end_s=np.minimum(couriers.end_s, couriers.start_s + left_s),
        break_s=np.full(len(couriers), rule.break_s),
        break_by_s=couriers.start_s + until_s,
    )
