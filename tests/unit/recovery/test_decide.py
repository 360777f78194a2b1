"""Which way out is taken, and why the others lost."""

from datetime import timedelta

import pytest

from recourse.model.cases import Loss, Rejection, Way
from recourse.model.orders import Customer, OrderKind, Promise
from recourse.model.reasons import ReasonCode
from recourse.model.redress import Consent
from recourse.model.routes import StopKind
from recourse.recovery import Decided, RecoveryParams, Wish
from tests.unit.recovery.town import NOON, Street, order_at

OFFERED = {Way.SLOT, Way.EXPRESS}
"""Ways that are there only where they are configured."""


def why(one: Decided, way: Way) -> set[Loss]:
    return {lost.loss for lost in one.decision.rejections if lost.way is way}


def kinds(one: Decided) -> list[StopKind]:
    assert one.insertion is not None
    return [s.kind for s in one.insertion.route.stops if one.decision.order_id in s.order_ids]


def test_another_courier_fetches_it_where_it_lies() -> None:
    street = Street()
    street.courier("k-1", 0)
    street.courier("k-2", 500)
    street.courier("k-3", 4_000)
    (one,) = street.decide([street.on_shelf(order_at("o-1", 2_000))])
    assert (one.decision.option.way, one.decision.option.courier_id) == (Way.COURIER, "k-2")
    assert kinds(one) == [StopKind.PICKUP, StopKind.DROPOFF]
    assert one.is_asked
    dropped = Rejection(way=Way.COURIER, loss=Loss.DROPPED_IT, courier_id="k-1")
    assert dropped in one.decision.rejections
    assert one.decision.plan_version == street.world.version


def test_the_new_courier_meets_the_holder_and_takes_it_over() -> None:
    street = Street()
    street.courier("k-2", 500)
    case = street.in_hand(order_at("o-1", 2_000), 1_500)
    (one,) = street.decide([case])
    assert (one.decision.option.way, one.decision.option.courier_id) == (Way.HANDOVER, "k-2")
    assert kinds(one) == [StopKind.TAKE, StopKind.DROPOFF]
    assert one.insertion is not None
    take = one.insertion.route.stops[0]
    assert (take.from_courier_id, round(take.place.lon * 1e5)) == ("k-1", 1_500)


def test_who_is_told_is_not_asked() -> None:
    street = Street()
    street.courier("k-2", 500, is_asked=False)
    (one,) = street.decide([street.on_shelf(order_at("o-1", 2_000))])
    assert not one.is_asked


def test_two_orphans_for_one_courier_become_one_route() -> None:
    street = Street()
    street.courier("k-2", 500)
    cases = [street.on_shelf(order_at(f"o-{i}", 1_000 + 500 * i)) for i in (1, 2)]
    first, second = street.decide(cases)
    assert first.insertion is not None
    assert second.insertion is not None
    assert first.insertion.route == second.insertion.route
    carried = {o for stop in first.insertion.route.stops for o in stop.order_ids}
    assert carried == {"o-1", "o-2"}


def test_who_has_an_open_offer_is_not_asked_a_second_thing() -> None:
    street = Street()
    street.courier("k-2", 500)
    street.courier("k-3", 4_000)
    (one,) = street.decide([street.on_shelf(order_at("o-1", 2_000))], busy=["k-2"])
    assert one.decision.option.courier_id == "k-3"
    assert Rejection(way=Way.COURIER, loss=Loss.HAS_OPEN_OFFER, courier_id="k-2") in (
        one.decision.rejections
    )


def test_with_nobody_there_a_parcel_takes_the_next_wave() -> None:
    street = Street(waves={"s-1": (NOON + timedelta(hours=1),)})
    (one,) = street.decide([street.on_shelf(order_at("o-1", 2_000))])
    assert one.decision.option.way is Way.NEXT_WAVE
    assert one.decision.option.arrival_at == NOON + timedelta(hours=2, minutes=30)
    assert one.decision.option.late_s == 110 * 60


