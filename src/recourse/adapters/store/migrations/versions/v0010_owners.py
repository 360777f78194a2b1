"""This file knows the table that came with owners of an area."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table of owners."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0010_{bind.dialect.name}.sql")
    bind.exec_driver_sql(file.read_text())
