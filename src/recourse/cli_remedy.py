"""The commands about remedies that wait for a second pair of eyes: list, approve, refuse.

This file knows how they are shown to the person who decides them.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.platform_door import PlatformDoor
from recourse.cli_door import LOCAL, AsJson, Key, Url, print_json

__all__ = ["remedy_app"]

remedy_app = typer.Typer(help="Decide remedies above an amount.", no_args_is_help=True)

RemedyId = Annotated[str, typer.Argument(metavar="REMEDY", help="Id, e.g. case-7/remedy:customer.")]
By = Annotated[str, typer.Option(help="Who decides; kept in the log.")]


@remedy_app.command("list")
def list_command(
    *,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """List the remedies that wait, oldest first."""
    found = PlatformDoor(url, key=key).get("/v1/remedies/waiting")["remedies"]
    if as_json:
        print_json(found)
        return
    table = Table("remedy", "to", "kind", "cents", "currency", "rule", "since", box=None)
    for one in found:
        names = ("id", "beneficiary_id", "kind", "amount_cents", "currency", "rule", "proposed_at")
        table.add_row(*(str(one[name]) for name in names))
    Console().print(table if found else "No remedy waits.")


@remedy_app.command("approve")
def approve_command(remedy: RemedyId, *, by: By, url: Url = LOCAL, key: Key = "") -> None:
    """Give a remedy that waits; saying so twice gives it once."""
    body = {"remedy_id": remedy, "actor": by}
    given = PlatformDoor(url, key=key).post("/v1/remedies/approve", body)
    Console().print(f"Given: {given['kind']} {given['amount_cents']} to {given['beneficiary_id']}")


@remedy_app.command("refuse")
def refuse_command(
    remedy: RemedyId,
    *,
    by: By,
    why: Annotated[str, typer.Option(help="The reason; kept in the log.")],
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Do not give a remedy that waits."""
    body = {"remedy_id": remedy, "actor": by, "why": why}
    PlatformDoor(url, key=key).post("/v1/remedies/refuse", body)
    Console().print(f"Refused: {remedy}")
