"""This file knows the fourth step of the tables: the log is sealed, and a person can be erased."""

import hashlib
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS_END = "\n\n--\n\n"
_PAGE = 1_000


def upgrade() -> None:
    """Add salt, hash and link to every event, those written before included."""
    bind = op.get_bind()
    dialect = bind.dialect.name
    _run(bind, f"v0004_{dialect}.sql")
    _seal_all(bind)
    _run(bind, f"v0004_{dialect}_after.sql")


def _run(bind: sa.Connection, name: str) -> None:
    """Run the statements of a file."""
    for statement in Path(__file__).with_name(name).read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)


def _seal_all(bind: sa.Connection) -> None:
    """Seal what was written before the log was sealed, in its order."""
    head, after = "", 0
    read = sa.text(
        "SELECT number, name, at, recorded_at, data FROM events WHERE number > :after"
        " ORDER BY number LIMIT :page"
    )
    write = sa.text(
        "UPDATE events SET salt = :salt, digest = :digest, chain = :chain WHERE number = :number"
    )
    while rows := bind.execute(read, {"after": after, "page": _PAGE}).all():
        sealed = []
        for number, name, at, recorded_at, data in rows:
            salt = secrets.token_hex(16)
            parsed = json.loads(data) if isinstance(data, str) else data
            said = [name, _stamp(at), _stamp(recorded_at), _one_form(parsed)]
            text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            digest = _sha256(f"{salt}\n{text}")
            head = _sha256(f"{head}\n{number}\n{digest}")
            sealed.append({"salt": salt, "digest": digest, "chain": head, "number": number})
        bind.execute(write, sealed)
        after = rows[-1][0]
    bind.execute(sa.text("UPDATE tally SET head = :head"), {"head": head})


def _one_form(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    """Numbers that are whole as whole numbers."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {name: _one_form(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_one_form(item) for item in value]
    return value


def _stamp(at: Any) -> str:  # noqa: ANN401 - text on SQLite, an instant on PostgreSQL
    """Instant as text of fixed width."""
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return str(instant.astimezone(UTC).isoformat(timespec="microseconds"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
