"""The commands about the store: audit it, back it up, restore it, bring its tables up to date.

This file knows how they are shown to the person who runs them.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from recourse.adapters.backup import backup, restore
from recourse.adapters.store import migrate, must_exist, schema_version
from recourse.audit import audit

__all__ = [
    "audit_command",
    "backup_command",
    "migrate_command",
    "restore_command",
    "store_commands",
]

Db = Annotated[
    str,
    typer.Option(
        envvar="RECOURSE_DB",
        help="sqlite:///FILE or postgresql://...; default: in the data folder.",
    ),
]
Data = Annotated[Path, typer.Option(envvar="RECOURSE_DATA", help="Folder of cities and database.")]
_DATA = Path("var")
_FILE = "recourse.sqlite"


def store_commands(app: typer.Typer) -> None:
    """Add the commands about the store to a command line."""
    app.command("audit")(audit_command)
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("migrate")(migrate_command)


def _address(db: str, data: Path) -> str:
    """Address of the database: as given, or the file in the data folder."""
    return db or f"sqlite:///{data / _FILE}"


def audit_command(
    *,
    db: Db = "",
    data: Data = _DATA,
    policy: Annotated[
        str, typer.Option(help="Policy the day was run under: recourse, passive or reping.")
    ] = "recourse",
    limit: Annotated[int, typer.Option(help="How many findings to spell out.")] = 20,
) -> None:
    """Recompute everything from the log; exit 1 if a rule is broken or a row disagrees."""
    report = audit(must_exist(_address(db, data)), policy=policy)
    console = Console()
    for line in report.lines(limit=limit):
        console.print(line, highlight=False, soft_wrap=True)
    if not report.is_clean:
        raise typer.Exit(1)


def backup_command(
    file: Annotated[Path, typer.Argument(help="File to write; it must not be there.")],
    *,
    db: Db = "",
    data: Data = _DATA,
) -> None:
    """Copy the database into one file while the platform serves."""
    n_rows = backup(must_exist(_address(db, data)), file)
    Console().print(f"Saved {n_rows} rows into {file}", highlight=False)


def restore_command(
    file: Annotated[Path, typer.Argument(help="File written by backup.")],
    *,
    db: Db = "",
    data: Data = _DATA,
    overwrite: Annotated[bool, typer.Option(help="Lose what the database holds.")] = False,
) -> None:
    """Put a backup into an empty database, SQLite or PostgreSQL, whichever it was saved from."""
    n_rows = restore(file, _address(db, data), overwrite=overwrite)
    Console().print(f"Restored {n_rows} rows from {file}", highlight=False)


def migrate_command(*, db: Db = "", data: Data = _DATA) -> None:
    """Make the tables, or bring them up to this version."""
    url = _address(db, data)
    migrate(url)
    Console().print(f"The tables are at {schema_version(url)}", highlight=False)
