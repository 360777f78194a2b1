"""This file knows how an area is taken, kept and let go, each in one statement."""

import sqlalchemy as sa

from recourse.adapters.store.schema import METADATA
from recourse.adapters.store.statements import Statements

__all__ = ["OwnerStatements"]


class OwnerStatements:
    """Everything that is done to the owner of an area.

    Parameters
    ----------
    statements : Statements
        Of the database.
    """

    def __init__(self, statements: Statements) -> None:
        owners = METADATA.tables["owners"]
        # Whoever lets go leaves the row, so that the token of the next owner is higher too.
        self.take = statements.compile(
            sa.text(
                "INSERT INTO owners (area, owner, fence, until_at)"
                " VALUES (:area, :owner, 1, :until)"
                " ON CONFLICT (area) DO UPDATE SET owner = excluded.owner,"
                " fence = owners.fence + 1, until_at = excluded.until_at"
                " WHERE owners.until_at <= :now RETURNING fence"
            )
        )
        mine = (owners.c.area == sa.bindparam("whose"), owners.c.fence == sa.bindparam("token"))
        self.keep = statements.compile(
            sa.update(owners).values(until_at=sa.bindparam("until")).where(*mine)
        )
        self.who = statements.compile(
            sa.select(owners.c.owner, owners.c.until_at).where(
                owners.c.area == sa.bindparam("whose")
            )
        )
        # The row is held until the commit: nobody takes the area in between.
        held = sa.select(owners.c.fence).where(*mine)
        self.check = statements.compile(
            held if statements.is_sqlite else held.with_for_update(read=True)
        )
