"""Two parcels for one customer: whichever is brought first, the other stops being looked for."""

from itertools import cycle

from recourse.model.assignments import AssignmentStatus
from recourse.model.cases import CaseStatus, Way
from recourse.model.couriers import ON_DUTY
from recourse.model.orders import IN_HANDS, Order, OrderStatus
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at


def both_under_way(town: Town) -> tuple[Order, Order]:
    """A meal that bo goes on with after long silence, and its replacement with mei."""
    town.on_duty("bo", at(2, 2))
    first = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.wait(town.platform.params.track.waiting_silence_s, silent=["bo"])
    town.on_duty("mei", at(2, 2))
    case = town.case(first.id)
    if case.status is not CaseStatus.WAITING:
        town.settle(case.id, Way.RESHIP)
        town.wait(1, silent=["bo"])
    (again,) = town.read(lambda tx: tx.orders_in([OrderStatus.DISPATCHING]))
    del town.whereabouts["bo"]
    town.wait(town.platform.params.dispatch.retry_s)
    town.accept("mei")
    town.visit("mei")
    corners = cycle([at(3, 2), at(2, 2)])
    while town.case(first.id).status is not CaseStatus.HUMAN:
        # Who rides about has not given up.
        town.whereabouts["mei"] = next(corners)
        town.wait(60)
    town.whereabouts["bo"] = at(2, 2)
    town.ping("bo")
    town.work()
    assert town.carrier(first.id) == "bo"
    assert town.order(first.id).status in IN_HANDS
    assert town.order(again.id).status in IN_HANDS
    return first, again


def test_a_replacement_that_is_brought_first_ends_the_ride_of_the_first_parcel(town: Town) -> None:
    first, again = both_under_way(town)
    town.finish("mei")
    assert town.order(again.id).status is OrderStatus.DELIVERED
    assert town.order(first.id).status is OrderStatus.CANCELED
    assert town.duties(first.id)[-1].status is AssignmentStatus.REVOKED
    assert town.route("bo").stops == ()
    assert town.case(first.id).status is CaseStatus.CLOSED
    assert town.holder(first.id).holder_id == "bo"


def test_a_first_parcel_that_is_brought_first_needs_no_second_search(town: Town) -> None:
    first, again = both_under_way(town)
    town.finish("bo")
    assert town.order(first.id).status is OrderStatus.DELIVERED
    assert town.case(first.id).status is CaseStatus.CLOSED
    town.finish("mei")
    assert town.order(again.id).status is OrderStatus.DELIVERED


def test_an_order_that_is_taken_back_before_its_loss_is_heard_gets_no_case(town: Town) -> None:
    town.on_duty("bo")
    order = town.carried("bo")
    town.on_duty("mei", at(5, 5))
    town.withdraw("bo")
    town.cancel(order.id)
    town.wait(60)
    assert town.cases(order.id) == []
    assert town.open_offers() == []


def test_who_dropped_an_order_is_not_asked_for_what_replaces_it(town: Town) -> None:
    town.on_duty("bo", at(2, 2))
    first = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.withdraw("bo", ReasonCode.WRONG_VEHICLE_TYPE)
    town.work()
    if town.case(first.id).status is not CaseStatus.WAITING:
        town.settle(town.case(first.id).id, Way.RESHIP)
    town.wait(5 * 60)
    (again,) = town.read(lambda tx: tx.orders_in([OrderStatus.DISPATCHING]))
    assert again.external_id == "a#r1"
    assert town.state("bo") in ON_DUTY
    assert town.open_offers() == []
    town.on_duty("mei", at(2, 2))
    town.wait(town.platform.params.dispatch.retry_s)
    town.accept("mei")
    town.withdraw("mei")
    town.wait(10 * 60)
    asked = {duty.courier_id for duty in town.duties(again.id)}
    assert asked == {"mei"}
