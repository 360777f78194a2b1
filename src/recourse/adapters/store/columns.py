"""This file knows the kinds of columns and constraints that every table is made of."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from recourse.model.assignments import ASSIGNMENT_LIVE, AssignmentStatus
from recourse.model.orders import ORDER_ENDS

__all__ = [
    "INSTANT",
    "JSON",
    "LIVE_LIST",
    "METADATA",
    "NUMBER",
    "ORDER_END_LIST",
    "among",
    "at_column",
    "check",
    "flag_column",
    "float_column",
    "foreign",
    "int_column",
    "json_column",
    "key_column",
    "text_column",
    "unique_where",
    "version_column",
]

METADATA = sa.MetaData()
# SQLite has no instants: ISO 8601 in UTC with six decimals sorts as time does and can be read.
INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


def among(values: frozenset[AssignmentStatus] | frozenset[str]) -> str:
    """List of SQL string literals, sorted: ``'a', 'b'``."""
    return ", ".join(f"'{value}'" for value in sorted(values))


ORDER_END_LIST = among(frozenset(str(status) for status in ORDER_ENDS))
LIVE_LIST = among(ASSIGNMENT_LIVE)


def text_column(name: str, default: str | None = None) -> sa.Column[str]:
    """Column of text that is never missing; empty says there is none."""
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def key_column(name: str) -> sa.Column[str]:
    """Column of text that names a row."""
    return sa.Column(name, sa.Text, primary_key=True)


def int_column(name: str) -> sa.Column[int]:
    """Column of a whole number that is never missing."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def flag_column(name: str) -> sa.Column[bool]:
    """Column of a yes or no."""
    return sa.Column(name, sa.Boolean, nullable=False)


def float_column(name: str) -> sa.Column[float]:
    """Column of a number that is never missing."""
    return sa.Column(name, sa.Double, nullable=False)


def at_column(name: str, *, optional: bool = False) -> sa.Column[object]:
    """Column of an instant in UTC."""
    return sa.Column(name, INSTANT, nullable=optional)


def json_column(name: str, *, optional: bool = False) -> sa.Column[object]:
    """Column of a nested value."""
    return sa.Column(name, JSON, nullable=optional)


def version_column() -> sa.Column[int]:
    """Column of the version that a change is compared with."""
    return sa.Column("version", sa.BigInteger, nullable=False)


def check(rule: str, name: str) -> sa.CheckConstraint:
    """Rule that a row can be asked by itself."""
    return sa.CheckConstraint(rule, name=name)


def foreign(columns: list[str], targets: list[str], name: str) -> sa.ForeignKeyConstraint:
    """Reference that is looked at when the transaction ends."""
    return sa.ForeignKeyConstraint(
        columns, targets, name=name, deferrable=True, initially="DEFERRED"
    )


def unique_where(name: str, table: sa.Table, columns: list[str], where: str) -> sa.Index:
    """Index that lets only one row of a certain state be."""
    return sa.Index(
        name,
        *(table.c[column] for column in columns),
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
