"""Keys: make them, hand them out once, and know who comes with one.

Secrets come from the caller, because nothing here has dice; what is kept of them is a digest.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.flow.links import opened_by
from recourse.flow.platform import Platform
from recourse.flow.roster import find_courier
from recourse.flow.sessions import SESSION, code_digest, session_of
from recourse.model.errors import Invalid, NotFound
from recourse.model.keys import Account, ApiKey, LoginCode, Role, Scope
from recourse.model.ports import Transaction

__all__ = [
    "Visitor",
    "end_key",
    "give_code",
    "has_account",
    "make_account",
    "make_key",
    "switch_off",
    "switch_on",
    "visitor_of",
]

_KEY = "rk_"
_CODE_SPAN = timedelta(minutes=10)
OFFICE = frozenset({Role.VIEWER, Role.DISPATCHER, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who came in.

    Attributes
    ----------
    role : Role
        What they are here.
    id : str
        Merchant, courier or account.
    scopes : frozenset of Scope
        What a merchant's key may be used for; empty for others.
    """

    role: Role
    id: str
    scopes: frozenset[Scope] = frozenset()


def _digest(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def make_key(
    tx: Transaction,
    *,
    merchant_id: str,
    secret: str,
    key_id: str,
    scopes: Collection[Scope],
    now: datetime,
    note: str = "",
) -> str:
    """Record a key of a merchant, and return it: it is shown this once.

    Returns
    -------
    str
        What goes after ``Authorization: Bearer``.
    """
    key = ApiKey(
        id=key_id,
        merchant_id=merchant_id,
        note=note,
        digest=_digest(secret),
        scopes=tuple(sorted(scopes)),
        created_at=now,
    )
    tx.record([key])
    return f"{_KEY}{key_id}_{secret}"


def make_account(
    tx: Transaction, *, name: str, role: Role, password_digest: str, now: datetime
) -> Account:
    """Record an account; the same name again gets another password and role.

    Returns
    -------
    Account
        As it is now.

    Raises
    ------
    Invalid
        If the role is none of an account, or an identity provider says who it is.
    """
    if role not in OFFICE:
        raise Invalid(field="role", why="must be viewer, dispatcher or admin")
    if tx.identities([name]):
        raise Invalid(field="name", why=f"{name} signs in with an identity provider")
    known = tx.accounts([name]).get(name)
    account = Account(
        id=name,
        role=role,
        password_digest=password_digest,
        created_at=known.created_at if known else now,
        version=known.version if known else 0,
    )
    tx.record([account])
    return account


def give_code(tx: Transaction, platform: Platform, courier_id: str, *, code: str) -> LoginCode:
    """Record the code with which a courier's device may log in once; the one before is void."""
    find_courier(tx, courier_id)
    known = tx.login_codes([courier_id]).get(courier_id)
    given = LoginCode(
        courier_id=courier_id,
        digest=code_digest(courier_id, code),
        expires_at=platform.now() + _CODE_SPAN,
        version=known.version if known else 0,
    )
    tx.record([given])
    return given


def end_key(tx: Transaction, key_id: str, *, at: datetime) -> ApiKey:
    """Let a key open nothing from an instant on.

    Returns
    -------
    ApiKey
        As it is now.

    Raises
    ------
    NotFound
        If there is no such key.
    """
    key = tx.api_keys([key_id]).get(key_id)
    if key is None:
        raise NotFound(kind="key", id=key_id)
    if key.expires_at is None or at < key.expires_at:
        key = replace(key, expires_at=at)
        tx.record([key])
    return key


def has_account(tx: Transaction) -> bool:
    """Whether anybody can log in at the console."""
    return any(not account.is_off for account in tx.accounts().values())


def switch_off(tx: Transaction, name: str) -> Account:
    """Let an account, and every session of it, open nothing from now on.

    Returns
    -------
    Account
        As it is now.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    return _switched(tx, name, is_off=True)


def switch_on(tx: Transaction, name: str) -> Account:
    """Let an account open again what it opened before.

    Returns
    -------
    Account
        As it is now.
    """
    return _switched(tx, name, is_off=False)


def _switched(tx: Transaction, name: str, *, is_off: bool) -> Account:
    """An account, on or off; `NotFound` if there is none of that name."""
    account = tx.accounts([name]).get(name)
    if account is None:
        raise NotFound(kind="account", id=name)
    account = replace(account, is_off=is_off)
    tx.record([account])
    return account


def visitor_of(tx: Transaction, platform: Platform, credential: str) -> Visitor | None:
    """Who comes with a key, the token of a session or a customer's link; None if it opens nothing.

    Returns
    -------
    Visitor or None
        An account's role is the present one, whenever the session began.
    """
    if credential.startswith(_KEY):
        return _with_key(tx, credential, platform.now())
    if credential.startswith(SESSION):
        found = session_of(tx, credential, now=platform.now())
        return Visitor(role=found[0], id=found[1]) if found else None
    order_id = opened_by(tx, credential, now=platform.now())
    return Visitor(role=Role.CUSTOMER, id=order_id) if order_id else None


def _with_key(tx: Transaction, credential: str, now: datetime) -> Visitor | None:
    """Who comes with a merchant's key."""
    key_id, _, secret = credential.removeprefix(_KEY).partition("_")
    key = tx.api_keys([key_id]).get(key_id)
    if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
        return None
    if key.expires_at is not None and now >= key.expires_at:
        return None
    return Visitor(role=Role.MERCHANT, id=key.merchant_id, scopes=frozenset(key.scopes))
