"""The simulator's command line: play a day, show a report, list the parameters."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from recourse.model.errors import Invalid, RecourseError
from recourse_sim.cities import load_or_generate
from recourse_sim.parameters import Parameters, rows
from recourse_sim.policies import POLICIES
from recourse_sim.report import ROWS, written
from recourse_sim.runs import play_seeds, write_report
from recourse_sim.scenario import Wish, read_orders
from recourse_sim.serving import Serving, serve_day

__all__ = ["app", "main"]

app = typer.Typer(
    name="recourse-sim",
    help="Try the platform on a simulated city day: couriers drop out, promises are at stake.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def run(  # noqa: PLR0913 - one argument for each option
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="Play in virtual time and write a report.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Where all luck comes from.")] = 7,
    seeds: Annotated[
        int, typer.Option(min=1, max=1000, help="Play so many seeds, SEED and those after it.")
    ] = 1,
    couriers: Annotated[int, typer.Option(min=1, max=5000, help="Size of the fleet.")] = 60,
    orders: Annotated[
        str, typer.Option(help="Orders of the day, or the folder of a real day (mdrplib).")
    ] = "1500",
    stress: Annotated[
        float, typer.Option(min=0, max=100, help="Every hazard is multiplied by it.")
    ] = 1.0,
    city: Annotated[
        str,
        typer.Option(
            envvar="RECOURSE_CITY", help="Imported city, an .osm.pbf file, or generated-N."
        ),
    ] = "generated-1",
    data: Annotated[
        Path, typer.Option(envvar="RECOURSE_DATA", help="Folder of cities and databases.")
    ] = Path("var"),
    day: Annotated[
        datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Local date that is played.")
    ] = datetime(2026, 3, 2),  # noqa: DTZ001 - a date, read by typer as a naive midnight
    policy: Annotated[
        list[str] | None, typer.Option(help="Play only these policies; may be repeated.")
    ] = None,
    bonus: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Headless: budget of a day, in cents, for our staged bonuses; without it every "
            "question of a case has a fixed one.",
        ),
    ] = None,
    planner: Annotated[
        str,
        typer.Option(help="engine, or insertion: plans stay as they were made first."),
    ] = "engine",
    report: Annotated[
        Path, typer.Option(help="Where the report goes; its page is written beside it.")
    ] = Path("simulated-day.json"),
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget what was played before and begin again.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, max=600, help="Served: simulated seconds per second.")
    ] = 60.0,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Served: TCP port; 0 takes a free one.")
    ] = 8000,
) -> None:
    """Play a day: headless for a report, or served with a live page on this machine."""
    n_orders, real_day = read_orders(orders)
    wish = Wish(
        n_orders=n_orders,
        n_couriers=len(real_day.couriers) if real_day else couriers,
        stress=stress,
        local_date=day.date(),
        real_day=real_day,
        planner=planner,
    )
    console = Console(stderr=True)
    town = load_or_generate(data, city, tell=lambda text: console.print(text, highlight=False))
    if not headless:
        serve_day(
            Serving(
                city=town,
                wish=wish,
                seed=seed,
                orders=orders,
                data_dir=data,
                speed=speed,
                port=port,
                is_anew=anew,
                say=lambda text: console.print(text, highlight=False),
            )
        )
        return
    policies = _policies(policy)
    with _bar(console) as bar:
        line = bar.add_task("playing", total=1.0)
        tallies, found = play_seeds(
            town,
            wish,
            seeds=range(seed, seed + seeds),
            policies=policies,
            report_path=report,
            bonus_day_cents=bonus,
            is_anew=anew,
            tell=lambda label, share: bar.update(line, description=label, completed=share),
        )
    page = write_report(report, tallies, found)
    _print_table(found)
    console.print(f"report {report}, page {page}", highlight=False, soft_wrap=True)


@app.command("report")
def show_report(
    file: Annotated[Path, typer.Argument(help="Report that was written by run --headless.")],
) -> None:
    """Print the table of a report again."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(field="file", why=f"{file} cannot be read as a report: {error}") from error
    if not isinstance(found, dict) or not any(policy in found for policy in POLICIES):
        raise Invalid(field="file", why=f"{file} is no report of a simulated day")
    _print_table(found)


@app.command("parameters")
def show_parameters() -> None:
    """List every number of the simulated day with its unit and its source."""
    table = Table(title="Parameters of the simulated day", title_justify="left")
    for name in ("parameter", "value", "unit", "what it is", "source"):
        table.add_column(name, overflow="fold")
    for row in rows(Parameters()):
        table.add_row(*row)
    Console().print(table)


def _policies(wanted: list[str] | None) -> list[str]:
    """Policies to play, ours first; unknown ones are refused."""
    unknown = [name for name in wanted or () if name not in POLICIES]
    if unknown:
        raise Invalid(field="policy", why=f"{unknown[0]} is none of {', '.join(POLICIES)}")
    return [name for name in POLICIES if not wanted or name in wanted]


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _print_table(found: dict[str, Any]) -> None:
    """Print the figures of every policy in a report."""
    policies = [policy for policy in POLICIES if policy in found]
    seeds = ", ".join(map(str, found["seeds"]))
    title = (
        f"simulated: {found['city']}, {found['orders']:,} orders, {found['couriers']:,} couriers, "
        f"seeds {seeds}, hazards x {found['stress']:g}"
    )
    if found.get("planner", "engine") != "engine":
        title += f", planner {found['planner']}"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for policy in policies:
        table.add_column(policy, justify="right")
    for key, words, unit in ROWS:
        table.add_row(words, *(written(found[policy], key, unit) for policy in policies))
    Console().print(table)


def main() -> None:
    """Run the command line; what is refused is one clear line, not a traceback."""
    try:
        app()
    except RecourseError as refusal:
        Console(stderr=True, soft_wrap=True).print(f"[red]{refusal}[/red]", highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
