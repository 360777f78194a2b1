"""This file knows how the frozen statements of a migration are run."""

from pathlib import Path

from alembic import op

__all__ = ["run_frozen"]

_STATEMENTS_END = "\n\n--\n\n"


def run_frozen(module_file: str) -> None:
    """Run the statements that lie beside a migration, those for the database it runs on.

    Parameters
    ----------
    module_file : str
        The migration's own file: ``v0002_webhooks.py`` has ``v0002_webhooks_sqlite.sql``.
    """
    bind, migration = op.get_bind(), Path(module_file)
    file = migration.with_name(f"{migration.stem}_{bind.dialect.name}.sql")
    for statement in file.read_text().split(_STATEMENTS_END):
        bind.exec_driver_sql(statement)
