"""The platform's command line: serve, import orders, look after cities, cases and the store."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from recourse.app import build
from recourse.cli_case import case_app
from recourse.cli_city import city_app
from recourse.cli_command import command_app
from recourse.cli_errand import errand_app
from recourse.cli_import import import_command
from recourse.cli_keys import accounts_app, keys_app
from recourse.cli_order import order_app
from recourse.cli_policy import policy_app
from recourse.cli_remedy import remedy_app
from recourse.cli_store import store_commands
from recourse.model.errors import RecourseError
from recourse.settings import Settings

__all__ = ["app", "main"]

app = typer.Typer(
    name="recourse",
    help="Keep delivery promises when couriers cancel.",
    epilog="First steps: recourse city import FILE.osm.pbf, recourse import --orders FILE.csv, "
    "recourse serve. Each command explains itself with --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def serve(  # noqa: PLR0913 - every option is a setting
    *,
    city: Annotated[
        str, typer.Option(envvar="RECOURSE_CITY", help="Name of an imported city.")
    ] = "generated-1",
    data: Annotated[
        Path, typer.Option(envvar="RECOURSE_DATA", help="Folder of cities and database.")
    ] = Path("var"),
    db: Annotated[
        str,
        typer.Option(
            envvar="RECOURSE_DB", help="sqlite:///FILE or postgresql://...; default: in DATA."
        ),
    ] = "",
    host: Annotated[
        str,
        typer.Option(
            help="Address to bind to; beyond this machine only with locked doors.",
            envvar="RECOURSE_HOST",
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port.", envvar="RECOURSE_PORT")] = 8000,
    policy_file: Annotated[
        Path | None,
        typer.Option(envvar="RECOURSE_POLICY_FILE", help="Policy of remedies (TOML)."),
    ] = None,
    peers: Annotated[
        Path | None,
        typer.Option(
            envvar="RECOURSE_PEERS",
            help="Channels to customers, and who pays remedies out (TOML); see docs/notices.md.",
        ),
    ] = None,
    oidc: Annotated[
        Path | None,
        typer.Option(
            envvar="RECOURSE_OIDC",
            help="Identity provider to sign in with at the console (TOML); see docs/keys.md.",
        ),
    ] = None,
    open_doors: Annotated[
        bool | None,
        typer.Option(
            "--open-doors/--locked-doors",
            envvar="RECOURSE_OPEN_DOORS",
            help="Whether doors are open without a key; only on loopback, by default there.",
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            envvar="RECOURSE_NAMES", help="Host name that is served too; may be repeated."
        ),
    ] = None,
    local_webhooks: Annotated[
        bool,
        typer.Option(
            "--local-webhooks",
            envvar="RECOURSE_LOCAL_WEBHOOKS",
            help="Let webhooks go to http and to this network; for development.",
        ),
    ] = False,
    neighbours: Annotated[
        bool,
        typer.Option(
            "--neighbours/--no-neighbours",
            envvar="RECOURSE_NEIGHBOURS",
            help="Let customers name a neighbour who takes their parcel.",
        ),
    ] = False,
    bonus_day_cents: Annotated[
        int | None,
        typer.Option(
            min=0,
            envvar="RECOURSE_BONUS_DAY_CENTS",
            help="Budget of a day for staged bonuses to couriers; see docs/bonuses.md.",
        ),
    ] = None,
    bonus_merchant_day_cents: Annotated[
        int | None,
        typer.Option(
            min=0,
            envvar="RECOURSE_BONUS_MERCHANT_DAY_CENTS",
            help="The same for the orders of one merchant.",
        ),
    ] = None,
    slots: Annotated[
        int,
        typer.Option(
            envvar="RECOURSE_SLOTS",
            min=0,
            max=5,
            help="Let customers pick one of so many later slots when their courier was lost.",
        ),
    ] = 0,
    slot_order_s: Annotated[
        int,
        typer.Option(
            envvar="RECOURSE_SLOT_ORDER_S",
            min=60,
            max=7_200,
            help="Seconds of a courier's time an order in a slot is reckoned at.",
        ),
    ] = 1_200,
    express_cents: Annotated[
        int | None,
        typer.Option(
            envvar="RECOURSE_EXPRESS_CENTS",
            min=0,
            help="Let them choose a courier who brings it straight, for so many cents.",
        ),
    ] = None,
    area: Annotated[
        str,
        typer.Option(
            envvar="RECOURSE_AREA",
            help="Own this area: no other process over the database may, while this one lives.",
        ),
    ] = "",
) -> None:
    """Serve the platform: API, console, courier and customer pages."""
    settings = Settings(
        database_url=db,
        data_dir=data,
        city=city,
        host=host,
        port=port,
        policy_file=policy_file,
        peers_file=peers,
        oidc_file=oidc,
        has_open_doors=open_doors,
        names=tuple(name or ()),
        has_local_webhooks=local_webhooks,
        has_neighbours=neighbours,
        bonus_day_cents=bonus_day_cents,
        bonus_merchant_day_cents=bonus_merchant_day_cents,
        n_slots=slots,
        slot_order_s=slot_order_s,
        express_price_cents=express_cents,
        area=area,
    )
    application = build(settings)
    out = Console(stderr=True)
    application.serve(
        host=host,
        port=port,
        ready=lambda: out.print(f"Recourse serves {city} on http://{host}:{port} (Ctrl-C ends it)"),
    )


# In the order in which a newcomer meets them.
app.command(
    "import",
    epilog="Everything is taken or, if anything is wrong, nothing; the same import again changes "
    "nothing. docs/import.md explains the columns; the folder examples has tables to begin with.",
)(import_command)
app.add_typer(city_app, name="city", help="Import and look at cities.")
app.add_typer(case_app, name="case", help="The queue of a dispatcher: look, decide, reopen.")
app.add_typer(command_app, name="command", help="What failed too often: look, try anew.")
app.add_typer(order_app, name="order", help="The story of an order, in two voices, and its way.")
app.add_typer(policy_app, name="policy", help="Check a policy of remedies, try it on past cases.")
app.add_typer(keys_app, name="keys", help="Make, list, rotate and revoke the keys of merchants.")
app.add_typer(accounts_app, name="accounts", help="Accounts of those who work at the console.")
app.add_typer(remedy_app, name="remedy", help="Remedies that wait for a dispatcher.")
app.add_typer(errand_app, name="errand", help="What is done outside, and what is not known of it.")
store_commands(app)


def main() -> None:
    """Run the command line; what the platform refuses is one clear line, not a traceback."""
    try:
        app()
    except RecourseError as refusal:
        Console(stderr=True, soft_wrap=True).print(str(refusal), style="red", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
