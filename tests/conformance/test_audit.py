"""The auditor finds a clean day clean, and names what is wrong with any other."""

from dataclasses import replace
from pathlib import Path

import pytest

from recourse.adapters.store import migrate
from recourse.adapters.store.engine import open_engine
from recourse.audit import audit
from recourse.model.assignments import AssignmentStatus, Custodian, OfferStatus
from recourse.model.cases import CaseStatus, Disruption
from recourse.model.couriers import CourierState
from recourse.model.events import (
    AssignmentBegan,
    AssignmentEnded,
    CaseClosed,
    CaseMoved,
    CaseOpened,
    CourierMoved,
    CustodyPassed,
    DisruptionRecognised,
    Event,
    LedgerPosted,
    NoticeSent,
    OfferAnswered,
    OfferMade,
    OrderEnded,
    OrderMoved,
    RemedyGranted,
)
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.redress import NoticeKind, Posting, RemedyKind
from recourse.model.routes import StopKind
from tests.conformance import day as a_day
from tests.conformance.day import REASON
from tests.conformance.values import later, opened

AT = later(500)


def test_a_clean_day_is_found_clean(store_url: str) -> None:
    with opened(store_url) as store:
        a_day.live(store)
    report = audit(store_url)
    assert report.lines() == [report.lines()[0]]
    assert report.is_clean
    assert (report.n_orders, report.n_events > 30) == (3, True)


def _moved(was: str, now: str, name: str = "o-2") -> Event:
    return OrderMoved(at=AT, order_id=name, was=OrderStatus(was), now=OrderStatus(now))


