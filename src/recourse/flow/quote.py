"""Quote: what could be promised now, without promising it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from recourse import planning
from recourse.flow.platform import Platform
from recourse.model.errors import CannotPlan, Invalid
from recourse.model.places import Place
from recourse.model.ports import Transaction
from recourse.orders import wave_starts

__all__ = ["Quote", "QuoteWanted", "quote"]

_AHEAD = timedelta(hours=8)
_ANY_ID = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteWanted:
    """What a promise is asked for.

    Attributes
    ----------
    dropoff : Place
        Where it goes.
    pickup : Place or None
        Where it is collected; None for the place of its site.
    site_id : str
        Station or merchant's door it leaves from; a station's parcels leave with its next wave.
    ready_at : datetime or None
        When it can be collected; None for now.
    weight_g, volume_ml, service_s : int
        Grams, millilitres, seconds at the door.
    """

    dropoff: Place
    pickup: Place | None = None
    site_id: str = ""
    ready_at: datetime | None = None
    weight_g: int = 1_000
    volume_ml: int = 5_000
    service_s: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A window that could be kept as things are now; nothing is reserved.

    Attributes
    ----------
    earliest_at, latest_at : datetime
        The window that could be promised.
    expected_at : datetime
        When the best courier would be at the door.
    quoted_at : datetime
        As of when.
    n_couriers : int
        How many couriers were on duty.
    """

    earliest_at: datetime
    latest_at: datetime
    expected_at: datetime
    quoted_at: datetime
    n_couriers: int


def quote(tx: Transaction, platform: Platform, wanted: QuoteWanted) -> Quote:
    """Plan an order that is not there, and say which window its plan would keep.

    Returns
    -------
    Quote
        From the plan of this moment.

    Raises
    ------
    CannotPlan
        If nobody on duty could bring it within eight hours.
    """
    now = platform.now()
    pickup, ready_at = _start(tx, platform, wanted, now)
    world = platform.catch_up(tx)
    demand = planning.Demand(
        order_id=_ANY_ID,
        pickup=pickup,
        pickup_site_id=wanted.site_id,
        pickup_ready_at=ready_at,
        dropoff=wanted.dropoff,
        latest_at=ready_at + _AHEAD,
        weight_g=wanted.weight_g,
        volume_ml=wanted.volume_ml,
        service_s=wanted.service_s,
    )
    placement = planning.place(
        world, [demand], now=now, params=platform.params.first, ids=lambda: _ANY_ID
    )
    if not placement.insertions:
        raise CannotPlan(
            constraint="nobody on duty could bring it within eight hours", order_id=_ANY_ID
        )
    expected_at = placement.insertions[0].arrival_at
    slack = timedelta(seconds=platform.params.dispatch.promise_slack_s)
    return Quote(
        earliest_at=max(now, expected_at - slack),
        latest_at=expected_at + slack,
        expected_at=expected_at,
        quoted_at=now,
        n_couriers=len(list(world.courier_ids())),
    )


def _start(
    tx: Transaction, platform: Platform, wanted: QuoteWanted, now: datetime
) -> tuple[Place, datetime]:
    """Where and from when it could be collected: at once, or with the next wave of a station."""
    ready_at = max(wanted.ready_at or now, now)
    site = tx.sites([wanted.site_id]).get(wanted.site_id) if wanted.site_id else None
    if wanted.site_id and site is None:
        raise Invalid(field="site_id", why=f"there is no site {wanted.site_id!r}")
    pickup = wanted.pickup or (site.place if site else None)
    if pickup is None:
        raise Invalid(field="pickup", why="neither a place nor a known site is given")
    if site is None or site.kind.value != "station":
        return pickup, ready_at
    first_day = ready_at.astimezone(platform.zone).date()
    starts = (
        start
        for n in range(2)
        for start in wave_starts(
            first_day + timedelta(days=n),
            local_times=platform.params.dispatch.wave_times,
            zone=platform.zone.key,
        )
    )
    return pickup, next(start for start in starts if start >= ready_at)
