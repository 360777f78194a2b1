"""This file knows how commands are taken, finished and put back, each in one statement."""

import sqlalchemy as sa

from recourse.adapters.store.log_tables import WAITING, WAITING_OUTSIDE
from recourse.adapters.store.schema import METADATA
from recourse.adapters.store.statements import Statement, Statements

__all__ = ["LeaseStatements"]

_COMMAND = ("key", "name", "due_at", "payload", "order_id", "courier_id", "case_id")


class LeaseStatements:
    """Everything that is done to commands once they are stored.

    `ready_at` is the instant before which nobody may take a command: when it falls due, or when the
    lease on it runs out. One index on it answers both what is next and when that is.

    Parameters
    ----------
    statements : Statements
        Of the database.
    """

    def __init__(self, statements: Statements) -> None:
        table = METADATA.tables["commands"]
        # False for what we do ourselves, True for what waits for somebody outside.
        self.lease = {
            outgoing: self._lease(statements, where)
            for outgoing, where in ((False, WAITING), (True, WAITING_OUTSIDE))
        }
        self.next_due = {
            outgoing: statements.compile(
                sa.select(table.c.ready_at)
                .where(sa.text(where))
                .order_by(table.c.ready_at, table.c.number)
                .limit(sa.literal_column("1"))
            )
            for outgoing, where in ((False, WAITING), (True, WAITING_OUTSIDE))
        }
        mine = (table.c.key == sa.bindparam("lease_key"), table.c.fence == sa.bindparam("token"))
        undone = sa.text("done_at IS NULL")
        self.finish = statements.compile(
            sa.update(table).values(done_at=sa.bindparam("now")).where(*mine, undone)
        )
        self.hold = statements.compile(
            sa.update(table)
            .values(ready_at=sa.bindparam("until"))
            # What was put back waits, and belongs to nobody.
            .where(*mine, undone, sa.text("worker <> ''"))
        )
        self.hold_all = self._hold_all(statements)
        self.drop = statements.compile(
            sa.update(table)
            .values(done_at=sa.bindparam("now"), error="dropped")
            .where(statements.member(table.c.key, "keys"), undone)
        )
        self.put_back = statements.compile(
            sa.update(table)
            .values(
                ready_at=sa.bindparam("new_ready_at"),
                parked_at=sa.bindparam("new_parked_at", type_=table.c.parked_at.type),
                error=sa.bindparam("new_error"),
                worker="",
            )
            .where(*mine, undone)
        )
        self.unpark = statements.compile(
            sa.update(table)
            # A new token: whoever it was parked under may still live, and ends it no more.
            .values(
                ready_at=sa.bindparam("now"),
                parked_at=sa.null(),
                attempt=sa.literal_column("0"),
                fence=table.c.fence + sa.literal_column("1"),
            )
            .where(
                table.c.key == sa.bindparam("lease_key"),
                undone,
                sa.text("parked_at IS NOT NULL"),
            )
        )
        self.parked = statements.compile(
            sa.select(*(table.c[name] for name in _COMMAND), table.c.error)
            .where(sa.text("parked_at IS NOT NULL AND done_at IS NULL"))
            .order_by(table.c.number)
        )

    @staticmethod
    def _hold_all(statements: Statements) -> Statement:
        """Hold many, without waiting for those that are being written at this moment."""
        table = METADATA.tables["commands"]
        space: sa.ColumnElement[str] = sa.literal_column("' '")
        fence = sa.cast(table.c.fence, sa.Text)
        found = sa.select(table.c.number).where(
            statements.member(table.c.key, "keys"),
            statements.member(table.c.key.concat(space).concat(fence), "held"),
            sa.text("done_at IS NULL AND worker <> ''"),
        )
        if not statements.is_sqlite:
            found = found.with_for_update(skip_locked=True)
        mine = found.cte("mine")
        return statements.compile(
            sa.update(table)
            .where(table.c.number.in_(sa.select(mine.c.number)))
            .values(ready_at=sa.bindparam("until"))
            .returning(table.c.key)
        )

    @staticmethod
    def _lease(statements: Statements, waiting: str) -> Statement:
        """Take what is due: one statement, so two workers never take the same row."""
        # What was taken before and not ended is taken alone: if it kills whoever takes it, that is
        # counted against nothing else.
        table = METADATA.tables["commands"]
        found = (
            sa.select(table.c.number, table.c.due_at, table.c.attempt)
            .where(
                sa.text(waiting),
                table.c.ready_at <= sa.bindparam("now"),
            )
            .order_by(table.c.ready_at, table.c.number)
            .limit(sa.bindparam("limit", type_=sa.Integer))
        )
        if not statements.is_sqlite:
            found = found.with_for_update(skip_locked=True)
        due = found.cte("due")
        # Not by `ready_at`: the leases of one who died run out together, whatever fell due first.
        by_age = (due.c.due_at, due.c.number)
        is_again = sa.case((due.c.attempt > sa.literal_column("0"), 1), else_=0)
        ranked = sa.select(
            due.c.number,
            sa.func.sum(is_again).over(order_by=by_age).label("n_again"),
            sa.func.row_number().over(order_by=by_age).label("rank"),
        ).subquery("ranked")
        is_fresh = ranked.c.n_again < sa.literal_column("1")
        is_first = ranked.c.rank == sa.literal_column("1")
        taken = sa.select(ranked.c.number).where(is_fresh | is_first)
        returned = [*(table.c[name] for name in _COMMAND)]
        return statements.compile(
            sa.update(table)
            .where(table.c.number.in_(taken))
            .values(
                fence=table.c.fence + sa.literal_column("1"),
                attempt=table.c.attempt + sa.literal_column("1"),
                worker=sa.bindparam("new_worker"),
                ready_at=sa.bindparam("until"),
            )
            .returning(*returned, table.c.fence, table.c.attempt, table.c.number)
        )
