"""This file knows how the tables come to be, and how they change from one version to the next."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from recourse.adapters.store.engine import open_engine, parse_url
from recourse.model.errors import Invalid, NotFound

__all__ = ["migrate", "must_exist", "schema_version"]

_HERE = Path(__file__).parent / "migrations"


def migrate(url: str, *, to: str = "head") -> None:
    """Bring a database to a version of the schema; the newest unless told.

    An empty database gets every table. Running it again changes nothing.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.
    to : str, optional
        Revision.

    Raises
    ------
    Invalid
        If the address is none of these, or the database behind it cannot be used.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     migrate(f"sqlite:///{folder}/day.db")
    ...     schema_version(f"sqlite:///{folder}/day.db")
    '0015'
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    engine = open_engine(url, n_connections=1)
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    try:
        with _usable(url), engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        engine.dispose()


def schema_version(url: str) -> str:
    """Revision a database is at; empty when it has no tables of ours.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.

    Returns
    -------
    str
        E.g. ``"0015"``.

    Raises
    ------
    Invalid
        If the address is none of these, or the database behind it cannot be used.
    """
    engine = open_engine(url, n_connections=1)
    try:
        with _usable(url), engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return ""
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return str(found or "")
    finally:
        engine.dispose()


def must_exist(url: str) -> str:
    """Address of a database that must hold something of ours; none is made by looking.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.

    Returns
    -------
    str
        The same address.

    Raises
    ------
    NotFound
        If there is no such file, or no tables of ours in it.
    Invalid
        If it cannot be opened.
    """
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if file is not None and not file.is_file():
        raise NotFound(kind="database", id=f"{file}; name the folder with --data or use --db")
    if not schema_version(url):
        raise NotFound(kind="Recourse database", id=url)
    return url


@contextmanager
def _usable(url: str) -> Iterator[None]:
    """Say which database cannot be used, why, and where another one is named."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        # The first line says why; a password in the address is nobody's business.
        first = str(error.orig).partition("\n")[0].rstrip(". ")
        named = parse_url(url).set(drivername=url.partition(":")[0]).render_as_string()
        why = f"{named} cannot be used: {first}; start it, or name another with --db or RECOURSE_DB"
        raise Invalid(field="db", why=why) from error
    except CommandError as error:
        why = f"{error}; the tables are of another version of Recourse"
        raise Invalid(field="db", why=why) from error
