"""This file knows how a relay is told to both couriers, watched, and called off."""

from dataclasses import dataclass

import numpy as np

from recourse.planning.engine.answers import Answer
from recourse.planning.engine.facts import ANY, Visits
from recourse.planning.engine.relay import Relay
from recourse.planning.engine.world import World

__all__ = ["AgreedRelay", "call_off", "is_broken", "tell_relay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedRelay:
    """A relay that was told, as two orders of the world.

    Each has the way out of the whole order as its own, so giving one of them up costs more than the
    meeting ever saved.

    Attributes
    ----------
    relay : Relay
        What was agreed.
    give, take : int
        The order that ends when the giver has handed over, and the one that begins then and ends
        at the door. Each is bound to its courier, and to the second that was agreed.
    """

    relay: Relay
    give: int
    take: int


def tell_relay(world: World, relay: Relay) -> AgreedRelay:
    """Tell both couriers; the order goes on as two that fit together.

    Parameters
    ----------
    world : World
        Its told routes are those the relay was found for, the order in none or in the giver's.
    relay : Relay
        What `find_relay` found.

    Returns
    -------
    AgreedRelay
        What to watch.
    """
    rules = world.rules
    facts, door = rules.orders, int(rules.orders.delivery[relay.order])
    unserved_price = int(facts.unserved_price[relay.order])
    routes = [
        [int(visit) for visit in route if rules.order_of[visit] != relay.order]
        for route in world.routes
    ]
    leaves = rules.visits.demand[door]
    world.take_order_out(relay.order)
    give = world.add_order(
        delivery=_meeting(relay, leaves), only_courier=relay.giver, unserved_price=unserved_price
    )
    take = world.add_order(
        pickup=_meeting(relay, -leaves),
        delivery=_row(rules.visits, door),
        only_courier=relay.taker,
        skills=int(facts.skills[relay.order]),
        unserved_price=unserved_price,
    )
    at_giver, at_taker = rules.visits_of(give), rules.visits_of(take)
    i, j, d = relay.give_rank, relay.take_rank, relay.door_rank
    theirs = routes[relay.taker]
    routes[relay.giver][i:i] = at_giver
    routes[relay.taker] = [*theirs[:j], at_taker[0], *theirs[j:d], at_taker[1], *theirs[d:]]
    world.load_routes(routes)
    return AgreedRelay(relay=relay, give=give, take=take)


def is_broken(world: World, agreed: AgreedRelay, answer: Answer | None = None) -> bool:
    """Whether one of the two will not come to a meeting that the other still drives to.

    Parameters
    ----------
    world : World
        As things are now.
    agreed : AgreedRelay
        What was told.
    answer : Answer, optional
        Routes that might be told next, instead of those that were.

    Returns
    -------
    bool
        False also once the parcel has changed hands.
    """
    rules = world.rules
    meetings = {"give": rules.visits_of(agreed.give)[0], "take": rules.visits_of(agreed.take)[0]}
    told = {int(visit) for route in (answer.routes if answer else world.routes) for visit in route}
    has_given = agreed.give in rules.over
    has_taken = int(rules.orders.pickup[agreed.take]) == ANY or agreed.take in rules.over
    gives = has_given or meetings["give"] in told
    takes = has_taken or meetings["take"] in told
    return not (gives and takes)


def call_off(world: World, agreed: AgreedRelay) -> int | None:
    """Forget a meeting that will not take place; whoever holds the parcel keeps it.

    Parameters
    ----------
    world : World
        As things are now.
    agreed : AgreedRelay
        What was told.

    Returns
    -------
    int or None
        The order again, bound to whoever has it on board and in nobody's route; None if the
        parcel has changed hands already, and there is nothing to call off.
    """
    rules, relay = world.rules, agreed.relay
    if agreed.give in rules.over:
        return None
    door = int(rules.orders.delivery[agreed.take])
    unserved_price = int(rules.orders.unserved_price[agreed.take])
    skills = int(rules.orders.skills[agreed.take])
    at_door = _row(rules.visits, door)
    world.take_order_out(agreed.take)
    world.take_order_out(agreed.give)
    return world.add_order(
        delivery=at_door, only_courier=relay.giver, unserved_price=unserved_price, skills=skills
    )


def _meeting(relay: Relay, demand: np.ndarray) -> Visits:
    """Where and when they meet, seen by one of them."""
    return Visits(
        place=np.array([relay.place]),
        earliest_s=np.array([relay.at_s]),
        latest_s=np.array([relay.at_s]),
        service_s=np.array([relay.handover_s]),
        demand=demand[None],
    )


def _row(visits: Visits, number: int) -> Visits:
    """One visit again."""
    names = visits.__dataclass_fields__
    return Visits(**{name: getattr(visits, name)[number : number + 1] for name in names})
