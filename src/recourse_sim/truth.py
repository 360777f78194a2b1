"""This file knows what really happened: who held what, who was lost when, what was delivered."""

from collections import defaultdict
from dataclasses import dataclass, field
from math import inf

from recourse_sim.demand import OrderPlan
from recourse_sim.hazards import Cause

__all__ = ["Drop", "Spell", "Truth"]


@dataclass(frozen=True, slots=True)
class Spell:
    """A time during which a courier carried nothing on, whatever the platform believed.

    Attributes
    ----------
    courier_id : str
        Who.
    cause : Cause
        Why.
    from_s, until_s : float
        Seconds after local midnight; infinite when they did not come back.
    """

    courier_id: str
    cause: Cause
    from_s: float
    until_s: float = inf


@dataclass(frozen=True, slots=True)
class Drop:
    """One order given up by a courier who went on working.

    Attributes
    ----------
    courier_id, order_id : str
        Who dropped what.
    cause : Cause
        Why.
    at_s : float
        When, seconds after local midnight.
    was_held : bool
        Whether the parcel was already in their hands.
    """

    courier_id: str
    order_id: str
    cause: Cause
    at_s: float
    was_held: bool


@dataclass(slots=True)
class Truth:
    """Ground truth of one day; no platform can write into it.

    Attributes
    ----------
    orders : dict of str to OrderPlan
        By the platform's id.
    holder : dict of str to str
        Courier whose hands an order is in; absent while it lies at a site or has been delivered.
    delivered_s, at_point_s : dict of str to float
        When it reached the customer, or a pickup point.
    spells : list of Spell
        Couriers who were lost.
    drops : list of Drop
        Orders given up one by one.
    km, duty_s : dict of str to float
        Distance moved and time on duty by courier.
    n_turned : int
        Times a courier on the way to a stop was told to go elsewhere first.
    n_refused : dict of str to int
        Requests that the platform refused, by request and code.
    """

    orders: dict[str, OrderPlan] = field(default_factory=dict)
    holder: dict[str, str] = field(default_factory=dict)
    delivered_s: dict[str, float] = field(default_factory=dict)
    at_point_s: dict[str, float] = field(default_factory=dict)
    spells: list[Spell] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    km: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    duty_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    n_turned: int = 0
    n_refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def begin_spell(self, courier_id: str, cause: Cause, from_s: float) -> None:
        """Note that a courier is lost from now on."""
        self.spells.append(Spell(courier_id, cause, from_s))

    def end_spell(self, courier_id: str, until_s: float) -> None:
        """Note that a lost courier is back."""
        for i, spell in enumerate(self.spells):
            if spell.courier_id == courier_id and spell.until_s == inf:
                self.spells[i] = Spell(courier_id, spell.cause, spell.from_s, until_s)

    def drop(
        self, courier_id: str, order_id: str, cause: Cause, at_s: float, *, was_held: bool
    ) -> None:
        """Note that a courier gave up one order."""
        self.drops.append(Drop(courier_id, order_id, cause, at_s, was_held))

    def take(self, order_id: str, courier_id: str) -> None:
        """Note that a parcel came into a courier's hands."""
        self.holder[order_id] = courier_id

    def put_down(self, order_id: str) -> None:
        """Note that a parcel lies at a site again."""
        self.holder.pop(order_id, None)

    def deliver(self, order_id: str, t_s: float) -> None:
        """Note that a customer has the order."""
        self.holder.pop(order_id, None)
        self.delivered_s.setdefault(order_id, t_s)

    def leave_at_point(self, order_id: str, t_s: float) -> None:
        """Note that an order lies at a pickup point."""
        self.holder.pop(order_id, None)
        self.at_point_s.setdefault(order_id, t_s)