def _passed(**changes: object) -> Event:
    plain = CustodyPassed(
        at=AT,
        order_id="o-2",
        number=4,
        from_custodian=Custodian.POINT,
        from_holder_id="p-1",
        to_custodian=Custodian.CUSTOMER,
        to_holder_id="anna",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def _began(order_id: str, courier_id: str) -> Event:
    return AssignmentBegan(
        at=AT,
        assignment_id="a-9",
        order_id=order_id,
        courier_id=courier_id,
        offer_id="",
        arrival_at=AT,
    )


def _asked(order_id: str, courier_id: str) -> Event:
    return OfferMade(
        at=AT,
        offer_id="f-9",
        courier_id=courier_id,
        order_ids=(order_id,),
        deadline_at=AT,
        pay_cents=1,
        bonus_cents=0,
    )


def _opened(case_id: str, order_id: str) -> Event:
    return CaseOpened(
        at=AT,
        case_id=case_id,
        order_id=order_id,
        disruption_id="d-9",
        from_courier_id="c-1",
        cause=ReasonCode.OTHER,
        promised_by=AT,
    )


def _broke(order_id: str) -> Event:
    broken = Disruption(
        id="d-9",
        courier_id="c-2",
        cause=ReasonCode.OTHER,
        reason=REASON,
        at=AT,
        place=None,
        orphaned=(order_id,),
        held=(),
        ends_duty=False,
        can_hand_over=False,
    )
    return DisruptionRecognised(at=AT, disruption=broken)


def _granted(cents: int) -> Event:
    return RemedyGranted(
        at=AT,
        remedy_id="r-9",
        case_id="k-o-1",
        beneficiary_id="anna",
        kind=RemedyKind.COUPON,
        amount_cents=cents,
        currency="EUR",
        rule="x",
    )


def _answered(offer_id: str, answer: OfferStatus) -> Event:
    return OfferAnswered(
        at=AT, offer_id=offer_id, courier_id="c-2", order_ids=("o-3",), case_ids=(), answer=answer
    )


def _over(duty_id: str, status: AssignmentStatus) -> Event:
    return AssignmentEnded(
        at=AT, assignment_id=duty_id, order_id="o-1", courier_id="c-2", status=status
    )


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (_moved("delivered", "recovering", "o-1"), "order_end_is_final"),
        (_moved("available_for_pickup", "assigned"), "order_move_is_legal"),
        (_moved("picked_up", "delivered"), "order_state_follows"),
        (_moved("created", "assigned", "o-9"), "order_is_admitted_first"),
        (
            OrderEnded(at=AT, order_id="o-1", status=OrderStatus.DELIVERED, actor="courier"),
            "order_ends_once",
        ),
        (_passed(from_holder_id="p-2"), "custody_follows"),
        (_passed(number=9), "custody_counts"),
        (_passed(at=later(-5)), "custody_goes_forward"),
        (_passed(to_custodian=Custodian.STATION, to_holder_id="s"), "custody_may_pass"),
        (
            _passed(
                order_id="o-3",
                number=2,
                from_custodian=Custodian.MERCHANT,
                from_holder_id="shop",
                to_custodian=Custodian.POINT,
            ),
            "point_needs_consent",
        ),
        (_began("o-3", "c-2"), ""),
        (_began("o-1", "c-2"), "no_duty_after_the_end"),
        (_asked("o-3", "c-1"), "one_open_offer"),
        (_asked("o-1", "c-1"), "never_asked_again"),
        (_began("o-1", "c-1"), "never_asked_again"),
        (_answered("f-o-1-c-1", OfferStatus.DECLINED), "offer_is_answered_once"),
        (_over("a-o-1-c-1", AssignmentStatus.COMPLETED), "assignment_move_is_legal"),
        (_over("a-77", AssignmentStatus.COMPLETED), "assignment_begins_first"),
        (_opened("k-9", "o-3"), "open_case_waits_for_something"),
        (_broke("o-3"), "orphan_gets_a_case"),
        (
            CaseMoved(
                at=AT,
                case_id="k-o-1",
                order_id="o-1",
                was=CaseStatus.CLOSED,
                now=CaseStatus.CARRIED,
            ),
            "case_move_is_legal",
        ),
        (CaseClosed(at=AT, case_id="k-o-1", order_id="o-1", outcome="kept"), "case_closes_once"),
        (_granted(500), "one_remedy"),
        (_granted(0), "remedy_is_positive"),
        (
            LedgerPosted(
                at=AT, key="x", currency="EUR", postings=(Posting(account="a", amount_cents=5),)
            ),
            "ledger_sums_to_zero",
        ),
        (
            NoticeSent(
                at=AT,
                key="k-o-1/notice:1",
                order_id="o-1",
                kind=NoticeKind.REMEDY,
                latest_at=None,
                text="",
            ),
            "notice_is_sent_once",
        ),
        (
            CourierMoved(
                at=AT, courier_id="c-1", was=CourierState.UNAVAILABLE, now=CourierState.ACTIVE
            ),
            "courier_move_is_legal",
        ),
        (
            CourierMoved(at=AT, courier_id="c-1", was=CourierState.IDLE, now=CourierState.SOS),
            "courier_state_follows",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_log_that_breaks_a_rule_is_named(tmp_path: Path, event: Event, rule: str) -> None:
    url = f"sqlite:///{tmp_path}/day.db"
    migrate(url)
    with opened(url) as store:
        a_day.live(store)
        with store.begin() as tx:
            tx.record(events=[event])
    report = audit(url)
    if rule:
        assert rule in {breach.rule for breach in report.breaches}
    else:
        assert not report.breaches
    assert not report.is_clean


def test_the_baselines_may_ask_a_courier_again(store_url: str) -> None:
    with opened(store_url) as store:
        a_day.live(store)
        with store.begin() as tx:
            tx.record(events=[_asked("o-1", "c-1")])
    assert {b.rule for b in audit(store_url).breaches} == {"never_asked_again"}
    assert not audit(store_url, policy="reping").breaches


def test_a_parcel_jumps_from_courier_to_courier_only_at_a_handover(store_url: str) -> None:
    with opened(store_url) as store:
        day = a_day.live(store)
        day.accept("o-3", "c-2")
        day.scan("o-3", "c-2", StopKind.PICKUP)
        values, events = day.passed("o-3", Custodian.COURIER, "c-1")
        day.step(*values, events=events)
    report = audit(store_url)
    assert {b.rule for b in report.breaches} == {"couriers_pass_only_at_a_handover"}


@pytest.mark.parametrize(
    ("sql", "table", "column"),
    [
        ("UPDATE orders SET status = 'picked_up' WHERE id = 'o-2'", "orders", "status"),
        (
            "UPDATE assignments SET courier_id = 'c-1' WHERE order_id = 'o-2'",
            "assignments",
            "courier_id",
        ),
        ("UPDATE offers SET status = 'revoked' WHERE status = 'open'", "offers", "status"),
        ("UPDATE custody SET holder_id = 'p-1' WHERE number = 1", "custody", "holder_id"),
        ("UPDATE cases SET disruption_id = 'd-8', order_id = 'o-3'", "cases", "order_id"),
        ("UPDATE couriers SET state = 'idle'", "couriers", "state"),
        ("UPDATE remedies SET amount_cents = 900", "remedies", "amount_cents"),
        ("DELETE FROM entries", "entries", "(row)"),
        ("DELETE FROM notices", "notices", "(row)"),
        ("DELETE FROM remedies", "remedies", "(row)"),
    ],
)
def test_a_row_that_disagrees_with_the_log_is_named(
    store_url: str, sql: str, table: str, column: str
) -> None:
    with opened(store_url) as store:
        a_day.live(store)
    tamper(store_url, sql)
    report = audit(store_url)
    assert not report.breaches
    first = report.disagreements[0]
    assert (first.table, first.column) == (table, column)
    assert first.id in " ".join(report.lines())


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("DELETE FROM events WHERE number = 7", "log_has_no_gap"),
        ("UPDATE events SET name = 'x.y' WHERE name = 'order.admitted'", "order_is_admitted_first"),
    ],
)
def test_a_log_that_was_tampered_with_is_noticed(store_url: str, sql: str, rule: str) -> None:
    with opened(store_url) as store:
        a_day.live(store)
    tamper(store_url, sql)
    assert rule in {breach.rule for breach in audit(store_url).breaches}


def tamper(url: str, sql: str) -> None:
    """Change the database as somebody could who switches its rules off."""
    engine = open_engine(url, n_connections=1)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rules = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            )
            for (name,) in rules.fetchall():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(sql)
    engine.dispose()
