"""The log is sealed: whoever changes, cuts or rewrites it is found out by somebody else's code."""

import json
from pathlib import Path

import pytest

from recourse.adapters.store import migrate
from recourse.adapters.store.chain import digest_of, link
from recourse.adapters.store.engine import open_engine
from recourse.audit import audit
from tests.conformance import day as a_day
from tests.conformance.test_audit import tamper
from tests.conformance.values import NOON, opened


def lived(url: str) -> str:
    """Live a day, and note its seal."""
    with opened(url) as store:
        a_day.live(store)
    report = audit(url)
    assert report.is_clean
    return report.head


def rules(url: str, noted: str = "") -> set[str]:
    return {one.rule for one in audit(url, noted=noted).breaches}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET order_id = order_id, recorded_at = at WHERE number = 9",
        "UPDATE events SET salt = 'ab' WHERE number = 9",
        "UPDATE events SET at = recorded_at WHERE at <> recorded_at",
    ],
)
def test_an_event_that_says_something_else_than_was_sealed_is_found(
    store_url: str, change: str
) -> None:
    lived(store_url)
    tamper(store_url, change)
    assert "event_is_as_it_was_written" in rules(store_url)


def test_a_number_in_an_event_cannot_be_changed(store_url: str) -> None:
    lived(store_url)
    engine = open_engine(store_url, n_connections=1)
    with engine.connect() as connection:
        sql = "SELECT number, data FROM events WHERE name = 'offer.made' LIMIT 1"
        number, data = connection.exec_driver_sql(sql).one()
    engine.dispose()
    parsed = json.loads(data) if isinstance(data, str) else data
    parsed["pay_cents"] += 1
    tamper(store_url, f"UPDATE events SET data = '{json.dumps(parsed)}' WHERE number = {number}")
    assert rules(store_url) == {"event_is_as_it_was_written"}


def test_words_that_are_gone_without_anybodys_word_are_found(store_url: str) -> None:
    lived(store_url)
    tamper(store_url, "UPDATE events SET salt = NULL WHERE name = 'notice.sent'")
    assert rules(store_url) == {"erased_by_a_word"}


def test_a_hash_that_is_made_to_fit_breaks_the_chain(store_url: str) -> None:
    lived(store_url)
    forged = digest_of("ab", name="x.y", at="", recorded_at="", data={})
    tamper(store_url, f"UPDATE events SET salt = 'ab', digest = '{forged}' WHERE number = 9")
    assert "log_chain_holds" in rules(store_url)


def test_a_log_that_was_cut_off_and_sealed_anew_does_not_go_through_a_seal_noted_before(
    store_url: str,
) -> None:
    noted = lived(store_url)
    number = int(noted.partition(":")[0])
    assert rules(store_url, noted) == set()
    head = _link_of(store_url, number - 1)
    tamper(store_url, f"DELETE FROM events WHERE number = {number}")
    tamper(store_url, f"UPDATE tally SET n_events = {number - 1}, head = '{head}'")
    assert "log_was_sealed_so" not in rules(store_url)
    assert "log_was_sealed_so" in rules(store_url, noted)


def test_later_events_go_through_an_earlier_seal(store_url: str) -> None:
    with opened(store_url) as store:
        a_day.live(store)
    later = audit(store_url).head
    early = f"5:{_link_of(store_url, 5)}"
    assert audit(store_url, noted=early).is_clean
    assert audit(store_url, noted=later).is_clean
    assert not audit(store_url, noted=f"5:{link('', number=5, digest='00')}").is_clean


def test_a_log_written_before_it_was_sealed_is_sealed_when_it_is_migrated(
    pg_url: str, tmp_path: Path
) -> None:
    for url in (pg_url, f"sqlite:///{tmp_path}/old.db"):
        migrate(url, to="0003")
        engine = open_engine(url, n_connections=1)
        at = NOON.isoformat(timespec="microseconds")
        with engine.connect() as connection:
            for number in (1, 2):
                data = json.dumps({"at": at, "courier_id": f"c-{number}", "lat": 1.0})
                connection.exec_driver_sql(
                    "INSERT INTO events (number, name, at, recorded_at, order_id, courier_id,"
                    f" case_id, data) VALUES ({number}, 'courier.came_on_duty', '{at}', '{at}',"
                    f" '', 'c-{number}', '', '{data}')"
                )
            connection.exec_driver_sql("UPDATE tally SET n_events = 2")
        engine.dispose()
        migrate(url)
        report = audit(url)
        assert report.is_clean, report.lines()
        assert report.head.startswith("2:")


def _link_of(url: str, number: int) -> str:
    engine = open_engine(url, n_connections=1)
    with engine.connect() as connection:
        sql = f"SELECT chain FROM events WHERE number = {number}"
        found = str(connection.exec_driver_sql(sql).scalar())
    engine.dispose()
    return found
