"""Every rule of the database is broken on purpose, past the code that would not do it."""

from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from recourse.adapters.store import SqlStore, migrate
from recourse.adapters.store.engine import open_engine
from recourse.model.assignments import AssignmentStatus, Custodian, OfferStatus
from recourse.model.bonuses import Bonus, BonusState
from recourse.model.cases import CaseStatus
from recourse.model.commands import WEBHOOK, Command
from recourse.model.entitlements import Budget
from recourse.model.errands import Act, Errand, ErrandState, ErrandTry
from recourse.model.errors import Conflict, Stale
from recourse.model.events import CourierCameOnDuty
from recourse.model.examples import errand_of
from recourse.model.keys import Account, ApiKey, LoginCode, Role, Scope, Session
from recourse.model.orders import Order, OrderStatus, Promise, RecoveringStep, Reopening
from recourse.model.places import Place
from recourse.model.ports import Record, Reply
from recourse.model.redress import Neighbour, Notice, NoticeKind, RemedyKind
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.model.webhooks import (
    EndpointState,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
)
from tests.conformance.values import (
    NOON,
    assignment,
    case,
    consent,
    courier,
    entry,
    held,
    later,
    offer,
    opened,
    order,
    put,
    remedy,
    site,
    written,
)

HALF_PAST = later(30)


def refused(store: SqlStore, *values: Record) -> str:
    """Name of the rule that refuses these values."""
    with pytest.raises(Conflict) as caught:
        put(store, *values)
    assert not isinstance(caught.value, Stale)
    return caught.value.rule


def refused_sql(url: str, sql: str) -> str:
    """What the database says to a statement that goes past the store."""
    engine = open_engine(url, n_connections=1)
    try:
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
            connection.exec_driver_sql(sql)
    finally:
        engine.dispose()
    return str(caught.value.orig)


def delivered(ended_at: datetime | None = HALF_PAST) -> Order:
    return order(status=OrderStatus.DELIVERED, ended_at=ended_at)


