"""The commands about the store: audit it, back it up, restore it, bring its tables up to date.

This file knows how they are shown to the person who runs them.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from recourse.adapters.backup import backup, restore
from recourse.adapters.clock import WallClock
from recourse.adapters.erasing import erase
from recourse.adapters.store import migrate, must_exist, schema_version
from recourse.audit import audit

__all__ = [
    "audit_command",
    "backup_command",
    "erase_command",
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
    app.command("erase")(erase_command)


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
    noted: Annotated[
        str, typer.Option(help="Seal of an earlier audit; the log must still go through it.")
    ] = "",
    limit: Annotated[int, typer.Option(help="How many findings to spell out.")] = 20,
) -> None:
    """Recompute everything from the log; exit 1 if a rule is broken or a row disagrees."""
    report = audit(must_exist(_address(db, data)), policy=policy, noted=noted)
    console = Console()
    for line in report.lines(limit=limit):
        console.print(line, highlight=False, soft_wrap=True)
    if report.head:
        erased = f"; {report.n_erased} events erased" if report.n_erased else ""
        console.print(f"sealed {report.head}{erased}", highlight=False, soft_wrap=True)
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


def erase_command(
    person: Annotated[str, typer.Argument(help="customer:ID or courier:ID.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be undone.")] = False,
    db: Db = "",
    data: Data = _DATA,
) -> None:
    """Erase what says who a person is, in the tables and in the log; what happened stays."""
    url = must_exist(_address(db, data))
    if not yes:
        typer.confirm(f"Erase {person} for ever?", abort=True)
    gone = erase(url, person, clock=WallClock())
    Console().print(
        f"Erased {gone.person_id}: {gone.n_orders} orders, {gone.n_events} events,"
        f" {gone.n_notices} notices; backups made before still have it",
        highlight=False,
        soft_wrap=True,
    )
