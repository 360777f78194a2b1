"""This file knows how an import is asked for, and what is said of it."""

import tempfile
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from recourse.adapters.cities import load_city
from recourse.app import Application, City, build
from recourse.cli_import.check import Files
from recourse.cli_import.take import Count, Refused, import_tables
from recourse.model.errors import Invalid, NotFound, RecourseError
from recourse.settings import Settings

__all__ = ["import_command"]

_CITY: Final = "generated-1"
_DATA: Final = Path("var")
_SQLITE: Final = "recourse.sqlite"
_LONG: Final = 500

TableFile = Path | None


def import_command(
    *,
    orders: Annotated[TableFile, typer.Option(help="Table of orders (CSV).")] = None,
    couriers: Annotated[TableFile, typer.Option(help="Table of couriers (CSV).")] = None,
    sites: Annotated[
        TableFile, typer.Option(help="Table of stations, merchants and pickup points (CSV).")
    ] = None,
    day: Annotated[
        str,
        typer.Option(help="Day of a time without date: YYYY-MM-DD, today or tomorrow."),
    ] = "today",
    city: Annotated[
        str, typer.Option(envvar="RECOURSE_CITY", help="Name of an imported city.")
    ] = _CITY,
    data: Annotated[
        Path, typer.Option(envvar="RECOURSE_DATA", help="Folder of cities and database.")
    ] = _DATA,
    db: Annotated[
        str,
        typer.Option(
            envvar="RECOURSE_DB", help="sqlite:///FILE or postgresql://...; default: in DATA."
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and record nothing.")
    ] = False,
) -> None:
    """Take in your own orders, couriers and sites from CSV tables."""
    files = Files(sites=sites, couriers=couriers, orders=orders)
    errors = Console(stderr=True, soft_wrap=True)
    settings = Settings(database_url=db, data_dir=data, city=city)
    try:
        if not (sites or couriers or orders):
            raise Invalid(field="tables", why="give at least one of --orders, --couriers, --sites")
        counts = _import(files, settings, day=day, is_dry=dry_run)
    except Refused as refused:
        _print_faults(errors, refused)
        raise typer.Exit(2) from refused
    except RecourseError as refusal:
        errors.print(str(refusal), style="red", highlight=False, markup=False)
        raise typer.Exit(2) from refusal
    out = Console(soft_wrap=True)
    _print_counts(out, counts, is_dry=dry_run)
    _print_next(out, settings, counts, is_dry=dry_run)


def _import(files: Files, settings: Settings, *, day: str, is_dry: bool) -> list[Count]:
    """Open the platform, take the tables in, close it."""
    town = _town(settings)
    with ExitStack() as stack:
        if is_dry:
            settings = _unwritten(settings, stack)
        application = _open(settings, town)
        stack.callback(application.close)
        stack.callback(application.lanes.close)
        bar = stack.enter_context(_bar())
        line = bar.add_task("reading", total=None, visible=False)

        def tell(what: str, n_done: int, n_rows: int) -> None:
            bar.update(
                line, description=what, completed=n_done, total=n_rows, visible=n_rows >= _LONG
            )

        return import_tables(
            application, town, files, day=_day(application, day), is_dry=is_dry, tell=tell
        )


def _open(settings: Settings, town: City) -> Application:
    """Open the platform, or say why its database cannot be."""
    try:
        return build(settings, town=town)
    except DBAPIError as error:
        first = str(error.orig).partition("\n")[0]
        raise Invalid(field="db", why=f"the database cannot be opened: {first}") from error


def _town(settings: Settings) -> City:
    """Load the city, or say how to get one."""
    try:
        return load_city(settings.data_dir / "cities" / settings.city)
    except NotFound as missing:
        why = f"{missing}; import one with `recourse city import FILE.osm.pbf --name NAME`"
        if settings.city.startswith("generated-"):
            why += " (a generated city is made by `recourse-sim run`)"
        raise Invalid(field="city", why=why) from missing


def _unwritten(settings: Settings, stack: ExitStack) -> Settings:
    """Settings under which not even an empty database is left behind."""
    if settings.database_url or (settings.data_dir / _SQLITE).exists():
        return Settings(database_url=settings.database_url, data_dir=settings.data_dir)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="recourse-import-"))
    return Settings(data_dir=Path(folder))


def _day(application: Application, given: str) -> date:
    """Day of a time that stands alone, in the city."""
    platform = application.platform
    today = platform.now().astimezone(platform.zone).date()
    named = {"today": today, "tomorrow": today + timedelta(days=1)}
    if given.casefold() in named:
        return named[given.casefold()]
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        why = f"{given!r} is no day; write it like 2026-03-02, or today or tomorrow"
        raise Invalid(field="--day", why=why) from error


def _bar() -> Progress:
    """A bar that is seen only while a long table is read."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _print_faults(errors: Console, refused: Refused) -> None:
    """Print everything that is wrong."""
    for fault in refused.faults:
        errors.print(str(fault), highlight=False, markup=False)
    n_faults = len(refused.faults)
    more = "at least " if refused.is_cut else ""
    word = "error" if n_faults == 1 else "errors"
    errors.print(f"{more}{n_faults} {word}; nothing was imported", style="red", highlight=False)


def _print_counts(out: Console, counts: list[Count], *, is_dry: bool) -> None:
    """Print what became of each table."""
    table = Table(box=None)
    for name in ("", "file", "read as", "rows", "new", "known"):
        table.add_column(name, justify="left" if name in {"", "file", "read as"} else "right")
    for one in counts:
        table.add_row(
            one.what,
            one.table.file.replace("[", r"\["),
            f"{one.table.encoding}, {one.table.delimiter}",
            f"{len(one.table.rows):,}",
            f"{one.n_new:,}",
            f"{one.n_known:,}",
        )
    out.print(table)
    for one in counts:
        if one.n_differing:
            out.print(
                f"{one.n_differing:,} known {one.what} say something else in {one.table.file}; "
                "they were left as they are",
                highlight=False,
                markup=False,
                style="yellow",
            )
    if is_dry:
        out.print("Dry run: all is well, and nothing was recorded.")
    elif not any(one.n_new for one in counts):
        out.print("Nothing changed: all of it was known.")


def _print_next(out: Console, settings: Settings, counts: list[Count], *, is_dry: bool) -> None:
    """Print the command to type next."""
    words = ["recourse serve"]
    if settings.city != _CITY:
        words.append(f"--city {settings.city}")
    if settings.data_dir != _DATA:
        words.append(f"--data {settings.data_dir}")
    if settings.database_url:
        words.append("--db ...")
    step = "the same without --dry-run" if is_dry else " ".join(words)
    out.print(f"Next: {step}", highlight=False, markup=False)
    if not is_dry and any(one.what == "couriers" and one.n_new for one in counts):
        out.print("Couriers get work once they are on duty: on the page /courier.", highlight=False)
