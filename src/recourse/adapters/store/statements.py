"""This file knows every statement, built from the tables and compiled once for a database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

from recourse.adapters.store.kinds import KINDS, Kind, flavour_of
from recourse.adapters.store.schema import METADATA

__all__ = ["Statement", "Statements"]

T = METADATA.tables
_EVENT_COLUMNS = (
    "number",
    "name",
    "at",
    "recorded_at",
    "order_id",
    "courier_id",
    "case_id",
    "data",
    "salt",
    "digest",
    "chain",
)
# Columns that only the table has, given when a row is written.
EXTRA = {
    "notices": ("number",),
    "routes": ("mark",),
    "commands": ("ready_at", "fence", "attempt", "worker", "error"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One compiled statement.

    Attributes
    ----------
    sql : str
        Its text, with the placeholders of the driver.
    names : tuple of str
        Parameter names in the order of the placeholders.
    constants : mapping of str to value
        Parameters that are always the same.
    """

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def given(self, **values: object) -> tuple[Any, ...]:
        """Put the parameters into the order of the placeholders."""
        if self.constants:
            values = {**self.constants, **values}
        return tuple([values[name] for name in self.names])

    def arranged(self, names: Sequence[str]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """Make what puts a row of these columns into the order of the placeholders."""
        if len(self.names) == 1:
            place = list(names).index(self.names[0])
            return lambda row: (row[place],)
        return itemgetter(*(list(names).index(name) for name in self.names))


class Write:
    """How the values of one kind are written.

    Parameters
    ----------
    statements : Statements
        Of the database.
    kind : Kind
        Which values.
    """

    def __init__(self, statements: "Statements", kind: Kind) -> None:
        table, extra = T[kind.table], EXTRA.get(kind.table, ())
        self.kind = kind
        names = (*kind.columns, *extra)
        values: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(name) for name in names}
        if kind.table == "commands":
            insert = sqlite.insert if statements.is_sqlite else postgresql.insert
            # A key is stored once for ever; whoever stores it again has nothing to add.
            adding: sa.Insert = (
                insert(table).values(values).on_conflict_do_nothing(index_elements=["key"])
            )
        else:
            adding = sa.insert(table).values(values)
        self.insert = statements.compile(adding)
        self._arrange_insert = self.insert.arranged(names)
        if not kind.is_versioned:
            return
        mine = [table.c[name] == sa.bindparam(f"key_{name}") for name in kind.key]
        new = {
            name: sa.bindparam(f"new_{name}", type_=table.c[name].type)
            for name in (*kind.set_columns, *extra)
        }
        self.update = statements.compile(
            sa.update(table)
            .values(new)
            .where(*mine)
            .where(table.c.version == sa.bindparam("read_version"))
        )
        self._arrange_update = self.update.arranged(
            [
                *(f"new_{name}" for name in kind.set_columns),
                *(f"new_{name}" for name in extra),
                *(f"key_{name}" for name in kind.key),
                "read_version",
            ]
        )
        self.version = statements.compile(sa.select(table.c.version).where(*mine))

    def insert_row(self, value: object, *extra: object) -> tuple[Any, ...]:
        """Parameters of `insert`."""
        return self._arrange_insert(self.kind.insert_row(value, *extra))

    def update_row(self, value: object, *extra: object) -> tuple[Any, ...]:
        """Parameters of `update`."""
        return self._arrange_update(self.kind.update_row(value, *extra))

    def version_row(self, value: object) -> tuple[Any, ...]:
        """Parameters of `version`."""
        return tuple(getattr(value, name) for name in self.kind.key)


class Statements:
    """Every statement a store runs, compiled for one database.

    Parameters
    ----------
    dialect : Dialect
        Of the engine they will run on.
    """

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        self.is_sqlite = dialect.name == "sqlite"
        self.flavour = flavour_of(dialect.name)
        self.kinds: dict[type, Kind] = {
            cls: Kind(cls, table, key, self.flavour) for cls, table, key in KINDS
        }
        self.writes = {kind.cls: Write(self, kind) for kind in self.kinds.values()}
        self._add_log()

    def compile(self, statement: sa.ClauseElement) -> Statement:
        """Text and parameter order of a statement."""
        compiled = statement.compile(
            dialect=self._dialect, compile_kwargs={"render_postcompile": True}
        )
        if not isinstance(compiled, SQLCompiler):
            message = "only statements with parameters are compiled"
            raise TypeError(message)
        constants = {
            name: bind.value
            for name, bind in compiled.binds.items()
            if not bind.required and bind.value is not None
        }
        return Statement(str(compiled), tuple(compiled.positiontup or ()), constants)

    def member(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
        """Whether a column is among a list of texts given as one parameter."""
        if self.is_sqlite:
            each = sa.func.json_each(sa.bindparam(name)).table_valued("value")
            return column.in_(sa.select(each.c.value))
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(sa.Text)))

    def listed(self, values: Collection[str]) -> Any:  # noqa: ANN401
        """The parameter that `member` takes."""
        plain = [str(value) for value in values]
        return to_json(plain).decode() if self.is_sqlite else plain

    def columns(self, cls: type) -> list[sa.Column[Any]]:
        """Columns of a kind, in the order its `decode` takes."""
        kind = self.kinds[cls]
        return [T[kind.table].c[name] for name in kind.columns]

    def where(
        self, cls: type, *rules: sa.ColumnElement[bool], order: tuple[str, ...] = ()
    ) -> Statement:
        """Select the rows of a kind that meet every rule."""
        table = T[self.kinds[cls].table]
        return self.compile(
            sa.select(*self.columns(cls)).where(*rules).order_by(*(table.c[name] for name in order))
        )

    def _add_log(self) -> None:
        events, tally = T["events"], T["tally"]
        self.insert_event = self.compile(
            sa.insert(events).values({name: sa.bindparam(name) for name in _EVENT_COLUMNS})
        )
        self.take_numbers = self.compile(
            sa.update(tally)
            .values(
                n_events=tally.c.n_events + sa.bindparam("events"),
                n_notices=tally.c.n_notices + sa.bindparam("notices"),
                n_marks=tally.c.n_marks + sa.bindparam("marks"),
            )
            .where(tally.c.one == 1)
            .returning(tally.c.n_events, tally.c.n_notices, tally.c.n_marks, tally.c.head)
        )
        self.hang = self.compile(
            sa.update(tally).values(head=sa.bindparam("new_head")).where(tally.c.one == 1)
        )
