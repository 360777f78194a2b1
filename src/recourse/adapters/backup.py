"""This file knows how a database is copied into one file and back, whichever database it is."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from recourse.adapters.store import migrate, schema_version
from recourse.adapters.store.engine import open_engine
from recourse.adapters.store.schema import INSTANT, JSON, METADATA
from recourse.model.errors import Conflict, Invalid

__all__ = ["backup", "restore"]

FORMAT = 1
_BATCH = 1_000
_MANIFEST = "manifest.json"


def backup(url: str, file: Path) -> int:
    """Copy one state of a database into a file, while others go on writing.

    The file is a ZIP of one JSON line a row, so that what was saved from SQLite can be restored on
    PostgreSQL and the other way round.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.
    file : Path
        Written new; a file of that name must not be there.

    Returns
    -------
    int
        How many rows were saved.

    Raises
    ------
    Invalid
        If the file is there already, or the database has no tables of ours.
    """
    version = schema_version(url)
    if not version:
        raise Invalid(field="db", why="there is no Recourse database there")
    if file.exists():
        raise Invalid(field="file", why=f"{file} is there already")
    tables: list[dict[str, Any]] = []
    partial = file.with_name(file.name + ".partial")
    with (
        _snapshot(url) as connection,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for table in METADATA.sorted_tables:
            n_rows, digest = _save(connection, table, archive)
            columns = [column.name for column in _stored(table)]
            tables.append(
                {"name": table.name, "columns": columns, "n_rows": n_rows, "sha256": digest}
            )
        manifest = {"format": FORMAT, "schema": version, "tables": tables}
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    partial.rename(file)
    return sum(one["n_rows"] for one in tables)


def restore(file: Path, url: str, *, overwrite: bool = False) -> int:
    """Put what was saved into a database, all of it or nothing.

    Parameters
    ----------
    file : Path
        Written by `backup`.
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``; tables are made if need be.
    overwrite : bool, optional
        Whether what the database holds may be lost.

    Returns
    -------
    int
        How many rows were restored.

    Raises
    ------
    Invalid
        If the file is damaged, was not written by `backup`, or is of another version of the schema.
    Conflict
        If the database is not empty and may not be overwritten.
    """
    with _opened(file) as archive:
        manifest = _checked(archive)
        if overwrite:
            _empty(url)
        migrate(url)
        version = schema_version(url)
        if manifest["schema"] != version:
            why = f"it is of schema {manifest['schema']}, this program of {version}"
            raise Invalid(field="file", why=why)
        engine = open_engine(url, n_connections=1)
        try:
            with engine.connect() as connection:
                return _restore_all(connection, archive, manifest)
        finally:
            engine.dispose()


@contextmanager
def _snapshot(url: str) -> Iterator[sa.Connection]:
    """One state of a database, held while it is read."""
    engine = open_engine(url, n_connections=1)
    is_sqlite = engine.dialect.name == "sqlite"
    begin = "BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(begin)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _stored(table: sa.Table) -> list[sa.Column[Any]]:
    """Columns that hold something; those that the database computes are left out."""
    return [column for column in table.columns if column.computed is None]


def _save(connection: sa.Connection, table: sa.Table, archive: zipfile.ZipFile) -> tuple[int, str]:
    """Write a table as JSON lines; how many, and their digest."""
    columns = _stored(table)
    plain = [_to_plain(column, connection.dialect.name) for column in columns]
    found = connection.execution_options(yield_per=_BATCH).execute(
        # The raw column: SQLAlchemy's own types would parse what is only copied.
        sa.select(*(sa.type_coerce(column, sa.types.NullType()) for column in columns)).order_by(
            *table.primary_key.columns
        )
    )
    digest, n_rows = hashlib.sha256(), 0
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
        for row in found:
            values = [
                value if convert is None or value is None else convert(value)
                for value, convert in zip(row, plain, strict=True)
            ]
            line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            out.write(line)
            n_rows += 1
    return n_rows, digest.hexdigest()


def _to_plain(column: sa.Column[Any], dialect: str) -> Callable[[Any], Any] | None:
    """How a column is made plain data; None where it is."""
    if column.type is INSTANT:
        return None if dialect == "sqlite" else _iso
    if column.type is JSON:
        return json.loads if dialect == "sqlite" else None
    return bool if isinstance(column.type, sa.Boolean) else None


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """The archive in a file."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (FileNotFoundError, zipfile.BadZipFile, KeyError) as error:
        raise Invalid(field="file", why=f"{file} is no backup: {error}") from error


def _checked(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, once every table has the digest it names."""
    manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if manifest.get("format") != FORMAT:
        raise Invalid(field="file", why=f"format {manifest.get('format')}, not {FORMAT}")
    for one in manifest["tables"]:
        digest = hashlib.sha256()
        with archive.open(f"{one['name']}.jsonl") as lines:
            for line in lines:
                digest.update(line)
        if digest.hexdigest() != one["sha256"]:
            raise Invalid(field="file", why=f"{one['name']} was damaged: another digest")
    return manifest


def _empty(url: str) -> None:
    """Drop every table of ours."""
    engine = open_engine(url, n_connections=1)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("DROP VIEW IF EXISTS postings")
            METADATA.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
            if engine.dialect.name == "postgresql":
                for name in (
                    "refuse",
                    "ledger_sums_to_zero",
                    "custody_parcel_no",
                    "order_end_is_final",
                    "neighbour_needs_consent",
                ):
                    connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")
    finally:
        engine.dispose()


def _restore_all(
    connection: sa.Connection, archive: zipfile.ZipFile, manifest: dict[str, Any]
) -> int:
    """Insert every table in one transaction."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        _refuse_unless_empty(connection)
        connection.exec_driver_sql("DELETE FROM tally")
        for one in manifest["tables"]:
            with archive.open(f"{one['name']}.jsonl") as lines:
                _load(connection, METADATA.tables[one["name"]], one["columns"], lines)
        if not is_sqlite:
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('commands', 'number'),"
                " (SELECT coalesce(max(number), 0) + 1 FROM commands), false)"
            )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return sum(one["n_rows"] for one in manifest["tables"])


def _refuse_unless_empty(connection: sa.Connection) -> None:
    """Refuse to mix what is restored with what is there."""
    for name in ("events", "orders", "couriers", "sites", "commands"):
        if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first():  # noqa: S608
            raise Conflict(rule="database_is_empty", detail=f"{name} has rows; say --overwrite")


def _load(
    connection: sa.Connection, table: sa.Table, columns: list[str], lines: Iterable[bytes]
) -> None:
    """Insert the rows of one table."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608
    nested = [i for i, name in enumerate(columns) if table.columns[name].type is JSON]
    while batch := list(zip(range(_BATCH), lines, strict=False)):
        rows = []
        for _, line in batch:
            row = json.loads(line)
            for i in nested:
                row[i] = None if row[i] is None else json.dumps(row[i], ensure_ascii=False)
            rows.append(tuple(row))
        connection.exec_driver_sql(sql, rows)
