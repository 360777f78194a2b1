"""A backup made while others write is one state, and goes from either database into either."""

import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from recourse.adapters.backup import backup, restore
from recourse.adapters.store import migrate
from recourse.audit import audit
from recourse.model.assignments import Custodian
from recourse.model.commands import Command
from recourse.model.errors import Conflict, Invalid
from recourse.model.orders import OrderStatus
from recourse.model.ports import EventFilter
from tests.conformance import day as a_day
from tests.conformance.values import later, opened, put


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a second database, empty and without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/target.db"
    return str(request.getfixturevalue("pg_url"))


def test_what_is_restored_is_what_was_saved(
    store_url: str, target_url: str, tmp_path: Path
) -> None:
    with opened(store_url) as store:
        a_day.live(store)
        store.lease(now=later(60), worker="w", limit=9, lease_s=60)
    n_saved = backup(store_url, tmp_path / "day.zip")
    assert restore(tmp_path / "day.zip", target_url) == n_saved
    assert audit(target_url).is_clean
    with opened(store_url) as old, opened(target_url) as new:
        with old.begin() as before, new.begin() as after:
            everything = EventFilter(limit=10_000)
            assert after.events(everything) == before.events(everything)
            assert after.orders(["o-1", "o-2"]) == before.orders(["o-1", "o-2"])
            assert after.cases_of("o-1") == before.cases_of("o-1")
            assert after.notices() == before.notices()
            assert after.counts() == before.counts()
        assert new.next_due_at() == old.next_due_at()


def test_life_goes_on_after_a_restore(store_url: str, target_url: str, tmp_path: Path) -> None:
    with opened(store_url) as store:
        a_day.live(store)
    backup(store_url, tmp_path / "day.zip")
    restore(tmp_path / "day.zip", target_url)
    with opened(target_url) as store:
        day = a_day.Day(store)
        day.minute = 100
        day.accept("o-3", "c-2")
        day.finish("o-2", Custodian.CUSTOMER, "anna", OrderStatus.DELIVERED)
        day.step(commands=[Command(key="new", name="n", due_at=later(200))])
        day.admit("o-4")
    assert audit(target_url).is_clean


def test_a_backup_is_one_state_although_others_write(store_url: str, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with opened(store_url) as store:
            day = a_day.Day(store)
            n = 0
            while not stop.is_set():
                day.admit(f"o-{n}")
                n += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for i in range(3):
            backup(store_url, tmp_path / f"{i}.zip")
    finally:
        stop.set()
        writer.join()
    for i in range(3):
        copy = f"sqlite:///{tmp_path}/{i}.db"
        restore(tmp_path / f"{i}.zip", copy)
        assert audit(copy).is_clean


def test_a_full_database_is_not_overwritten_unless_told(store_url: str, tmp_path: Path) -> None:
    with opened(store_url) as store:
        a_day.live(store)
        backup(store_url, tmp_path / "day.zip")
        with store.begin() as tx:
            changed = replace(tx.couriers(["c-2"])["c-2"], name="Zoë")
        put(store, changed)
    with pytest.raises(Conflict, match="database_is_empty"):
        restore(tmp_path / "day.zip", store_url)
    restore(tmp_path / "day.zip", store_url, overwrite=True)
    with opened(store_url) as store, store.begin() as tx:
        assert tx.couriers(["c-2"])["c-2"].name == "Bo"


def test_a_damaged_backup_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.db"
    migrate(url)
    with opened(url) as store:
        a_day.live(store)
    backup(url, tmp_path / "good.zip")
    with (
        zipfile.ZipFile(tmp_path / "good.zip") as good,
        zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad,
    ):
        for name in good.namelist():
            content = good.read(name)
            bad.writestr(name, content.replace(b"Anna", b"Hans"))
    target = f"sqlite:///{tmp_path}/target.db"
    with pytest.raises(Invalid, match="orders was damaged"):
        restore(tmp_path / "bad.zip", target)
    restore(tmp_path / "good.zip", target)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("hello")
    for file in (plain, tmp_path / "nowhere.zip"):
        with pytest.raises(Invalid, match="is no backup"):
            restore(file, f"sqlite:///{tmp_path}/target.db")


def test_a_backup_never_replaces_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.db"
    with pytest.raises(Invalid, match="no Recourse database"):
        backup(url, tmp_path / "x.zip")
    migrate(url)
    (tmp_path / "x.zip").write_text("mine")
    with pytest.raises(Invalid, match="there already"):
        backup(url, tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_text() == "mine"
