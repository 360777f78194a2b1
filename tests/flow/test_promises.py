"""A promise that moves is told anew, and one that will break is told of before it does."""

from datetime import timedelta

import pytest

from recourse.flow import roads, stops
from recourse.model.cases import CaseStatus, Way
from recourse.model.events import RouteChanged
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.roads import RoadEvent
from tests.flow.town import Town, at


def test_a_closed_road_retimes_the_routes_it_lies_on_and_tells_the_courier(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 2))
    before = town.route("bo").stops[-1].arrival_at
    closure = RoadEvent(
        id="r-1",
        lon=at(5, 2).lon,
        lat=at(5, 2).lat,
        radius_m=150,
        factor=0.0,
        from_at=town.now,
        until_at=town.now + timedelta(hours=1),
        source="dispatcher",
    )
    town.do(roads.begin_road_event, closure)
    during = town.route("bo").stops[-1].arrival_at
    assert during > before
    assert town.happened(RouteChanged, courier_id="bo")[-1].why == "road event"
    town.do(roads.end_road_event, "r-1")
    assert town.route("bo").stops[-1].arrival_at == before
    town.finish("bo")
    assert town.order(order.id).status is OrderStatus.DELIVERED


def test_a_promise_that_will_break_is_told_before_it_breaks(town: Town) -> None:
    order = town.meal()
    town.wait_until(order.promise.latest_at)
    late = [n for n in town.notices(order.id) if n.kind.value == "may_be_late"]
    assert late
    assert late[0].sent_at < order.first_promise.latest_at


@pytest.mark.parametrize(("reached_s", "is_told"), [(90, True), (600, False)])
def test_a_parcel_handed_over_too_late_at_the_door_is_told_of_too(
    town: Town, reached_s: int, *, is_told: bool
) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.visit("bo")
    door = town.next_stop("bo")
    reached_at = order.promise.latest_at - timedelta(seconds=reached_s)
    for turn in range(1_000):
        if town.now >= reached_at:
            break
        town.whereabouts["bo"] = at(2 + turn % 4, 2)
        town.wait_until(min(reached_at, town.now + timedelta(minutes=2)))
    town.whereabouts["bo"] = door.place
    town.do(stops.reach, "bo", door.id)
    town.wait_until(order.promise.latest_at)
    assert ("may_be_late" in town.told(order.id)) is is_told


def test_a_new_promise_is_told_with_the_next_wave(town: Town) -> None:
    town.of_station("wu")
    parcel = town.parcel()
    town.wait(25 * 60)
    assert town.carrier(parcel.id) == "wu"
    town.withdraw("wu", ReasonCode.VEHICLE_BREAKDOWN)
    town.work()
    case = town.case(parcel.id)
    assert case.decision is not None
    assert case.decision.option.way is Way.NEXT_WAVE
    assert town.order(parcel.id).status is OrderStatus.SCHEDULED
    assert "new_time" in town.told(parcel.id)
    town.of_station("li", at(1, 1))
    town.wait_for("li", parcel.id)
    assert town.carrier(parcel.id) == "li"
    town.finish("li")
    assert town.case(parcel.id).status is CaseStatus.CLOSED
