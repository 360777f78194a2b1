"""This file knows the policy of remedies: tiers, bounds and budget, as data."""

from dataclasses import dataclass

__all__ = ["LateTier", "RedressParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateTier:
    """What being late by at least so much is worth.

    Attributes
    ----------
    from_late_s : int
        Least lateness past the first promise, seconds.
    coupon_cents : int
        Worth of the coupon.
    """

    from_late_s: int
    coupon_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedressParams:
    """How generous we are; every figure here is assumed and meant to be set by the platform.

    Attributes
    ----------
    tiers : tuple of LateTier
        Rising in lateness; the last one that is reached counts.
    point_cents : int
        Coupon for fetching a parcel at a point.
    case_limit_cents : int
        Most that one case may give in goodwill; refunds are owed and not bounded.
    day_budget_cents : int
        Most goodwill that may be given in a day.
    courier_pay_cents : int
        What a courier keeps for an order lost through no fault of theirs.
    """

    tiers: tuple[LateTier, ...] = (
        LateTier(from_late_s=300, coupon_cents=200),
        LateTier(from_late_s=1_800, coupon_cents=500),
        LateTier(from_late_s=7_200, coupon_cents=1_000),
    )
    point_cents: int = 300
    case_limit_cents: int = 2_000
    day_budget_cents: int = 200_000
    courier_pay_cents: int = 450