def test_what_spoils_waits_for_no_wave_and_no_tomorrow() -> None:
    street = Street(waves={"s-1": (NOON + timedelta(hours=1),)})
    case = street.on_shelf(order_at("o-1", 2_000, is_perishable=True))
    (one,) = street.decide([case])
    assert one.decision.option.way is Way.HUMAN
    assert why(one, Way.NEXT_WAVE) == why(one, Way.NEXT_DAY) == {Loss.PERISHABLE}


def test_a_courier_who_can_still_ride_brings_it_back() -> None:
    street = Street()
    case = street.in_hand(order_at("o-1", 2_000), 1_500, cause=ReasonCode.COURIER_TOO_FAR)
    (one,) = street.decide([case])
    assert (one.decision.option.way, one.decision.option.courier_id) == (Way.BRING_BACK, "k-1")


@pytest.mark.parametrize(
    "cause",
    [ReasonCode.COURIER_ACCIDENT, ReasonCode.COURIER_EMERGENCY, ReasonCode.VEHICLE_BREAKDOWN],
)
def test_nobody_who_is_hurt_or_broken_down_is_sent_anywhere(cause: ReasonCode) -> None:
    street = Street()
    (one,) = street.decide([street.in_hand(order_at("o-1", 2_000), 1_500, cause=cause)])
    assert one.decision.option.way is not Way.BRING_BACK
    assert why(one, Way.BRING_BACK) == {Loss.HOLDER_GONE}


def test_a_silent_holder_cannot_be_met_and_a_meal_is_made_again() -> None:
    street = Street()
    street.courier("k-2", 500)
    meal = order_at("o-1", 2_000, kind=OrderKind.MEAL, station_id="", is_perishable=True)
    case = street.in_hand(meal, 1_500, is_silent=True, cause=ReasonCode.SIGNAL_LOST)
    (one,) = street.decide([case])
    assert one.decision.option.way is Way.RESHIP
    assert Loss.HOLDER_GONE in why(one, Way.HANDOVER)


def test_a_parcel_with_a_silent_holder_is_a_matter_for_people() -> None:
    street = Street()
    street.courier("k-2", 500)
    case = street.in_hand(
        order_at("o-1", 2_000), 1_500, is_silent=True, cause=ReasonCode.SIGNAL_LOST
    )
    (one,) = street.decide([case])
    assert one.decision.option.way is Way.HUMAN
    assert why(one, Way.RESHIP) == why(one, Way.NEXT_DAY) == {Loss.HOLDER_GONE}


def test_a_holder_who_is_heard_of_again_goes_on_without_being_asked() -> None:
    street = Street()
    street.courier("k-1", 1_500)
    street.courier("k-2", 500)
    case = street.in_hand(order_at("o-1", 2_000), 1_500, cause=ReasonCode.SIGNAL_LOST, excluded=())
    (one,) = street.decide([case])
    assert (one.decision.option.way, one.decision.option.courier_id) == (Way.COURIER, "k-1")
    assert kinds(one) == [StopKind.DROPOFF]
    assert not one.is_asked


def far_street() -> Street:
    """A street whose only courier comes so late that a point would be better."""
    street = Street()
    street.courier("k-2", 30_000)
    street.point("p-1", 2_100)
    return street


def test_a_point_is_only_ever_proposed_without_consent() -> None:
    street = far_street()
    (one,) = street.decide([street.on_shelf(order_at("o-1", 2_000))])
    assert why(one, Way.PICKUP_POINT) == {Loss.NO_CONSENT}
    assert Way.PICKUP_POINT in one.choices
    assert one.asks_point
    assert one.insertion is None


def test_a_meal_does_not_wait_for_an_answer_about_a_point() -> None:
    street = far_street()
    (one,) = street.decide([street.on_shelf(order_at("o-1", 2_000, kind=OrderKind.MEAL))])
    assert not one.asks_point


