"""Foresee: how likely a courier is to drop out within the hour, and when that is worth a word."""

from recourse import foresight
from recourse.flow.platform import Platform
from recourse.model.couriers import Courier, Progress
from recourse.model.events import Event, RiskRose

__all__ = ["foresee"]


def foresee(
    platform: Platform, courier: Courier, seen: Progress, *, n_stops: int
) -> tuple[Progress, list[Event]]:
    """Judge a courier's progress; the event asks them whether all is well.

    Parameters
    ----------
    platform : Platform
        Whose clock and model judge.
    courier : Courier
        Who.
    seen : Progress
        Where they are; its `p_drop` is the one of the last look.
    n_stops : int
        Stops still to be made.

    Returns
    -------
    tuple of Progress and list of Event
        The progress with its probability, and ``RiskRose`` if a threshold was passed upwards.
    """
    now, params = platform.now(), platform.params.risk
    features = foresight.features(courier, seen, n_stops=n_stops, now=now)
    p_drop = foresight.p_drop(features, platform.risk)
    judged = _judged(seen, p_drop)
    if not foresight.rises(seen.p_drop, p_drop, params=params):
        return judged, []
    signs = foresight.signs(features, platform.risk, params=params)
    return judged, [RiskRose(at=now, courier_id=courier.id, p_drop=p_drop, signs=signs)]


def _judged(seen: Progress, p_drop: float) -> Progress:
    """The progress with its probability."""
    # One constructor call, as in `tracking.locate`: `replace` takes three times as long, and this
    # runs for every position.
    return Progress(
        courier_id=seen.courier_id,
        lon=seen.lon,
        lat=seen.lat,
        pinged_at=seen.pinged_at,
        still_since_at=seen.still_since_at,
        next_arrival_at=seen.next_arrival_at,
        delay_s=seen.delay_s,
        is_silent=seen.is_silent,
        p_drop=p_drop,
        version=seen.version,
    )
