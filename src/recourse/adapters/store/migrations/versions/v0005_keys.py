"""This file knows the tables that came with keys: nothing in them opens a door by itself."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the tables of keys, accounts, codes and sessions."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0005_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
