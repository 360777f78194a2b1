"""This file knows the table of the places that customers take in slots."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"

_STATEMENTS_END = "\n\n--\n\n"


def upgrade() -> None:
    """Create the table of places, each taken once."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0015_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
