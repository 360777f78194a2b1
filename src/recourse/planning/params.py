"""This file knows every price and limit of a plan, each with its unit."""

from dataclasses import dataclass

from recourse.model.errors import Invalid

__all__ = ["PlanParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """What a plan may do and what each part of it costs.

    Attributes
    ----------
    ebike_cents_per_km, scooter_cents_per_km, van_cents_per_km, foot_cents_per_km : int
        Price of distance by vehicle.
    cents_per_h : int
        Price of a courier's time on the road.
    balance_s : int
        When a route lasts so long, a further second costs twice as much; this shares work out.
    wait_cents_per_min : int
        Price of every minute until an order is delivered: what is delivered cannot be dropped, and
        what comes early leaves time for whatever happens on the way.
    late_cents_per_min : int
        Price of a minute past the promise, times the weight of the order.
    change_cents : int
        Price of every stop that was told to a courier and now comes later.
    divert_cents : int
        Price of sending a courier elsewhere who is already on the way to a stop.
    late_slack_s : int
        How much later a stop that is late already may become, each minute at `late_cents_per_min`.
    max_worked_s : int
        Seconds of work in a day that no plan may exceed, predicted finish included.
    overtime_s : int
        Seconds past the end of a shift at which a route may end, within the hours of a day.
    plans_ahead_s : int
        A courier who is not yet on duty counts if the shift begins within so many seconds.
    pickup_s, take_s : int
        Seconds at a new stop where parcels are collected, or taken over from a courier.
    joined_s : int
        Extra seconds at a door for every further parcel.
    loaded_s : int
        Extra seconds where parcels are collected, for every further one.
    n_candidates : int
        How many of the nearest couriers are tried for an order first.
    n_soonest : int
        How many of those who are free soonest are tried besides.
    max_candidates : int
        How many are tried at most, if none of the nearest can.
    n_kept : int
        How many losers are kept with their reason for each order.
    regret_k : int
        How many of the best couriers are compared to see what waiting would cost.
    unplaced_cents : int
        Price of an order that nobody carries; far above any route.
    steps_per_order : int
        Steps of the re-matching engine after the first plan, for each new order; 0 for none.

    Examples
    --------
    >>> PlanParams(regret_k=3).regret_k
    3
    """

    ebike_cents_per_km: int = 40
    scooter_cents_per_km: int = 60
    van_cents_per_km: int = 150
    foot_cents_per_km: int = 20
    cents_per_h: int = 3_000
    balance_s: int = 3_600
    wait_cents_per_min: int = 5
    late_cents_per_min: int = 100
    change_cents: int = 3
    divert_cents: int = 50
    late_slack_s: int = 120
    max_worked_s: int = 43_200
    overtime_s: int = 0
    plans_ahead_s: int = 14_400
    pickup_s: int = 120
    take_s: int = 180
    joined_s: int = 30
    loaded_s: int = 5
    n_candidates: int = 24
    n_soonest: int = 8
    max_candidates: int = 96
    n_kept: int = 12
    regret_k: int = 2
    unplaced_cents: int = 1_000_000
    steps_per_order: int = 10

    def __post_init__(self) -> None:
        """Refuse what no plan could be made with.

        Raises
        ------
        Invalid
            If a count or a divisor is not positive, or a price is negative.
        """
        for name in self.__dataclass_fields__:
            least = int(name in {"balance_s", "n_candidates", "max_candidates", "n_kept"})
            least = 2 if name == "regret_k" else least
            if getattr(self, name) < least:
                raise Invalid(field=name, why=f"must be at least {least}")
