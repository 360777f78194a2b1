"""This file knows the table of the extra pay that is promised with a question."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the table of bonuses, and the rules on how one ends."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0012_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
