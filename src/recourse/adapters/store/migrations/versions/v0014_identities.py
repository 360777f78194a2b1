"""This file knows the table that came with identity providers."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table of identities."""
    bind = op.get_bind()
    file = Path(__file__).with_name(f"v0014_{bind.dialect.name}.sql")
    bind.exec_driver_sql(file.read_text())
