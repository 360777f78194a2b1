"""The commands about one order: its story in two voices, and its way for other systems.

This file knows how the story of an order is shown to the person who asks.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.platform_door import PlatformDoor
from recourse.cli_door import LOCAL, AsJson, Key, Url, print_json

__all__ = ["order_app"]

order_app = typer.Typer(help="Read the story of an order.", no_args_is_help=True)

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="Id of the order.")]


@order_app.command("log")
def log_command(
    order_id: OrderId,
    *,
    voice: Annotated[
        Literal["customer", "dispatcher"], typer.Option(help="Who is to read it.")
    ] = "dispatcher",
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Tell what happened to an order, as its customer may read it or with every reason."""
    door = PlatformDoor(url, key=key)
    lines = door.get(f"/v1/orders/{order_id}/story", voice=voice)["story"]
    if as_json:
        print_json(lines)
        return
    table = Table(show_header=False, box=None)
    for line in lines:
        table.add_row(line["at"], *(_customer(line) if voice == "customer" else _dispatcher(line)))
    Console().print(table)


@order_app.command("export")
def export_command(
    order_id: OrderId,
    *,
    file: Annotated[Path | None, typer.Option(help="Where to; the screen if left out.")] = None,
    epcis: Annotated[bool, typer.Option("--epcis", help="As GS1 EPCIS 2.0 (JSON-LD).")] = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Write who had the parcel, from the first hands to the last."""
    if not epcis:
        why = "say --epcis: there is no other format yet"
        raise typer.BadParameter(why)
    document = PlatformDoor(url, key=key).get(f"/v1/orders/{order_id}/epcis")
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if file is None:
        typer.echo(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")


def _customer(line: dict[str, Any]) -> tuple[str, ...]:
    """A line as a customer reads it."""
    return (line["text"] or f"({line['group'].replace('_', ' ')})",)


def _dispatcher(line: dict[str, Any]) -> tuple[str, ...]:
    """A line with its facts, and of a decision every reason."""
    if "option" not in line:
        facts = {k: v for k, v in line["data"].items() if k not in {"at", "order_id"} and v}
        return line["name"], json.dumps(facts, ensure_ascii=False)
    option = line["option"]
    taken = f"{option['way']} {option['courier_id']}".strip()
    reasons = "\n".join(f"  {one['way']}: {one['en']}" for one in line["reasons"])
    return line["name"], f"{taken}, {option['cost_cents']:,} cents\n{reasons}".rstrip()
