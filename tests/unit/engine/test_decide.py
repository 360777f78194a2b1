"""Why an order went where it went."""

from hypothesis import given

from recourse.model.cases import Loss, Option, Rejection, Way
from recourse.planning.engine import World
from recourse.planning.engine.decide import decide, terms_of
from tests.unit.engine.test_kernel import SEEDS
from tests.unit.engine.worlds import facts

NAMES = ("a", "b", "c")


@given(SEEDS)
def test_every_other_courier_and_way_has_a_reason(seed: int) -> None:
    world = World(**facts(seed))
    answer = world.answer(iterations=20)
    ways = [Option(way=Way.REFUND, cost_cents=900), Option(way=Way.NEXT_DAY, cost_cents=700)]
    for order in range(7):
        decision = decide(world, answer, order, order_id="o", courier_ids=NAMES, ways=ways)
        answered: list[Option | Rejection] = [decision.option, *decision.rejections]
        assert sorted(one.courier_id for one in answered if one.courier_id) == list(NAMES)
        assert {one.way for one in answered} >= {Way.REFUND, Way.NEXT_DAY}
        assert (decision.option.way is not Way.COURIER) == (order in answer.unserved)


@given(SEEDS)
def test_who_lost_by_price_could_have_taken_it_at_that_price(seed: int) -> None:
    world = World(**facts(seed))
    world.adopt(world.answer())
    answer = world.answer()
    for order in answer.unserved.tolist():
        out = Option(way=Way.HUMAN, cost_cents=int(world.rules.orders.unserved_price[order]))
        decision = decide(world, answer, order, order_id="o", courier_ids=NAMES, ways=[out])
        by_price = {
            NAMES.index(one.courier_id): one.amount + out.cost_cents
            for one in decision.rejections
            if one.loss is Loss.PRICE
        }
        spots = {courier: world.engine.spot(order, courier) for courier in range(3)}
        assert by_price == {c: spot[0] for c, spot in spots.items() if spot is not None}


@given(SEEDS)
def test_the_terms_of_an_order_without_a_courier_are_its_way_out(seed: int) -> None:
    world = World(**facts(seed))
    answer = world.answer()
    for order in answer.unserved.tolist():
        price = int(world.rules.orders.unserved_price[order])
        assert terms_of(world, answer, order) == (0, 0, 0, 0, 0, 0, price)


@given(SEEDS)
def test_the_terms_of_an_order_are_what_the_plan_would_save_without_it(seed: int) -> None:
    world = World(**facts(seed))
    answer = world.answer()
    for courier, given_route in enumerate(answer.routes):
        route = [int(visit) for visit in given_route]
        for order in {world.rules.order_of[visit] for visit in route}:
            shorter = [visit for visit in route if world.rules.order_of[visit] != order]
            saved = (
                world.rules.walk(courier, route).price - world.rules.walk(courier, shorter).price
            )
            assert terms_of(world, answer, order).price == saved
