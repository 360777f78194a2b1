"""This file knows the second step of the tables: an end that was a mistake can be undone."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Add the words that undo an end, and let the rule about ends look for them."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0002_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
