"""The commands about the store say what they did and end with the status that scripts look at."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from recourse.cli_store import store_commands
from recourse.model.errors import Invalid, NotFound
from recourse.model.orders import OrderStatus
from tests.conformance import day as a_day
from tests.conformance.test_audit import tamper
from tests.conformance.values import NOON, opened, order, put

runner = CliRunner()


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    store_commands(made)
    return made


def test_a_store_is_made_audited_saved_and_restored(app: typer.Typer, tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path}/day.db", f"sqlite:///{tmp_path}/copy.db"
    assert runner.invoke(app, ["migrate", "--db", url]).exit_code == 0
    with opened(url) as store:
        a_day.live(store)
    audited = runner.invoke(app, ["audit", "--db", url])
    assert audited.exit_code == 0
    assert "0 broken rules, 0 rows that disagree" in audited.output
    file = str(tmp_path / "day.zip")
    assert "Saved" in runner.invoke(app, ["backup", file, "--db", url]).output
    assert "Restored" in runner.invoke(app, ["restore", file, "--db", copy]).output
    assert runner.invoke(app, ["audit", "--db", copy]).output == audited.output


def test_an_audit_that_finds_something_ends_with_one(app: typer.Typer, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.db"
    runner.invoke(app, ["migrate", "--db", url])
    with opened(url) as store:
        a_day.live(store)
    tamper(url, "UPDATE orders SET status = 'picked_up' WHERE id = 'o-2'")
    audited = runner.invoke(app, ["audit", "--db", url])
    assert audited.exit_code == 1
    assert "orders o-2, column status: the log says 'available_for_pickup'" in audited.output


def test_a_database_that_is_not_there_is_named_and_not_made(
    app: typer.Typer, tmp_path: Path
) -> None:
    for command in (["audit"], ["backup", str(tmp_path / "copy.zip")]):
        refused = runner.invoke(app, [*command, "--data", str(tmp_path)])
        assert isinstance(refused.exception, NotFound)
        assert "recourse.sqlite" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["audit"], ["backup", "copy.zip"], ["migrate"]])
def test_a_database_that_cannot_be_used_is_one_line_with_a_way_out(
    app: typer.Typer, tmp_path: Path, command: list[str]
) -> None:
    junk = tmp_path / "junk.db"
    junk.write_text("no database at all\n" * 100)
    for url, why in (
        ("postgresql://me:hush@127.0.0.1:1/none", "refused"),
        (f"sqlite:///{junk}", "not a database"),
    ):
        refused = runner.invoke(app, [*command, "--db", url])
        assert isinstance(refused.exception, Invalid), refused.exception
        said = str(refused.exception)
        assert why in said
        assert "--db or RECOURSE_DB" in said
        assert "hush" not in said
        assert "\n" not in said


def test_a_seal_is_printed_and_can_be_held_against_the_log_later(
    app: typer.Typer, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/day.db"
    runner.invoke(app, ["migrate", "--db", url])
    with opened(url) as store:
        a_day.live(store)
    seal = runner.invoke(app, ["audit", "--db", url]).output.split("sealed ")[1].strip()
    assert runner.invoke(app, ["audit", "--db", url, "--noted", seal]).exit_code == 0
    wrong = runner.invoke(app, ["audit", "--db", url, "--noted", seal[:-2] + "zz"])
    assert wrong.exit_code == 1
    assert "log_was_sealed_so" in wrong.output


def test_a_person_is_erased_when_that_is_confirmed(app: typer.Typer, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/day.db"
    runner.invoke(app, ["migrate", "--db", url])
    with opened(url) as store:
        put(store, order(status=OrderStatus.CANCELED, ended_at=NOON))
    asked = ["erase", "customer:anna", "--db", url]
    assert runner.invoke(app, asked, input="n\n").exit_code == 1
    with opened(url) as store, store.begin() as tx:
        assert tx.orders(["o-1"])["o-1"].customer.name == "Anna"
    done = runner.invoke(app, [*asked, "--yes"])
    assert "Erased customer:anna: 1 orders" in done.output
    with opened(url) as store, store.begin() as tx:
        assert tx.orders(["o-1"])["o-1"].customer.name == ""
