"""This file knows the file of an identity provider: who it is, who we are to it, who is what."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from recourse.adapters.settings_files import read_settings
from recourse.model.keys import Role

__all__ = ["ProviderFile", "is_callable", "read_provider"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_Line = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]


def is_callable(url: str, *, is_internal: bool = False) -> bool:
    """Whether an address may be called or shown: https, or http on this machine.

    Parameters
    ----------
    url : str
        The address.
    is_internal : bool, optional
        Whether this machine may be the one that is called.

    Returns
    -------
    bool
        False also for an address with a name and password, or with a fragment, in it.

    Examples
    --------
    >>> is_callable("https://login.example/keys"), is_callable("http://login.example/keys")
    (True, False)
    >>> is_callable("http://localhost:9000", is_internal=True)
    True
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_whole = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    is_plain = parts.scheme == "http" and host in _LOOPBACK and is_internal
    return (
        is_whole
        and "@" not in parts.netloc
        and "#" not in url
        and (parts.scheme == "https" or is_plain)
    )


def _origin(url: str) -> str:
    """Refuse what is not a scheme and a host."""
    plain = url.removesuffix("/")
    parts = urlsplit(plain)
    if not is_callable(plain, is_internal=True) or parts.path or parts.query:
        why = "must be https://HOST, where browsers reach this platform; http only on this machine"
        raise ValueError(why)
    return plain


class ProviderFile(BaseModel):
    """What the file says.

    Attributes
    ----------
    issuer : str
        The provider, to the letter as it calls itself.
    client_id, client_secret : str
        Who we are there; no secret for a public client.
    address : str
        Where browsers reach us.
    name : str
        Of the provider, for people.
    scopes : tuple of str
        What is asked for.
    claim : str
        What of its word decides what somebody is here; dots go down into it.
    roles : dict of str to Role
        What a value of the claim makes of them; of several the one that may do most.
    is_internal : bool
        Whether the provider lies on this network.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: _Line
    client_id: _Line
    client_secret: str = ""
    address: Annotated[str, AfterValidator(_origin)]
    name: Annotated[_Line, Field(max_length=40)] = "OpenID Connect"
    scopes: tuple[Annotated[str, Field(pattern=r"^[!#-\[\]-~]+$")], ...] = ("openid", "profile")
    claim: _Line = "groups"
    roles: Annotated[
        dict[str, Literal[Role.VIEWER, Role.DISPATCHER, Role.ADMIN]], Field(min_length=1)
    ]
    is_internal: bool = False


def read_provider(path: Path) -> ProviderFile:
    """Read the file of an identity provider.

    Parameters
    ----------
    path : Path
        A file in TOML.

    Returns
    -------
    ProviderFile
        What it says.
    """
    return read_settings(path, ProviderFile, field="oidc")
