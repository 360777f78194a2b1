"""This file knows how a password is kept: as Argon2id, and never otherwise."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from recourse.model.keys import NO_PASSWORD

__all__ = ["digest_password", "is_password"]

_HASHER = PasswordHasher()
# Of nobody: looked at when there is no such account, so that both answers take as long.
_NOBODY = _HASHER.hash("nobody")


def digest_password(password: str) -> str:
    """Make the digest of a password, with a salt of its own.

    Parameters
    ----------
    password : str
        As it was typed.

    Returns
    -------
    str
        With the parameters it was made with.

    Examples
    --------
    >>> is_password(digest_password("a long password"), "a long password")
    True
    """
    return _HASHER.hash(password)


def is_password(digest: str, password: str) -> bool:
    """Whether a password is the one of a digest; takes as long when there is no digest.

    Parameters
    ----------
    digest : str
        What `digest_password` made; empty for nobody, `NO_PASSWORD` for who signs in elsewhere.
    password : str
        As it was typed.

    Returns
    -------
    bool
        False for nobody.

    Examples
    --------
    >>> is_password("", "nobody"), is_password(NO_PASSWORD, "nobody")
    (False, False)
    """
    has_one = digest not in {"", NO_PASSWORD}
    try:
        _HASHER.verify(digest if has_one else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return has_one
