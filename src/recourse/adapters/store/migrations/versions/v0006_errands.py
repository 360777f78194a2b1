"""This file knows the tables of what is done outside: errands, calls about them, browsers."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the tables of errands, and let their commands wait beside those of webhooks."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0006_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
