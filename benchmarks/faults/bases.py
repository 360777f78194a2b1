"""This file knows how every story gets an empty, migrated database of its own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from hashlib import blake2b
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from recourse.adapters.store import migrate

__all__ = ["Fresh", "databases"]

Fresh = Callable[[int], AbstractContextManager[str]]
"""Gives the address of an empty database for as long as it is needed, one for each number."""


@contextmanager
def databases(server: str) -> Iterator[Fresh]:
    """What gives one empty, migrated database after the other.

    Parameters
    ----------
    server : str
        Address of a PostgreSQL server; empty for SQLite.

    Yields
    ------
    callable
        Given a number, lends a database; those of different numbers may be lent at once.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recourse-faults-")))
        if not server:
            migrate(f"sqlite:///{folder / 'template.db'}")
            yield lambda number: _copy(folder, number)
            return
        name = f"t_{blake2b(str(folder).encode(), digest_size=6).hexdigest()}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(SQL("create database {}").format(Identifier(name)))
        stack.callback(_drop, server, name)
        migrate(f"{server.rsplit('/', 1)[0]}/{name}")
        yield lambda number: _clone(server, name, number)


def _drop(server: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        drop = SQL("drop database if exists {} with (force)")
        connection.execute(drop.format(Identifier(name)))


@contextmanager
def _copy(folder: Path, number: int) -> Iterator[str]:
    """A copy of the template on SQLite, gone afterwards."""
    file = folder / f"{number}.db"
    shutil.copy(folder / "template.db", file)
    try:
        yield f"sqlite:///{file}"
    finally:
        for left in folder.glob(f"{number}.db*"):
            left.unlink()


@contextmanager
def _clone(server: str, template: str, number: int) -> Iterator[str]:
    """A clone of the template on PostgreSQL, gone afterwards."""
    name = f"{template}_{number}"
    create = SQL("create database {} template {}").format(Identifier(name), Identifier(template))
    _drop(server, name)
    # Closed before a worker is forked: none may be open in two processes.
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        _drop(server, name)
