"""This file knows who may come in: keys of merchants, accounts of dispatchers, codes of couriers.

Nothing in it opens a door by itself: of every key, code and session only a digest is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "NO_PASSWORD",
    "Account",
    "ApiKey",
    "Identity",
    "KeyRow",
    "Link",
    "LoginCode",
    "Role",
    "Scope",
    "Session",
]

NO_PASSWORD = "$argon2id$"  # noqa: S105 - of nobody
"""Kept of an account that signs in elsewhere: no password has this digest."""


class Role(StrEnum):
    """What somebody is here."""

    MERCHANT = "merchant"
    COURIER = "courier"
    CUSTOMER = "customer"
    VIEWER = "viewer"
    DISPATCHER = "dispatcher"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a merchant's key may be used for."""

    READ = "read"
    WRITE = "write"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a merchant.

    Attributes
    ----------
    id : str
        The part of the key that may be shown.
    merchant_id : str
        Whose orders it opens.
    note : str
        What it is used for, for people.
    digest : str
        SHA-256 of the secret part, in hex; 256 random bits need no slower one.
    scopes : tuple of Scope
        What it may be used for.
    created_at : datetime
        When it was made.
    expires_at : datetime or None
        From when it opens nothing; set when it is rotated, so that two overlap.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    merchant_id: str
    note: str
    digest: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who works at the console.

    Attributes
    ----------
    id : str
        Name they log in with.
    role : Role
        Viewer, dispatcher or admin.
    password_digest : str
        Argon2id with its salt and parameters; `NO_PASSWORD` if others say who they are.
    created_at : datetime
        When it was made.
    is_off : bool
        Whether it opens nothing any more.
    n_wrong : int
        Wrong passwords in a row.
    blocked_until_at : datetime or None
        Before this instant no password is looked at.
    version : int
        Row version; 0 before it is first recorded.
    """

    id: str
    role: Role
    password_digest: str
    created_at: datetime
    is_off: bool = False
    n_wrong: int = 0
    blocked_until_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCode:
    """A code with which a courier's device logs in, once.

    Attributes
    ----------
    courier_id : str
        Whose device; a new code takes the place of the one before.
    digest : str
        SHA-256 of courier and code, in hex.
    expires_at : datetime
        From when it opens nothing.
    n_wrong : int
        Wrong codes since it was made; too many void it.
    used_at : datetime or None
        When it was used.
    version : int
        Row version; 0 before it is first recorded.
    """

    courier_id: str
    digest: str
    expires_at: datetime
    n_wrong: int = 0
    used_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who has logged in on one device.

    Attributes
    ----------
    digest : str
        SHA-256 of its token, in hex.
    role : Role
        What they may do; of an account it is read from the account every time.
    subject_id : str
        Account, courier, or the order of a customer's link.
    began_at, expires_at : datetime
        Its span.
    ended_at : datetime or None
        When it was ended before its time.
    version : int
        Row version; 0 before it is first recorded.
    """

    digest: str
    role: Role
    subject_id: str
    began_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is kept of the link that a customer was sent.

    Attributes
    ----------
    digest : str
        SHA-256 of its token, in hex.
    order_id : str
        Which order it opens.
    made_at : datetime
        When it was made, with the order.
    version : int
        Row version; 0 before it is first recorded.
    """

    digest: str
    order_id: str
    made_at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom an identity provider knows, and which account is theirs here.

    Attributes
    ----------
    account_id : str
        The account; it is nobody else's.
    issuer : str
        The provider.
    subject : str
        What it calls them: theirs for ever, unlike a name or an address.
    began_at : datetime
        When they first signed in.
    version : int
        Row version; 0 before it is first recorded.
    """

    account_id: str
    issuer: str
    subject: str
    began_at: datetime
    version: int = 0


KeyRow = ApiKey | Account | LoginCode | Session | Link | Identity
"""Everything of keys that the store keeps."""
