"""This file knows the tables that came with rights and budgets."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the tables of rights and budgets, and let a remedy say what it is."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0008_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
