"""The commands about the policy of remedies: check a file, try it on past cases.

This file knows how they are shown to the person who runs them.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.policies import SHIPPED
from recourse.adapters.store import must_exist
from recourse.cli_policy.drawing import draw
from recourse.cli_policy.past import read_orders, read_past
from recourse.cli_policy.sums import as_json, rows, wants_four_eyes
from recourse.cli_policy.words import said
from recourse.model.errors import Invalid, RecourseError
from recourse.redress import RemedyPolicy, prove, try_policy
from recourse.redress.trial import Tried
from recourse.ruling import load_policy

__all__ = ["policy_app"]

policy_app = typer.Typer(help="Look after the policy of remedies.", no_args_is_help=True)

PolicyPath = Annotated[Path, typer.Argument(metavar="FILE", help="Policy of remedies (TOML).")]
_DATA = Path("var")
_FILE = "recourse.sqlite"
_PLOT = Path("remedies-tried.svg")


@policy_app.command("show")
def show_command() -> None:
    """Print the policy that holds where none is set: a file to copy and change."""
    typer.echo(SHIPPED.read_text(encoding="utf-8"), nl=False)


@policy_app.command(
    "check", epilog="Ends with 2 if anything is wrong, each fault with its line and the way out."
)
def check_command(file: PolicyPath) -> None:
    """Check a policy file and say its rules in plain words."""
    try:
        policy = load_policy(file)
    except RecourseError as refused:
        raise _refusal(refused) from refused
    out = Console(soft_wrap=True)
    for line in said(policy, prove(policy)):
        style = "yellow" if line.startswith("warning") else None
        out.print(line, style=style, highlight=False, markup=False)


@policy_app.command(
    "try",
    epilog="Nothing is paid and nothing is written to the database. Budgets and histories are "
    "those that the policy itself would have made.",
)
def try_command(
    file: PolicyPath,
    *,
    data: Annotated[
        Path, typer.Option(envvar="RECOURSE_DATA", help="Folder of cities and database.")
    ] = _DATA,
    db: Annotated[
        str,
        typer.Option(
            "--db",
            "--database",
            envvar="RECOURSE_DB",
            help="sqlite:///FILE or postgresql://...; default: in DATA.",
        ),
    ] = "",
    zone: Annotated[
        str, typer.Option(help="IANA time zone in which a day's budget begins and ends.")
    ] = "UTC",
    cases: Annotated[
        list[str] | None, typer.Option(help="Only this case; may be repeated. Default: all.")
    ] = None,
    plot: Annotated[Path, typer.Option(help="Plot to write (SVG).")] = _PLOT,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write every case and sum there as well.")
    ] = None,
) -> None:
    """Hold a policy against the closed cases of a database: paid, and what it would have paid."""
    try:
        policy = load_policy(file)
        day_zone = _zone(zone)
        address = must_exist(db or f"sqlite:///{data / _FILE}")
        past = read_past(address)
        if cases:
            past = [one for one in past if one.case.id in set(cases)]
        ordered = read_orders(address) if any(one.by == "share" for one in policy.abuse) else ()
        tried = try_policy(past, policy=policy, zone=day_zone, ordered=ordered)
        _write(plot, draw(tried, name=policy.name), option="--plot")
        if json_file is not None:
            text = json.dumps(as_json(tried, policy), indent=2, ensure_ascii=False) + "\n"
            _write(json_file, text, option="--json")
    except RecourseError as refused:
        raise _refusal(refused) from refused
    out = Console(soft_wrap=True)
    _print_trial(out, tried, policy)
    out.print(f"Plot in {plot}", highlight=False)


def _print_trial(out: Console, tried: list[Tried], policy: RemedyPolicy) -> None:
    """Print what was paid beside what would have been."""
    if not tried:
        out.print("There is no closed case in this database; let it live through a day first.")
        return
    table = Table("kind", "currency", box=None)
    for heading in ("paid", "worth", "would pay", "worth", "change"):
        table.add_column(heading, justify="right")
    for row in rows(tried):
        table.add_row(
            row.kind,
            row.currency,
            str(row.n_paid),
            f"{row.paid_cents:,}",
            str(row.n_tried),
            f"{row.tried_cents:,}",
            f"{row.tried_cents - row.paid_cents:+,}",
        )
    out.print(table)
    more, less = (sum(sign * _change(one) > 0 for one in tried) for sign in (1, -1))
    out.print(
        f"{len(tried)} closed cases: {more} would have had more, {less} less; minor units",
        highlight=False,
    )
    reasons = Counter(one.held_back.partition(":")[0] for one in tried if one.held_back)
    for by, n in sorted(reasons.items()):
        out.print(f"{n} customers would have been given nothing, by the limit of a {by}")
    if n := wants_four_eyes(tried, policy):
        out.print(f"{n} remedies reach four_eyes_from_cents, and would wait for a dispatcher")


def _change(one: Tried) -> int:
    """How much more a case would have had."""
    paid_cents = sum(remedy.amount_cents for remedy in one.past.paid)
    return sum(remedy.amount_cents for remedy in one.given) - paid_cents


def _zone(name: str) -> ZoneInfo:
    """Time zone of a name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        why = f"{name!r} is no time zone; write one as in Asia/Shanghai"
        raise Invalid(field="--zone", why=why) from error


def _write(path: Path, text: str, *, option: str) -> None:
    """Write a file, or say why it cannot be."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        why = f"{path} cannot be written: {error.strerror}"
        raise Invalid(field=option, why=why) from error


def _refusal(refused: RecourseError) -> typer.Exit:
    """Say why, on the error stream, and end with status 2."""
    errors = Console(stderr=True, soft_wrap=True)
    errors.print(str(refused), style="red", highlight=False, markup=False)
    return typer.Exit(2)
