"""What must hold for every plan, whatever the town."""

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recourse.model.routes import Route, StopKind
from recourse.planning import Placement, place, retime, verify
from tests.unit.planning.oracle import route_cost_mc
from tests.unit.planning.town import Scene, numbered, random_scene

seeds = st.integers(min_value=0, max_value=1_000_000)
calm = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def solve(scene: Scene, **given_: object) -> Placement:
    return place(
        scene.world,
        scene.demands,
        now=scene.now,
        ids=numbered("n"),
        max_late_s=scene.max_late_s,
        **given_,  # type: ignore[arg-type]
    )


def broken(scene: Scene, route: Route) -> tuple[str, ...]:
    entry = scene.world.entry(route.courier_id)
    return verify(
        route,
        entry.courier,
        orders=scene.orders,
        travel=scene.travel,
        now=scene.now,
        params=scene.world.params,
        before=entry.route,
        progress=entry.progress,
        max_late_s=scene.max_late_s,
    )


@calm
@given(seed=seeds, n_new=st.integers(1, 9))
def test_every_planned_route_is_sound(seed: int, n_new: int) -> None:
    scene = random_scene(seed, n_new=n_new)
    for insertion in solve(scene).insertions:
        assert broken(scene, insertion.route) == ()


def other_kinds(scene: Scene, rng: random.Random) -> None:
    """Let some parcels be taken over and some be on board, at a moment between two seconds."""
    scene.now += timedelta(seconds=rng.random() * 3)
    for k, demand in enumerate(scene.demands):
        holder = rng.choice(["c-0", "c-1"])
        kind = rng.choice(["take", "on board", "at once", "as it is"])
        changed = replace(demand, pickup_site_id="", from_courier_id=holder)
        if kind == "take":
            changed = replace(changed, pickup_kind=StopKind.TAKE)
        elif kind == "on board":
            to = rng.choice([StopKind.RETURN, StopKind.POINT, StopKind.DROPOFF])
            changed = replace(changed, pickup=None, dropoff_kind=to, dropoff_site_id="site")
        elif kind == "at once":
            changed = replace(demand, pickup_ready_at=None, earliest_at=None)
        else:
            changed = demand
        scene.demands[k] = scene.orders[demand.order_id] = changed


@calm
@given(seed=seeds)
def test_handovers_returns_and_parcels_on_board_are_sound_too(seed: int) -> None:
    scene = random_scene(seed, n_new=6)
    other_kinds(scene, random.Random(seed))
    plan = solve(scene)
    for insertion in plan.insertions:
        assert broken(scene, insertion.route) == ()
        stops = insertion.route.stops
        timed = retime(scene.world, insertion.courier_id, stops, now=scene.now)
        for a, b in zip(timed, stops, strict=True):
            assert abs(a.arrival_at - b.arrival_at) <= timedelta(seconds=1)


@calm
@given(seed=seeds)
def test_every_order_is_placed_once_or_explained(seed: int) -> None:
    scene = random_scene(seed, n_new=7)
    plan = solve(scene)
    placed = [insertion.order_id for insertion in plan.insertions]
    assert sorted([*placed, *plan.unplaced]) == sorted(d.order_id for d in scene.demands)
    for order_id in plan.unplaced:
        assert plan.rejections[order_id]
    for demand in scene.demands:
        n_losers = sum(plan.n_losers[demand.order_id].values())
        assert n_losers == len(scene.world.courier_ids()) - (demand.order_id in placed)
    for insertion in plan.insertions:
        served = [s for s in insertion.route.stops if insertion.order_id in s.order_ids]
        assert [s.kind.value for s in served] == ["pickup", "dropoff"]


@calm
@given(seed=seeds)
def test_stops_that_were_there_keep_courier_and_sequence(seed: int) -> None:
    scene = random_scene(seed, n_new=6)
    for insertion in solve(scene).insertions:
        was = [stop.id for stop in scene.world.entry(insertion.courier_id).route.stops]
        assert [stop.id for stop in insertion.route.stops if stop.id in was] == was
        for before in scene.world.entry(insertion.courier_id).route.stops:
            after = next(stop for stop in insertion.route.stops if stop.id == before.id)
            assert after.order_ids[: len(before.order_ids)] == before.order_ids


@calm
@given(seed=seeds)
def test_the_price_of_an_insertion_is_the_difference_of_two_whole_routes(seed: int) -> None:
    scene = random_scene(seed, n_new=1)
    for insertion in solve(scene).insertions:
        before = scene.world.entry(insertion.courier_id).route
        added = route_cost_mc(scene, insertion.route, told=before) - route_cost_mc(
            scene, before, told=before
        )
        assert (added + 500) // 1_000 == insertion.cost_cents


@calm
@given(seed=seeds)
def test_same_input_gives_the_same_plan(seed: int) -> None:
    assert solve(random_scene(seed)) == solve(random_scene(seed))


@calm
@given(seed=seeds)
def test_the_sequence_of_the_demands_does_not_matter(seed: int) -> None:
    scene = random_scene(seed, n_new=6)
    plan = solve(scene)
    random.Random(seed).shuffle(scene.demands)
    assert solve(scene) == plan


@calm
@given(seed=seeds)
def test_other_ids_give_the_same_plan_under_other_labels(seed: int) -> None:
    scene = random_scene(seed, n_new=6)
    labels = {c: f"x-{9 - k}" for k, c in enumerate(scene.world.courier_ids())}
    other = random_scene(seed, n_new=6)
    for courier_id, label in labels.items():
        entry = other.world.entry(courier_id)
        other.world.remove(courier_id)
        progress = entry.progress and replace(entry.progress, courier_id=label)
        other.world.put(
            replace(entry.courier, id=label),
            replace(entry.route, courier_id=label),
            progress,
            orders=other.orders,
        )
    other.demands = [
        replace(d, excluded=frozenset(labels[c] for c in d.excluded if c in labels))
        for d in other.demands
    ]
    mine = {(i.order_id, labels[i.courier_id], i.cost_cents) for i in solve(scene).insertions}
    theirs = {(i.order_id, i.courier_id, i.cost_cents) for i in solve(other).insertions}
    assert mine == theirs


@calm
@given(seed=seeds)
def test_planning_changes_nothing_in_the_world(seed: int) -> None:
    scene = random_scene(seed, n_new=5)
    before = [scene.world.entry(c) for c in scene.world.courier_ids()]
    version = scene.world.version
    solve(scene)
    assert [scene.world.entry(c) for c in scene.world.courier_ids()] == before
    assert scene.world.version == version
