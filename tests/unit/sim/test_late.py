"""What a courier reports after the dark."""

from recourse.model.places import Place
from recourse.model.routes import StopKind
from recourse_sim.courier import CourierLife, Mode
from recourse_sim.day import SimulatedDay
from recourse_sim.hours import SimClock
from recourse_sim.late import report_late
from recourse_sim.stops import StopView
from recourse_sim.visit import Visit
from tests.unit.sim.test_a_day import WAYS, scenario
from tests.unit.sim.tiny_platform import TinyPlatform


def stop(kind: StopKind, *order_ids: str) -> StopView:
    place = Place(lon=0.0, lat=0.0)
    return StopView(id=f"{kind}-1", kind=kind, order_ids=order_ids, place=place, earliest_s=0.0)


def test_what_was_brought_at_a_stop_that_is_gone_is_reported_as_a_delivery() -> None:
    these = scenario(n_orders=4, n_couriers=2)
    platform = TinyPlatform(SimClock(these.day, these.begins_s))
    world = SimulatedDay(these, platform, WAYS).world
    who = these.fleet[0].id
    world.door.register_courier(these.fleet[0])
    world.truth.deliver("o-1", 40_000.0)
    done = [stop(StopKind.PICKUP, "o-1"), stop(StopKind.DROPOFF, "o-1", "o-2")]
    report_late(who, done, world)
    assert platform.late == [(who, "o-1")]
    assert dict(world.truth.n_refused) == {"late report 409 conflict": 2}


def test_whoever_falls_silent_at_the_counter_is_heard_of_before_a_parcel_leaves_it() -> None:
    these = scenario()
    platform = TinyPlatform(SimClock(these.day, these.begins_s))
    world = SimulatedDay(these, platform, WAYS).world
    parcel = next(plan for plan in these.plan.orders if plan.is_parcel)
    world.truth.orders["o-1"] = parcel
    world.door.register_courier(these.fleet[0])
    life = CourierLife(these.fleet[0], world)
    life.mode = Mode.DARK_ON
    life.visit = Visit(life, stop(StopKind.PICKUP, "o-1"))
    life.visit.finish()
    assert life.mode is Mode.ON
    assert "o-1" not in world.truth.holder
