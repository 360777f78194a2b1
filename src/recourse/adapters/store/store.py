"""This file knows where the truth is kept: one database, written in short transactions."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Self

import sqlalchemy as sa

from recourse.adapters.store.engine import (
    Connections,
    OnlyConnection,
    Refusals,
    open_engine,
    refusal,
)
from recourse.adapters.store.leases import LeaseStatements
from recourse.adapters.store.log import LogCodec
from recourse.adapters.store.memory import Memory
from recourse.adapters.store.owners import OwnerStatements
from recourse.adapters.store.reads import Reads
from recourse.adapters.store.statements import Statement, Statements
from recourse.adapters.store.transaction import SqlTransaction
from recourse.adapters.store.writing import Writer
from recourse.model.commands import Command, Lease
from recourse.model.errors import Conflict, LeaseLost
from recourse.model.owners import Ownership
from recourse.model.ports import Clock, Transaction

__all__ = ["SqlStore", "open_store"]

NOBODY_HEARS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class SqlStore:
    """The platform's state, log and commands in SQLite or PostgreSQL.

    Parameters
    ----------
    connections : Connections or OnlyConnection
        To the database, whose tables must be there already.
    clock : Clock
        Tells when something was written down. Nothing else is read from it.
    hears : mapping of str to tuple of str
        Who hears an event of that dotted name.
    """

    def __init__(
        self,
        connections: Connections | OnlyConnection,
        clock: Clock,
        *,
        hears: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._connections, self._clock = connections, clock
        self._s, self._reads, self._log, self._leases = _compiled(connections.dialect)
        self._owners = OwnerStatements(self._s)
        # Of this store alone: another database has other rows under the same keys.
        self._memory = Memory(self._s.kinds)
        self._writer = Writer(
            self._s, leases=self._leases, owners=self._owners, log=self._log, hears=hears
        )

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Open a unit of work; leaving the block writes it, an error in it writes nothing."""
        tx = SqlTransaction(
            self._connections.lend,
            statements=self._s,
            reads=self._reads,
            log=self._log,
            memory=self._memory,
        )
        try:
            yield tx
            if tx.has_writes:
                self._writer.write(tx.connection, tx, now=self._clock.now())
        finally:
            if tx.is_connected:
                self._connections.take_back(tx.connection)

    def lease(
        self, *, now: datetime, worker: str, limit: int, lease_s: float, outgoing: bool = False
    ) -> list[Lease]:
        """Take due commands that nobody holds, oldest first, and hold them for some seconds."""
        instant, decode = self._s.flavour.instant_in, self._s.kinds[Command].decode
        until_at = now + timedelta(seconds=lease_s)
        rows = self._run(
            self._leases.lease[outgoing],
            now=instant(now),
            limit=limit,
            new_worker=worker,
            until=instant(until_at),
        )
        # RETURNING promises no order; oldest first is by the time they fell due, then as stored.
        rows.sort(key=lambda row: (row[2], row[9]))
        return [
            Lease(command=decode(row[:7]), token=row[7], attempt=row[8], until_at=until_at)
            for row in rows
        ]

    def hold(self, lease: Lease, *, until_at: datetime, tx: Transaction | None = None) -> None:
        """Hold a command for longer, if it is still held under this lease."""
        if tx is not None:
            _ours(tx).held.append(replace(lease, until_at=until_at))
            return
        key, until = lease.command.key, self._s.flavour.instant_in(until_at)
        if not self._run(self._leases.hold, lease_key=key, token=lease.token, until=until):
            raise LeaseLost(key=key, token=lease.token)

    def hold_all(self, leases: Collection[Lease], *, until_at: datetime) -> set[str]:
        """Hold many commands for longer in one statement; what is being written is passed over."""
        if not leases:
            return set()
        rows = self._run(
            self._leases.hold_all,
            keys=self._s.listed([lease.command.key for lease in leases]),
            held=self._s.listed([f"{lease.command.key} {lease.token}" for lease in leases]),
            until=self._s.flavour.instant_in(until_at),
        )
        return {row[0] for row in rows}

    def finish(self, lease: Lease, tx: Transaction) -> None:
        """Mark a leased command done, in the transaction that records its result."""
        _ours(tx).finished.append(lease)

    def put_back(self, lease: Lease, *, due_at: datetime, error: str, is_parked: bool) -> None:
        """Return a command that failed: due again later, or parked where people look."""
        instant = self._s.flavour.instant_in
        n_rows = self._run(
            self._leases.put_back,
            lease_key=lease.command.key,
            token=lease.token,
            new_ready_at=instant(due_at),
            new_parked_at=instant(self._clock.now()) if is_parked else None,
            new_error=error,
        )
        if not n_rows:
            raise LeaseLost(key=lease.command.key, token=lease.token)

    def own(self, area: str, *, owner: str, now: datetime, lease_s: int) -> Ownership:
        """Become the owner of an area: from here on this store writes for nobody else.

        Parameters
        ----------
        area : str
            Which.
        owner : str
            Who asks.
        now : datetime
            When.
        lease_s : int
            Seconds for which nobody else may take it.

        Returns
        -------
        Ownership
            To be kept up.

        Raises
        ------
        Conflict
            If somebody else has it, and their time has not run out.
        """
        until_at, instant = now + timedelta(seconds=lease_s), self._s.flavour.instant_in
        take = self._owners.take
        taken = self._run(take, area=area, owner=owner, now=instant(now), until=instant(until_at))
        if not taken:
            raise self._owned_by_other(area)
        owned = Ownership(area=area, owner=owner, token=taken[0][0], until_at=until_at)
        self._writer.owned = owned
        return owned

    def _owned_by_other(self, area: str) -> Conflict:
        """Who has an area, and until when."""
        ((owner, until),) = self._run(self._owners.who, whose=area)
        until_at = self._s.flavour.instant_out(until)
        detail = f"area {area!r} is owned by {owner} until {until_at:%Y-%m-%d %H:%M:%S} UTC"
        return Conflict(rule="area_is_owned", detail=f"{detail}; it can be taken after that")

    def keep(self, owned: Ownership, *, until_at: datetime) -> Ownership:
        """Keep an area for longer; until now lets it go.

        Parameters
        ----------
        owned : Ownership
            What was taken.
        until_at : datetime
            When somebody else may take it.

        Returns
        -------
        Ownership
            The same, for longer.

        Raises
        ------
        LeaseLost
            If somebody else has taken it.
        """
        until = self._s.flavour.instant_in(until_at)
        if not self._run(self._owners.keep, whose=owned.area, token=owned.token, until=until):
            raise LeaseLost(key=f"area/{owned.area}", token=owned.token)
        return replace(owned, until_at=until_at)

    def next_due_at(self, *, outgoing: bool = False) -> datetime | None:
        """When the next command falls due, of ours or of the outgoing ones; None for none."""
        rows = self._run(self._leases.next_due[outgoing])
        return self._s.flavour.instant_out(rows[0][0]) if rows else None

    def parked(self) -> list[tuple[Command, str]]:
        """Commands that failed too often, each with its last error."""
        decode = self._s.kinds[Command].decode
        return [(decode(row[:7]), row[7]) for row in self._run(self._leases.parked)]

    def last_number(self) -> int:
        """Number of the newest event of the log; 0 before the first."""
        rows = self._run(self._reads.last_number)
        return int(rows[0][0]) if rows else 0

    def newest(self, kinds: Collection[str], *, after: int) -> tuple[int, int]:
        """Numbers of the newest event of these kinds past a number (or 0), and of the newest."""
        rows = self._run(self._reads.newest, after=after, kinds=self._s.listed(kinds))
        last, found = rows[0]
        return found or 0, last

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, statement: Statement, **values: object) -> Any:  # noqa: ANN401
        """Run one statement by itself: its rows, or how many it changed if it returns none."""
        connection = self._connections.lend()
        try:
            cursor = connection.cursor()
            cursor.execute(statement.sql, statement.given(**values))
            return cursor.fetchall() if cursor.description else cursor.rowcount
        except Refusals as error:
            if found := refusal(error):
                raise found from error
            raise
        finally:
            self._connections.take_back(connection)


