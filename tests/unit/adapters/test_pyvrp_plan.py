"""A first plan by PyVRP is told like any other, and what it cannot say is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recourse.adapters.pyvrp_plan import plan_with_pyvrp
from recourse.model.errors import Invalid
from recourse.planning.engine import ANY, Couriers, Options, Orders, Travel, Visits, World
from recourse.planning.engine.examples import street_world
from recourse.planning.engine.speeds import Speeds
from tests.unit.engine.worlds import facts


class After:
    """Stops after so many looks."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, best_price: float) -> bool:
        del best_price
        self.left -= 1
        return self.left < 0


def plain(seed: int) -> dict[str, Any]:
    """Return a world of pairs, skills, bound orders and profiles: all that PyVRP can say."""
    drawn = facts(seed, n_orders=12)
    travel, visits, orders, couriers = (
        drawn[name] for name in ("travel", "visits", "orders", "couriers")
    )
    demand = visits.demand.copy()
    single = orders.delivery[orders.pickup == ANY]
    demand[single] = np.abs(demand[single])
    return {
        "travel": Travel(time_s=travel.time_s, price=travel.price),
        "visits": replace(visits, demand=demand, late_price=np.zeros(len(visits))),
        "orders": orders,
        "couriers": replace(couriers, break_s=np.zeros(len(couriers))),
    }


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_keeps_every_rule_of_the_engine(seed: int) -> None:
    world = World(**plain(seed))
    alone = world.engine.price()
    world.load_routes(plan_with_pyvrp(world.rules, is_over=After(200), seed=1))
    told = world.engine.price()
    assert told < alone
    assert world.answer(iterations=50).price <= told


def test_couriers_who_are_alike_share_what_is_found() -> None:
    world = street_world()
    rules = world.rules
    same = {
        name: np.repeat(getattr(rules.couriers, name)[:1], 3, axis=0)
        for name in rules.couriers.__dataclass_fields__
    }
    alike = World(
        travel=rules.travel, visits=rules.visits, orders=rules.orders, couriers=Couriers(**same)
    )
    routes = plan_with_pyvrp(alike.rules, is_over=After(200))
    assert sorted(visit for route in routes for visit in route) == list(range(6))
    assert sorted(map(len, routes))[-1] <= 3
    alike.load_routes(routes)


def test_a_day_without_a_way_home_has_none_in_its_price() -> None:
    world = street_world()
    rules = world.rules
    couriers = replace(rules.couriers, end_place=np.full(3, ANY))
    open_ = World(travel=rules.travel, visits=rules.visits, orders=rules.orders, couriers=couriers)
    open_.load_routes(plan_with_pyvrp(open_.rules, is_over=After(300)))
    assert open_.engine.price() == 300 + 300


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("late_price", {"visits": {"late_price": np.ones(6), "due_s": np.zeros(6)}}),
        ("demand", {"visits": {"demand": -np.ones(6)}}),
        ("break_s", {"couriers": {"break_s": np.ones(3)}}),
        ("speeds", {"travel": {"speeds": Speeds(begin_s=np.zeros(1), permille=np.array([[900]]))}}),
    ],
)
def test_what_pyvrp_has_no_word_for_is_refused(field: str, change: dict[str, Any]) -> None:
    rules = street_world().rules
    known: dict[str, Any] = {
        name: replace(getattr(rules, name), **change.get(name, {}))
        for name in ("travel", "visits", "orders", "couriers")
    }
    with pytest.raises(Invalid, match=field):
        plan_with_pyvrp(World(**known).rules, is_over=After(1))


def test_other_ways_to_serve_an_order_are_refused() -> None:
    ways = np.zeros((3, 3))
    world = World(
        travel=Travel(time_s=ways, price=ways),
        visits=Visits(
            place=np.arange(2),
            earliest_s=np.zeros(2),
            latest_s=np.ones(2),
            service_s=np.zeros(2),
            demand=np.zeros(2),
        ),
        orders=Orders(delivery=np.array([0]), unserved_price=np.array([5])),
        options=Options(order=np.array([0]), delivery=np.array([1])),
        couriers=Couriers(
            start_place=np.array([2]),
            start_s=np.zeros(1),
            end_place=np.array([2]),
            end_s=np.ones(1),
            capacity=np.ones(1),
            load=np.zeros(1),
        ),
    )
    with pytest.raises(Invalid, match="options"):
        plan_with_pyvrp(world.rules, is_over=After(1))
