"""The commands about what failed too often: list it, and have it tried anew.

This file knows how they are shown to whoever mended the cause.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.platform_door import PlatformDoor
from recourse.cli_door import LOCAL, AsJson, Key, Url, print_json

__all__ = ["command_app"]

command_app = typer.Typer(
    help="What failed too often and is parked: look at it, have it tried anew.",
    no_args_is_help=True,
)


@command_app.command("parked")
def parked_command(*, as_json: AsJson = False, url: Url = LOCAL, key: Key = "") -> None:
    """List parked commands, oldest first, each with what was last wrong with it."""
    found = PlatformDoor(url, key=key).get("/v1/commands/parked")["commands"]
    if as_json:
        print_json(found)
        return
    table = Table("key", "what", "order", "error", box=None)
    for one in found:
        last = str(one["error"]).strip().splitlines() or [""]
        table.add_row(one["key"], one["name"], one["order_id"], last[-1])
    Console().print(table if found else "Nothing is parked.")


@command_app.command("unpark")
def unpark_command(
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="Key, e.g. case-7/offer:1.")],
    *,
    by: Annotated[str, typer.Option(help="Who says so; kept in the log.")],
    why: Annotated[str, typer.Option(help="What was mended; kept in the log.")],
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Have a parked command tried anew at once, once its cause is mended."""
    body = {"key": command, "actor": by, "why": why}
    found = PlatformDoor(url, key=key).post("/v1/commands/unpark", body)
    Console().print(f"{found['key']} is due again", markup=False)


@command_app.command("unparked")
def unparked_command(
    *,
    after: Annotated[int, typer.Option(help="Only what is later in the log than this.")] = 0,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """List who had which command tried anew, when and why, oldest first."""
    answer = PlatformDoor(url, key=key).get("/v1/commands/unparked", after=str(after))
    found = answer["unparked"]
    if as_json:
        print_json(found)
        return
    table = Table("number", "at", "key", "by", "why", box=None)
    for one in found:
        told = (one["number"], one["at"], one["command_key"], one["actor"], one["why"])
        table.add_row(*(str(value) for value in told))
    Console().print(table if found else "Nothing was tried anew.")
