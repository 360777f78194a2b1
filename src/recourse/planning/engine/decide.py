"""This file knows why an order went where it went: its price in terms, and every loser's reason.

Reasons are worked out from scratch when somebody asks, for the plan that was answered; nothing of
it slows the search down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from recourse.model.cases import Decision, Loss, Option, Rejection, Way
from recourse.planning.engine.answers import Answer
from recourse.planning.engine.rules import Breach, Rule, Rules, Walk
from recourse.planning.engine.world import World

__all__ = ["Terms", "decide", "loss_of", "terms_of"]

_LOSSES = {
    Rule.LATE: Loss.LATE,
    Rule.OVER_CAPACITY: Loss.OVER_CAPACITY,
    Rule.BEYOND_END: Loss.BEYOND_SHIFT,
    Rule.NO_SKILL: Loss.NO_ACCESS,
    Rule.NOT_IN_HANDS: Loss.NOT_IN_HANDS,
    Rule.OFF_DUTY: Loss.OFF_DUTY,
}


def loss_of(rule: Rule) -> Loss:
    """Why an option is not taken that breaks a rule."""
    return _LOSSES[rule]


class Terms(NamedTuple):
    """What an order costs in a plan.

    Attributes
    ----------
    legs : int
        Longer ways.
    late : int
        Lateness past what was due, of this order and of those behind it.
    risk : int
        What lateness costs more on average for times being uncertain, of the same orders.
    change : int
        Having told somebody something else.
    stops : int
        What is paid at the stops themselves.
    seconds : int
        The courier's time.
    way_out : int
        The way out without a courier; 0 for an order that has one.
    """

    legs: int
    late: int
    risk: int
    change: int
    stops: int
    seconds: int
    way_out: int

    @property
    def price(self) -> int:
        """All together."""
        return sum(self)


def terms_of(world: World, answer: Answer, order: int) -> Terms:
    """Break the price of an order into its terms.

    Parameters
    ----------
    world : World
        Who answered.
    answer : Answer
        What was answered.
    order : int
        Which order.

    Returns
    -------
    Terms
        What the plan would cost less without it, term by term.
    """
    courier = _courier_of(world.rules, answer, order)
    if courier is None:
        return Terms(0, 0, 0, 0, 0, 0, int(world.rules.orders.unserved_price[order]))
    with_it = [int(visit) for visit in answer.routes[courier]]
    return _difference(world.rules, courier, with_it, _without(world.rules, with_it, order))


def decide(
    world: World,
    answer: Answer,
    order: int,
    *,
    order_id: str,
    courier_ids: Sequence[str],
    ways: Sequence[Option] = (),
    carriers: Mapping[int, Way] | None = None,
) -> Decision:
    """Say what was decided for an order, and why every other courier and way lost.

    Parameters
    ----------
    world : World
        Who answered, with prices in cents.
    answer : Answer
        What was answered.
    order : int
        Which order.
    order_id : str
        What it is called outside.
    courier_ids : sequence of str
        What couriers are called outside.
    ways : sequence of Option, optional
        Ways out without a courier; the cheapest is the order's ``unserved_price``.
    carriers : mapping of int to Way, optional
        Couriers of the world who are no people: the van of the next wave, a stock elsewhere.

    Returns
    -------
    Decision
        Ready for `recourse.planning.explain`; losers who come close are first.
    """
    courier = _courier_of(world.rules, answer, order)
    terms = terms_of(world, answer, order)
    kinds = carriers or {}
    lost = list(_other_couriers(world.rules, answer, order, courier, terms.price))
    rejections = [
        (amount, loss, courier_ids[who], kinds.get(who, Way.COURIER)) for amount, loss, who in lost
    ]
    if courier is None:
        chosen = min(ways, key=lambda way: way.cost_cents, default=Option(way=Way.HUMAN))
    else:
        taken = _taken(world.rules, answer, order, courier, courier_ids[courier], terms.price)
        chosen = replace(taken, way=kinds.get(courier, Way.COURIER))
    dearer = [
        Rejection(way=way.way, loss=Loss.PRICE, amount=way.cost_cents - chosen.cost_cents)
        for way in ways
        if way is not chosen
    ]
    by_courier = [
        Rejection(way=way, loss=loss, courier_id=courier_id, amount=amount)
        for amount, loss, courier_id, way in sorted(rejections, key=_nearest_first)
    ]
    return Decision(order_id=order_id, option=chosen, rejections=(*by_courier, *dearer))


def _taken(
    rules: Rules, answer: Answer, order: int, courier: int, courier_id: str, price: int
) -> Option:
    """The courier who took it, at what price, and how late."""
    route = [int(visit) for visit in answer.routes[courier]]
    doors = {delivery for _, delivery in rules.options[order]}
    door = next(visit for visit in route if visit in doors)
    start_s = rules.walk(courier, route).starts_s[route.index(door)]
    late_s = max(0, start_s - int(rules.visits.due_s[door]))
    return Option(way=Way.COURIER, courier_id=courier_id, late_s=late_s, cost_cents=price)


def _other_couriers(
    rules: Rules, answer: Answer, order: int, taker: int | None, price: int
) -> Iterator[tuple[int, Loss, int]]:
    """By how much, why and who lost."""
    for courier, given in enumerate(answer.routes):
        if courier == taker:
            continue
        if barred := rules.may_carry(order, courier):
            yield 0, _LOSSES[barred[0].rule], courier
            continue
        route = [int(visit) for visit in given]
        before = rules.walk(courier, route).price
        walks = [rules.walk(courier, longer) for longer in _places(rules, order, route)]
        if sound := [walk.price for walk in walks if walk.is_sound]:
            yield min(sound) - before - price, Loss.PRICE, courier
        else:
            nearest = min((walk.breaches for walk in walks), key=_how_far)
            worst = max(nearest, key=lambda breach: breach.amount)
            yield worst.amount, _LOSSES[worst.rule], courier


def _nearest_first(lost: tuple[int, Loss, str, Way]) -> tuple[bool, bool, int, str]:
    """Who lost by price comes first, then who came close, then who could not at all."""
    amount, loss, courier_id, _ = lost
    return loss is not Loss.PRICE, amount == 0, amount, courier_id


def _how_far(breaches: list[Breach]) -> tuple[int, int]:
    """How far a route is from being sound."""
    return len({breach.rule for breach in breaches}), sum(breach.amount for breach in breaches)


def _places(rules: Rules, order: int, route: list[int]) -> Iterator[list[int]]:
    """Every way to put an order into a route."""
    for option in range(len(rules.options[order])):
        *first, last = rules.visits_of(order, option)
        for i in range(len(route) + 1):
            for j in range(i, len(route) + 1) if first else [i]:
                yield [*route[:i], *first, *route[i:j], last, *route[j:]]


def _courier_of(rules: Rules, answer: Answer, order: int) -> int | None:
    """Who has an order in a plan."""
    doors = {delivery for _, delivery in rules.options[order]}
    routes = enumerate(answer.routes)
    return next((c for c, route in routes if not doors.isdisjoint(route.tolist())), None)


def _without(rules: Rules, route: list[int], order: int) -> list[int]:
    """A route without the visits of an order."""
    return [visit for visit in route if rules.order_of[visit] != order]


def _difference(rules: Rules, courier: int, route: list[int], shorter: list[int]) -> Terms:
    """What one route costs more than another, term by term."""
    more: Walk = rules.walk(courier, route)
    less: Walk = rules.walk(courier, shorter)
    return Terms(
        more.legs_price - less.legs_price,
        more.late_price - less.late_price,
        more.risk_price - less.risk_price,
        more.change_price - less.change_price,
        more.stops_price - less.stops_price,
        more.seconds_price - less.seconds_price,
        0,
    )