def test_a_new_courier_aims_at_some_minutes_before_the_promise() -> None:
    street = Street()
    street.courier("k-2", 500)
    case = street.on_shelf(order_at("o-1", 2_000))
    (one,) = street.decide([case])
    assert one.insertion is not None
    door = one.insertion.route.stops[-1]
    assert door.latest_at == case.promised_by - timedelta(seconds=RecoveryParams().early_s)


def test_with_consent_somebody_brings_it_to_the_point() -> None:
    street = far_street()
    case = street.on_shelf(order_at("o-1", 2_000))
    consent = Consent(id="y-1", order_id="o-1", site_id="p-1", given_at=NOON, source="choice")
    street.consents["o-1"] = (consent,)
    wishes = {case.id: Wish(way=Way.PICKUP_POINT, site_id="p-1")}
    (one,) = street.decide([case], wishes=wishes)
    assert (one.decision.option.way, one.decision.option.site_id) == (Way.PICKUP_POINT, "p-1")
    assert kinds(one) == [StopKind.PICKUP, StopKind.POINT]


@pytest.mark.parametrize(
    ("facts", "loss"),
    [
        ({"at_m": 9_000}, Loss.NO_POINT_NEAR),
        ({"at_m": 2_100, "closes_s": 12 * 3_600}, Loss.BEYOND_HOURS),
    ],
)
def test_a_point_that_is_far_or_closed_is_none(facts: dict[str, int], loss: Loss) -> None:
    street = Street()
    street.courier("k-2", 500)
    street.point("p-1", **facts)
    agreed = order_at("o-1", 2_000, customer=Customer(id="c", accepts_pickup_point=True))
    (one,) = street.decide([street.on_shelf(agreed)])
    (lost,) = [r for r in one.decision.rejections if r.way is Way.PICKUP_POINT]
    assert lost.loss is loss
    assert lost.amount > 0


def test_a_merchant_who_is_closed_sends_no_second_courier() -> None:
    street = Street()
    street.courier("k-2", 500)
    case = street.on_shelf(order_at("o-1", 2_000))
    closed = street.case(street.orders["o-1"], cause=ReasonCode.MERCHANT_CLOSED)
    (one,) = street.decide([closed])
    assert one.insertion is None
    (other,) = street.decide([case])
    assert other.insertion is not None


def test_the_last_resorts_are_taken_only_when_wished_or_when_time_is_over() -> None:
    street = Street()
    case = street.on_shelf(order_at("o-1", 2_000))
    (looking,) = street.decide([case])
    assert looking.decision.option.way is Way.HUMAN
    over = {case.id: Wish(way=Way.NEXT_DAY, by="platform")}
    assert street.decide([case], wishes=over)[0].decision.option.way is Way.NEXT_DAY
    refund = {case.id: Wish(way=Way.REFUND)}
    assert street.decide([case], wishes=refund)[0].decision.option.way is Way.REFUND


def test_when_time_is_over_a_late_courier_is_still_better_than_tomorrow() -> None:
    street = Street()
    street.courier("k-2", 500)
    case = street.on_shelf(order_at("o-1", 2_000))
    over = {case.id: Wish(way=Way.NEXT_DAY, by="platform")}
    assert street.decide([case], wishes=over)[0].decision.option.way is Way.COURIER


def test_a_dispatcher_may_name_the_courier_but_not_one_who_dropped_it() -> None:
    street = Street()
    for courier_id, at_m in (("k-1", 100), ("k-2", 500), ("k-3", 4_000)):
        street.courier(courier_id, at_m)
    case = street.on_shelf(order_at("o-1", 2_000))
    for named, chosen in (("k-3", "k-3"), ("k-1", "")):
        wish = Wish(way=Way.COURIER, courier_id=named, by="dispatcher")
        (one,) = street.decide([case], wishes={case.id: wish})
        assert one.decision.option.courier_id == chosen