def test_a_parcel_has_only_one_holder_at_a_time(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        second = held(number=2, custodian=Custodian.COURIER, holder_id="c-1", from_at=later(1))
        assert refused(store, second) in {"one_custodian", "custody_has_predecessor"}


def test_two_open_intervals_are_refused_below_the_store(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
    said = refused_sql(
        store_url,
        "INSERT INTO custody (order_id, number, custodian, holder_id, from_at, version)"
        " VALUES ('o-1', 2, 'courier', 'c-1', '2026-03-01T13:00:00.000000+00:00', 1)",
    )
    assert "one_custodian" in said or "custody.order_id" in said


def test_a_successor_begins_exactly_when_its_predecessor_ends(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        first = replace(written(held()), until_at=later(10))
        for begins_at in (later(9), later(11)):
            second = held(number=2, custodian=Custodian.COURIER, from_at=begins_at)
            rule = refused(store, first, second)
            assert rule in {
                "custody_has_predecessor",
                "custody_has_successor",
                "custody_never_overlaps",
            }
        put(store, first, held(number=2, custodian=Custodian.COURIER, from_at=later(10)))


def test_a_parcel_is_never_in_nobodys_hands(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        ended = replace(written(held()), until_at=later(10))
        assert refused(store, ended) == "custody_has_successor"


def test_custody_does_not_skip_a_number(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        ended = replace(written(held()), until_at=later(10))
        third = held(number=3, from_at=later(10))
        assert refused(store, ended, third) in {
            "custody_has_successor",
            "custody_has_predecessor",
        }


def test_the_first_holder_needs_an_order(store_url: str) -> None:
    with opened(store_url) as store:
        assert refused(store, held(order_id="o-9")) in {"custody_is_of_an_order", "not_null"}


def test_overlapping_hands_are_refused_by_postgresql_even_without_the_keys(pg_url: str) -> None:
    migrate(pg_url)
    with opened(pg_url) as store:
        put(store, order(), held())
    engine = open_engine(pg_url, n_connections=1)
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE custody DROP CONSTRAINT custody_has_predecessor")
        connection.exec_driver_sql("DROP INDEX one_custodian")
        with pytest.raises(sa.exc.IntegrityError, match="custody_never_overlaps"):
            connection.exec_driver_sql(
                "INSERT INTO custody (order_id, number, custodian, holder_id, from_at, version)"
                " VALUES ('o-1', 2, 'courier', 'c-1', '2026-03-01T13:00:00Z', 1)"
            )
    engine.dispose()


def test_a_past_interval_is_not_rewritten(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        put(
            store,
            replace(written(held()), until_at=later(10)),
            held(number=2, custodian=Custodian.COURIER, holder_id="c-1", from_at=later(10)),
        )
        with store.begin() as tx:
            now = tx.custody(["o-1"])["o-1"]
        assert refused(store, replace(now, holder_id="c-2")) == "custody_is_not_rewritten"
        past = replace(held(), until_at=later(5), version=2)
        assert refused(store, past) == "custody_is_not_rewritten"


def test_an_interval_does_not_end_before_it_begins(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), held())
        ended = replace(written(held()), until_at=later(-1))
        rule = refused(store, ended, held(number=2, from_at=later(-1)))
        assert rule in {"custody_ends_after_it_begins", "custody_never_overlaps"}


def test_a_pickup_point_holds_nothing_without_consent(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), order("o-2"), site("p-1"), site("p-2"), held())
        handed = replace(written(held()), until_at=later(10))
        at_point = held(number=2, custodian=Custodian.POINT, holder_id="p-1", from_at=later(10))
        assert refused(store, handed, at_point) == "point_needs_consent"
        put(store, consent(order_id="o-2"), consent("y-2", site_id="p-2"))
        assert refused(store, handed, at_point) == "point_needs_consent"
        put(store, handed, at_point, consent("y-3"))


def test_a_neighbour_has_nothing_without_consent_that_holds(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), order("o-2"), held())
        named = Neighbour(id="n-1", order_id="o-1", name="Li", door="302", named_at=NOON)
        handed = replace(written(held()), until_at=later(10))
        left = held(number=2, custodian=Custodian.NEIGHBOUR, holder_id="n-1", from_at=later(10))
        assert refused(store, handed, left) == "neighbour_needs_consent"
        put(store, named)
        assert refused(store, handed, left) == "neighbour_needs_consent"
        put(store, consent(order_id="o-2", site_id="n-1"))
        assert refused(store, handed, left) == "neighbour_needs_consent"
        put(store, consent("y-2", site_id="n-1"))
        ended = replace(written(named), ended_at=later(5))
        assert refused(store, ended, handed, left) == "neighbour_needs_consent"
        assert refused(store, replace(named, id="n-2")) == "one_neighbour"
        put(store, replace(named, id="n-2"), ended)
        assert refused(store, handed, left) == "neighbour_needs_consent"
        put(store, consent("y-3", site_id="n-2"), handed, replace(left, holder_id="n-2"))


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


def test_other_measures_are_never_negative(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), courier("c-1"), case())
        assert refused(store, courier("c-2", capacity_g=-1)) == "courier_capacity_is_not_negative"
        tired = courier("c-2", shift_end_at=later(-1))
        assert refused(store, tired) == "courier_shift_ends_after_it_starts"
        assert refused(store, offer(pay_cents=-1)) == "offer_pay_is_not_negative"
        assert refused(store, offer(deadline_at=later(-1))) == "offer_deadline_is_later"
        assert refused(store, assignment(bonus_cents=-1)) == "assignment_bonus_is_not_negative"
        assert refused(store, remedy(amount_cents=0)) == "remedy_is_positive"
        slow = RoadEvent(
            id="x",
            lon=1.0,
            lat=1.0,
            radius_m=1,
            factor=-0.1,
            from_at=NOON,
            until_at=NOON,
            source="",
        )
        assert refused(store, slow) == "road_factor_is_not_negative"
        full = replace(site(), capacity_parcels=-1)
        assert refused(store, full) == "site_capacity_is_not_negative"


def test_references_name_the_rule_they_break(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), courier())
        assert refused(store, assignment(order_id="o-9")) == "assignment_is_of_an_order"
        assert refused(store, assignment(courier_id="c-9")) == "assignment_is_of_a_courier"
        assert refused(store, offer(courier_id="c-9")) == "offer_is_to_a_courier"
        assert refused(store, consent(order_id="o-9")) == "consent_is_for_an_order"
        assert refused(store, case(order_id="o-9")) == "case_is_of_an_order"
        assert refused(store, remedy(case_id="k-9")) == "remedy_is_for_a_case"


def bonus(**changes: object) -> Bonus:
    plain = Bonus(
        assignment_id="a-1",
        order_id="o-1",
        courier_id="c-1",
        amount_cents=300,
        currency="EUR",
        budget_id="bonus/2026-03-01/EUR",
        made_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_bonus_is_of_one_question_and_from_a_budget(store_url: str) -> None:
    with opened(store_url) as store:
        budget = Budget(id="bonus/2026-03-01/EUR", most=1_000, used=300)
        put(store, order(), courier(), assignment(), budget)
        assert refused(store, bonus(amount_cents=0)) == "bonus_is_worth_something"
        assert refused(store, bonus(stage=-1)) == "bonus_stage_is_not_negative"
        assert refused(store, bonus(assignment_id="a-9")) == "bonus_is_of_an_assignment"
        assert refused(store, bonus(budget_id="bonus/none")) == "bonus_is_from_a_budget"
        paid = bonus(state=BonusState.PAID)
        assert refused(store, paid) == "bonus_end_has_its_time"
        assert refused(store, bonus(ended_at=NOON)) == "bonus_end_has_its_time"
        put(store, bonus())


def test_a_budget_is_never_overdrawn_nor_below_nothing(store_url: str) -> None:
    with opened(store_url) as store:
        budget = Budget(id="bonus/2026-03-01/EUR", most=1_000, used=300)
        put(store, budget)
        assert refused(store, replace(written(budget), used=1_001)) == "budget_is_not_overdrawn"
        assert refused(store, replace(written(budget), used=-1)) == "budget_is_not_given_back"


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


def test_a_remedy_is_given_once_per_case_kind_and_beneficiary(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), case(), remedy())
        assert refused(store, remedy("r-2", amount_cents=700)) == "one_remedy"
        put(store, remedy("r-3", kind=RemedyKind.POINTS), remedy("r-4", beneficiary_id="c-1"))


@pytest.mark.parametrize("amounts", [(500, -499), (500,), (500, -500, 0), (0, 0)])
def test_the_ledger_takes_only_entries_that_sum_to_zero(
    store_url: str, amounts: tuple[int, ...]
) -> None:
    with opened(store_url) as store:
        assert refused(store, entry("k", *amounts)) == "ledger_sums_to_zero"


def test_an_empty_entry_is_refused(store_url: str) -> None:
    with opened(store_url) as store:
        assert refused(store, replace(entry(), postings=())) == "ledger_sums_to_zero"


def test_the_same_entry_is_not_posted_twice(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, entry("k", 700, -300, -400))
        assert refused(store, entry("k", 500, -500)) == "entries_pkey"


def test_a_notice_is_sent_once(store_url: str) -> None:
    with opened(store_url) as store:
        notice = Notice(
            key="k-1/notice:1",
            order_id="o-1",
            kind=NoticeKind.NEW_COURIER,
            locale="en",
            text="Bo is on the way.",
            sent_at=NOON,
        )
        put(store, notice)
        assert refused(store, replace(notice, text="Bo is on the way!")) == "notices_pkey"


def test_an_idempotency_key_has_one_answer(store_url: str) -> None:
    reply = Reply(caller="shop", key="7", fingerprint="f", status=201, body="{}", at=NOON)
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(reply=reply)
        with pytest.raises(Conflict, match="replies_pkey"), store.begin() as tx:
            tx.record(reply=replace(reply, body="[]"))
        with store.begin() as tx:
            assert tx.reply("shop", "7") == reply


def test_a_route_is_changed_only_from_the_version_that_was_read(store_url: str) -> None:
    route = Route(courier_id="c-1", stops=(), changed_at=NOON)
    with opened(store_url) as store:
        put(store, route)
        put(store, replace(route, changed_at=later(1), version=1))
        with pytest.raises(Stale) as caught:
            put(store, replace(route, changed_at=later(2), version=1))
        assert (caught.value.kind, caught.value.id, caught.value.given) == ("route", "c-1", 1)


def test_risk_is_a_probability(store_url: str) -> None:
    said = refused_sql(
        store_url,
        "INSERT INTO progress"
        " (courier_id, lon, lat, pinged_at, delay_s, is_silent, p_drop, version)"
        " VALUES ('c-1', 0, 0, '2026-03-01T12:00:00.000000+00:00', 0, false, 1.5, 1)",
    )
    assert "risk_is_a_probability" in said


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("UPDATE events SET name = 'x'", "events_are_append_only"),
        ("DELETE FROM events", "events_are_append_only"),
        ("UPDATE entries SET memo = ''", "ledger_is_append_only"),
        ("DELETE FROM entries", "ledger_is_append_only"),
        ("UPDATE consents SET site_id = 'p-9'", "consents_are_append_only"),
        ("DELETE FROM consents", "consents_are_append_only"),
        ("UPDATE notices SET text = 'x'", "notices_are_append_only"),
        ("UPDATE notices SET text = '', kind = 'x'", "notices_are_append_only"),
        ("UPDATE events SET salt = NULL, digest = ''", "events_are_append_only"),
        ("DELETE FROM notices", "notices_are_append_only"),
        ("DELETE FROM orders", "order_is_never_deleted"),
        ("DELETE FROM custody", "custody_is_never_deleted"),
        ("DELETE FROM assignments", "assignment_is_never_deleted"),
        ("DELETE FROM cases", "case_is_never_deleted"),
        ("DELETE FROM remedies", "remedy_is_never_deleted"),
        ("DELETE FROM commands", "command_is_never_deleted"),
        ("UPDATE commands SET done_at = NULL", "command_done_stays_done"),
        ("INSERT INTO tally VALUES (2, 0, 0, 0, '')", "tally_has_one_row"),
    ],
)
def test_the_past_is_written_once(store_url: str, sql: str, rule: str) -> None:
    with opened(store_url) as store:
        notice = Notice(
            key="n", order_id="o-1", kind=NoticeKind.REMEDY, locale="en", text="x", sent_at=NOON
        )
        put(store, order(), courier(), held(), consent(), case(), remedy(), entry(), notice)
        put(store, assignment())
        with store.begin() as tx:
            came = CourierCameOnDuty(at=NOON, courier_id="c-1")
            tx.record(events=[came], commands=[Command(key="k", name="n", due_at=NOON)])
        (lease,) = store.lease(now=NOON, worker="w", limit=1, lease_s=5)
        with store.begin() as tx:
            store.finish(lease, tx)
    assert rule in refused_sql(store_url, sql)


