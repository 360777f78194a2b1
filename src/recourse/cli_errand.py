"""The commands about what is done outside: list, show, settle.

This file knows how they are shown to whoever finds out what came of an unknown outcome.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.platform_door import PlatformDoor
from recourse.cli_door import LOCAL, AsJson, Key, Url, print_json

__all__ = ["errand_app"]

errand_app = typer.Typer(
    help="What is done outside: notices handed to channels, remedies paid out.",
    no_args_is_help=True,
)

_COLUMNS = ("id", "kind", "peer", "what", "state", "n_tries", "made_at", "detail")


@errand_app.command("list")
def list_command(
    *,
    state: Annotated[
        str, typer.Option(help="waiting, done, refused, unknown or dropped; empty for all.")
    ] = "",
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """List errands, newest first: `--state unknown` is what somebody should look into."""
    asked = f"?state={state}" if state else ""
    _show(PlatformDoor(url, key=key).get(f"/v1/errands{asked}")["errands"], as_json=as_json)


@errand_app.command("show")
def show_command(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="Id of the order.")],
    *,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Show every errand of an order with every call about it."""
    found = PlatformDoor(url, key=key).get(f"/v1/orders/{order}/errands")["errands"]
    _show(found, as_json=as_json)
    if as_json:
        return
    for one in found:
        for tried in one["tries"]:
            said = f"{tried['began_at']}  {tried['act']:<5} {tried['outcome']}  {tried['detail']}"
            Console(soft_wrap=True).print(f"  {one['id']}  {said}", markup=False)


@errand_app.command("settle")
def settle_command(
    errand: Annotated[str, typer.Argument(metavar="ERRAND", help="Id, e.g. case-7/notice:1@sms.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="done or not_done.")],
    *,
    by: Annotated[str, typer.Option(help="Who says so; kept in the log.")],
    why: Annotated[str, typer.Option(help="How they know; kept in the log.")],
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Say what came of an errand whose outcome is unknown; a payout that was done is booked."""
    body = {"errand_id": errand, "outcome": outcome, "actor": by, "why": why}
    settled = PlatformDoor(url, key=key).post("/v1/errands/settle", body)
    Console().print(f"Settled: {settled['id']} is {settled['state']}", markup=False)


def _show(found: list[dict[str, object]], *, as_json: bool) -> None:
    """Print errands as a table, or as they came."""
    if as_json:
        print_json(found)
        return
    table = Table(*(name.replace("_", " ") for name in _COLUMNS), box=None)
    for one in found:
        table.add_row(*(str(one[name]) for name in _COLUMNS))
    Console().print(table if found else "No errands.")