def test_every_way_not_taken_has_its_reason() -> None:
    street = Street(waves={"s-1": (NOON + timedelta(hours=1),)})
    street.courier("k-2", 500)
    parcel = street.on_shelf(order_at("o-1", 2_000))
    (one,) = street.decide([parcel])
    explained = {lost.way for lost in one.decision.rejections}
    assert explained | {one.decision.option.way} == set(Way) - {Way.HANDOVER, *OFFERED}
    (one,) = street.decide([parcel], n_slots=2, has_express=True)
    explained = {lost.way for lost in one.decision.rejections}
    assert explained | {one.decision.option.way} == set(Way) - {Way.HANDOVER}


@pytest.mark.parametrize("by", ["nobody", "platform"])
def test_nothing_that_only_a_word_may_take_is_taken_without_one(by: str) -> None:
    street = Street()
    street.courier("k-2", 500)
    case = street.on_shelf(order_at("o-1", 2_000))
    wishes = {case.id: Wish(way=Way.NEXT_DAY, by="platform")} if by == "platform" else {}
    (one,) = street.decide([case], wishes=wishes, has_express=True)
    assert one.decision.option.way is Way.COURIER
    assert Way.EXPRESS in one.choices


def test_a_direct_ride_is_for_one_order_and_a_courier_without_stops() -> None:
    street = Street()
    street.courier("k-2", 500)
    street.courier("k-3", 4_000)
    case = street.on_shelf(order_at("o-1", 2_000))
    wishes = {case.id: Wish(way=Way.EXPRESS, by="customer")}
    (one,) = street.decide([case], wishes=wishes, has_express=True)
    assert (one.decision.option.way, one.decision.option.courier_id) == (Way.EXPRESS, "k-2")
    assert one.insertion is not None
    (one,) = street.decide([case], wishes=wishes, busy=["k-2"], has_express=True)
    assert (one.decision.option.way, one.decision.option.courier_id) == (Way.EXPRESS, "k-3")
    (one,) = street.decide([case], wishes=wishes, busy=["k-2", "k-3"], has_express=True)
    assert one.decision.option.way is not Way.EXPRESS
    assert one.insertion is None


def test_customer_service_gives_tomorrow_and_the_money_for_what_spoils() -> None:
    street = Street()
    street.courier("k-2", 500)
    parcel = street.on_shelf(order_at("o-1", 2_000))
    meal = street.on_shelf(order_at("o-2", 2_000, is_perishable=True))
    first, second = street.decide([parcel, meal], policy="passive")
    assert first.decision.option.way is Way.NEXT_DAY
    assert first.decision.option.arrival_at == NOON + timedelta(days=1, minutes=40)
    assert second.decision.option.way is Way.REFUND


def test_the_once_a_minute_search_asks_the_nearest_even_who_dropped_it() -> None:
    street = Street()
    for courier_id, at_m in (("k-1", 100), ("k-2", 900)):
        street.courier(courier_id, at_m)
        street.seen(courier_id, at_m)
    case = street.on_shelf(order_at("o-1", 2_000, station_id=""))
    (one,) = street.decide([case], policy="reping")
    assert one.decision.option.courier_id == "k-1"
    hopeless = street.decide([case], policy="reping", now=NOON + timedelta(hours=3))
    assert hopeless[0].decision.option.way is Way.NEXT_DAY


def test_a_promise_that_cannot_be_kept_is_priced_by_the_minute() -> None:
    street = Street()
    street.courier("k-2", 500)
    soon = Promise(earliest_at=NOON, latest_at=NOON + timedelta(minutes=1), told_at=NOON)
    kept = street.decide([street.on_shelf(order_at("o-1", 5_000))])[0].decision.option
    late = street.decide([street.on_shelf(order_at("o-2", 5_000, promise=soon))])[0].decision.option
    assert kept.late_s == 0
    assert late.late_s > 0
    assert late.cost_cents - kept.cost_cents == late.late_s * 30 // 60
