"""This file knows how the log and the tables are read, by nothing but their names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

__all__ = ["Row", "Source", "instant", "opened"]

_PAGE = 5_000
_COLUMNS = "number, name, at, data, recorded_at, salt, digest, chain"


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the log has it.

    Attributes
    ----------
    number : int
        Place in the log.
    name : str
        Dotted name.
    at : datetime
        When it happened.
    data : dict
        The rest, as plain data.
    recorded_at : datetime
        When it was written down.
    salt : str or None
        Salt of its hash; None once it was erased.
    digest, chain : str
        Its salted hash, and the link that hangs it on the event before.
    """

    number: int
    name: str
    at: datetime
    data: dict[str, Any]
    recorded_at: datetime
    salt: str | None
    digest: str
    chain: str


class Source:
    """One database at one instant.

    Parameters
    ----------
    connection : Connection
        In a transaction that sees one state of the database throughout.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def events(self) -> Iterator[Row]:
        """Every event, in the order of the log, a page at a time."""
        after = 0
        while True:
            page = self.rows(
                f"SELECT {_COLUMNS} FROM events WHERE number > {after}"  # noqa: S608
                f" ORDER BY number LIMIT {_PAGE}"
            )
            for row in page:
                yield Row(
                    number=row["number"],
                    name=row["name"],
                    at=instant(row["at"]),
                    data=_plain(row["data"]),
                    recorded_at=instant(row["recorded_at"]),
                    salt=row["salt"],
                    digest=row["digest"],
                    chain=row["chain"],
                )
            if len(page) < _PAGE:
                return
            after = page[-1]["number"]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query as plain dictionaries."""
        return [dict(row) for row in self._connection.exec_driver_sql(sql).mappings()]


def _plain(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    """Parsed JSON, whether the driver has parsed it or not."""
    return json.loads(value) if isinstance(value, str) else value


def instant(value: str | datetime | None) -> datetime:
    """Aware instant in UTC; the beginning of time for None."""
    if value is None:
        return datetime.min.replace(tzinfo=UTC)
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC)


@contextmanager
def opened(url: str) -> Iterator[Source]:
    """Open a database to read one state of it, while others may go on writing.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.

    Yields
    ------
    Source
        What is read from.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"), isolation_level="REPEATABLE READ"
        )
        begin = ""
    else:
        engine = sa.create_engine(
            parsed.set(query={}), connect_args={"isolation_level": None, "timeout": 10}
        )
        begin = "BEGIN"
    try:
        with engine.connect() as connection:
            if begin:
                connection.exec_driver_sql(begin)
            yield Source(connection)
            connection.rollback()
    finally:
        engine.dispose()
