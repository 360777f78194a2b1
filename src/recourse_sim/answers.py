"""This file knows how couriers answer offers and customers answer notices."""

from dataclasses import dataclass, field
from typing import Any

from recourse.model.places import Place
from recourse.model.reasons import ReasonCode
from recourse_sim.courier import CourierLife, Mode, metres_between
from recourse_sim.door import Refused
from recourse_sim.stops import read_route
from recourse_sim.world import World

__all__ = ["Customers", "answer_offer"]

_ASKING = frozenset({"courier_lost", "no_courier", "may_be_late", "new_time"})


def answer_offer(life: CourierLife, offer: dict[str, Any]) -> None:
    """Read an offer on a courier's phone and note when and how it is answered.

    Parameters
    ----------
    life : CourierLife
        Who is asked.
    offer : dict
        What the phone shows.
    """
    world, habits = life.world, life.world.params.courier
    if life.mode is not Mode.ON:
        return
    names = [
        world.truth.orders[i].external_id for i in offer["order_ids"] if i in world.truth.orders
    ]
    key = (life.id, names[0] if names else offer["offer_id"], len(names))
    luck = world.chance.uniform("offer", *key)
    if luck < habits.p_ignore:
        return
    is_accepted = luck >= habits.p_ignore + p_refuse(life, offer)
    delay_s = world.chance.around(habits.answer_median_s, habits.answer_sigma, "answer", *key)
    closes_s = world.day.seconds(offer["deadline_at"])
    if world.now_s + delay_s >= closes_s:
        return
    world.later(delay_s, lambda: _send(life, offer["offer_id"], is_accepted=is_accepted))


def p_refuse(life: CourierLife, offer: dict[str, Any]) -> float:
    """Probability that a courier says no: more for far pickups, less for extra pay."""
    world, habits = life.world, life.world.params.courier
    plans = [world.truth.orders[i] for i in offer["order_ids"] if i in world.truth.orders]
    p = habits.p_refuse - habits.bonus_helps * int(offer.get("bonus_cents") or 0) / 100
    if plans:
        lon, lat = life.position()
        p += habits.refuse_per_km * metres_between(Place(lon=lon, lat=lat), plans[0].pickup) / 1000
    return min(0.9, max(0.01, p))


def _send(life: CourierLife, offer_id: str, *, is_accepted: bool) -> None:
    if life.mode is not Mode.ON:
        return
    code = ReasonCode.COURIER_DECLINED_ECONOMICS.value
    try:
        taken = life.world.door.answer_offer(offer_id, is_accepted=is_accepted, code=code)
    except Refused as refusal:
        life.world.refused("accept" if is_accepted else "decline", refusal)
        return
    if is_accepted:
        life.look_at(read_route(taken["route"], life.world.day))


@dataclass(slots=True)
class Customers:
    """Everybody who waits for an order.

    Attributes
    ----------
    world : World
        What they live in.
    tokens : dict of str to str
        Link of each order, by the platform's id.
    asked : set of str
        Orders whose customers were asked; nobody is asked twice.
    n_notices, n_choices : int
        How many notices came and how many choices were made.
    """

    world: World
    tokens: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    n_notices: int = 0
    n_choices: int = 0

    def read(self, order_id: str, notice: dict[str, Any]) -> None:
        """Read a notice; some then open the page and choose, the others stay silent."""
        self.n_notices += 1
        plan = self.world.truth.orders.get(order_id)
        if plan is None or notice["kind"] not in _ASKING or order_id in self.asked:
            return
        self.asked.add(order_id)
        likes, chance = self.world.params.customer, self.world.chance
        if chance.happens(likes.p_answers, "chooses", plan.external_id):
            delay_s = chance.around(
                likes.answer_median_s, likes.answer_sigma, "choosing", plan.external_id
            )
            self.world.later(delay_s, lambda: self._open_page(order_id, plan.external_id))

    def _open_page(self, order_id: str, name: str) -> None:
        """Look at the order's page and choose, if there is anything to choose."""
        if order_id in self.world.truth.delivered_s or order_id not in self.tokens:
            return
        try:
            token = self.tokens[order_id]
            choices = self.world.door.track(order_id, token).get("choices") or []
            if choices:
                self.world.door.choose(order_id, token, *self._pick(name, choices))
                self.n_choices += 1
        except Refused as refusal:
            self.world.refused("choice", refusal)

    def _pick(self, name: str, choices: list[dict[str, Any]]) -> tuple[str, str]:
        """Way a customer likes among those offered; of several points the nearest."""
        sites: dict[str, str] = {}
        for choice in choices:
            sites.setdefault(choice["way"], (choice.get("site") or {}).get("id", ""))
        weights = dict(self.world.params.customer.likes)
        at = self.world.chance.uniform("choice", name) * sum(weights.get(way, 0.0) for way in sites)
        for way, site_id in sites.items():
            at -= weights.get(way, 0.0)
            if at < 0:
                return way, site_id
        return next(iter(sites.items()))
