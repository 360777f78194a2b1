"""This file knows how a case is handled: by which policy, how patiently, at what price."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Policy", "RecoveryParams"]

Policy = Literal["recourse", "passive", "reping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryParams:
    """How a broken plan is put right; figures without a source are assumed.

    Attributes
    ----------
    policy : {"recourse", "passive", "reping"}
        Which way of working; the last two are baselines.
    offer_s : int
        Seconds a courier has to answer (Shadowfax couriers accept within 14, 37, 63 s: quartiles).
    choice_s : int
        Seconds a customer has to choose before the best way is taken.
    accountable_promise_s : int
        Seconds from the loss until somebody accountable must be named: 30 min.
    fallback_s : int
        Seconds from the loss until the platform stops looking: tomorrow, or the money back.
    hope_lead_s : int
        Seconds before the end of a promise at which the time of a replacement is told: until then
        the first parcel, of whose holder nothing is heard, may still come (assumed).
    retry_s, holder_retry_s : int
        Seconds between looks for a courier while nobody can be found, and while the parcel is in
        hands that cannot be reached.
    answer_s : int
        Seconds beyond an offer's deadline after which it counts as lost.
    point_s : int
        Seconds a parcel lies at a pickup point before a dispatcher looks at it.
    patience_s : int
        Seconds past the expected arrival of something waited for until a dispatcher looks at it.
    max_offers : int
        Questions to couriers before a dispatcher is asked.
    orphan_weight : int
        How much more a late minute counts for who has lost a courier than for others (assumed):
        they are let down already.
    early_s : int
        Seconds before the end of the promise at which a new courier aims: what fits to the second
        is late at the first red light.
    max_late_s : int
        How late a courier may still be asked to come, seconds.
    ask_cents : int
        How much cheaper a pickup point must be than the best way before the customer, who has not
        agreed to one, is asked first.
    first_notice_s : int
        Seconds within which the customer is told that the courier was lost.
    wave_tour_s : int
        Seconds from the start of a wave to the average door.
    bring_back_s, sent_again_s : int
        Seconds a holder is given beyond the straight way back, and from there to the door with
        whoever comes next.
    remake_s : int
        Seconds a merchant needs to make or pack a replacement (median preparation 15 min, Grubhub).
    straight_mps : float
        Straight-line metres a second for estimates without roads.
    point_radius_m : int
        How far a customer walks to a point.
    service_delay_s : int
        Seconds until customer service turns to a dropped order (policy ``passive``).
    poll_s : int
        Seconds between questions (policy ``reping``).
    late_cents_per_min, km_cents, walk_cents_per_km, added_cents_per_min : int
        Price of a minute past the promise, a kilometre more to ride and to walk, a minute more on a
        route.
    bonus_cents : int
        Extra pay for a courier who takes an order over.
    wave_cents, point_cents, return_cents, reship_cents, next_day_cents, human_cents : int
        Price of the other ways, besides lateness.
    n_reasons : int
        How many couriers who were not chosen are named.
    n_slots : int
        How many later slots a customer may pick from; 0 offers none.
    slot_s, slot_lead_s : int
        Seconds a slot is long, and from now to the first one that is not a wave (assumed).
    slot_order_s : int
        Seconds of a courier's time that one order in a slot is reckoned at (assumed).
    has_express : bool
        Whether a customer may choose that a courier with nothing else to do brings it straight.
    express_price_cents : int
        What the customer pays for that, in minor units of the order's currency.
    express_reach_s : int
        Seconds such a courier is given to reach the parcel, before the straight way is reckoned.
    """

    policy: Policy = "recourse"
    offer_s: int = 75
    choice_s: int = 300
    accountable_promise_s: int = 1_800
    fallback_s: int = 1_500
    hope_lead_s: int = 300
    retry_s: int = 120
    holder_retry_s: int = 600
    answer_s: int = 60
    point_s: int = 3 * 86_400
    patience_s: int = 1_800
    max_offers: int = 8
    orphan_weight: int = 6
    early_s: int = 480
    max_late_s: int = 7_200
    ask_cents: int = 600
    first_notice_s: int = 10
    wave_tour_s: int = 5_400
    bring_back_s: int = 900
    sent_again_s: int = 2_700
    remake_s: int = 900
    straight_mps: float = 3.1
    point_radius_m: int = 1_200
    service_delay_s: int = 900
    poll_s: int = 60
    late_cents_per_min: int = 30
    km_cents: int = 60
    walk_cents_per_km: int = 300
    added_cents_per_min: int = 20
    bonus_cents: int = 200
    wave_cents: int = 100
    point_cents: int = 600
    return_cents: int = 1_000
    reship_cents: int = 2_000
    next_day_cents: int = 3_000
    human_cents: int = 10_000
    n_reasons: int = 8
    n_slots: int = 0
    slot_s: int = 7_200
    slot_lead_s: int = 3_600
    slot_order_s: int = 1_200
    has_express: bool = False
    express_price_cents: int = 0
    express_reach_s: int = 900
