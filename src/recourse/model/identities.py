"""This file knows how somebody outside says who a person is: what we ask, and what we are told."""

from dataclasses import dataclass
from typing import Protocol

from recourse.model.keys import Role

__all__ = ["Attempt", "Identified", "IdentityProvider"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to sign in, begun in one browser.

    Attributes
    ----------
    state : str
        Comes back with the browser: an answer belongs to the try it was asked for in.
    nonce : str
        Comes back in the signed word: a word given for another try is none for this one.
    verifier : str
        Shown with the code, when only its digest was sent: a stolen code opens nothing.
    """

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Whom a provider has told us of, after its word was found to hold.

    Attributes
    ----------
    issuer : str
        The provider.
    subject : str
        What it calls them, for ever.
    name : str
        What people call them; anything, and maybe another next time.
    role : Role or None
        What they may be here; None if nothing they are there makes them anything here.
    """

    issuer: str
    subject: str
    name: str
    role: Role | None


class IdentityProvider(Protocol):
    """Who says who somebody is.

    Attributes
    ----------
    name : str
        For people.
    is_secure : bool
        Whether browsers reach us over https.
    """

    name: str
    is_secure: bool

    async def begin(self, attempt: Attempt) -> str:
        """Where to send the browser; `Unreachable` if the provider does not answer."""
        ...

    async def identify(self, attempt: Attempt, *, code: str, issuer: str) -> Identified:
        """Whom a code is for; `Unproven` if its word does not hold, `Unreachable` without one."""
        ...
