"""What is late already makes way for an order that can still be kept, before and after the yes."""

from datetime import timedelta

from recourse.model.events import AssignmentBegan, CaseDecided
from recourse.model.routes import StopKind
from tests.flow.town import Town, at


def test_a_yes_gives_the_order_the_place_it_was_asked_for(town: Town) -> None:
    town.on_duty("mei", at(0, 0))
    soon = town.now + timedelta(minutes=6)
    late = town.meal("late", at(7, 7), dropoff_deadline_at=soon)
    town.work()
    town.accept("mei")
    town.on_duty("bo", at(2, 2))
    order = town.meal("kept", at(2, 3), dropoff_deadline_at=town.now + timedelta(minutes=13))
    town.work()
    town.accept("bo")
    town.withdraw("bo")
    town.work()
    decided = town.happened(CaseDecided, order_id=order.id)[-1].decision.option
    route = town.accept("mei")
    began = town.happened(AssignmentBegan, order_id=order.id)[-1]
    doors = [stop.order_ids for stop in route.stops if stop.kind is StopKind.DROPOFF]
    assert doors == [(order.id,), (late.id,)]
    assert decided.courier_id == "mei"
    assert decided.arrival_at is not None
    assert abs(began.arrival_at - decided.arrival_at) < timedelta(minutes=1)
    assert began.arrival_at <= order.promise.latest_at
