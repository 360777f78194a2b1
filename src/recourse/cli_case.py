"""The commands about cases: the queue a dispatcher works through, each with all its ways out.

This file knows how a case is shown to the person who decides it. The platform is asked by its own
API, so that what is decided here is decided where everything else is.
"""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.platform_door import PlatformDoor
from recourse.cli_door import LOCAL, AsJson, Key, Url, print_json
from recourse.model.cases import CaseStatus, Way

__all__ = ["case_app"]

case_app = typer.Typer(help="List, look at and decide cases.", no_args_is_help=True)

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]


@case_app.command("list")
def list_command(
    *,
    status: Annotated[
        str, typer.Option(help="open, or one of " + ", ".join(one.value for one in CaseStatus))
    ] = "open",
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """List cases, oldest first; `--status human` are those that nobody else can solve."""
    cases = PlatformDoor(url, key=key).get("/v1/cases", status=status)["cases"]
    if as_json:
        print_json(cases)
        return
    table = Table("case", "status", "order", "cause", "promised by", "way", "courier", box=None)
    for case in cases:
        decision = case.get("decision") or {}
        option = decision.get("option") or {}
        table.add_row(
            case["id"],
            case["status"],
            case["order_id"],
            case["cause"],
            case["promised_by"],
            case.get("way") or option.get("way") or "",
            case.get("to_courier_id") or option.get("courier_id") or "",
        )
    out = Console()
    out.print(table if cases else f"No case is {status}.")


@case_app.command("show")
def show_command(
    case_id: CaseId, *, as_json: AsJson = False, url: Url = LOCAL, key: Key = ""
) -> None:
    """Show one case: where it stands, what was decided, and why every other way lost."""
    case = PlatformDoor(url, key=key).get(f"/v1/cases/{case_id}")
    if as_json:
        print_json(case)
        return
    _print_case(case)


@case_app.command("decide")
def decide_command(
    case_id: CaseId,
    way: Annotated[Way, typer.Argument(help="What is to be done.")],
    *,
    courier: Annotated[str, typer.Option(help="Who carries it; the best if left out.")] = "",
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Decide a case by hand; it is put into force if it can be done."""
    body = {"way": way.value, "courier_id": courier}
    case = PlatformDoor(url, key=key).post(f"/v1/cases/{case_id}/decide", body)
    if as_json:
        print_json(case)
        return
    Console().print(f"{case['id']} is {case['status']}: {way.value} {courier}".rstrip())


@case_app.command("reopen")
def reopen_command(
    case_id: CaseId,
    *,
    why: Annotated[str, typer.Option(help="What the mistake was; kept with the case.")],
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Take up again a case that was closed by mistake; its order goes on with it."""
    case = PlatformDoor(url, key=key).post(f"/v1/cases/{case_id}/reopen", {"why": why})
    if as_json:
        print_json(case)
        return
    Console().print(f"{case['id']} is {case['status']} again; its customer is told")
    for remedy in case["remedies"]:
        Console().print(
            f"given before: {remedy['kind']} {remedy['amount_cents']} {remedy['currency']}"
            f" to {remedy['beneficiary_id']}"
        )


@case_app.command("what-if")
def what_if_command(
    case_id: CaseId,
    *,
    way: Annotated[Way | None, typer.Option(help="What this way would come to.")] = None,
    courier: Annotated[str, typer.Option(help="What this courier would come to.")] = "",
    point: Annotated[str, typer.Option(help="What this pickup point would come to.")] = "",
    as_json: AsJson = False,
    url: Url = LOCAL,
    key: Key = "",
) -> None:
    """Price every way out as the case stands now, and say why the others are closed."""
    body = {"way": way.value if way else None, "courier_id": courier, "site_id": point}
    found = PlatformDoor(url, key=key).post(f"/v1/cases/{case_id}/what-if", body)
    if as_json:
        print_json(found)
        return
    _print_ways(found)


def _print_case(case: dict[str, Any]) -> None:
    """A case with its reasons and what was given."""
    out = Console()
    facts = Table(show_header=False, box=None)
    option = (case.get("decision") or {}).get("option") or {}
    for name, value in (
        ("case", case["id"]),
        ("status", f"{case['status']} {case['outcome']}".rstrip()),
        ("order", case["order_id"]),
        ("cause", case["cause"]),
        ("lost by", case["from_courier_id"] or "nobody: no courier was found"),
        ("parcel with", case["held_by"] or "nobody: it lies where it is fetched"),
        ("promised by", case["promised_by"]),
        ("decided", f"{option.get('way', '')} {option.get('courier_id', '')}".strip()),
        ("never again", ", ".join(case["excluded"])),
    ):
        facts.add_row(name, value)
    out.print(facts)
    _print_reasons(out, case["reasons"])
    for remedy in case["remedies"]:
        out.print(
            f"given: {remedy['kind']} {remedy['amount_cents']} {remedy['currency']}"
            f" to {remedy['beneficiary_id']} by {remedy['rule']}"
        )


def _print_ways(found: dict[str, Any]) -> None:
    """The open ways with prices, the closed ones with reasons."""
    out = Console()
    table = Table("way", "courier", "point", "arrives", box=None)
    for heading in ("late, min", "price, cents"):
        table.add_column(heading, justify="right")
    for one in found["options"]:
        is_best = one == found["best"]
        table.add_row(
            one["way"] + (" *" if is_best else ""),
            f"{one['courier_id']} {'(is asked)' if one['is_asked'] else ''}".strip(),
            one["site_id"],
            one["arrival_at"] or "",
            str(one["late_s"] // 60),
            f"{one['cost_cents']:,}",
        )
    out.print(table)
    out.print("* would be taken now; nothing was changed")
    _print_reasons(out, found["reasons"])


def _print_reasons(out: Console, reasons: list[dict[str, Any]]) -> None:
    """Why each other way or courier lost, a line each."""
    if not reasons:
        return
    table = Table("not taken", "because", box=None)
    for one in reasons:
        table.add_row(one["way"], one["en"])
    out.print(table)
