"""This file knows the tables that came with webhooks, and the queue of what waits outside."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the tables of webhooks, and split the commands that wait into two queues."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0003_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
