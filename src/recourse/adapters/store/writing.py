"""This file knows how a unit of work is written: all of it in one short transaction, or nothing."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from recourse.adapters.store.chain import sealed
from recourse.adapters.store.engine import Refusals, refusal
from recourse.adapters.store.kinds import KINDS, writing_order
from recourse.adapters.store.leases import LeaseStatements
from recourse.adapters.store.log import LogCodec
from recourse.adapters.store.owners import OwnerStatements
from recourse.adapters.store.statements import Statements, Write
from recourse.adapters.store.transaction import SqlTransaction
from recourse.model.commands import Command
from recourse.model.errors import Conflict, LeaseLost, Stale
from recourse.model.events import Event
from recourse.model.owners import Ownership
from recourse.model.redress import Notice
from recourse.model.routes import Route

__all__ = ["Writer"]

# Both are numbered by the tally, whose row is locked last: it is held only until the commit.
_NUMBERED = (Notice, Route)
_BEFORE = tuple(cls for cls, _, _ in KINDS if cls not in {*_NUMBERED, Command})


class Writer:
    """Writes units of work.

    Parameters
    ----------
    statements : Statements
        SQL of every table, compiled when the store was opened.
    leases : LeaseStatements
        What is done to commands, compiled likewise.
    owners : OwnerStatements
        What is done to the owner of an area, compiled likewise.
    log : LogCodec
        How events become rows.
    hears : mapping of str to tuple of str
        Who hears an event of that dotted name: each hearer gets a command with the event.
    """

    def __init__(
        self,
        statements: Statements,
        *,
        leases: LeaseStatements,
        owners: OwnerStatements,
        log: LogCodec,
        hears: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._s, self._leases, self._log, self._hears = statements, leases, log, hears
        self._owners = owners
        self.owned: Ownership | None = None  # whose decisions are written
        self._begin = "BEGIN IMMEDIATE" if statements.is_sqlite else "BEGIN"

    def write(self, connection: Any, tx: SqlTransaction, *, now: datetime) -> None:  # noqa: ANN401
        """Write everything a unit of work has recorded.

        Parameters
        ----------
        connection : connection
            Of the driver, in autocommit.
        tx : SqlTransaction
            What to write.
        now : datetime
            When it is written down.

        Raises
        ------
        Stale
            If a value was changed by somebody else since it was read.
        LeaseLost
            If a command to be finished is held under a newer lease, or the area has another owner.
        Conflict
            If a rule of the database refuses it.
        """
        cursor = connection.cursor()
        try:
            cursor.execute(self._begin)
            if self.owned is not None:
                self._check_owner(cursor, self.owned)
            self._write_all(cursor, tx, now)
            cursor.execute("COMMIT")
        except BaseException as error:
            # The name of a broken reference is looked up while the transaction is still open.
            found = refusal(error, connection)
            _roll_back(connection, cursor)
            if found:
                raise found from error
            raise

    def _check_owner(self, cursor: Any, owned: Ownership) -> None:  # noqa: ANN401
        """Refuse what was decided by somebody who owns the area no longer."""
        check = self._owners.check
        cursor.execute(check.sql, check.given(whose=owned.area, token=owned.token))
        if cursor.fetchone() is None:
            raise LeaseLost(key=f"area/{owned.area}", token=owned.token)

    def _write_all(self, cursor: Any, tx: SqlTransaction, now: datetime) -> None:  # noqa: ANN401
        """Write in one fixed order: leases, values, numbered values, events, commands."""
        at = self._s.flavour.instant_in(now)
        self._write_leases(cursor, tx, at)
        if tx.dropped:
            drop = self._leases.drop
            cursor.execute(drop.sql, drop.given(now=at, keys=self._s.listed(sorted(tx.dropped))))
        for key in sorted(set(tx.unparked)):
            unpark = self._leases.unpark
            cursor.execute(unpark.sql, unpark.given(now=at, lease_key=key))
            if cursor.rowcount != 1:
                raise Conflict(rule="not_parked", detail=f"command {key} is not parked")
        for cls in _BEFORE:
            if cls in tx.values:
                write = self._s.writes[cls]
                self._write_kind(
                    cursor, write, writing_order(write.kind, list(tx.values[cls].values()))
                )
        self._write_commands(cursor, tx.commands)
        self._write_numbered(cursor, tx, now)

    def _write_leases(self, cursor: Any, tx: SqlTransaction, at: Any) -> None:  # noqa: ANN401
        """Hold or finish what is held, if it still is."""
        hold, finish = self._leases.hold, self._leases.finish
        until = self._s.flavour.instant_in
        told = [(one, hold, {"until": until(one.until_at)}) for one in tx.held]
        told += [(one, finish, {"now": at}) for one in tx.finished]
        for lease, statement, values in sorted(told, key=lambda one: one[0].command.key):
            key, token = lease.command.key, lease.token
            cursor.execute(statement.sql, statement.given(**values, lease_key=key, token=token))
            if cursor.rowcount != 1:
                raise LeaseLost(key=key, token=token)

    def _write_kind(self, cursor: Any, write: Write, values: Sequence[Any]) -> None:  # noqa: ANN401
        """Write the values of one kind: changes first, because they make room, then new ones."""
        changed = [value for value in values if write.kind.is_versioned and value.version]
        if changed:
            self._change(cursor, write, changed, [write.update_row(value) for value in changed])
        added = [
            write.insert_row(value)
            for value in values
            if not (write.kind.is_versioned and value.version)
        ]
        _run_many(cursor, write.insert.sql, added)

    @staticmethod
    def _change(cursor: Any, write: Write, values: Sequence[Any], rows: list[Any]) -> None:  # noqa: ANN401
        """Compare and set; a row that is not as it was read is named."""
        if _run_many(cursor, write.update.sql, rows) == len(rows):
            return
        # Undone first: a row of ours that was changed looks like one that somebody else changed.
        cursor.execute("ROLLBACK")
        for value in values:
            found = cursor.execute(write.version.sql, write.version_row(value)).fetchone()
            if found is None or found[0] != value.version:
                raise _stale(write, value)
        raise _stale(write, values[0])

    def _write_commands(self, cursor: Any, commands: Sequence[Command]) -> None:  # noqa: ANN401
        """Store commands; a key that is known already is passed over."""
        if not commands:
            return
        write, instant = self._s.writes[Command], self._s.flavour.instant_in
        ordered = (
            sorted(commands, key=lambda command: command.key) if not self._s.is_sqlite else commands
        )
        rows = [
            write.insert_row(command, instant(command.due_at), 0, 0, "", "") for command in ordered
        ]
        _run_many(cursor, write.insert.sql, rows)

    def _write_numbered(self, cursor: Any, tx: SqlTransaction, now: datetime) -> None:  # noqa: ANN401
        """Take numbers for notices, routes and events, and write these."""
        notices = list(tx.values.get(Notice, {}).values())
        routes = sorted(tx.values.get(Route, {}).values(), key=lambda route: route.courier_id)
        if not (notices or routes or tx.news):
            return
        if not self._s.is_sqlite:
            # References are looked at now and not at the commit: there they would wait for others
            # who in turn wait for the tally.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        take = self._s.take_numbers
        given = take.given(events=len(tx.news), notices=len(notices), marks=len(routes))
        n_events, n_notices, n_marks, head = cursor.execute(take.sql, given).fetchone()
        if notices:
            write, first = self._s.writes[Notice], n_notices - len(notices) + 1
            rows = [write.insert_row(notice, first + i) for i, notice in enumerate(notices)]
            _run_many(cursor, write.insert.sql, rows)
        if routes:
            self._write_routes(cursor, routes, n_marks - len(routes) + 1)
        if tx.news:
            first = n_events - len(tx.news) + 1
            encode = self._log.encode
            rows = sealed(
                [encode(e, number=first + i, recorded_at=now) for i, e in enumerate(tx.news)],
                head=head,
                new_salt=_new_salt,
            )
            _run_many(cursor, self._s.insert_event.sql, rows)
            cursor.execute(self._s.hang.sql, self._s.hang.given(new_head=rows[-1][-1]))
            heard = [c for i, e in enumerate(tx.news) for c in self._heard(e, first + i, now)]
            self._write_commands(cursor, heard)

    def _heard(self, event: Event, number: int, now: datetime) -> Iterator[Command]:
        """Each command that lets one hearer hear one event."""
        for hearer in self._hears.get(self._log.name_of(event), ()):
            yield Command(
                key=f"hear/{number}/{hearer}",
                name="hear",
                due_at=now,
                payload={"number": number, "hearer": hearer},
                order_id=getattr(event, "order_id", ""),
                courier_id=getattr(event, "courier_id", ""),
                case_id=getattr(event, "case_id", ""),
            )

    def _write_routes(self, cursor: Any, routes: Sequence[Route], first: int) -> None:  # noqa: ANN401
        """Write routes, each with its mark."""
        write = self._s.writes[Route]
        marked = [(route, first + i) for i, route in enumerate(routes)]
        changed = [(route, mark) for route, mark in marked if route.version]
        if changed:
            rows = [write.update_row(route, mark) for route, mark in changed]
            self._change(cursor, write, [route for route, _ in changed], rows)
        added = [write.insert_row(route, mark) for route, mark in marked if not route.version]
        _run_many(cursor, write.insert.sql, added)


def _roll_back(connection: Any, cursor: Any) -> None:  # noqa: ANN401
    """Undo, unless the database has done so already; a connection that is lost is given up."""
    try:
        if getattr(connection.driver_connection, "in_transaction", True):
            cursor.execute("ROLLBACK")
    except Refusals:
        connection.invalidate()


def _run_many(cursor: Any, sql: str, rows: Sequence[Any]) -> int:  # noqa: ANN401
    """Run a statement for every row; how many rows of the table it touched."""
    if not rows:
        return 0
    if len(rows) == 1:
        cursor.execute(sql, rows[0])
    else:
        cursor.executemany(sql, rows)
    return int(cursor.rowcount)


def _new_salt() -> str:
    """A salt that nobody can guess."""
    return secrets.token_hex(16)


def _stale(write: Write, value: Any) -> Stale:  # noqa: ANN401
    """The refusal that names what was out of date."""
    key = "/".join(str(getattr(value, name)) for name in write.kind.key)
    return Stale(kind=write.kind.cls.__name__.lower(), id=key, given=value.version)
