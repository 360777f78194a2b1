"""This file knows the table of what is counted across processes."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the table of counters."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0011_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
