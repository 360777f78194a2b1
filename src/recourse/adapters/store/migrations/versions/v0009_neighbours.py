"""This file knows the table that came with neighbours, and the rule that a drop needs a yes."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the table of neighbours, and the trigger on what is left with one."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0009_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
