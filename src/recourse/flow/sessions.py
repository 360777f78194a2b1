"""Sessions: whoever proves who they are is known on one device for a while.

One mechanism for a person at the console, a courier's device and a customer's browser: a proof says
whom it proves and for how long, and what the store keeps of it; a session begins with one.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.flow.links import is_open, opened_by
from recourse.flow.platform import Platform
from recourse.model.keys import Account, Role, Session
from recourse.model.ports import Record, Transaction

__all__ = [
    "SESSION",
    "Proof",
    "begin_session",
    "code_digest",
    "end_session",
    "has_begun",
    "is_blocked",
    "prove_code",
    "prove_link",
    "prove_password",
    "session_of",
    "token_text",
]

SESSION = "rs_"
_SPANS = {
    Role.VIEWER: timedelta(hours=12),
    Role.DISPATCHER: timedelta(hours=12),
    Role.ADMIN: timedelta(hours=12),
    Role.COURIER: timedelta(days=30),
    Role.CUSTOMER: timedelta(days=30),
}
_MAX_WRONG = 5
_BLOCKED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of somebody's word for who they are.

    Attributes
    ----------
    role : Role or None
        What they are; None if nothing was proved.
    subject_id : str
        Account, courier or order.
    changes : tuple of record
        What the store keeps of it, right or wrong.
    """

    role: Role | None = None
    subject_id: str = ""
    changes: tuple[Record, ...] = ()


_NOTHING = Proof()


def prove_password(tx: Transaction, account_id: str, *, is_right: bool, now: datetime) -> Proof:
    """Prove an account by its password; a wrong one is counted, and five block it for a minute.

    Parameters
    ----------
    tx : Transaction
        To read in.
    account_id : str
        Who they say they are.
    is_right : bool
        Whether the password was the account's.
    now : datetime
        The present instant.

    Returns
    -------
    Proof
        Of nothing for an account that is unknown, off or blocked.
    """
    account = tx.accounts([account_id]).get(account_id)
    if account is None or account.is_off or is_blocked(account, now):
        return _NOTHING
    if not is_right:
        n_wrong = account.n_wrong + 1
        until_at = now + _BLOCKED if n_wrong % _MAX_WRONG == 0 else None
        return Proof(changes=(replace(account, n_wrong=n_wrong, blocked_until_at=until_at),))
    calm = (replace(account, n_wrong=0, blocked_until_at=None),) if account.n_wrong else ()
    return Proof(role=account.role, subject_id=account.id, changes=calm)


def prove_code(tx: Transaction, courier_id: str, *, code: str, now: datetime) -> Proof:
    """Prove a courier's device by a code that opens once; five wrong ones void it.

    Parameters
    ----------
    tx : Transaction
        To read in.
    courier_id : str
        Who they say they are.
    code : str
        From the dispatcher.
    now : datetime
        The present instant.

    Returns
    -------
    Proof
        Of nothing for a code that is wrong, used or over.
    """
    known = tx.login_codes([courier_id]).get(courier_id)
    if known is None or known.used_at or now >= known.expires_at or known.n_wrong >= _MAX_WRONG:
        return _NOTHING
    if not hmac.compare_digest(known.digest, code_digest(courier_id, code)):
        return Proof(changes=(replace(known, n_wrong=known.n_wrong + 1),))
    used = replace(known, used_at=now)
    return Proof(role=Role.COURIER, subject_id=courier_id, changes=(used,))


def prove_link(tx: Transaction, *, token: str, now: datetime) -> Proof:
    """Prove a customer by the link they were sent; it stays as it was, for who opens it next.

    Parameters
    ----------
    tx : Transaction
        To read in.
    token : str
        Of the link.
    now : datetime
        The present instant.

    Returns
    -------
    Proof
        For one order; of nothing for a link that opens none.
    """
    order_id = opened_by(tx, token, now=now)
    return Proof(role=Role.CUSTOMER, subject_id=order_id) if order_id else _NOTHING


def begin_session(
    tx: Transaction, platform: Platform, proof: Proof, *, token: str
) -> Session | None:
    """Begin a session for who was proved, and keep what is kept of the proof.

    Parameters
    ----------
    tx : Transaction
        To record in.
    platform : Platform
        Whose clock it goes by.
    proof : Proof
        What came of it.
    token : str
        Random; only its digest is kept.

    Returns
    -------
    Session or None
        None if nothing was proved.
    """
    session: Session | None = None
    if proof.role is not None:
        now = platform.now()
        session = Session(
            digest=_digest(token),
            role=proof.role,
            subject_id=proof.subject_id,
            began_at=now,
            expires_at=now + _SPANS[proof.role],
        )
    tx.record([*proof.changes, *([session] if session else [])])
    return session


def has_begun(tx: Transaction, token: str) -> bool:
    """Whether a session was ever begun with this token."""
    return bool(tx.sessions([_digest(token)]))


def end_session(tx: Transaction, platform: Platform, credential: str) -> None:
    """End the session of a token; one that is unknown or over is left alone."""
    digest = _digest(credential.removeprefix(SESSION))
    session = tx.sessions([digest]).get(digest)
    if session is not None and session.ended_at is None:
        tx.record([replace(session, ended_at=platform.now())])


def session_of(tx: Transaction, credential: str, *, now: datetime) -> tuple[Role, str] | None:
    """Find who comes with the token of a session.

    Parameters
    ----------
    tx : Transaction
        To read in.
    credential : str
        As it came.
    now : datetime
        The present instant.

    Returns
    -------
    tuple of Role and str, or None
        An account's role is the present one, whenever the session began; a customer's session ends
        with their link.
    """
    digest = _digest(credential.removeprefix(SESSION))
    session = tx.sessions([digest]).get(digest)
    if session is None or session.ended_at is not None or now >= session.expires_at:
        return None
    if session.role is Role.COURIER:
        return session.role, session.subject_id
    if session.role is Role.CUSTOMER:
        is_usable = is_open(tx, session.subject_id, now=now)
        return (session.role, session.subject_id) if is_usable else None
    account = tx.accounts([session.subject_id]).get(session.subject_id)
    return None if account is None or account.is_off else (account.role, account.id)


def is_blocked(account: Account, now: datetime) -> bool:
    """Whether an account looks at no password for a while."""
    return account.blocked_until_at is not None and now < account.blocked_until_at


def token_text(token: str) -> str:
    """The token of a session as it travels."""
    return SESSION + token


def code_digest(courier_id: str, code: str) -> str:
    """What is kept of a courier's code."""
    return _digest(f"{courier_id}/{code}")


def _digest(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