def test_places_may_lie_anywhere(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, replace(site(), place=Place(lon=-180.0, lat=90.0, address='北京 · "x"')))
        with store.begin() as tx:
            assert tx.sites(["p-1"])["p-1"].place.address == '北京 · "x"'


def _hook(name: str = "hook-1") -> WebhookEndpoint:
    return WebhookEndpoint(
        id=name,
        merchant_id="shop",
        url="https://shop.example/",
        kinds=("order.admitted",),
        state=EndpointState.ON,
        from_number=0,
        created_at=NOON,
    )


def _message(number: int, sequence: int, **changes: object) -> WebhookMessage:
    plain = WebhookMessage(
        id=f"m-{number}-{sequence}",
        endpoint_id="hook-1",
        number=number,
        kind="order.admitted",
        order_id="o-1",
        sequence=sequence,
        state=WebhookState.WAITING,
        made_at=NOON,
        wanted_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_an_event_is_told_to_an_endpoint_once_and_a_sequence_is_given_once(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, _hook(), _message(7, 1))
        assert refused(store, _message(7, 2)) == "webhook_is_made_once"
        assert refused(store, _message(8, 1)) == "webhook_sequence_is_given_once"
        put(store, _message(8, 2))
        assert refused(store, _message(9, 0)) == "webhook_sequence_counts_from_one"


def test_a_message_ends_with_its_time_and_belongs_to_an_endpoint(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, _hook())
        taken = _message(7, 1, state=WebhookState.TAKEN)
        assert refused(store, taken) == "webhook_end_has_its_time"
        nobodys = _message(7, 1, endpoint_id="hook-9")
        assert refused(store, nobodys) == "webhook_is_for_an_endpoint"


def test_what_waits_outside_is_a_queue_of_its_own(store_url: str) -> None:
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(
                commands=[
                    Command(key="a", name="notice", due_at=HALF_PAST),
                    Command(key="b", name=WEBHOOK, due_at=NOON),
                ]
            )
        assert (store.next_due_at(), store.next_due_at(outgoing=True)) == (HALF_PAST, NOON)
        taken = {
            outgoing: store.lease(now=HALF_PAST, worker="w", limit=9, lease_s=60, outgoing=outgoing)
            for outgoing in (False, True)
        }
        assert [one.command.key for one in taken[False]] == ["a"]
        assert [one.command.key for one in taken[True]] == ["b"]


def _errand(rank: int, **changes: object) -> Errand:
    return errand_of(rank=rank, **changes)


def test_an_errand_is_given_once_and_has_its_place(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, _errand(1))
        again = _errand(2, about="case-1/notice:1")
        assert refused(store, again) == "errand_is_given_once"
        beside = _errand(1, id="other", about="other")
        assert refused(store, beside) == "errand_has_its_place"
        assert refused(store, _errand(0, id="zero", about="zero")) == "errand_counts_from_one"
        over = _errand(2, state=ErrandState.DONE)
        assert refused(store, over) == "errand_end_has_its_time"
        nobodys = ErrandTry(errand_id="none", number=1, act=Act.SEND, began_at=NOON)
        assert refused(store, nobodys) == "try_is_of_an_errand"


def test_what_is_known_of_an_errand_stays_and_what_is_not_may_become_known(store_url: str) -> None:
    with opened(store_url) as store:
        unknown = _errand(1, state=ErrandState.UNKNOWN, ended_at=NOON)
        put(store, unknown)
        done = replace(unknown, state=ErrandState.DONE, version=1)
        put(store, done)
        back = replace(done, state=ErrandState.UNKNOWN, version=2)
        assert refused(store, back) == "errand_end_is_final"


def test_no_key_code_or_session_is_kept_as_it_is(store_url: str) -> None:
    key = ApiKey(
        id="k", merchant_id="shop", note="", digest="plain", scopes=(Scope.READ,), created_at=NOON
    )
    code = LoginCode(courier_id="c-1", digest="12345678", expires_at=HALF_PAST)
    session = Session(
        digest="token", role=Role.COURIER, subject_id="c-1", began_at=NOON, expires_at=HALF_PAST
    )
    with opened(store_url) as store:
        put(store, courier())
        assert refused(store, key) == "key_is_kept_as_a_digest"
        assert refused(store, code) == "code_is_kept_as_a_digest"
        assert refused(store, session) == "session_is_kept_as_a_digest"
        put(store, replace(key, digest="0" * 64), replace(code, digest="0" * 64))
        nobodys = replace(code, courier_id="c-9", digest="0" * 64)
        assert refused(store, nobodys) == "code_is_for_a_courier"


def test_a_password_is_kept_as_argon2id_and_an_account_has_a_role(store_url: str) -> None:
    account = Account(
        id="ada", role=Role.ADMIN, password_digest="$argon2id$v=19$x", created_at=NOON
    )
    with opened(store_url) as store:
        plain = replace(account, password_digest="a long password")
        assert refused(store, plain) == "password_is_kept_as_a_digest"
        assert refused(store, replace(account, role=Role.COURIER)) == "account_has_a_role"
        put(store, account)
