"""What tests share: real databases, one fresh for each test. This file knows how tests get them.

The server is started once, by the process that hands out the tests; the processes that run them
find its address in `RECOURSE_TEST_PG`. Set that variable to use a server of your own.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg.sql import SQL, Identifier

from tests.servers import Postgres

SERVER = "RECOURSE_TEST_PG"
RUN = "RECOURSE_TEST_RUN"
_running = ExitStack()

# A busy machine is no reason to fail, and a failure must come again when it is looked into.
settings.register_profile("recourse", deadline=None, derandomize=True)
settings.load_profile("recourse")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server, in the process that hands out the tests."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    os.environ[RUN] = uuid.uuid4().hex
    if SERVER not in os.environ:
        os.environ[SERVER] = _running.enter_context(Postgres()).url()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if not hasattr(config, "workerinput"):
        _running.close()


@pytest.fixture
def pg_url() -> Iterator[str]:
    """Address of an empty PostgreSQL database, dropped after the test."""
    with _database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database: every test that asks runs on SQLite and PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        copy = shutil.copy(template, tmp_path / "store.db")
        yield f"sqlite:///{copy}"
        return
    with _database(template=request.getfixturevalue("pg_template")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    from recourse.adapters.store import migrate  # noqa: PLC0415 - slow; few tests need it

    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def pg_template() -> str:
    """Name of a migrated PostgreSQL database to clone; the first worker to come makes it."""
    from recourse.adapters.store import migrate  # noqa: PLC0415 - slow; few tests need it

    name = f"template_{os.environ[RUN]}"
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(1)")
        known = connection.execute("select 1 from pg_database where datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(SQL("create database {}").format(Identifier(name)))
            migrate(_address(name))
    return name


@contextmanager
def _database(template: str = "template1") -> Iterator[str]:
    """Create a database, and drop it afterwards whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    create = SQL("create database {} template {}").format(Identifier(name), Identifier(template))
    drop = SQL("drop database {} with (force)").format(Identifier(name))
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        connection.execute(create)
        try:
            yield _address(name)
        finally:
            connection.execute(drop)


def _address(database: str) -> str:
    """Address of a database on the test server."""
    return f"{os.environ[SERVER].rsplit('/', 1)[0]}/{database}"
