"""This file knows the first tables: as they were written, whatever the schema becomes later."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create every table and rule."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0001_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
