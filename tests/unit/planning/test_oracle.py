"""The vectorised price against a plain search of every insertion."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recourse.planning import place
from tests.unit.planning.oracle import cheapest_mc
from tests.unit.planning.test_properties import calm, seeds
from tests.unit.planning.town import Scene, random_scene


def able(scene: Scene) -> dict[str, int]:
    """Cheapest price by courier, in thousandths of a cent, of those who can by vehicle."""
    demand = scene.demands[0]
    return {
        courier_id: cost
        for courier_id, cost in cheapest_mc(scene, demand).items()
        if not demand.vehicles or scene.world.entry(courier_id).courier.vehicle in demand.vehicles
    }


@calm
@given(seed=seeds, n_before=st.integers(0, 12))
def test_the_cheapest_insertion_is_found(seed: int, n_before: int) -> None:
    scene = random_scene(seed, n_couriers=3, n_before=n_before, n_new=1)
    scene.world.params = replace(scene.world.params, n_candidates=24)
    costs = able(scene)
    plan = place(
        scene.world, scene.demands, now=scene.now, ids=scene.ids, max_late_s=scene.max_late_s
    )
    if not costs:
        assert plan.unplaced == (scene.demands[0].order_id,)
        return
    best = min(costs.items(), key=lambda item: (item[1], item[0]))
    (took,) = plan.insertions
    assert (took.courier_id, took.cost_cents) == (best[0], (best[1] + 500) // 1_000)


@calm
@given(seed=seeds)
def test_whoever_could_but_was_dearer_lost_by_the_price(seed: int) -> None:
    scene = random_scene(seed, n_couriers=4, n_before=6, n_new=1)
    scene.world.params = replace(scene.world.params, n_candidates=24)
    costs = able(scene)
    plan = place(
        scene.world, scene.demands, now=scene.now, ids=scene.ids, max_late_s=scene.max_late_s
    )
    by_price = {
        r.courier_id: r.amount
        for r in plan.rejections[scene.demands[0].order_id]
        if r.loss.value == "price"
    }
    best = min(costs.values(), default=0)
    losers = {c: (cost - best) // 1_000 for c, cost in costs.items()}
    for insertion in plan.insertions:
        del losers[insertion.courier_id]
    assert by_price == losers
