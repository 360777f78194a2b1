"""Which signals break a plan, and what ends with them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recourse.disruption import (
    DisruptParams,
    courier_after,
    end_assignments,
    has_missed_shift,
    no_show_due,
    reason_for,
    recognise,
    stays_until,
)
from recourse.model.assignments import Assignment, AssignmentStatus, Custodian, Custody
from recourse.model.cases import Disruption
from recourse.model.couriers import CourierState
from recourse.model.events import (
    AssignmentEnded,
    CourierCameOnDuty,
    CourierMoved,
    CourierWentSilent,
    CourierWithdrew,
    Event,
    OrderEnded,
    OrderMoved,
    RouteChanged,
)
from recourse.model.examples import (
    NOON,
    SHELF,
    assignment_of,
    courier_of,
    in_hand,
    on_shelf,
    order_of,
    progress_of,
    stop_of,
)
from recourse.model.orders import OrderKind, OrderStatus, RecoveringStep
from recourse.model.reasons import REASONS, Actor, Attribution, ReasonCode, Stage
from recourse.model.routes import Route

PARAMS = DisruptParams()
CUSTODY = {"o-1": on_shelf("o-1"), "o-2": in_hand("o-2"), "o-3": on_shelf("o-3")}
LIVE = [assignment_of(o) for o in CUSTODY]


def withdrew(code: ReasonCode, *order_ids: str, actor: str = "courier") -> CourierWithdrew:
    return CourierWithdrew(
        at=NOON, courier_id="k-1", code=code, actor=actor, order_ids=order_ids, note="flat tyre"
    )


def silent() -> CourierWentSilent:
    return CourierWentSilent(at=NOON, courier_id="k-1", pinged_at=NOON - timedelta(minutes=9))


def recognised(
    signal: Event,
    assignments: list[Assignment] | None = None,
    custody: dict[str, Custody] | None = None,
) -> Disruption | None:
    return recognise(
        signal,
        courier=courier_of(),
        assignments=LIVE if assignments is None else assignments,
        custody=CUSTODY if custody is None else custody,
        progress=progress_of(),
        now=NOON,
        disruption_id="d-1",
        params=PARAMS,
    )


def test_a_breakdown_orphans_what_lies_and_holds_what_is_in_hand() -> None:
    found = recognised(withdrew(ReasonCode.VEHICLE_BREAKDOWN))
    assert found is not None
    assert (found.orphaned, found.held) == (("o-1", "o-3"), ("o-2",))
    assert (found.ends_duty, found.can_hand_over) == (True, True)
    assert found.reason.stage is Stage.IN_CUSTODY
    assert found.reason.attribution is Attribution.NONE
    assert "said: flat tyre" in found.reason.evidence
    assert found.place is not None
    assert (found.place.lon, found.place.lat) == (SHELF.lon, SHELF.lat)


def test_dropping_one_order_leaves_the_others() -> None:
    found = recognised(withdrew(ReasonCode.COURIER_TOO_FAR, "o-3"))
    assert found is not None
    assert (found.orphaned, found.held, found.ends_duty) == (("o-3",), (), False)


def test_sos_frees_the_whole_load_whatever_is_named() -> None:
    found = recognised(withdrew(ReasonCode.COURIER_EMERGENCY, "o-1"))
    assert found is not None
    assert {*found.orphaned, *found.held} == {"o-1", "o-2", "o-3"}
    assert found.reason.attribution is Attribution.NONE


def test_a_silent_courier_cannot_be_met() -> None:
    found = recognised(silent())
    assert found is not None
    assert (found.cause, found.can_hand_over) == (ReasonCode.SIGNAL_LOST, False)
    assert found.reason.actor is Actor.PLATFORM


def test_at_the_limit_of_hours_what_is_in_hand_is_still_brought() -> None:
    found = recognised(withdrew(ReasonCode.COURIER_FATIGUE_LIMIT, actor="platform"))
    assert found is not None
    assert (found.orphaned, found.held) == (("o-1", "o-3"), ())
    assert (
        recognised(
            withdrew(ReasonCode.COURIER_FATIGUE_LIMIT, actor="platform"), [assignment_of("o-2")]
        )
        is None
    )


@pytest.mark.parametrize(
    ("signal", "assignments"),
    [
        (CourierCameOnDuty(at=NOON, courier_id="k-1"), LIVE),
        (withdrew(ReasonCode.COURIER_ILLNESS), []),
        (withdrew(ReasonCode.COURIER_ILLNESS), [assignment_of(status=AssignmentStatus.COMPLETED)]),
        (withdrew(ReasonCode.COURIER_TOO_FAR, "o-9"), LIVE),
    ],
)
def test_nothing_is_broken_when_nobody_loses_an_order(
    signal: Event, assignments: list[Assignment]
) -> None:
    assert recognised(signal, assignments) is None


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_cause_is_judged_by_the_table_and_not_by_who_pressed(code: ReasonCode) -> None:
    for actor in Actor:
        reason = reason_for(code, actor=actor)
        is_of_another = code is ReasonCode.COURIER_NOT_RESPONDING and actor is not Actor.COURIER
        judged = Attribution.PLATFORM if is_of_another else REASONS[code].attribution
        assert reason.attribution is judged
        assert reason.is_retryable is REASONS[code].is_retryable


def test_a_stop_that_failed_costs_who_stood_there_nothing_else() -> None:
    nobody_came = withdrew(ReasonCode.COURIER_NOT_RESPONDING, "o-1", actor="platform")
    found = recognised(nobody_came)
    assert found is not None
    assert (found.orphaned, found.held, found.ends_duty) == (("o-1",), (), False)
    after, moved = courier_after(nobody_came, courier=courier_of(), now=NOON)
    assert after == courier_of()
    assert moved == ()


@pytest.mark.parametrize(
    ("kind", "is_in_hand", "minutes"),
    [
        (OrderKind.PARCEL, True, 110),
        (OrderKind.MEAL, True, -9),
        (OrderKind.GROCERY, True, -9),
        (OrderKind.PARCEL, False, -3),
    ],
)
def test_a_silent_courier_keeps_what_nobody_else_could_bring(
    kind: OrderKind, *, is_in_hand: bool, minutes: int
) -> None:
    order = order_of(kind=kind)
    order = replace(order, promise=replace(order.promise, latest_at=NOON + timedelta(hours=2)))
    until_at = stays_until(
        order, is_in_hand=is_in_hand, pinged_at=silent().pinged_at, params=PARAMS
    )
    assert until_at == NOON + timedelta(minutes=minutes)


def test_a_silent_courier_keeps_nothing_whose_promise_leaves_no_time_to_wait() -> None:
    order = order_of()
    order = replace(order, promise=replace(order.promise, latest_at=NOON + timedelta(minutes=50)))
    until_at = stays_until(order, is_in_hand=False, pinged_at=NOON, params=PARAMS)
    assert until_at == NOON - timedelta(minutes=10)


def test_what_a_silent_courier_keeps_is_not_lost() -> None:
    found = recognise(
        silent(),
        courier=courier_of(),
        assignments=LIVE,
        custody=CUSTODY,
        progress=progress_of(),
        now=NOON,
        disruption_id="d-1",
        params=PARAMS,
        kept={"o-2"},
    )
    assert found is not None
    assert (found.orphaned, found.held) == (("o-1", "o-3"), ())


def test_the_stage_follows_the_order_and_the_hands() -> None:
    code = ReasonCode.OTHER
    actor = Actor.COURIER
    hand = Custodian.COURIER
    assert reason_for(code, actor=actor).stage is Stage.TO_PICKUP
    assert reason_for(code, actor=actor, custodian=hand).stage is Stage.IN_CUSTODY
    at_shop = reason_for(code, actor=actor, order_status=OrderStatus.PICKUP_ARRIVED)
    assert at_shop.stage is Stage.AT_PICKUP
    at_door = reason_for(
        code, actor=actor, order_status=OrderStatus.DROPOFF_ARRIVED, custodian=hand
    )
    assert at_door.stage is Stage.AT_DROPOFF


def ended(signal: Event) -> tuple[tuple[AssignmentStatus, ...], tuple[Event, ...]]:
    found = recognised(signal)
    assert found is not None
    orders = {
        "o-1": order_of("o-1"),
        "o-2": order_of("o-2", status=OrderStatus.DROPOFF_ENROUTE),
        "o-3": order_of("o-3"),
    }
    route = Route(
        courier_id="k-1",
        stops=(stop_of("t-1", "o-1", "o-3"), stop_of("t-2", "o-2"), stop_of("t-3", "o-9")),
        changed_at=NOON,
        version=4,
    )
    broken = end_assignments(
        found, assignments=LIVE, orders=orders, custody=CUSTODY, route=route, now=NOON
    )
    assert {order.status for order in broken.orders} == {OrderStatus.RECOVERING}
    assert {order.step for order in broken.orders} == {RecoveringStep.REDISPATCHING}
    assert broken.route is not None
    assert [stop.id for stop in broken.route.stops] == ["t-3"]
    return tuple(a.status for a in broken.assignments), broken.events


def test_a_couriers_cancel_ends_assignments_and_never_an_order() -> None:
    statuses, events = ended(withdrew(ReasonCode.VEHICLE_BREAKDOWN))
    assert set(statuses) == {AssignmentStatus.WITHDRAWN}
    assert not any(isinstance(event, OrderEnded) for event in events)
    kinds = [type(event) for event in events]
    assert kinds == [AssignmentEnded, OrderMoved] * 3 + [RouteChanged]


def test_assignments_lapse_by_silence_and_are_revoked_by_us() -> None:
    assert set(ended(silent())[0]) == {AssignmentStatus.LAPSED}
    no_show = withdrew(ReasonCode.COURIER_NO_SHOW, actor="platform")
    assert set(ended(no_show)[0]) == {AssignmentStatus.REVOKED}


def test_dropping_one_order_of_a_shared_stop_keeps_the_stop() -> None:
    found = recognised(withdrew(ReasonCode.COURIER_TOO_FAR, "o-3"))
    assert found is not None
    route = Route(courier_id="k-1", stops=(stop_of("t-1", "o-1", "o-3"),), changed_at=NOON)
    broken = end_assignments(
        found,
        assignments=LIVE,
        orders={"o-3": order_of("o-3")},
        custody=CUSTODY,
        route=route,
        now=NOON,
    )
    assert broken.route is not None
    assert broken.route.stops[0].order_ids == ("o-1",)
    assert [a.order_id for a in broken.assignments] == ["o-3"]


@pytest.mark.parametrize(
    ("signal", "state"),
    [
        (withdrew(ReasonCode.COURIER_EMERGENCY), CourierState.SOS),
        (withdrew(ReasonCode.VEHICLE_BREAKDOWN), CourierState.UNAVAILABLE),
        (withdrew(ReasonCode.COURIER_FATIGUE_LIMIT), CourierState.REST_REQUIRED),
        (silent(), CourierState.SIGNAL_LOST),
        (withdrew(ReasonCode.COURIER_TOO_FAR, "o-1"), CourierState.ACTIVE),
    ],
)
def test_the_couriers_state_follows_the_cause(signal: Event, state: CourierState) -> None:
    after, events = courier_after(signal, courier=courier_of(), now=NOON)
    assert after.state is state
    assert [type(e) for e in events] == ([CourierMoved] if state is not CourierState.ACTIVE else [])


def test_the_same_signal_again_changes_nothing() -> None:
    signal = withdrew(ReasonCode.COURIER_EMERGENCY)
    after, _ = courier_after(signal, courier=courier_of(), now=NOON)
    assert courier_after(signal, courier=after, now=NOON) == (after, ())


def test_a_shift_is_missed_only_after_patience_and_only_offline() -> None:
    absent = courier_of(state=CourierState.OFFLINE, shift_start_at=NOON)
    due_at = no_show_due(absent, params=PARAMS)
    assert due_at > NOON
    assert not has_missed_shift(absent, now=due_at - timedelta(seconds=1), params=PARAMS)
    assert has_missed_shift(absent, now=due_at, params=PARAMS)
    assert not has_missed_shift(courier_of(shift_start_at=NOON), now=due_at, params=PARAMS)