def _ours(tx: Transaction) -> SqlTransaction:
    """A unit of work of a store like this one."""
    if not isinstance(tx, SqlTransaction):
        message = "what is leased here is told in a unit of work of this store"
        raise TypeError(message)
    return tx


_Compiled = tuple[Statements, Reads, LogCodec, LeaseStatements]
_COMPILED: dict[str, _Compiled] = {}


def _compiled(dialect: sa.Dialect) -> _Compiled:
    """Everything said to a kind of database, compiled once a process."""
    if dialect.name not in _COMPILED:
        statements = Statements(dialect)
        log = LogCodec(statements.flavour)
        _COMPILED[dialect.name] = (statements, Reads(statements), log, LeaseStatements(statements))
    return _COMPILED[dialect.name]


def open_store(
    url: str,
    *,
    clock: Clock,
    hears: Mapping[str, tuple[str, ...]] = NOBODY_HEARS,
    n_connections: int = 8,
    is_alone: bool = False,
) -> SqlStore:
    """Open a database whose tables are there already.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.
    clock : Clock
        Tells when something was written down.
    hears : mapping of str to tuple of str, optional
        Who hears an event of that dotted name: a command for each is stored with the event.
    n_connections : int, optional
        Twice as many are opened at most: a unit of work may ask the store something by the way.
    is_alone : bool, optional
        Whether nobody else opens the database meanwhile, and one thread does all: faster on SQLite.

    Returns
    -------
    SqlStore
        Ready; close it after use.

    Raises
    ------
    Invalid
        If the address is none of these.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from recourse.adapters.store.migrate import migrate
    >>> from recourse.model.ports import Clock
    >>> class Noon(Clock):
    ...     def now(self):
    ...         from datetime import UTC, datetime
    ...
    ...         return datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> with TemporaryDirectory() as folder:
    ...     url = f"sqlite:///{folder}/day.db"
    ...     migrate(url)
    ...     with open_store(url, clock=Noon()) as store:
    ...         with store.begin() as tx:
    ...             print(tx.orders(["o-1"]), store.next_due_at())
    {} None
    """
    engine = open_engine(url, n_connections=n_connections, is_alone=is_alone)
    connections = OnlyConnection(engine) if is_alone else Connections(engine, 2 * n_connections)
    return SqlStore(connections, clock, hears=hears)
