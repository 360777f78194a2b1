"""Keys: make them, hand them out once, and know who comes with one.

Secrets come from the caller, because nothing here has dice; what is kept of them is a digest.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.flow.platform import Platform
from recourse.flow.roster import find_courier
from recourse.model.errors import Invalid, NotFound
from recourse.model.keys import Account, ApiKey, LoginCode, Role, Scope, Session
from recourse.model.ports import Transaction

__all__ = [
    "Visitor",
    "account_session",
    "courier_session",
    "end_key",
    "end_session",
    "give_code",
    "has_account",
    "is_blocked",
    "make_account",
    "make_key",
    "switch_off",
    "token_text",
    "visitor_of",
]

_KEY, _SESSION = "rk_", "rs_"
_ACCOUNT_SPAN, _COURIER_SPAN = timedelta(hours=12), timedelta(days=30)
_CODE_SPAN = timedelta(minutes=10)
_MAX_WRONG = 5
_BLOCKED = timedelta(minutes=1)
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
        If the role is none of an account.
    """
    if role not in OFFICE:
        raise Invalid(field="role", why="must be viewer, dispatcher or admin")
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


def account_session(
    tx: Transaction, platform: Platform, account_id: str, *, is_right: bool, token: str
) -> Session | None:
    """Begin a session for who gave the right password; None for a wrong one, which is counted.

    Returns
    -------
    Session or None
        Under the digest of the token.
    """
    now = platform.now()
    account = tx.accounts([account_id]).get(account_id)
    if account is None or account.is_off or is_blocked(account, now):
        return None
    if not is_right:
        n_wrong = account.n_wrong + 1
        until_at = now + _BLOCKED if n_wrong % _MAX_WRONG == 0 else None
        tx.record([replace(account, n_wrong=n_wrong, blocked_until_at=until_at)])
        return None
    session = _begin(account.role, account.id, token, now=now, span=_ACCOUNT_SPAN)
    changes = [replace(account, n_wrong=0, blocked_until_at=None)] if account.n_wrong else []
    tx.record([*changes, session])
    return session


def is_blocked(account: Account, now: datetime) -> bool:
    """Whether an account looks at no password for a while."""
    return account.blocked_until_at is not None and now < account.blocked_until_at


def give_code(tx: Transaction, platform: Platform, courier_id: str, *, code: str) -> LoginCode:
    """Record the code with which a courier's device may log in once; the one before is void."""
    find_courier(tx, courier_id)
    known = tx.login_codes([courier_id]).get(courier_id)
    given = LoginCode(
        courier_id=courier_id,
        digest=_digest(f"{courier_id}/{code}"),
        expires_at=platform.now() + _CODE_SPAN,
        version=known.version if known else 0,
    )
    tx.record([given])
    return given


def courier_session(
    tx: Transaction, platform: Platform, courier_id: str, *, code: str, token: str
) -> Session | None:
    """Begin a session for the device that gave the right code; None for a wrong or used one.

    Returns
    -------
    Session or None
        Under the digest of the token.
    """
    now = platform.now()
    known = tx.login_codes([courier_id]).get(courier_id)
    if known is None or known.used_at or now >= known.expires_at or known.n_wrong >= _MAX_WRONG:
        return None
    if not hmac.compare_digest(known.digest, _digest(f"{courier_id}/{code}")):
        tx.record([replace(known, n_wrong=known.n_wrong + 1)])
        return None
    session = _begin(Role.COURIER, courier_id, token, now=now, span=_COURIER_SPAN)
    tx.record([replace(known, used_at=now), session])
    return session


def end_session(tx: Transaction, platform: Platform, credential: str) -> None:
    """End the session of a token; one that is unknown or over is left alone."""
    digest = _digest(credential.removeprefix(_SESSION))
    session = tx.sessions([digest]).get(digest)
    if session is not None and session.ended_at is None:
        tx.record([replace(session, ended_at=platform.now())])


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
    account = tx.accounts([name]).get(name)
    if account is None:
        raise NotFound(kind="account", id=name)
    account = replace(account, is_off=True)
    tx.record([account])
    return account


def visitor_of(tx: Transaction, platform: Platform, credential: str) -> Visitor | None:
    """Who comes with a key or the token of a session; None if it opens nothing.

    Returns
    -------
    Visitor or None
        An account's role is the present one, whenever the session began.
    """
    if credential.startswith(_KEY):
        return _with_key(tx, credential, platform.now())
    if credential.startswith(_SESSION):
        return _with_session(tx, credential, platform.now())
    return None


def _with_key(tx: Transaction, credential: str, now: datetime) -> Visitor | None:
    """Who comes with a merchant's key."""
    key_id, _, secret = credential.removeprefix(_KEY).partition("_")
    key = tx.api_keys([key_id]).get(key_id)
    if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
        return None
    if key.expires_at is not None and now >= key.expires_at:
        return None
    return Visitor(role=Role.MERCHANT, id=key.merchant_id, scopes=frozenset(key.scopes))


def _with_session(tx: Transaction, credential: str, now: datetime) -> Visitor | None:
    """Who comes with the token of a session."""
    digest = _digest(credential.removeprefix(_SESSION))
    session = tx.sessions([digest]).get(digest)
    if session is None or session.ended_at is not None or now >= session.expires_at:
        return None
    if session.role is Role.COURIER:
        return Visitor(role=Role.COURIER, id=session.subject_id)
    account = tx.accounts([session.subject_id]).get(session.subject_id)
    if account is None or account.is_off:
        return None
    return Visitor(role=account.role, id=account.id)


def token_text(token: str) -> str:
    """The token of a session as it travels."""
    return _SESSION + token


def _begin(role: Role, subject_id: str, token: str, *, now: datetime, span: timedelta) -> Session:
    return Session(
        digest=_digest(token),
        role=role,
        subject_id=subject_id,
        began_at=now,
        expires_at=now + span,
    )
