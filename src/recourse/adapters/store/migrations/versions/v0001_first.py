"""This file knows the first tables."""

from alembic import op

from recourse.adapters.store.rules import POSTGRESQL_RULES, SQLITE_RULES
from recourse.adapters.store.schema import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table and rule."""
    bind = op.get_bind()
    METADATA.create_all(bind, checkfirst=False)
    for statement in SQLITE_RULES if bind.dialect.name == "sqlite" else POSTGRESQL_RULES:
        bind.exec_driver_sql(statement)
