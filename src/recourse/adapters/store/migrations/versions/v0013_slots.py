"""This file knows the slots that customers pick."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Give orders the begin of their slot."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0013_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
