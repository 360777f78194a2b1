"""This file knows what a provider's claims say of a person: who, called what, and what here."""

from collections.abc import Mapping
from typing import Any

from recourse.adapters.oidc.reading import ProviderFile
from recourse.model.errors import Unproven
from recourse.model.keys import Role

__all__ = ["name_of", "role_of", "subject_of"]

_MAX_SUBJECT = 255
_MOST_FIRST = (Role.ADMIN, Role.DISPATCHER, Role.VIEWER)


def subject_of(claims: Mapping[str, Any]) -> str:
    """What the provider calls somebody for ever.

    Parameters
    ----------
    claims : mapping
        That hold.

    Returns
    -------
    str
        1 to 255 printable ASCII characters, as the standard has it.

    Raises
    ------
    Unproven
        If it is anything else.
    """
    subject = claims["sub"]
    is_whole = isinstance(subject, str) and 0 < len(subject) <= _MAX_SUBJECT
    if not is_whole or not subject.isascii() or not subject.isprintable():
        raise Unproven(why="the subject is not 1 to 255 printable ASCII characters")
    return str(subject)


def name_of(claims: Mapping[str, Any]) -> str:
    """What people call somebody; empty if the provider does not say.

    Parameters
    ----------
    claims : mapping
        That hold.

    Returns
    -------
    str
        The part before the @, if it is an address of mail.

    Examples
    --------
    >>> name_of({"sub": "1", "preferred_username": "mei.lin@shop.example"})
    'mei.lin'
    """
    named = (claims.get(one) for one in ("preferred_username", "email", "name"))
    found = next((one for one in named if isinstance(one, str) and one), "")
    return found.partition("@")[0]


def role_of(claims: Mapping[str, Any], said: ProviderFile) -> Role | None:
    """What somebody is here: of all that their groups make of them, what may do most.

    Parameters
    ----------
    claims : mapping
        That hold.
    said : ProviderFile
        Which claim, and what its values mean.

    Returns
    -------
    Role or None
        None if none of them means anything.
    """
    values = _values(claims, said.claim)
    roles = {said.roles[value] for value in values if value in said.roles}
    return next((role for role in _MOST_FIRST if role in roles), None)


def _values(claims: Mapping[str, Any], claim: str) -> list[str]:
    """Texts of a claim, which may lie deeper: ``realm_access.roles``."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    many = found if isinstance(found, list) else [found]
    return [one for one in many if isinstance(one, str)]
