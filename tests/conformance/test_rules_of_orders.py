"""Orders, their assignments, offers and cases: one of each at a time, and an end is an end."""

from dataclasses import replace
from datetime import datetime

from recourse.model.assignments import AssignmentStatus, OfferStatus
from recourse.model.cases import CaseStatus
from recourse.model.orders import Order, OrderStatus, Promise, RecoveringStep, Reopening
from recourse.model.slots import SlotPlace
from tests.conformance.refusals import refused
from tests.conformance.values import (
    NOON,
    assignment,
    case,
    courier,
    later,
    offer,
    opened,
    order,
    put,
    written,
)

HALF_PAST = later(30)


def delivered(ended_at: datetime | None = HALF_PAST) -> Order:
    return order(status=OrderStatus.DELIVERED, ended_at=ended_at)


def test_an_order_has_at_most_one_live_assignment(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), courier(), courier("c-2"), assignment())
        for status in (AssignmentStatus.ACCEPTED, AssignmentStatus.ACTIVE):
            second = assignment("a-2", courier_id="c-2", status=status)
            assert refused(store, second) == "one_live_assignment"
        ended = replace(written(assignment()), status=AssignmentStatus.WITHDRAWN, ended_at=later(1))
        put(store, assignment("a-2", courier_id="c-2"), ended)


def test_an_order_has_at_most_one_offered_assignment(store_url: str) -> None:
    with opened(store_url) as store:
        asked = AssignmentStatus.OFFERED
        put(store, order(), courier(), courier("c-2"), assignment(status=asked), offer())
        second = assignment("a-2", courier_id="c-2", status=asked)
        assert refused(store, second) == "one_offered_assignment"
        put(store, assignment("a-3", courier_id="c-2"))  # live beside offered is allowed


def test_an_ended_assignment_stays_ended(store_url: str) -> None:
    with opened(store_url) as store:
        done = assignment(status=AssignmentStatus.COMPLETED, ended_at=later(1))
        put(store, order(), courier(), done)
        back = replace(written(done), status=AssignmentStatus.ACTIVE)
        assert refused(store, back) == "assignment_end_is_final"


def test_an_answered_offer_stays_answered(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, courier(), offer(status=OfferStatus.DECLINED))
        back = replace(written(offer()), status=OfferStatus.OPEN)
        assert refused(store, back) == "offer_end_is_final"


def test_an_ended_order_never_comes_back(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, delivered())
        back = replace(written(order()), status=OrderStatus.RECOVERING)
        assert refused(store, back) == "order_end_is_final"
        other_end = replace(written(delivered()), status=OrderStatus.CANCELED)
        assert refused(store, other_end) == "order_end_is_final"


def test_an_end_is_undone_only_by_a_word_about_this_very_end(store_url: str) -> None:
    failed = order(status=OrderStatus.FAILED, ended_at=NOON)
    back = replace(written(failed), status=OrderStatus.RECOVERING, ended_at=None)
    with opened(store_url) as store:
        put(store, failed)
        assert refused(store, back) == "order_end_is_final"
        assert refused(store, reopening(later(1)), back) == "order_end_is_final"
        assert refused(store, reopening(NOON, why=""), back) == "reopening_has_a_reason"
        put(store, reopening(NOON), back)
        with store.begin() as tx:
            assert tx.orders([failed.id])[failed.id].status is OrderStatus.RECOVERING
        again = replace(back, status=OrderStatus.FAILED, ended_at=later(5), version=2)
        put(store, again)
        assert refused(store, replace(back, version=3)) == "order_end_is_final"


def test_what_was_delivered_is_not_reopened_whoever_says_so(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, delivered())
        ended_at = delivered().ended_at
        assert ended_at is not None
        back = replace(written(delivered()), status=OrderStatus.RECOVERING, ended_at=None)
        assert refused(store, reopening(ended_at), back) == "order_end_is_final"


def reopening(ended_at: datetime, why: str = "a slip") -> Reopening:
    return Reopening(
        order_id="o-1", ended_at=ended_at, case_id="case-1", at=later(9), actor="li", why=why
    )


def test_an_order_ends_with_its_time_and_only_then(store_url: str) -> None:
    with opened(store_url) as store:
        assert refused(store, delivered(ended_at=None)) == "order_end_has_its_time"
        assert refused(store, order(ended_at=NOON)) == "order_end_has_its_time"


def test_only_a_recovering_order_has_a_step(store_url: str) -> None:
    with opened(store_url) as store:
        stepped = order(step=RecoveringStep.RESHIPPING)
        assert refused(store, stepped) == "order_step_only_while_recovering"


def test_the_first_promise_is_never_changed(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        kinder = Promise(earliest_at=NOON, latest_at=later(300), told_at=NOON)
        changed = replace(written(order()), first_promise=kinder)
        assert refused(store, changed) == "order_first_promise_stays"


def test_an_order_is_admitted_once(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        again = order("o-2", external_id="shop-o-1")
        assert refused(store, again) == "order_is_admitted_once"


def test_an_order_has_no_negative_measures(store_url: str) -> None:
    with opened(store_url) as store:
        assert refused(store, order(weight_g=-1)) == "order_size_is_not_negative"
        assert refused(store, order(value_cents=-1)) == "order_value_is_not_negative"


def test_an_order_has_at_most_one_open_case(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), case())
        assert refused(store, case("k-2")) == "one_open_case"
        closed = replace(
            written(case()), status=CaseStatus.CLOSED, closed_at=later(1), outcome="kept"
        )
        put(store, closed, case("k-2"))


def test_a_case_closes_with_its_time(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order())
        assert refused(store, case(status=CaseStatus.CLOSED)) == "case_end_has_its_time"


def test_a_place_in_a_slot_is_one_orders_at_a_time(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), order("o-2"))
        place = SlotPlace(
            id="slot-1",
            slot="city/noon",
            number=1,
            order_id="o-1",
            station_id="",
            earliest_at=later(60),
            latest_at=later(180),
            taken_at=NOON,
        )
        assert refused(store, replace(place, number=0)) == "slot_place_counts_from_one"
        assert refused(store, replace(place, latest_at=later(60))) == "slot_ends_after_it_begins"
        assert refused(store, replace(place, order_id="o-9")) == "slot_place_is_of_an_order"
        before = replace(place, ended_at=later(-1))
        assert refused(store, before) == "slot_place_ends_after_it_is_taken"
        put(store, place)
        second = replace(place, id="slot-2", order_id="o-2")
        assert refused(store, second) == "slot_place_is_taken_once"
        another = replace(place, id="slot-3", number=2)
        assert refused(store, another) == "order_has_one_slot_place"
        # Who leaves it makes room in the same breath.
        put(store, replace(written(place), ended_at=later(5)), second)
        put(store, another)
