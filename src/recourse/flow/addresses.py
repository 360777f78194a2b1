"""This file knows which addresses given from outside may be posted to at all."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from recourse.model.errors import Invalid

__all__ = ["checked_address"]

_MAX_URL_CHARS = 2_000
_HTTPS_PORT = 443


def checked_address(url: str, *, is_local: bool, field: str = "url") -> str:
    """Refuse an address that could not be posted to from outside; its name is resolved later.

    Parameters
    ----------
    url : str
        As somebody outside gave it.
    is_local : bool
        Whether plain http and addresses of this network are allowed; for development.
    field : str, optional
        What it is called in the refusal.

    Returns
    -------
    str
        The same address.

    Raises
    ------
    Invalid
        If nothing is posted there.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid(field=field, why="cannot be read as an address") from None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not is_plain or len(url) > _MAX_URL_CHARS or not parts.hostname:
        raise Invalid(field=field, why="must be a plain address of a host, in ASCII")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid(field=field, why="must hold neither a name, a password nor a fragment")
    if is_local and parts.scheme in {"http", "https"}:
        return url
    if parts.scheme != "https" or port not in {None, _HTTPS_PORT}:
        raise Invalid(field=field, why="must be https on port 443")
    try:
        is_public = ip_address(parts.hostname).is_global
    except ValueError:
        is_public = "." in parts.hostname.strip(".")
    if not is_public:
        raise Invalid(field=field, why="must be an address that can be reached from outside")
    return url
