"""This file knows relays: two couriers on the road meet, one hands a parcel over and both go on.

Whoever is there first waits for the other. The time of the meeting is agreed for both, and kept by
both like a window that leaves no room, so each route can still be judged alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recourse.model.cases import Loss, Rejection, Way
from recourse.model.errors import Invalid
from recourse.planning.engine.answers import Answer
from recourse.planning.engine.decide import loss_of
from recourse.planning.engine.facts import ANY
from recourse.planning.engine.relay_search import Asked, Relay, Search
from recourse.planning.engine.rules import Rules
from recourse.planning.engine.world import World

__all__ = ["Relay", "RelayChoice", "find_relay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayChoice:
    """The cheapest relay of an order, and why nobody else takes it over.

    Attributes
    ----------
    relay : Relay or None
        The cheapest; None if nobody can.
    told_price : int
        What the order costs now: in the holder's route, or by its way out without a courier.
    rejections : tuple of Rejection
        Every other courier who was asked, nearest first; by courier id. Whoever would cost more
        than the order costs now is dearer by that amount at least.
    """

    relay: Relay | None
    told_price: int
    rejections: tuple[Rejection, ...]

    @property
    def gain(self) -> int:
        """What the relay saves; 0 if there is none that does."""
        return max(0, self.told_price - self.relay.price) if self.relay else 0


def find_relay(
    world: World,
    answer: Answer,
    order: int,
    *,
    places: Sequence[int],
    courier_ids: Sequence[str],
    handover_s: int = 60,
    n_takers: int = 8,
    n_tried: int = 40,
) -> RelayChoice:
    """Find the cheapest way to hand on a parcel that a courier has on board.

    Places in both routes are looked at, those with the shortest ways round first, until what they
    would cost if nobody had to wait is more than the best found, or than the order costs now;
    whatever comes of waiting for each other is worked out from scratch.

    Parameters
    ----------
    world : World
        The facts.
    answer : Answer
        Routes to begin from; the order may be in its holder's route or in none.
    order : int
        An order that is in the hands of one courier.
    places : sequence of int
        Where they might meet.
    courier_ids : sequence of str
        What couriers are called outside.
    handover_s : int, optional
        Seconds it takes.
    n_takers : int, optional
        How many couriers are asked, nearest to the places first.
    n_tried : int, optional
        In how many places of each route the parcel is handed on in thought.

    Returns
    -------
    RelayChoice
        Nothing is told before `tell_relay`.

    Raises
    ------
    Invalid
        If no courier on duty has the parcel on board.
    """
    rules = world.rules
    giver = int(rules.orders.only_courier[order])
    leaves = rules.visits.demand[int(rules.orders.delivery[order])]
    if giver == ANY or rules.orders.pickup[order] != ANY or leaves.max() > 0:
        raise Invalid(field="order", why="is on nobody's board")
    if giver in rules.off_duty:
        raise Invalid(field="order", why="is with somebody who is off duty: say where to meet them")
    routes = [[int(v) for v in route if rules.order_of[v] != order] for route in answer.routes]
    told_price = _told_price(rules, answer, order, giver, routes[giver])
    search = Search(rules, routes, order, giver, list(places), handover_s, told_price)
    asked = {taker: search.ask(taker, n_tried) for taker in search.takers(n_takers)}
    found = [one.best for one in asked.values() if one.best]
    relay = min(found, key=lambda one: (one.price, one.taker), default=None)
    lost = [
        _rejection(courier_ids[taker], one, relay.price if relay else told_price)
        for taker, one in asked.items()
        if relay is None or taker != relay.taker
    ]
    return RelayChoice(
        relay=relay,
        told_price=told_price,
        rejections=tuple(sorted(lost, key=lambda one: (one.loss is not Loss.PRICE, one.amount))),
    )


def _told_price(rules: Rules, answer: Answer, order: int, giver: int, without: list[int]) -> int:
    """What the order costs as it is."""
    route = [int(visit) for visit in answer.routes[giver]]
    if route == without:
        return int(rules.orders.unserved_price[order])
    return rules.walk(giver, route).price - rules.walk(giver, without).price


def _rejection(courier_id: str, asked: Asked, price: int) -> Rejection:
    """Why a courier does not take it over."""
    if asked.least_price is not None:
        more = max(0, asked.least_price - price)
        return Rejection(way=Way.HANDOVER, loss=Loss.PRICE, courier_id=courier_id, amount=more)
    worst = max(asked.breaches, key=lambda one: one.amount)
    loss = loss_of(worst.rule)
    return Rejection(way=Way.HANDOVER, loss=loss, courier_id=courier_id, amount=worst.amount)
