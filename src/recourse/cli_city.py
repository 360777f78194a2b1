"""The commands about cities: import one, show one, list all.

This file knows how an import is shown to the person who runs it.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.cities import City, city_name, import_city, load_city
from recourse.model.errors import RecourseError

__all__ = ["city_app"]

city_app = typer.Typer(help="Import and look at cities.", no_args_is_help=True)

DataFolder = Annotated[
    Path,
    typer.Option("--data", help="Folder of the platform's data; cities are in its folder cities."),
]
_DATA = Path("var")


@city_app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="Extract of any city (.osm.pbf).")],
    name: Annotated[
        str | None, typer.Option(help="Name of the city; by default that of the file.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="Folder for cities; by default cities under --data.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="IANA time zone; by default that of the middle.")
    ] = None,
    data: DataFolder = _DATA,
) -> None:
    """Make a city of an OpenStreetMap extract: roads, doors, shops and map."""
    console = Console()
    folder = (into or data / "cities") / (name or city_name(file))
    try:
        with console.status("starting") as status:
            city = import_city(file, folder, zone=zone, progress=status.update)
    except RecourseError as refused:
        raise _refusal(refused) from refused
    console.print(f"Imported [bold]{city.name}[/bold] into {folder}")
    _print_city(console, city)


@city_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Name of an imported city, or its folder.")],
    data: DataFolder = _DATA,
) -> None:
    """Show what the import of a city found."""
    named = data / "cities" / name
    try:
        city = load_city(named if named.exists() else Path(name))
    except RecourseError as refused:
        known = ", ".join(_city_names(data)) or "none yet"
        raise _refusal(refused, f"imported cities: {known}") from refused
    _print_city(Console(), city)


@city_app.command("list")
def list_command(data: DataFolder = _DATA) -> None:
    """List the imported cities."""
    for name in _city_names(data):
        typer.echo(name)


def _city_names(data: Path) -> list[str]:
    return sorted(path.parent.name for path in (data / "cities").glob("*/city.json"))


def _refusal(refused: RecourseError, way_out: str = "") -> typer.Exit:
    """Say why, on the error stream, and end with status 2."""
    console = Console(stderr=True, soft_wrap=True)
    console.print(f"[red]{refused.code}[/red]: {refused}", highlight=False)
    if way_out:
        console.print(way_out, highlight=False)
    return typer.Exit(2)


def _print_city(console: Console, city: City) -> None:
    report = city.report
    facts = Table(show_header=False, box=None)
    facts.add_row("time zone", city.zone)
    facts.add_row("box", " ".join(f"{side:.4f}" for side in city.bbox))
    facts.add_row("credit", city.attribution)
    facts.add_row("generated", "yes, not a real place" if city.generated else "no")
    facts.add_row("network", f"{report.n_nodes} junctions, {report.n_edges} edges")
    facts.add_row("traffic signals", str(report.n_signals))
    facts.add_row(
        "turn restrictions", f"{report.n_restrictions} read, {report.n_turns} turns forbidden"
    )
    facts.add_row("barriers", str(report.n_barriers))
    facts.add_row(
        "addresses",
        f"{report.n_addresses} house numbers, {report.n_building_doors} buildings for doors",
    )
    facts.add_row(
        "places", f"{report.n_food} kitchens, {report.n_shops} shops, {report.n_stations} stations"
    )
    facts.add_row("pickup points", f"{report.n_points} candidates")
    cut_off = ", ".join(f"{profile} {n}" for profile, n in report.cut_off.items())
    facts.add_row("cut-off junctions", cut_off)
    skipped = ", ".join(f"{n} {what}" for what, n in report.skipped.items())
    facts.add_row("passed over", skipped or "nothing")
    console.print(facts)
    roads = Table("road class", "km", box=None)
    for road_class, km in report.road_km.items():
        roads.add_row(road_class, f"{km:.1f}")
    console.print(roads)
    for warning in report.warnings:
        console.print(f"[yellow]warning[/yellow]: {warning}", highlight=False)
