"""A few small values that every suite over the store is made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from recourse.adapters.clock import ManualClock
from recourse.adapters.store import SqlStore, open_store
from recourse.model.assignments import (
    Assignment,
    AssignmentStatus,
    Custodian,
    Custody,
    Offer,
    OfferStatus,
)
from recourse.model.cases import Case, CaseStatus
from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.orders import Customer, Order, OrderKind, OrderStatus, Promise
from recourse.model.places import Place, Site, SiteKind
from recourse.model.ports import Record
from recourse.model.reasons import Actor, Attribution, Reason, ReasonCode, Stage
from recourse.model.redress import Consent, Entry, Posting, Remedy, RemedyKind
from recourse.model.routes import Stop, StopKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = Place(lon=13.4, lat=52.5, address="Unter den Linden 1, größtes Haus")
PROMISE = Promise(earliest_at=NOON, latest_at=NOON + timedelta(hours=1), told_at=NOON)
REASON = Reason(
    actor=Actor.COURIER,
    stage=Stage.IN_CUSTODY,
    code=ReasonCode.VEHICLE_BREAKDOWN,
    custodian="courier",
    attribution=Attribution.NONE,
    is_retryable=True,
    evidence=("photo", "two calls"),
)
STOP = Stop(
    id="s-1",
    kind=StopKind.TAKE,
    order_ids=("o-1", "o-2"),
    place=HERE,
    earliest_at=NOON,
    latest_at=NOON + timedelta(minutes=60),
    arrival_at=NOON + timedelta(minutes=12.5),
    from_courier_id="c-1",
)
V = TypeVar("V")


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@contextmanager
def opened(url: str) -> Iterator[SqlStore]:
    with open_store(url, clock=ManualClock(NOON)) as store:
        yield store


def put(store: SqlStore, *values: Record) -> None:
    with store.begin() as tx:
        tx.record(values)


def written(value: V) -> V:
    """The value as it is read back after it was first recorded."""
    return replace(value, version=1)  # type: ignore[type-var]


def order(name: str = "o-1", **changes: object) -> Order:
    plain = Order(
        id=name,
        external_id=f"shop-{name}",
        merchant_id="shop",
        kind=OrderKind.MEAL,
        status=OrderStatus.CREATED,
        pickup=HERE,
        dropoff=HERE,
        pickup_ready_at=NOON,
        promise=PROMISE,
        first_promise=PROMISE,
        customer=Customer(id="anna", name="Anna", contact="+4930123456"),
        created_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def courier(name: str = "c-1", **changes: object) -> Courier:
    plain = Courier(
        id=name,
        name="Bo",
        vehicle=Vehicle.EBIKE,
        contract=Contract.ASKED,
        start=HERE,
        shift_start_at=NOON,
        shift_end_at=later(480),
        capacity_g=15_000,
        capacity_ml=60_000,
        state=CourierState.IDLE,
        state_since_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def site(name: str = "p-1", kind: SiteKind = SiteKind.POINT) -> Site:
    return Site(id=name, kind=kind, name="Kiosk", place=HERE, capacity_parcels=20)


def assignment(name: str = "a-1", order_id: str = "o-1", **changes: object) -> Assignment:
    plain = Assignment(
        id=name,
        order_id=order_id,
        courier_id="c-1",
        status=AssignmentStatus.ACTIVE,
        began_at=NOON,
        accepted_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def offer(name: str = "f-1", **changes: object) -> Offer:
    plain = Offer(
        id=name,
        courier_id="c-1",
        order_ids=("o-1",),
        status=OfferStatus.OPEN,
        made_at=NOON,
        deadline_at=later(1),
        pay_cents=450,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def held(order_id: str = "o-1", number: int = 1, **changes: object) -> Custody:
    plain = Custody(
        order_id=order_id,
        number=number,
        custodian=Custodian.MERCHANT,
        holder_id="shop",
        from_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def case(name: str = "k-1", order_id: str = "o-1", **changes: object) -> Case:
    plain = Case(
        id=name,
        disruption_id="d-1",
        order_id=order_id,
        from_courier_id="c-1",
        status=CaseStatus.DECIDING,
        cause=ReasonCode.VEHICLE_BREAKDOWN,
        opened_at=NOON,
        promised_by=later(60),
        excluded=("c-1",),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def remedy(name: str = "r-1", **changes: object) -> Remedy:
    plain = Remedy(
        id=name,
        case_id="k-1",
        beneficiary_id="anna",
        kind=RemedyKind.COUPON,
        amount_cents=500,
        currency="EUR",
        rule="late-15",
        granted_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def entry(key: str = "k-1/remedy:anna", *amounts: int) -> Entry:
    accounts = ("expense:remedy", "customer:anna", "till")
    lines = zip(accounts, amounts or (500, -500), strict=False)
    return Entry(
        key=key,
        at=NOON,
        currency="EUR",
        postings=tuple(Posting(account=account, amount_cents=cents) for account, cents in lines),
        memo="an hour late",
    )


def consent(name: str = "y-1", order_id: str = "o-1", site_id: str = "p-1") -> Consent:
    return Consent(id=name, order_id=order_id, site_id=site_id, given_at=NOON, source="choice")
