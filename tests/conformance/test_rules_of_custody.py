"""Whose hands a parcel is in: one holder at a time, never nobody, and no stranger."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from recourse.adapters.store import migrate
from recourse.adapters.store.engine import open_engine
from recourse.model.assignments import Custodian
from recourse.model.redress import Neighbour
from tests.conformance.refusals import refused, refused_sql
from tests.conformance.values import NOON, consent, held, later, opened, order, put, site, written


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
