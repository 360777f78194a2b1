"""Identities: who signs in with an identity provider is known by what the provider calls them.

Nothing of a try to sign in is kept here while it is under way. The browser keeps an instant and a
random text; what is asked of the provider and what must come back is derived from these with the
secret of the installation. So is the token of the session, whose digest is a key of the database:
one try begins one session, in whichever process it ends.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import replace
from datetime import datetime, timedelta

from recourse.flow.platform import Platform
from recourse.flow.sessions import Proof, begin_session, has_begun
from recourse.model.errors import Forbidden, Unproven
from recourse.model.identities import Attempt, Identified
from recourse.model.keys import NO_PASSWORD, Account, Identity, Session
from recourse.model.ports import Transaction

__all__ = [
    "ATTEMPT",
    "attempt_of",
    "begin_attempt",
    "derived_token",
    "is_under_way",
    "prove_identity",
    "sign_in",
]

ATTEMPT = timedelta(minutes=10)
_PREFIX = "sso:"
_KEPT = re.compile(r"([0-9]{1,12})\.[A-Za-z0-9_-]{43}", re.ASCII)
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME = 40
_MAX_NAMESAKES = 100


def begin_attempt(platform: Platform, *, token: str) -> str:
    """Begin a try to sign in.

    Parameters
    ----------
    platform : Platform
        Whose clock it goes by.
    token : str
        256 random bits, in the letters of an address.

    Returns
    -------
    str
        What the browser keeps.
    """
    return f"{int(platform.now().timestamp())}.{token}"


def attempt_of(platform: Platform, kept: str) -> Attempt:
    """What a try asks for, and what must come back.

    Parameters
    ----------
    platform : Platform
        Whose secret it is derived from.
    kept : str
        By the browser.

    Returns
    -------
    Attempt
        The same for the same text.
    """
    return Attempt(
        state=_derived(platform, "state", kept),
        nonce=_derived(platform, "nonce", kept),
        verifier=_derived(platform, "verifier", kept),
    )


def is_under_way(platform: Platform, kept: str, *, state: str) -> bool:
    """Whether an answer belongs to a try that this browser began a short while ago.

    Parameters
    ----------
    platform : Platform
        Whose secret and clock it goes by.
    kept : str
        By the browser; empty if it keeps nothing.
    state : str
        That came back.

    Returns
    -------
    bool
        The state proves the instant too: only this installation can derive one from the other.
    """
    wanted = _derived(platform, "state", kept).encode()
    found = _KEPT.fullmatch(kept)
    if found is None or not hmac.compare_digest(wanted, state.encode("utf-8", "replace")):
        return False
    age_s = platform.now().timestamp() - int(found[1])
    return -1 <= age_s < ATTEMPT.total_seconds()


def derived_token(platform: Platform, kept: str) -> str:
    """The token of the session that a try begins: no two of them, whoever asks twice."""
    return _derived(platform, "session", kept)


def sign_in(tx: Transaction, platform: Platform, found: Identified, *, token: str) -> Session:
    """Begin the session of somebody whom a provider has told us of.

    Parameters
    ----------
    tx : Transaction
        To record in.
    platform : Platform
        Whose clock it goes by.
    found : Identified
        Whom.
    token : str
        Derived from the try.

    Returns
    -------
    Session
        Of their account, which is made the first time.

    Raises
    ------
    Unproven
        If this try has begun a session already.
    """
    if has_begun(tx, token):
        raise Unproven(why="this sign-in was used before")
    proof = prove_identity(tx, found, now=platform.now())
    session = begin_session(tx, platform, proof, token=token)
    assert session is not None  # noqa: S101 - a proof with a role begins one
    return session


def prove_identity(tx: Transaction, found: Identified, *, now: datetime) -> Proof:
    """Prove the account of somebody whom a provider has told us of.

    An account that has a password is never taken for theirs, whatever they call themselves.

    Parameters
    ----------
    tx : Transaction
        To read in.
    found : Identified
        Whom.
    now : datetime
        The present instant.

    Returns
    -------
    Proof
        With the account and the identity, if they are new, and the role they have today.

    Raises
    ------
    Forbidden
        If they have no role here, or their account is off.
    """
    known = tx.identity(found.issuer, found.subject)
    account = tx.accounts([known.account_id]).get(known.account_id) if known else None
    if account is not None and account.is_off:
        raise Forbidden(rule="account_is_off", way_out=f"recourse accounts on {account.id}")
    if found.role is None:
        raise Forbidden(rule="nobody_here", way_out="map one of their groups to a role")
    if account is None:
        account = Account(
            id=_free_name(tx, found), role=found.role, password_digest=NO_PASSWORD, created_at=now
        )
        made = Identity(
            account_id=account.id, issuer=found.issuer, subject=found.subject, began_at=now
        )
        return Proof(role=account.role, subject_id=account.id, changes=(account, made))
    today = replace(account, role=found.role)
    changes = (today,) if today != account else ()
    return Proof(role=today.role, subject_id=today.id, changes=changes)


def _free_name(tx: Transaction, found: Identified) -> str:
    """A name for a new account: theirs as far as letters allow, and nobody else's."""
    plain = _NOT_IN_A_NAME.sub("-", found.name).strip("-")[:_MAX_NAME]
    digest = hashlib.sha256(f"{found.issuer}\n{found.subject}".encode()).hexdigest()
    wanted = _PREFIX + (plain or digest[:12])
    names = [wanted, *(f"{wanted}-{n}" for n in range(2, _MAX_NAMESAKES))]
    taken = tx.accounts(names)
    # So many namesakes there are not; whoever comes after them has a name that nobody has.
    return next((name for name in names if name not in taken), _PREFIX + digest[:32])


def _derived(platform: Platform, what: str, kept: str) -> str:
    """256 bits that nobody can tell who has not the secret of the installation."""
    text = f"sign-in/{what}/{kept}".encode("utf-8", "replace")
    digest = hmac.new(platform.secret, text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
