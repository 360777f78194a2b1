"""The commands about keys: who may come in, and with what.

This file knows how they are shown to the person who runs them. A key is printed once, alone on
standard output, so that it can go straight into a file.
"""

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recourse.adapters.clock import WallClock
from recourse.adapters.passwords import digest_password
from recourse.adapters.store import migrate, open_store
from recourse.flow import keys
from recourse.model.errors import Invalid, NotFound
from recourse.model.keys import Role, Scope
from recourse.model.ports import Transaction

__all__ = ["accounts_app", "keys_app"]

Db = Annotated[
    str,
    typer.Option(
        envvar="RECOURSE_DB",
        help="sqlite:///FILE or postgresql://...; default: in the data folder.",
    ),
]
Data = Annotated[Path, typer.Option(envvar="RECOURSE_DATA", help="Folder of cities and database.")]
_DATA = Path("var")
_N_SECRET_BYTES = 32
_N_ID_BYTES = 6
_MIN_PASSWORD = 12
_ALL = list(Scope)

keys_app = typer.Typer(no_args_is_help=True)
accounts_app = typer.Typer(no_args_is_help=True)


@contextmanager
def _opened(db: str, data: Path) -> Iterator[Transaction]:
    """A unit of work in the database that is named, brought up to date first."""
    if not db:
        data.mkdir(parents=True, exist_ok=True)
    url = db or f"sqlite:///{data / 'recourse.sqlite'}"
    migrate(url)
    with open_store(url, clock=WallClock()) as store, store.begin() as tx:
        yield tx


def _new_key(tx: Transaction, merchant: str, scopes: list[Scope], note: str) -> str:
    """Make a key of fresh random bits."""
    return keys.make_key(
        tx,
        merchant_id=merchant,
        secret=secrets.token_urlsafe(_N_SECRET_BYTES),
        key_id=secrets.token_hex(_N_ID_BYTES),
        scopes=scopes,
        now=WallClock().now(),
        note=note,
    )


def _hand_out(key: str) -> None:
    """Print a key, and say on the side that this was the only time."""
    sys.stdout.write(f"{key}\n")
    Console(stderr=True).print("Keep it now: it is not shown again.", style="yellow")


@keys_app.command("create")
def create_key(
    merchant: Annotated[str, typer.Argument(help="Whose orders it opens.")],
    *,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What for; may be repeated; default: all.")
    ] = None,
    note: Annotated[str, typer.Option(help="What it is used for, for people.")] = "",
    db: Db = "",
    data: Data = _DATA,
) -> None:
    """Make a key for a merchant's programs."""
    with _opened(db, data) as tx:
        key = _new_key(tx, merchant, scope or _ALL, note)
    _hand_out(key)


@keys_app.command("list")
def list_keys(*, db: Db = "", data: Data = _DATA) -> None:
    """List the keys there are; none of them can be read back."""
    table = Table("Key", "Merchant", "Scopes", "Note", "Made", "Ends")
    now = WallClock().now()
    with _opened(db, data) as tx:
        for key in tx.api_keys().values():
            ends = key.expires_at
            is_over = ends is not None and ends <= now
            table.add_row(
                f"rk_{key.id}_…",
                key.merchant_id,
                " ".join(key.scopes),
                key.note,
                f"{key.created_at:%Y-%m-%d %H:%M}Z",
                "over" if is_over else f"{ends:%Y-%m-%d %H:%M}Z" if ends else "never",
            )
    Console().print(table)


@keys_app.command("rotate")
def rotate_key(
    key: Annotated[str, typer.Argument(help="The id between rk_ and the second _.")],
    *,
    overlap_h: Annotated[
        int, typer.Option("--overlap-hours", min=0, max=720, help="How long the old one lasts.")
    ] = 24,
    db: Db = "",
    data: Data = _DATA,
) -> None:
    """Make a key in place of another one, which opens for a while longer."""
    with _opened(db, data) as tx:
        old = keys.end_key(tx, key, at=WallClock().now() + timedelta(hours=overlap_h))
        new = _new_key(tx, old.merchant_id, list(old.scopes), old.note)
    _hand_out(new)


@keys_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="The id between rk_ and the second _.")],
    *,
    db: Db = "",
    data: Data = _DATA,
) -> None:
    """Let a key open nothing from now on."""
    with _opened(db, data) as tx:
        keys.end_key(tx, key, at=WallClock().now())
    Console().print(f"{key} opens nothing any more", highlight=False)


@accounts_app.command("add")
def add_account(
    name: Annotated[str, typer.Argument(help="Name to log in with.")],
    *,
    role: Annotated[Role, typer.Option(help="viewer, dispatcher or admin.")] = Role.DISPATCHER,
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password; else it is asked.")
    ] = None,
    db: Db = "",
    data: Data = _DATA,
) -> None:
    """Make an account, or give one another password and role."""
    password = _password(password_file)
    with _opened(db, data) as tx:
        account = keys.make_account(
            tx,
            name=name,
            role=role,
            password_digest=digest_password(password),
            now=WallClock().now(),
        )
    Console().print(f"{account.id} may log in as {account.role.value}", highlight=False)


@accounts_app.command("off")
def switch_off_account(
    name: Annotated[str, typer.Argument(help="Whose.")], *, db: Db = "", data: Data = _DATA
) -> None:
    """Let an account, and every session of it, open nothing from now on."""
    with _opened(db, data) as tx:
        keys.switch_off(tx, name)
    Console().print(f"{name} opens nothing any more", highlight=False)


@accounts_app.command("on")
def switch_on_account(
    name: Annotated[str, typer.Argument(help="Whose.")], *, db: Db = "", data: Data = _DATA
) -> None:
    """Let an account that was switched off open again what it opened before."""
    with _opened(db, data) as tx:
        account = keys.switch_on(tx, name)
    Console().print(f"{account.id} may log in as {account.role.value}", highlight=False)


@accounts_app.command("list")
def list_accounts(*, db: Db = "", data: Data = _DATA) -> None:
    """List the accounts there are."""
    table = Table("Name", "Role", "State", "Known by")
    with _opened(db, data) as tx:
        known = tx.identities()
        for account in tx.accounts().values():
            how = known[account.id].issuer if account.id in known else "password"
            state = "off" if account.is_off else "on"
            table.add_row(account.id, account.role.value, state, how)
    Console().print(table)


def _password(file: Path | None, ask: Callable[..., str] = typer.prompt) -> str:
    """Password from a file or from the terminal, which does not show it."""
    if file is not None:
        if not file.is_file():
            raise NotFound(kind="file", id=str(file))
        password = (file.read_text().splitlines() or [""])[0]
    else:
        password = ask("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < _MIN_PASSWORD:
        raise Invalid(field="password", why=f"must have at least {_MIN_PASSWORD} characters")
    return password
