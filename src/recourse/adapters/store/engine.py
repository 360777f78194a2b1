"""This file knows how a connection to each database is opened and what its refusals are called."""

import contextlib
import re
import sqlite3
from collections import deque
from queue import Empty, SimpleQueue
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.json import set_json_loads
from pydantic_core import from_json
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from recourse.adapters.store.schema import METADATA
from recourse.model.errors import Conflict, Invalid

__all__ = ["Connections", "OnlyConnection", "open_engine", "parse_url", "refusal"]

Refusals = (sqlite3.Error, psycopg.Error)
_BUSY_MS = 10_000


def parse_url(url: str) -> URL:
    """Read the address of a database.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``. A file may be followed by
        ``?synchronous=full`` to survive a loss of power with every transaction.

    Returns
    -------
    URL
        With the driver filled in.

    Raises
    ------
    Invalid
        If it is neither, or names no file.

    Examples
    --------
    >>> parse_url("postgresql://me@127.0.0.1/recourse").drivername
    'postgresql+psycopg'
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise Invalid(field="db", why="a database is sqlite:///FILE or postgresql://...") from error
    name = parsed.get_backend_name()
    if name == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if name != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise Invalid(field="db", why="a database is sqlite:///FILE or postgresql://...")
    if parsed.query.get("synchronous", "normal") not in {"normal", "full"}:
        raise Invalid(field="db", why="synchronous is normal or full")
    return parsed.set(drivername="sqlite+pysqlite")


def open_engine(url: str, *, n_connections: int = 8, is_alone: bool = False) -> sa.Engine:
    """Make a pool of connections that begin no transaction of their own.

    Parameters
    ----------
    url : str
        See `parse_url`.
    n_connections : int, optional
        Connections kept open; as many again may be opened for a moment.
    is_alone : bool, optional
        Whether a file of SQLite is kept locked by one connection, for one thread: whatever is read
        then costs less. PostgreSQL is nobody's alone.

    Returns
    -------
    Engine
        Every connection is in autocommit: a unit of work says BEGIN itself, and says it late.
    """
    parsed = parse_url(url)
    # Nothing is ever left open in a connection that is given back, so it needs no reset.
    pool: dict[str, Any] = {
        "poolclass": QueuePool,
        "pool_size": n_connections,
        "max_overflow": n_connections,
        "pool_reset_on_return": None,
    }
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed,
            isolation_level="AUTOCOMMIT",
            paramstyle="format",
            connect_args={"options": "-c TimeZone=UTC", "application_name": "recourse"},
            **pool,
        )
        sa.event.listen(engine, "connect", _read_json_fast)
        return engine
    synchronous = str(parsed.query.get("synchronous", "normal"))
    locking = "exclusive" if is_alone else "normal"
    engine = sa.create_engine(
        parsed.set(query={}),
        connect_args={
            "isolation_level": None,
            "check_same_thread": is_alone,
            "cached_statements": 512,
            "timeout": _BUSY_MS / 1000,
        },
        **pool,
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            f"locking_mode = {locking}",
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "cache_size = -65536",
            "temp_store = MEMORY",
            # Without it every commit of a large log would rewrite the file's tail too often.
            "wal_autocheckpoint = 4000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "connect", prepare)
    return engine


class Connections:
    """Connections of one store, each lent to one unit of work at a time and kept open after it.

    The engine's own pool does the same, but spends as long on a loan as a read takes. The last one
    given back is lent first: its statements are prepared.

    Parameters
    ----------
    engine : Engine
        From `open_engine`.
    n : int
        At most so many; whoever comes after them waits.

    Attributes
    ----------
    dialect : Dialect
        Of the database.
    """

    def __init__(self, engine: sa.Engine, n: int) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        # Whoever has a turn finds a connection; neither takes a lock in Python, which would cost as
        # much as a read. None is a connection that is yet to be opened.
        self._idle: deque[PoolProxiedConnection | None] = deque([None] * n)
        self._turns: SimpleQueue[None] = SimpleQueue()
        for _ in range(n):
            self._turns.put(None)

    def lend(self) -> PoolProxiedConnection:
        """Return a connection that nobody else has until it is given back."""
        self._turns.get()
        kept = self._idle.pop()
        if kept is not None:
            return kept
        try:
            return self._engine.raw_connection()
        except BaseException:
            self._keep(None)
            raise

    def take_back(self, connection: PoolProxiedConnection) -> None:
        """Keep a connection for the next; if the server is gone, so are all the others."""
        if getattr(connection.driver_connection, "closed", False):
            connection.invalidate()
        if connection.is_valid:
            self._keep(connection)
            return
        connection.close()
        self._keep(None)
        self.close()

    def close(self) -> None:
        """Close every connection that is not lent."""
        idle = []
        with contextlib.suppress(Empty):
            while True:
                self._turns.get_nowait()
                idle.append(self._idle.pop())
        for kept in idle:
            if kept is not None:
                kept.close()
            self._keep(None)
        self._engine.dispose()

    def _keep(self, connection: PoolProxiedConnection | None) -> None:
        """Keep a connection, and then let the next one have its turn."""
        self._idle.append(connection)
        self._turns.put(None)


class OnlyConnection:
    """The only connection to a database, lent to whoever asks, also by the way of another's work.

    No unit of work holds a transaction open while it asks for something else, so in one thread they
    never meet. A second thread is refused by the driver.

    Parameters
    ----------
    engine : Engine
        From `open_engine`.

    Attributes
    ----------
    dialect : Dialect
        Of the database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None

    def lend(self) -> PoolProxiedConnection:
        """Return the connection, opened now if it was not yet."""
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        return self._connection

    def take_back(self, connection: PoolProxiedConnection) -> None:
        """Keep it open."""

    def close(self) -> None:
        """Close it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()


def _read_json_fast(connection: psycopg.Connection[Any], _record: object) -> None:
    """Parse JSON columns with the parser that is used for SQLite too."""
    set_json_loads(from_json, connection)


def _unique_rules() -> dict[str, str]:
    """What SQLite says of a broken key, to the name of the rule."""
    rules = {}
    for table in METADATA.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint):
                columns = ", ".join(f"{table.name}.{column.name}" for column in constraint.columns)
                rules[columns] = str(constraint.name or f"{table.name}_pkey")
        for index in table.indexes:
            if index.unique:
                columns = ", ".join(f"{table.name}.{column.name}" for column in index.columns)
                rules[columns] = str(index.name)
    return rules


_UNIQUE = _unique_rules()
_FAILED = re.compile(r"(UNIQUE|CHECK) constraint failed: (.+)")
_RULE = re.compile(r"[a-z_]+")


def refusal(error: BaseException, connection: Any = None) -> Conflict | None:  # noqa: ANN401, PLR0911
    """Say what a database's refusal means in our words.

    Parameters
    ----------
    error : BaseException
        What the driver raised.
    connection : connection, optional
        On SQLite, where the refused transaction is still open: a broken reference has no name in
        the message and is looked up.

    Returns
    -------
    Conflict or None
        With the name of the rule, or ``"busy"`` when it may simply be tried again; None when the
        error is no refusal but a fault.
    """
    if isinstance(error, psycopg.Error):
        return _refusal_of_postgresql(error)
    text = str(error)
    if isinstance(error, sqlite3.OperationalError) and ("locked" in text or "busy" in text):
        return Conflict(rule="busy", detail=text)
    if not isinstance(error, sqlite3.IntegrityError):
        return None
    if found := _FAILED.match(text):
        what, of = found.groups()
        return Conflict(rule=_UNIQUE.get(of, of) if what == "UNIQUE" else of, detail=text)
    if text.startswith("FOREIGN KEY"):
        return Conflict(rule=_broken_reference(connection), detail=text)
    if _RULE.fullmatch(text):
        return Conflict(rule=text)
    return Conflict(rule="not_null", detail=text)


def _refusal_of_postgresql(error: psycopg.Error) -> Conflict | None:
    """Name of the rule that PostgreSQL says was broken."""
    busy = (
        psycopg.errors.SerializationFailure,
        psycopg.errors.DeadlockDetected,
        psycopg.errors.LockNotAvailable,
    )
    if isinstance(error, busy):
        return Conflict(rule="busy", detail=str(error))
    if isinstance(error, psycopg.errors.IntegrityError):
        rule = error.diag.constraint_name or "not_null"
        return Conflict(rule=rule, detail=str(error).partition("\n")[0])
    return None


def _broken_reference(connection: Any) -> str:  # noqa: ANN401
    """Name of the reference that an open SQLite transaction breaks."""
    if connection is None:
        return "reference"
    cursor = connection.cursor()
    broken = cursor.execute("PRAGMA foreign_key_check").fetchone()
    if broken is None:
        return "reference"
    table, _, _, number = broken
    columns = tuple(
        row[3] for row in cursor.execute(f"PRAGMA foreign_key_list({table})") if row[0] == number
    )
    for constraint in METADATA.tables[table].foreign_key_constraints:
        if tuple(constraint.column_keys) == columns:
            return str(constraint.name)
    return "reference"
