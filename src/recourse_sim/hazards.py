"""This file knows why couriers drop out: each cause with a rate of its own, and when it strikes.

A cause strikes when the rate, added up over the time on duty, passes a threshold drawn once for
this courier and cause. That is an exact way to sample a rate that changes with load, weather and
hours, and the thresholds are the same whatever the platform does: policies meet the same luck.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import expm1, log1p

from recourse.model.reasons import ReasonCode
from recourse_sim.chance import Chance
from recourse_sim.parameters import HazardParams

__all__ = ["CODES", "Cause", "Circumstances", "Hazards", "Weather", "is_peak"]


class Cause(StrEnum):
    """Why a courier drops out."""

    BREAKDOWN = "breakdown"
    ACCIDENT = "accident"
    ILLNESS = "illness"
    FATIGUE = "fatigue"
    SILENCE = "silence"
    NO_SHOW = "no_show"
    ECONOMICS = "economics"


CODES = {
    Cause.BREAKDOWN: ReasonCode.VEHICLE_BREAKDOWN,
    Cause.ACCIDENT: ReasonCode.COURIER_ACCIDENT,
    Cause.ILLNESS: ReasonCode.COURIER_ILLNESS,
    Cause.FATIGUE: ReasonCode.COURIER_FATIGUE_LIMIT,
    Cause.SILENCE: ReasonCode.SIGNAL_LOST,
    Cause.NO_SHOW: ReasonCode.COURIER_NO_SHOW,
    Cause.ECONOMICS: ReasonCode.COURIER_DECLINED_ECONOMICS,
}
"""What a courier says when a cause strikes."""

ON_THE_ROAD = (Cause.BREAKDOWN, Cause.ACCIDENT, Cause.ILLNESS, Cause.FATIGUE, Cause.SILENCE)
"""The causes that may strike at any moment on duty."""

_PEAKS_S = ((23_400, 34_200), (56_700, 67_500))
_EVENING_S = (57_600, 72_000)
_NEW_ORDERS = 50
_OLD_ORDERS = 1_600
_HEAVY_LOAD = 15


def is_peak(t_s: float) -> bool:
    """Whether traffic is heavy at a time of day (seconds after local midnight)."""
    return any(begins <= t_s < ends for begins, ends in _PEAKS_S)


class Weather:
    """Rain of one day.

    Parameters
    ----------
    chance : Chance
        Luck of the day.
    params : HazardParams
        How often and how long.
    """

    def __init__(self, chance: Chance, params: HazardParams) -> None:
        self.from_s = self.until_s = 0.0
        if chance.happens(params.p_wet_day, "weather"):
            least, most = params.wet_hours
            self.from_s = 25_200 + chance.uniform("rain begins") * 36_000
            self.until_s = self.from_s + 3600 * (
                least + chance.uniform("rain lasts") * (most - least)
            )

    def is_wet(self, t_s: float) -> bool:
        """Whether it rains at a time of day (seconds after local midnight)."""
        return self.from_s <= t_s < self.until_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a courier's hazards depend on at a moment.

    Attributes
    ----------
    t_s : float
        Time of day, seconds after local midnight.
    hours : float
        Hours on duty so far.
    n_parcels : int
        Parcels carried or still to carry.
    is_wet : bool
        Whether it rains.
    orders_before : int
        Orders done before today.
    """

    t_s: float
    hours: float
    n_parcels: int
    is_wet: bool
    orders_before: int


