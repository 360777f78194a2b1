"""This file knows the tables of what happened and what is to be done: they only grow."""

import sqlalchemy as sa

from recourse.adapters.store.columns import (
    INSTANT,
    METADATA,
    NUMBER,
    among,
    at_column,
    check,
    flag_column,
    int_column,
    json_column,
    key_column,
    text_column,
)
from recourse.model.commands import OUTGOING

__all__ = ["WAITING", "WAITING_OUTSIDE", "events"]

sa.Table(
    "entries",
    METADATA,
    key_column("key"),
    at_column("at"),
    text_column("currency"),
    json_column("postings"),
    text_column("memo"),
)

sa.Table(
    "owners",
    METADATA,
    key_column("area"),
    text_column("owner"),
    int_column("fence"),
    at_column("until_at"),
)

notices = sa.Table(
    "notices",
    METADATA,
    key_column("key"),
    text_column("order_id"),
    text_column("kind"),
    text_column("locale"),
    text_column("text"),
    at_column("sent_at"),
    text_column("case_id"),
    at_column("latest_at", optional=True),
    sa.Column("number", sa.BigInteger, nullable=False, unique=True),
)
sa.Index("notices_by_order", notices.c.order_id, notices.c.number)

outcomes = sa.Table(
    "outcomes",
    METADATA,
    key_column("assignment_id"),
    at_column("began_at"),
    at_column("ended_at"),
    json_column("features"),
    flag_column("has_failed"),
    text_column("cause"),
)
sa.Index("outcomes_by_end", outcomes.c.ended_at, outcomes.c.assignment_id)

events = sa.Table(
    "events",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
    text_column("name"),
    at_column("at"),
    at_column("recorded_at"),
    text_column("order_id"),
    text_column("courier_id"),
    text_column("case_id"),
    json_column("data"),
    sa.Column("salt", sa.Text),
    text_column("digest", ""),
    text_column("chain", ""),
)
sa.Index("events_by_name", events.c.name, events.c.number)
for _whom in ("order_id", "courier_id", "case_id"):
    sa.Index(
        f"events_by_{_whom[:-3]}",
        events.c[_whom],
        events.c.number,
        sqlite_where=sa.text(f"{_whom} <> ''"),
        postgresql_where=sa.text(f"{_whom} <> ''"),
    )

commands = sa.Table(
    "commands",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
    text_column("key"),
    text_column("name"),
    at_column("due_at"),
    json_column("payload"),
    text_column("order_id"),
    text_column("courier_id"),
    text_column("case_id"),
    at_column("ready_at"),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("attempt", sa.BigInteger, nullable=False, server_default="0"),
    text_column("worker", ""),
    at_column("done_at", optional=True),
    sa.Column("parked_at", INSTANT),
    text_column("error", ""),
    sa.UniqueConstraint("key", name="command_is_stored_once"),
)
_UNDONE = "done_at IS NULL AND parked_at IS NULL AND name"
WAITING = f"{_UNDONE} NOT IN ({among(frozenset(OUTGOING))})"
WAITING_OUTSIDE = f"{_UNDONE} IN ({among(frozenset(OUTGOING))})"
for _index, _where in (("commands_waiting", WAITING), ("commands_outgoing", WAITING_OUTSIDE)):
    sa.Index(
        _index,
        commands.c.ready_at,
        commands.c.number,
        sqlite_where=sa.text(_where),
        postgresql_where=sa.text(_where),
    )
_PARKED = "parked_at IS NOT NULL AND done_at IS NULL"
sa.Index(
    "commands_parked",
    commands.c.number,
    sqlite_where=sa.text(_PARKED),
    postgresql_where=sa.text(_PARKED),
)

sa.Table(
    "replies",
    METADATA,
    key_column("caller"),
    key_column("key"),
    text_column("fingerprint"),
    int_column("status"),
    text_column("body"),
    at_column("at"),
)

# One row, locked by whoever appends: numbers come in the order of the commits, without gaps.
sa.Table(
    "tally",
    METADATA,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    int_column("n_events"),
    int_column("n_notices"),
    int_column("n_marks"),
    text_column("head", ""),
    check("one = 1", "tally_has_one_row"),
)
