"""The rules of every table: measures, references, versions, and a past written once."""

from dataclasses import replace

import pytest

from recourse.model.commands import Command
from recourse.model.errors import Stale
from recourse.model.events import CourierCameOnDuty
from recourse.model.redress import Notice, NoticeKind
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from tests.conformance.refusals import refused, refused_sql
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
)


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
