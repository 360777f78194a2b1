"""The databases under the tests are what they claim to be."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from recourse.adapters.store import migrate, schema_version
from tests.servers import UNPRIVILEGED, Postgres, given_away


def test_a_test_gets_a_postgresql_that_keeps_its_word_after_a_power_cut(pg_url: str) -> None:
    with psycopg.connect(pg_url) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"show {name}").fetchone() == ("on",)


def test_a_killed_server_comes_back_with_what_was_committed() -> None:
    with Postgres() as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("create table promise (made int)")
            connection.execute("insert into promise values (7)")
            connection.commit()
            connection.execute("insert into promise values (8)")
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")
        server.start()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select made from promise").fetchall() == [(7,)]


def test_a_test_gets_a_store_at_the_newest_version_on_both_databases(store_url: str) -> None:
    before = schema_version(store_url)
    migrate(store_url)
    assert before == schema_version(store_url) != ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")
def test_programs_that_are_for_their_owner_alone_are_given_to_who_runs_the_server() -> None:
    with TemporaryDirectory(prefix="recourse-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        mine = folder / "mine"
        (mine / "bin").mkdir(parents=True)
        program = mine / "bin" / "say"
        program.write_text("#!/bin/sh\necho yes\n")
        for path in (program, mine / "bin", mine):
            path.chmod(0o700)
        theirs = given_away(mine, folder / "theirs") / "bin" / "say"
        told = subprocess.run([theirs], user=UNPRIVILEGED, capture_output=True, check=True)
        assert told.stdout == b"yes\n"
        with pytest.raises(PermissionError):
            subprocess.run([program], user=UNPRIVILEGED, check=True)
