"""This file knows the second baseline: once a minute the nearest free courier is asked.

The courier who dropped the order is not left out, offers are made one order at a time, nobody is
told anything, and a parcel in the hands of who dropped out is left to customer service.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import cos, hypot, radians

from recourse.model.couriers import Courier, CourierState, Progress
from recourse.model.places import Place
from recourse.recovery.params import RecoveryParams

__all__ = ["decide_delay_s", "nearest_free"]

_FREE = frozenset({CourierState.IDLE, CourierState.ACTIVE})
_METRES_A_DEGREE = 111_195.0


def decide_delay_s(now: datetime, params: RecoveryParams) -> timedelta:
    """How long until the next run of the once-a-minute search."""
    since_epoch_s = (now - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return timedelta(seconds=params.poll_s - since_epoch_s % params.poll_s)


def nearest_free(
    place: Place,
    *,
    couriers: Mapping[str, Courier],
    progress: Mapping[str, Progress],
    busy: frozenset[str],
    n_stops: Mapping[str, int],
    station_id: str,
) -> str:
    """Find the courier on duty nearest to a place, fewest stops first among equals.

    Parameters
    ----------
    place : Place
        Where the parcel lies.
    couriers, progress : mapping by courier id
        Who they are and where.
    busy : frozenset of str
        Couriers with an open offer.
    n_stops : mapping of str to int
        How many stops each still has.
    station_id : str
        Only couriers of this station; empty for those who serve no station.

    Returns
    -------
    str
        Id of the courier; empty if there is none.
    """
    found = [
        (_far_m(place, progress[id_]), n_stops.get(id_, 0), id_)
        for id_, courier in couriers.items()
        if courier.state in _FREE
        and courier.station_id == station_id
        and id_ in progress
        and id_ not in busy
    ]
    return min(found)[2] if found else ""


def _far_m(place: Place, progress: Progress) -> float:
    """Straight metres, flat earth."""
    x = (progress.lon - place.lon) * cos(radians(place.lat))
    return hypot(x, progress.lat - place.lat) * _METRES_A_DEGREE
