"""Two couriers on the road meet, and whoever is there first waits."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recourse.model.cases import Loss
from recourse.model.errors import Invalid
from recourse.planning.engine import ANY, Couriers, Orders, Travel, Visits, World
from recourse.planning.engine.agreed import call_off, is_broken, tell_relay
from recourse.planning.engine.relay import RelayChoice, find_relay
from tests.unit.engine.test_kernel import SEEDS
from tests.unit.engine.worlds import facts

NAMES = ("wang", "li", "zhao", "chen")


def street(*, is_plain: bool = False, **more: Any) -> World:  # noqa: ANN401 - any field
    """Return Wang, who must be home by 1,000 and has a parcel for far away, and Li, who is there.

    Doors at 100 (Wang) and 2,000 (on Wang's board); Li starts at 1,500. They may meet at 500.
    """
    at_m = np.array([100, 2_000, 500, 0, 1_500])
    ways = np.abs(at_m[:, None] - at_m)
    couriers: dict[str, Any] = {
        "start_place": np.array([3, 4]),
        "start_s": np.array([0, 0]),
        "end_place": np.array([3, 4]),
        "end_s": np.array([2_400, 9_000]),
        "capacity": np.array([2, 1]),
        "load": np.array([2, 0]),
    }
    return World(
        travel=Travel(time_s=ways, price=ways),
        visits=Visits(
            place=np.array([0, 1]),
            earliest_s=np.zeros(2),
            latest_s=np.full(2, 9_000),
            service_s=np.full(2, 10),
            demand=np.array([-1, -1]),
            due_s=np.full(2, 2_000),
            late_price=np.array([1, 1]),
        ),
        orders=Orders(
            delivery=np.arange(2),
            unserved_price=np.full(2, 20_000),
            only_courier=np.array([0, 0]),
        ),
        couriers=Couriers(**(couriers | more)),
        is_plain=is_plain,
    )


def relay_of(world: World) -> RelayChoice:
    return find_relay(world, world.answer(), 1, places=[2], courier_ids=NAMES, handover_s=60)


def test_who_is_there_first_waits_for_the_other() -> None:
    choice = relay_of(street())
    relay = choice.relay
    assert relay is not None
    assert (relay.giver, relay.taker, relay.place, relay.at_s) == (0, 1, 2, 1_000)
    # Wang is there at 510, or at 500 if he goes by his own door on the way home.
    assert (relay.giver_waits_s, relay.taker_waits_s) in {(490, 0), (500, 0)}
    assert relay.price == 800 + 3_000 - 0 + relay.late_s
    assert relay.late_s == 1_000 + 60 + 1_500 - 2_000
    assert choice.told_price == 20_000
    assert choice.gain == 20_000 - relay.price


@pytest.mark.parametrize("is_plain", [False, True])
def test_both_are_told_the_same_second(is_plain: bool) -> None:
    world = street(is_plain=is_plain)
    answer = world.answer()
    assert answer.unserved.tolist() == [1]
    world.adopt(answer)
    before = world.answer().price
    choice = relay_of(world)
    assert choice.relay is not None
    agreed = tell_relay(world, choice.relay)
    after = world.answer()
    assert before - after.price == choice.gain
    give, take = world.rules.visits_of(agreed.give)[0], world.rules.visits_of(agreed.take)[0]
    starts = {}
    for courier, visit in ((0, give), (1, take)):
        route = [int(one) for one in after.routes[courier]]
        starts[courier] = world.rules.walk(courier, route).starts_s[route.index(visit)]
    assert starts[0] == starts[1] == choice.relay.at_s
    assert not is_broken(world, agreed)


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_meeting_that_one_will_miss_is_called_off(is_plain: bool) -> None:
    world = street(is_plain=is_plain)
    world.adopt(world.answer())
    relay = relay_of(world).relay
    assert relay is not None
    agreed = tell_relay(world, relay)
    assert not is_broken(world, agreed, world.answer(iterations=20))
    world.move_courier(1, place=4, at_s=500)
    assert is_broken(world, agreed)
    assert is_broken(world, agreed, world.answer())
    order = call_off(world, agreed)
    assert order is not None
    assert [len(route) for route in world.routes] == [1, 0]
    assert world.answer().unserved.tolist() == [order]
    again = find_relay(world, world.answer(), order, places=[2], courier_ids=NAMES)
    assert again.relay is not None
    assert again.relay.at_s == 1_500


def test_what_has_changed_hands_is_not_called_off() -> None:
    world = street()
    world.adopt(world.answer())
    relay = relay_of(world).relay
    assert relay is not None
    agreed = tell_relay(world, relay)
    for courier in (0, 0, 1):
        if len(world.routes[courier]):
            world.start_stop(courier, at_s=relay.at_s if courier else 100)
    while agreed.give not in world.rules.over:
        world.start_stop(0, at_s=relay.at_s)
    assert not is_broken(world, agreed)
    assert call_off(world, agreed) is None
    assert world.rules.couriers.load[:, 0].tolist() == [0, 1]


def test_whoever_cannot_take_it_over_has_a_reason() -> None:
    tight = street(end_s=np.array([2_400, 1_200]))
    choice = relay_of(tight)
    assert choice.relay is None
    assert choice.gain == 0
    assert [(one.courier_id, one.loss) for one in choice.rejections] == [("li", Loss.BEYOND_SHIFT)]
    full = street(capacity=np.array([2, 0]))
    assert [one.loss for one in relay_of(full).rejections] == [Loss.OVER_CAPACITY]


def test_only_what_is_on_board_of_somebody_on_the_road_is_handed_on() -> None:
    world = street()
    world.adopt(world.answer())
    world.drop_courier(0)
    with pytest.raises(Invalid, match="off duty"):
        relay_of(world)
    loose = World(**facts(4))
    order = int(np.flatnonzero(loose.rules.orders.only_courier == ANY)[0])
    with pytest.raises(Invalid, match="nobody's board"):
        find_relay(loose, loose.answer(), order, places=[0], courier_ids=NAMES)


def on_board(world: World) -> list[int]:
    """Orders on somebody's board that may be handed on."""
    orders, demand = world.rules.orders, world.rules.visits.demand
    return [
        k
        for k in range(len(orders))
        if orders.only_courier[k] != ANY
        and orders.pickup[k] == ANY
        and demand[orders.delivery[k]].max() <= 0
        and k not in world.rules.over
    ]


@settings(max_examples=60)
@given(SEEDS, st.integers(0, 30))
def test_a_relay_costs_what_both_routes_cost_more_and_breaks_nothing(seed: int, at: int) -> None:
    world = World(**facts(seed, n_orders=9, n_couriers=4, has_large=True))
    world.adopt(world.answer())
    for order in on_board(world):
        answer = world.answer()
        if len(answer.routes) and [r.tolist() for r in answer.routes] != [
            r.tolist() for r in world.routes
        ]:
            world.adopt(answer)
            answer = world.answer()
        places = [at % world.rules.travel.n_places]
        choice = find_relay(world, answer, order, places=places, courier_ids=NAMES)
        asked = {one.courier_id for one in choice.rejections}
        assert len(asked) == 3 - (choice.relay is not None)
        if choice.relay is None:
            continue
        before = answer.price
        agreed = tell_relay(world, choice.relay)
        rules = world.rules
        routes = [[int(visit) for visit in route] for route in world.routes]
        walks = [rules.walk(c, route) for c, route in enumerate(routes)]
        assert all(walk.is_sound for walk in walks)
        give, take = rules.visits_of(agreed.give)[0], rules.visits_of(agreed.take)[0]
        giver, taker = choice.relay.giver, choice.relay.taker
        start = walks[giver].starts_s[routes[giver].index(give)]
        assert start == walks[taker].starts_s[routes[taker].index(take)]
        served = {rules.order_of[visit] for route in routes for visit in route}
        left_out = set(range(len(rules.orders))) - served - rules.over
        # What was told is told anew: having told something else costs nothing any more.
        price = sum(w.price - w.change_price for w in walks)
        price += sum(int(rules.orders.unserved_price[k]) for k in left_out)
        assert price <= before - choice.told_price + choice.relay.price
        return
