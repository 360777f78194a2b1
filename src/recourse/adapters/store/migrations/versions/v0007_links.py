"""This file knows the table that came with customers' links: only digests are kept."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the table of links."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0007_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