class Hazards:
    """When what strikes whom, for one seed.

    Parameters
    ----------
    chance : Chance
        Luck of the day.
    params : HazardParams
        Rates and what raises them.
    stress : float
        Every hazard is multiplied by it; 0 switches them all off.
    """

    def __init__(self, chance: Chance, params: HazardParams, *, stress: float = 1.0) -> None:
        self._chance, self._params, self._stress = chance, params, stress
        self._spent: dict[tuple[str, Cause], float] = {}
        self._threshold: dict[tuple[str, Cause], float] = {}

    def rate_per_h(self, cause: Cause, now: Circumstances) -> float:
        """Rate of a cause at a moment.

        Parameters
        ----------
        cause : Cause
            One that may strike on the road.
        now : Circumstances
            What it depends on.

        Returns
        -------
        float
            Events per hour on duty.
        """
        p = self._params
        wet = p.wet_factor if now.is_wet else 1.0
        peak = p.traffic_factor if is_peak(now.t_s) else 1.0
        load = p.load_factor if now.n_parcels >= _HEAVY_LOAD else 1.0
        worked = 1.0 + p.hours_factor * now.hours
        match cause:
            case Cause.BREAKDOWN:
                rate = p.breakdown_per_h * wet * peak * load
            case Cause.ACCIDENT:
                rate = (
                    p.accident_per_h * wet * peak * worked * self.tenure_factor(now.orders_before)
                )
            case Cause.ILLNESS:
                rate = p.illness_per_h * worked
            case Cause.FATIGUE:
                over_h = max(0.0, now.hours - p.fatigue_knee_h)
                rate = p.fatigue_per_h * load * p.fatigue_growth**over_h
            case Cause.SILENCE:
                rate = p.silence_per_h * self.tenure_factor(now.orders_before)
            case _:
                rate = 0.0
        return rate * self._stress

    def tenure_factor(self, orders_before: int) -> float:
        """How much more or less often those with so many orders behind them drop out."""
        if orders_before < _NEW_ORDERS:
            return self._params.new_factor
        return self._params.old_factor if orders_before >= _OLD_ORDERS else 1.0

    def spend(self, courier_id: str, now: Circumstances, *, spent_s: float) -> Cause | None:
        """Let time pass on duty and say what struck.

        Parameters
        ----------
        courier_id : str
            Whose time.
        now : Circumstances
            As they were over that time.
        spent_s : float
            How long, in seconds.

        Returns
        -------
        Cause or None
            The first cause whose threshold is passed; None if all is well.
        """
        if not self._stress:
            return None
        for cause in ON_THE_ROAD:
            key = (courier_id, cause)
            threshold = self._threshold.get(key)
            if threshold is None:
                threshold = self._threshold[key] = self._chance.exponential("strikes", *key)
            total = self._spent.get(key, 0.0) + self.rate_per_h(cause, now) * spent_s / 3600
            self._spent[key] = total
            if total >= threshold:
                self._threshold[key] = total + self._chance.exponential(
                    "again", *key, round(total, 9)
                )
                return cause
        return None

    def is_no_show(self, courier_id: str, orders_before: int) -> bool:
        """Whether a courier never comes today."""
        p = self._times(self._params.p_no_show, self.tenure_factor(orders_before))
        return self._chance.happens(p, "no show", courier_id)

    def drop_after_s(
        self, courier_id: str, order_id: str, *, km: float, now: Circumstances, is_asked: bool
    ) -> tuple[float, bool] | None:
        """When a courier who took an order gives it up as not worth it.

        Parameters
        ----------
        courier_id, order_id : str
            Who took what.
        km : float
            Distance from pickup to customer.
        now : Circumstances
            When it was taken.
        is_asked : bool
            Whether it was an offer; couriers on contract drop less.

        Returns
        -------
        tuple of (float, bool) or None
            Seconds, and whether they count from the pickup (True) or from now; None if it is kept.
        """
        p = self._params
        factor = max(0.1, 1 + p.per_km * (km - 2.0)) * self.tenure_factor(now.orders_before)
        factor *= p.evening_factor if _EVENING_S[0] <= now.t_s < _EVENING_S[1] else 1.0
        factor *= p.wet_factor if now.is_wet else 1.0
        factor *= 1.0 if is_asked else p.economics_assigned
        key = (courier_id, order_id)
        if not self._chance.happens(self._times(p.p_economics, factor), "drops", *key):
            return None
        if self._chance.happens(p.p_after_pickup, "after pickup", *key):
            drawn = self._chance.around(
                p.after_pickup_median_s, p.after_pickup_sigma, "drop after", *key
            )
            return drawn, True
        return self._chance.around(p.before_pickup_median_s, 0.6, "drop before", *key), False

    def _times(self, p: float, factor: float) -> float:
        """Probability under a hazard that many times as high."""
        return -expm1(log1p(-min(p, 0.999)) * factor * self._stress)
